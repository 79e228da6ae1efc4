"""Scheduled runs over a site that changes, each killed at a moment that a seed chooses: nothing is lost or doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from changing_site import ChangingSite, changing_site
from chaos.invariants import check_at_rest, check_output, check_state
from support import Output

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
RUNS_A_SEED = 10
LATEST_KILL_SECONDS = 8.0
"""A whole run takes four to ten, most of them to start."""

PATIENCE_SECONDS = 240.0


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_random(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    with changing_site() as site:
        for number in range(RUNS_A_SEED):
            _publish(site, number)
            killed_run(site, tmp_path, START + timedelta(hours=7 * number), chance)
            check_output(tmp_path / "out")
            check_state(tmp_path / "state", tmp_path / "out")
        last = START + timedelta(hours=7 * RUNS_A_SEED)
        assert whole_run(site, tmp_path, last) == 0
        check_at_rest(tmp_path / "out")
        check_state(tmp_path / "state", tmp_path / "out")
        assert latest_headlines(tmp_path / "out") == {headline for headline, _, _ in site.stories.values()}


def _publish(site: ChangingSite, number: int) -> None:
    """A new story, and another headline for the first one."""
    site.publish(f"/story-{number}", f"Crew {number} is home", f"Crew {number} came home by four.", _rss(number))
    site.publish("/story-0", f"Crew 0 is home, says watch {number}", "Crew 0 came home by four.", _rss(number))


def _rss(number: int) -> str:
    return f"{START + timedelta(hours=7 * number):%a, %d %b %Y %H:%M:%S} GMT"


def killed_run(site: ChangingSite, folder: Path, now: datetime, chance: random.Random) -> None:
    """Kills the run, or one of its worker processes, after a while; it may have ended by then."""
    kills_worker = chance.random() < 0.3
    with subprocess.Popen(command(site, folder, now), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        time.sleep(chance.uniform(0, LATEST_KILL_SECONDS))
        if run.poll() is None and kills_worker:
            _kill_worker(run.pid, chance)
        elif run.poll() is None:
            run.send_signal(signal.SIGKILL)
        run.wait(timeout=PATIENCE_SECONDS)


def _kill_worker(pid: int, chance: random.Random) -> None:
    workers = psutil.Process(pid).children(recursive=True)
    if workers:
        chance.choice(sorted(workers, key=lambda worker: worker.pid)).kill()


def whole_run(site: ChangingSite, folder: Path, now: datetime) -> int:
    done = subprocess.run(command(site, folder, now), capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    return done.returncode


def command(site: ChangingSite, folder: Path, now: datetime) -> list[str]:
    return [
        *(sys.executable, "-m", "pipelines", "ingest", "--feeds", f"{site.origin}/feed.xml"),
        *("--output", str(folder / "out"), "--state", str(folder / "state"), "--now", now.isoformat()),
        *("--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--processes", "2"),
    ]


def latest_headlines(output: Path) -> set[str]:
    latest: dict[str, tuple[int, str]] = {}
    for row in Output(output).rows("articles"):
        latest[row["article_id"]] = max(latest.get(row["article_id"], (0, "")), (row["version"], row["headline"]))
    return {headline for _, headline in latest.values()}
