"""A job that other processes do: its failure in a line, its end with the command that started it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineRunner, PipelineState

from pipelines.errors import RunFailed
from pipelines.running import reason_in, run_to_end
from pipelines.signals import Stopped
from schemas.hops import Run
from transforms.clock import Clock
from transforms.write import Sink

SINK = Sink("/nowhere/out", Run("r1", datetime(2026, 11, 15, tzinfo=UTC), "0"), Clock())

FROM_FLINK = """\
java.lang.RuntimeException: Error received from SDK harness for instruction 7: Traceback (most recent call last):
  File "apache_beam/runners/common.py", line 1498, in apache_beam.runners.common.DoFnRunner.process
OSError: [Errno 28] No space left on device [while running 'Merge/Merge articles-ptransform-41']

\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient.handle(FnApiControlClient.java:180)
"""


class Job(PipelineResult):
    """One whose end is as ``end`` says."""

    def __init__(self, end: Callable[[], str]) -> None:
        super().__init__(PipelineState.RUNNING)
        self._end = end
        self.is_cancelled = False

    @property
    def state(self) -> str:
        return str(PipelineState.CANCELLED if self.is_cancelled else PipelineState.RUNNING)

    def wait_until_finish(self, duration: int | None = None) -> str:
        return self._end()

    def cancel(self) -> None:
        self.is_cancelled = True


class Cluster(PipelineRunner):
    """Takes any job and does nothing."""

    job: Job

    def run_pipeline(self, pipeline: object, options: object) -> Job:
        return self.job


def run(end: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Job:
    job = Job(end)
    monkeypatch.setattr(Cluster, "job", job, raising=False)
    options = PipelineOptions([], runner=f"{Cluster.__module__}.{Cluster.__qualname__}")
    monkeypatch.setattr("apache_beam.pipeline.create_runner", lambda _name: Cluster())
    try:
        run_to_end(lambda _pipeline: None, options, SINK)
    finally:
        monkeypatch.undo()
    return job


def raising(error: BaseException) -> Callable[[], str]:
    def end() -> str:
        raise error

    return end


def test_a_job_that_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not run(lambda: PipelineState.DONE, monkeypatch).is_cancelled


def test_a_failure_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunFailed, match=r"the job failed on .*: OSError: \[Errno 28\] No space left on device"):
        run(raising(RuntimeError(FROM_FLINK)), monkeypatch)


def test_a_job_that_somebody_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunFailed, match="the run ended as CANCELLED"):
        run(lambda: PipelineState.CANCELLED, monkeypatch)


def test_a_command_that_is_stopped_takes_its_job_along(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Job] = []

    def stop() -> str:
        seen.append(Cluster.job)
        raise Stopped("SIGTERM")

    with pytest.raises(Stopped):
        run(stop, monkeypatch)
    assert seen[0].is_cancelled


def test_reasons() -> None:
    assert reason_in(FROM_FLINK).startswith("OSError: [Errno 28]")
    assert reason_in("\nPipeline failed in state FAILED: no slots\nmore") == "Pipeline failed in state FAILED: no slots"
    assert reason_in("") == ""
