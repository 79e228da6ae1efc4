"""Scheduled runs over a site that changes, each killed at a moment that a seed chooses: nothing is lost or doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest

from changing_site import ChangingSite, changing_site
from chaos.runs import PATIENCE_SECONDS, START, check_ended, check_whole, command, headlines, run

RUNS_A_SEED = 10
LATEST_KILL_SECONDS = 8.0
"""A whole run takes four to ten, most of them to start."""


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(5))
def test_killed_at_random(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    with changing_site() as site:
        for number in range(RUNS_A_SEED):
            _publish(site, number)
            killed_run(site, tmp_path, START + timedelta(hours=7 * number), chance)
            check_whole(tmp_path)
        last = START + timedelta(hours=7 * RUNS_A_SEED)
        check_ended(run(command([site.feed_url], tmp_path, last)), tmp_path)
        assert headlines(tmp_path) == site.headlines()


def _publish(site: ChangingSite, number: int) -> None:
    """A new story, and another headline for the first one."""
    site.publish(f"/story-{number}", f"Crew {number} is home", f"Crew {number} came home by four.", _rss(number))
    site.publish("/story-0", f"Crew 0 is home, says watch {number}", "Crew 0 came home by four.", _rss(number))


def _rss(number: int) -> str:
    return f"{START + timedelta(hours=7 * number):%a, %d %b %Y %H:%M:%S} GMT"


def killed_run(site: ChangingSite, folder: Path, now: datetime, chance: random.Random) -> None:
    """Kills the run, or one of its worker processes, after a while; it may have ended by then."""
    kills_worker = chance.random() < 0.3
    argv = command([site.feed_url], folder, now)
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
        time.sleep(chance.uniform(0, LATEST_KILL_SECONDS))
        if killed.poll() is None and kills_worker:
            _kill_worker(killed.pid, chance)
        elif killed.poll() is None:
            killed.send_signal(signal.SIGKILL)
        killed.wait(timeout=PATIENCE_SECONDS)


def _kill_worker(pid: int, chance: random.Random) -> None:
    workers = psutil.Process(pid).children(recursive=True)
    if workers:
        chance.choice(sorted(workers, key=lambda worker: worker.pid)).kill()
