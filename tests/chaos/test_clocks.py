"""Clocks that are wrong, from run to run and in the middle of one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changing_site import ChangingSite, changing_site
from chaos.runs import START, check_ended, command, headlines, outcomes, run
from support import Output

DATE = "Mon, 16 Nov 2026 06:00:00 GMT"


@pytest.fixture
def site() -> Iterator[ChangingSite]:
    with changing_site() as publisher:
        for number in range(4):
            publisher.publish(f"/story-{number}", f"Crew {number} is home", f"Crew {number} came home by four.", DATE)
        yield publisher


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_clock_that_steps_back_between_runs(site: ChangingSite, tmp_path: Path) -> None:
    for number, hours in enumerate((0, 12, -2, 15, -1)):
        site.publish("/story-0", f"Crew 0 is home, {number}", "Crew 0 came home.", DATE)
        now = START + timedelta(hours=hours)
        check_ended(run([*command([site.feed_url], tmp_path, now), "--force"]), tmp_path)
    found = {row["headline"] for row in Output(tmp_path / "out").rows("articles")}
    assert {f"Crew 0 is home, {number}" for number in range(5)} <= found


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("step", [timedelta(hours=-30), timedelta(hours=30), timedelta(days=-400)], ids=str)
def test_a_clock_that_steps_in_the_middle_of_a_run(step: timedelta, site: ChangingSite, tmp_path: Path) -> None:
    """The run after it goes by the right time again."""
    clock = Clock(tmp_path)
    real = site.answer

    def answer_and_step(path: str) -> object:
        if path == "/story-1":
            clock.step(step)
        return real(path)

    site.answer = answer_and_step  # type: ignore[method-assign,assignment]
    check_ended(run(command([site.feed_url], tmp_path, None), env=clock.environment()), tmp_path)
    told = outcomes(tmp_path)
    assert set(told) == {site.feed_url, *(f"{site.origin}/story-{number}" for number in range(4))}
    # The pool goes by the wall clock: what is in work when it jumps ahead counts as too slow.
    assert set(told.values()) <= {"parsed", "written", "timeout"}
    assert len(list(tmp_path.glob("out/articles/date=*"))) == 1  # a run is of one day
    later = datetime.now(UTC) + timedelta(hours=1)
    check_ended(run([*command([site.feed_url], tmp_path, later), "--force"]), tmp_path)
    assert headlines(tmp_path) == site.headlines()
    assert len(Output(tmp_path / "out").rows("articles")) == len(site.stories)


class Clock:
    """A clock for one program and what it starts, off by what a file says.  Skips where it cannot be compiled."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler is installed")
        self._library, self._file = folder / "clock.so", folder / "seconds"
        source = Path(__file__).parent / "stepping_clock.c"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", self._library, source], check=True)
        self._file.write_bytes(bytes(8))

    def step(self, by: timedelta) -> None:
        """Sets the clock off by so much, at once."""
        with self._file.open("r+b") as file:
            file.write(int(by.total_seconds()).to_bytes(8, sys.byteorder, signed=True))

    def environment(self) -> dict[str, str]:
        """For the program that is to go by it."""
        return {**os.environ, "LD_PRELOAD": str(self._library), "STEPPING_CLOCK": str(self._file)}
