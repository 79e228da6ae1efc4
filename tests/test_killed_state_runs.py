"""Scheduled runs that are killed: the next run, under another name, leaves what an undisturbed one would have left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest

from changing_site import ChangingSite, changing_site
from pipelines import ingest
from support import Output
from transforms.core.layout import WORK_FOLDER

PATIENCE_SECONDS = 120.0
OF_THE_RUN = frozenset(
    {"run_id", "ingested_at", "first_seen_at", "fetch", "discovery", "source", "url", "canonical_url"}
)
"""Fields that name the run or the publisher's port; ids follow from the latter."""

Moment = Callable[[ChangingSite, Path], bool]

MOMENTS: dict[str, Moment] = {
    "the state is held": lambda _, folder: (folder / "state/lock").exists(),
    "the output is ready": lambda _, folder: (folder / "out" / WORK_FOLDER).exists(),
    "a feed is asked for": lambda site, _: bool(site.asked),
    "a page is asked for": lambda site, _: any(asked.path.startswith("/story") for asked in site.asked),
    "all pages are asked for": lambda site, _: sum(asked.path.startswith("/story") for asked in site.asked) >= 6,
    "records are kept": lambda _, folder: _any(folder, f"out/{WORK_FOLDER}/*/parts/*/*/*"),
    "articles are merged": lambda _, folder: _any(folder, f"out/{WORK_FOLDER}/*/merged/article/*"),
    "outcomes are merged": lambda _, folder: _any(folder, f"out/{WORK_FOLDER}/*/merged/outcome/*"),
    "a new shard is written": lambda _, folder: _any(folder, "state/snapshots/*/*.avro"),
    "the new state waits": lambda _, folder: _any(folder, "state/pending/*.json"),
    "columns are out": lambda _, folder: _any(folder, "out/parquet/articles/*/*.parquet"),
    "articles are out": lambda _, folder: _any(folder, "out/articles/*/*.avro"),
    "the run is published": lambda _, folder: _any(folder, "out/runs/*.json"),
    "the new state counts": lambda _, folder: (folder / "state/manifest.json").exists(),
}
QUICK = ("the new state waits", "the run is published")
"""Moments that every run of the tests tries; `make chaos` tries all."""


@pytest.mark.parametrize(
    "moment", [pytest.param(name, marks=pytest.mark.chaos) for name in MOMENTS if name not in QUICK]
)
def test_killed_at(moment: str, tmp_path: Path) -> None:
    check_killed_at(moment, tmp_path)


@pytest.mark.parametrize("moment", QUICK)
def test_killed_where_it_hurts(moment: str, tmp_path: Path) -> None:
    check_killed_at(moment, tmp_path)


def check_killed_at(moment: str, folder: Path) -> None:
    with changing_site() as site:
        for number in range(6):
            first = f"Crew number {number} went out before dawn and came home by four in the afternoon."
            site.publish(f"/story-{number}", f"Crew {number} is home", first, "Mon, 16 Nov 2026 06:00:00 GMT")
        kill_at(MOMENTS[moment], site, folder)
        ingest.main(command(site, folder, "2026-11-16T08:10:00Z"))
        found = Output(folder / "out")
        ingest.main(command(site, folder / "calm", "2026-11-16T08:10:00Z"))
        calm = Output(folder / "calm/out")
        assert stories(found) == stories(calm)
        assert written(found) == written(calm)
        site.asked.clear()
        ingest.main(command(site, folder, "2026-11-16T08:11:00Z"))
        assert site.asked == []
        assert stories(found) == stories(calm)
        assert columns(found) == columns(calm) == [version_id for version_id, _ in stories(calm)]
    assert not _any(folder, f"out/{WORK_FOLDER}/*/*")
    assert not _any(folder, "state/pending/*")


def kill_at(moment: Moment, site: ChangingSite, folder: Path) -> None:
    """Starts a run and kills it when the moment has come."""
    argv = [sys.executable, "-m", "pipelines", "ingest", *command(site, folder, "2026-11-16T08:00:00Z")]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment(site, folder):
            assert run.poll() is None, "the run ended before the moment came"
            assert time.monotonic() < deadline
            time.sleep(0.001)
        run.send_signal(signal.SIGKILL)
        run.wait(timeout=PATIENCE_SECONDS)


def command(site: ChangingSite, folder: Path, now: str) -> list[str]:
    return [
        *("--feeds", f"{site.origin}/feed.xml", "--output", str(folder / "out"), "--state", str(folder / "state")),
        *("--now", now, "--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--sink", "parquet"),
    ]


def stories(output: Output) -> list[tuple[str, dict[str, Any]]]:
    """What the articles of all runs say, each row as often as it is there."""
    rows = output.rows("articles")
    kept = ({name: value for name, value in row.items() if name not in OF_THE_RUN} for row in rows)
    return sorted(((row["version_id"], row) for row in kept), key=lambda item: item[0])


def columns(output: Output) -> list[str]:
    """The versions that stand in Parquet, each as often as it is there."""
    return sorted(polars.read_parquet(output.folder / "parquet/articles/*/*.parquet")["version_id"].to_list())


def written(output: Output) -> list[str]:
    """The URLs for which some run says that it wrote an article."""
    return sorted(row["url"] for row in output.rows("outcomes") if row["outcome"] == "written")


def _any(folder: Path, pattern: str) -> bool:
    return any(folder.glob(pattern))
