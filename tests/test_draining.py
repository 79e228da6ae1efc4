"""How a stream on Flink is ended by the command that started it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from apache_beam.runners.runner import PipelineState

from pipelines import draining
from pipelines.draining import Drain
from transforms.filesystem import create
from transforms.streaming import ending as looked_for
from transforms.streaming import tally
from transforms.streaming.ending import Ending


@dataclass
class Job:
    """Runs until it is cancelled."""

    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        self.cancelled.set()

    @property
    def state(self) -> str:
        return str(PipelineState.CANCELLED if self.cancelled.is_set() else PipelineState.RUNNING)


@pytest.fixture
def ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ending:
    monkeypatch.setattr(draining, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(draining, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr("transforms.streaming.ending.LOOK_EVERY_SECONDS", 0.02)
    return Ending(str(tmp_path / "stop"))


def tell(ending: Ending, process: str, text: str) -> None:
    with create(f"{ending.mark}-{process}") as file:
        file.write(text.encode())


def watched(ending: Ending, limit_seconds: float = 60.0) -> Any:
    job = Job()
    return job, Drain(ending, limit_seconds).watch(job)  # type: ignore[arg-type]


def test_a_stream_runs_until_its_ending_comes(ending: Ending) -> None:
    job, watch = watched(ending)
    with watch as was_ended:
        time.sleep(0.3)
        assert not job.cancelled.is_set()
    assert not was_ended()


def test_the_job_is_cancelled_when_nothing_is_in_hand(ending: Ending) -> None:
    job, watch = watched(ending)
    with watch as was_ended:
        ending.call()
        tell(ending, "reader", "5 0")
        tell(ending, "worker", "0 3")
        assert not job.cancelled.wait(0.5)
        tell(ending, "worker", "0 5")
        assert job.cancelled.wait(30)
        assert was_ended()


def test_a_tally_that_is_half_written_counts_as_work(ending: Ending) -> None:
    job, watch = watched(ending)
    with watch:
        tell(ending, "worker", "")
        ending.call()
        assert not job.cancelled.wait(0.5)
        tell(ending, "worker", "0 0")
        assert job.cancelled.wait(30)


def test_what_never_comes_to_an_end_is_not_waited_for(ending: Ending, caplog: pytest.LogCaptureFixture) -> None:
    job, watch = watched(ending, limit_seconds=0.3)
    with watch:
        tell(ending, "worker", "5 3")
        ending.call()
        assert job.cancelled.wait(30)
    assert "2 messages were in work for too long to be waited for: they come again" in caplog.text


def test_a_storage_that_is_away_for_a_while_is_asked_again(ending: Ending, monkeypatch: pytest.MonkeyPatch) -> None:
    away = threading.Event()
    away.set()

    def flaky(found: Any) -> Any:
        def ask(path: str) -> Any:
            if away.is_set():
                raise OSError("no answer")
            return found(path)

        return ask

    monkeypatch.setattr(looked_for, "exists", flaky(looked_for.exists))
    monkeypatch.setattr(tally, "list_files", flaky(tally.list_files))
    job, watch = watched(ending)
    with watch as was_ended:
        ending.call()
        tell(ending, "worker", "5 3")
        assert not job.cancelled.wait(0.3)
        away.clear()
        time.sleep(0.3)  # the ending is found
        away.set()
        assert not job.cancelled.wait(0.3)
        tell(ending, "worker", "5 5")
        away.clear()
        assert job.cancelled.wait(30)
        assert was_ended()
