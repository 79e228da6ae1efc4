"""newsbeam under Dagster: articles as an asset that a schedule makes every ten minutes, with the manifest's figures.

    NEWSBEAM_OUTPUT=out NEWSBEAM_STATE=state NEWSBEAM_SOURCES=sources.toml dagster dev -f newsbeam_definitions.py

newsbeam is called as a command, so that Dagster and newsbeam need not share an environment.
"""

import json
import os
import subprocess
from datetime import UTC, timedelta
from pathlib import Path

import dagster as dg

COMMAND = os.environ.get("NEWSBEAM_COMMAND", "newsbeam")
EXIT_WRONG_CALL = 2


def setting(name: str) -> str:
    """A value that the deployment gives; a missing one is said before anything runs."""
    if not (value := os.environ.get(name)):
        raise dg.Failure(f"set {name}", allow_retries=False)
    return value


def call(arguments: list[str], log: dg.DagsterLogManager) -> None:
    """Runs newsbeam.  A wrong call is not tried again, a run that failed is."""
    ran = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    log.info(ran.stdout)
    log.info(ran.stderr)
    if ran.returncode:
        said = ran.stderr.strip().splitlines()
        raise dg.Failure(said[-1] if said else "newsbeam failed", allow_retries=ran.returncode != EXIT_WRONG_CALL)


@dg.asset(
    # The state refuses a second run; the pool spares the try.
    pool="newsbeam",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=60),
    kinds={"avro"},
)
def articles(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """One run over the listed feeds."""
    output, run_id = setting("NEWSBEAM_OUTPUT"), f"dagster-{context.run_id}"
    call(
        [
            "ingest",
            f"--feeds={setting('NEWSBEAM_SOURCES')}",
            f"--state={setting('NEWSBEAM_STATE')}",
            f"--output={output}",
            f"--run_id={run_id}",
        ],
        context.log,
    )
    return dg.MaterializeResult(metadata=figures(Path(output) / "runs" / f"{run_id}.json"))


def figures(manifest: Path) -> dict[str, int]:
    """What the manifest counts; nothing where the output is a bucket, which Dagster does not read here."""
    if not manifest.is_file():
        return {}
    document = json.loads(manifest.read_bytes())
    return {"articles": document["articles"], "outcomes": document["outcomes"], **document["counts"]["by_outcome"]}


class CompactConfig(dg.Config):
    """``day`` as YYYY-MM-DD."""

    day: str


@dg.op
def compact_yesterday(context: dg.OpExecutionContext, config: CompactConfig) -> None:
    """Makes the files of a day large."""
    call(["compact", setting("NEWSBEAM_OUTPUT"), f"--date={config.day}"], context.log)


@dg.job
def compact() -> None:
    """Once a night."""
    compact_yesterday()


@dg.schedule(cron_schedule="*/10 * * * *", target=dg.AssetSelection.assets(articles))
def every_ten_minutes() -> dg.RunRequest:
    """A run for each tick."""
    return dg.RunRequest()


@dg.schedule(cron_schedule="30 2 * * *", target=compact)
def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """The day that ended."""
    day = (context.scheduled_execution_time.astimezone(UTC) - timedelta(days=1)).date()
    return dg.RunRequest(run_config={"ops": {"compact_yesterday": {"config": {"day": day.isoformat()}}}})


definitions = dg.Definitions(assets=[articles], jobs=[compact], schedules=[every_ten_minutes, every_night])
