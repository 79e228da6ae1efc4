"""Options of the Flink runner that Beam for Python does not list, though the job server takes them."""

from __future__ import annotations

import argparse

from apache_beam.options.pipeline_options import PipelineOptions

NUMBERS = {
    "checkpointing_interval": "milliseconds between two checkpoints",
    "checkpoint_timeout_millis": "milliseconds after which a checkpoint is given up",
    "max_bundle_size": "elements of a bundle, at most",
    "max_bundle_time_mills": "milliseconds that a bundle lasts, at most",
    "number_of_execution_retries": "times that a failed job is begun again",
    "execution_retry_delay": "milliseconds between these",
    "shutdown_sources_after_idle_ms": "milliseconds after which sources that are at their end are shut down",
}

SWITCHES = {
    "finish_bundle_before_checkpointing": "let bundles end before a checkpoint is taken",
    "externalized_checkpoints_enabled": "keep checkpoints outside of the job",
    "retain_externalized_checkpoints_on_cancellation": "keep them when the job is cancelled",
}


class FlinkJobOptions(PipelineOptions):
    """They go to the job server as they are."""

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        for name, text in NUMBERS.items():
            parser.add_argument(f"--{name}", type=int, help=text)
        for name, text in SWITCHES.items():
            parser.add_argument(f"--{name}", action="store_true", default=None, help=text)
        parser.add_argument("--savepoint_path", help="the checkpoint or savepoint to go on from")
