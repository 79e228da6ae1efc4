"""Which of its ways a stream runs, by the runner that is asked for, and what that runner has to be told."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions

from pipelines.beam_options import FLINK, JOB_SECONDS, LOCAL_RUNNER, PRISM, runner_of
from pipelines.errors import UsageError
from pipelines.flink_options import FlinkJobOptions


class Way(StrEnum):
    """How requests come in and who acknowledges them."""

    LOCAL = "micro-batches on this machine"
    OWN_SOURCE = "one unbounded pipeline, which acknowledges what it has written"
    FLINK = "one unbounded pipeline, driven by Flink's impulses, which acknowledges what it has written"
    DATAFLOW = "one unbounded pipeline, with Dataflow's own source of Pub/Sub"


WAYS = {
    LOCAL_RUNNER: Way.LOCAL,
    PRISM: Way.OWN_SOURCE,
    FLINK: Way.FLINK,
    "PortableRunner": Way.FLINK,
    "DataflowRunner": Way.DATAFLOW,
}
"""What a job server hands jobs to is taken for Flink: no stream runs on what else there is."""

FLINK_NEEDS = {
    "streaming": ("--streaming", "or the job is planned as one that ends"),
    "checkpointing_interval": (
        "--checkpointing_interval=60000",
        "milliseconds; without checkpoints a worker that dies ends the job",
    ),
    "finish_bundle_before_checkpointing": (
        "--finish_bundle_before_checkpointing",
        "or what a bundle gives after a checkpoint has cut it is not seen",
    ),
}
"""Option to how it is given, and why; measured, see docs/streaming-clusters.md."""


def choose_way(options: PipelineOptions) -> Way:
    """The way for the runner of ``options``.

    Raises `UsageError` for a runner that no stream runs on, or that is not told what it needs.
    """
    settings, runner = options.get_all_options(), runner_of(options)
    if runner not in WAYS:
        raise UsageError(f"--runner {runner}: streams run without a runner, on Prism, on Flink and on Dataflow")
    if WAYS[runner] is Way.FLINK:
        _check_flink(runner, settings)
    if WAYS[runner] is Way.DATAFLOW and not settings["streaming"]:
        raise UsageError(f"--runner {runner}: a stream needs --streaming")
    return WAYS[runner]


def _check_flink(runner: str, settings: dict[str, Any]) -> None:
    missing = [said for name, said in FLINK_NEEDS.items() if not settings.get(name)]
    if missing:
        flags = " ".join(flag for flag, _ in missing)
        raise UsageError(f"--runner {runner}: add {flags} ({'; '.join(f'{flag}: {why}' for flag, why in missing)})")


def be_patient(options: PipelineOptions) -> None:
    """Lets the client wait for a job that runs for months, unless it was told how long to wait."""
    portable = options.view_as(PortableOptions)
    if portable.job_server_timeout == PortableOptions([]).job_server_timeout:
        portable.job_server_timeout = JOB_SECONDS


def keep_checkpoints(options: PipelineOptions) -> None:
    """Lets Flink keep the newest checkpoint of a job that has ended, unless it was told otherwise."""
    flink = options.view_as(FlinkJobOptions)
    if flink.externalized_checkpoints_enabled is None:
        flink.externalized_checkpoints_enabled = True
    if flink.retain_externalized_checkpoints_on_cancellation is None:
        flink.retain_externalized_checkpoints_on_cancellation = True
