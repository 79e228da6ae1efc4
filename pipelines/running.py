"""Runs a pipeline and says in words what came of it."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult, PipelineState

from pipelines.beam_options import is_local, runner_of
from pipelines.errors import RunFailed, UsageError
from pipelines.sinks import ready_sinks
from schemas.hops import Run
from transforms.clock import Clock
from transforms.compact import CompactionFailed, day_compacted
from transforms.core.manifest import RunFacts
from transforms.filesystem import create, join, problem_with, remove
from transforms.sinks.destination import Destination
from transforms.write import Sink

CANCEL_SECONDS = 20.0
"""A cluster ends a job within a few."""

Waiting = Callable[[PipelineResult], AbstractContextManager[Callable[[], bool]]]

logger = logging.getLogger("newsbeam")


def sink_of(output: str, facts: RunFacts, *, shards: int, target_file_mb: int) -> Sink:
    """The sink of a run."""
    run = Run(facts.run_id, facts.now, facts.versions.get("newsbeam", "unknown"))
    clock = Clock(facts.now if facts.clock == "pinned" else None)
    return Sink(output, run, clock, shards, target_file_mb * 1024 * 1024)


@contextlib.contextmanager
def prepared(sink: Sink) -> Iterator[None]:
    """Makes the output ready for a run, and takes the work folder away where the run does not end well.

    Raises `UsageError` where the output cannot be written, or the run cannot be repeated.
    """
    try:
        _probe(sink)
        _refuse_compacted(sink)
        yield
    except BaseException:  # a signal may come at any moment, in the middle of the probe too
        with contextlib.suppress(OSError, ValueError):  # what ended the run is said, not this
            remove([sink.path(sink.layout.work)])
        raise


def run_and_publish(
    build: Callable[[beam.Pipeline], Any], options: PipelineOptions, sink: Sink, destinations: Sequence[Destination]
) -> None:
    """One run with all that is around it: the output made ready, ``destinations`` asked, the pipeline run to its end.

    Raises `UsageError` for what the user has to put right, `RunFailed` where it failed.
    """
    with prepared(sink), ready_sinks(destinations, sink.layout):
        run_to_end(build, options, sink)


def run_to_end(
    build: Callable[[beam.Pipeline], Any],
    options: PipelineOptions,
    sink: Sink,
    waiting: Waiting | None = None,
) -> PipelineResult:
    """Runs the pipeline that ``build`` puts together and gives its result, with the metrics, when it is done.

    ``waiting`` is entered while a job elsewhere is waited for, once it was taken; where what it gives says that the job
    was ended on purpose, its end is a good one.
    Raises `RunFailed` where it was stopped, or failed in other processes; exceptions of the pipeline's own code in
    this one pass, since they are bugs.
    """
    local = is_local(options)
    logger.info("run %s on %s", sink.run.run_id, "this machine" if local else runner_of(options))
    pipeline = beam.Pipeline(options=options)
    build(pipeline)
    result, state = _run_here(pipeline) if local else _run_elsewhere(pipeline, options, waiting or ends_itself)
    if state is not None and str(state) not in ("DONE",):
        raise RunFailed(f"the run ended as {state}")
    return result


def _run_here(pipeline: beam.Pipeline) -> tuple[PipelineResult, Any]:
    try:
        result = pipeline.run()
    except RuntimeError as error:
        # What Beam cannot raise again with the name of the step comes in this clothing.
        if isinstance(error.__cause__ or error.__context__, OSError):
            raise RunFailed(f"the run failed: {reason_in(str(error))}") from error
        raise
    return result, result.wait_until_finish()


def _run_elsewhere(pipeline: beam.Pipeline, options: PipelineOptions, waiting: Waiting) -> tuple[PipelineResult, Any]:
    """Hands the job in and waits.  Where this process is told to stop, the job is cancelled: it would go on alone.

    What a worker raised comes as text, with its traceback; the log has it whole.
    """
    runner = runner_of(options)
    try:
        result = pipeline.run()
    except (RuntimeError, ValueError, grpc.RpcError, grpc.FutureTimeoutError) as error:
        raise RunFailed(f"{runner} did not take the job: {_reason_of(error)}") from error
    with waiting(result) as was_ended:
        try:
            return result, result.wait_until_finish()
        except (RuntimeError, grpc.RpcError) as error:
            if was_ended():
                return result, PipelineState.DONE
            logger.error("%s", error)
            raise RunFailed(f"the job failed on {runner}: {_reason_of(error)}") from error
        except KeyboardInterrupt:
            cancel(result)
            raise


def ends_itself(_result: PipelineResult) -> AbstractContextManager[Callable[[], bool]]:
    """How a job is waited for that nobody here ends."""
    return contextlib.nullcontext(lambda: False)


def _reason_of(error: Exception) -> str:
    """Also where the job server is gone: what gRPC says of itself takes ten lines, of which the first says nothing."""
    if isinstance(error, grpc.RpcError) and isinstance(error, grpc.Call):
        return f"the job server: {error.details()}"
    return reason_in(str(error)) or type(error).__name__


def reason_in(text: str) -> str:
    """The line of a failed job's report that says what happened: Beam marks the one of the exception in a step."""
    marked = re.findall(r"^(.*\[while running .*\])", text, re.MULTILINE)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return str(marked[-1]).strip() if marked else next(iter(lines), "")


def cancel(result: PipelineResult) -> None:
    """Asks the runner to end the job, and gives it a while to do so: what runs on writes into the work folder."""
    with contextlib.suppress(RuntimeError, grpc.RpcError, NotImplementedError):
        result.cancel()
        deadline = time.monotonic() + CANCEL_SECONDS
        while not PipelineState.is_terminal(result.state) and time.monotonic() < deadline:
            time.sleep(0.2)


def _probe(sink: Sink) -> None:
    """Empties the work folder and writes a file there: an output that cannot be written is found before any work."""
    if problem := problem_with(sink.output):
        raise UsageError(f"--output {sink.output}: {problem}")
    try:
        work = sink.path(sink.layout.work)
        remove([work])  # what a killed try of the same run left
        try:
            with create(join(work, "probe")):
                pass
        finally:
            remove([work])
    except (OSError, ValueError) as error:
        raise UsageError(f"--output {sink.output}: cannot be written: {_reason(error)}") from error


def _refuse_compacted(sink: Sink) -> None:
    """A repeated run replaces its files.  Where a compaction has merged them its rows would be there twice."""
    run_id = sink.run.run_id
    try:
        day = day_compacted(sink.output, run_id)
    except CompactionFailed as error:
        raise RunFailed(f"--output {sink.output}: {error}") from error
    if day is not None:
        raise UsageError(
            f"--run_id {run_id}: was published before, and newsbeam compact merged its files of {day}: they cannot be "
            "replaced; name another --run_id"
        )


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
