"""Prism, Beam's runner in Go, killed at random moments of scheduled runs: these end, and nothing is lost."""

from __future__ import annotations

import random
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from changing_site import changing_site
from chaos.runs import PATIENCE_SECONDS, START, check_ended, check_whole, command, headlines, run
from prism.binary import Missing, prism_binary

RUNS_A_SEED = 5
LATEST_KILL_SECONDS = 6.0
"""After Prism started; a job takes four to ten."""


@pytest.mark.chaos
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(2))
def test_the_runner_is_killed_at_random(seed: int, tmp_path: Path) -> None:
    try:
        prism = prism_binary()
    except Missing as missing:
        pytest.skip(f"no Prism: {missing}")
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    failed = 0
    with changing_site() as site:
        for number in range(RUNS_A_SEED):
            date = f"{START + timedelta(hours=7 * number):%a, %d %b %Y %H:%M:%S} GMT"
            site.publish(f"/story-{number}", f"Crew {number} is home", f"Crew {number} came home by four.", date)
            argv = command([site.feed_url], tmp_path, START + timedelta(hours=7 * number))
            argv += ["--runner", "PrismRunner", "--prism_location", str(prism)]
            failed += run_whose_runner_is_killed(argv, prism.name, chance.uniform(0, LATEST_KILL_SECONDS)) != 0
            check_whole(tmp_path)
        last = command([site.feed_url], tmp_path, START + timedelta(hours=7 * RUNS_A_SEED))
        check_ended(run(last), tmp_path)
        assert headlines(tmp_path) == site.headlines()
    assert failed  # a seed that kills none in time proves nothing


def run_whose_runner_is_killed(argv: list[str], name: str, seconds: float) -> int:
    """Kills the process of that name ``seconds`` after it appears; the run's exit status."""
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            found = [each for each in psutil.Process(running.pid).children(recursive=True) if each.name() == name[:15]]
            if found:
                time.sleep(seconds)
                found[0].kill()
                break
            time.sleep(0.05)
        return running.wait(timeout=PATIENCE_SECONDS)
