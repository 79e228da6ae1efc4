"""newsbeam as a Dataflow Flex Template: what the template says of its parameters, and what its launcher runs.

A launcher ends when the job is handed over: it must not wait for it.  So no template takes ``--state``: nobody would
hold the state while the job runs.  Scheduled runs with a state are started by ``newsbeam ingest --runner
DataflowRunner``, which waits.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.beam_options import placement_of
from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser, positive_int
from pipelines.running import prepared
from pipelines.sinks import ready_sinks

TEMPLATES = {"ingest": ("pipelines.ingest", "pipelines.ingest_pipeline")}
"""Command to (module with its options and its plan, module that builds its steps)."""

LEFT_OUT = frozenset({"help", "state", "force", "dry_run"})
"""Options that make no sense in a template."""

DEFAULTS = {"--runner": "DataflowRunner", "--sdk_location": "container"}

ONE_VALUE = "A template takes one value here."


def metadata(command: str) -> dict[str, Any]:
    """The parameters file of a template, as ``gcloud dataflow flex-template build --metadata-file`` reads it."""
    options = importlib.import_module(TEMPLATES[command][0]).parser()
    chosen = {
        "name": "command",
        "label": "What to run",
        "helpText": f"{command}: the image serves every template, this parameter tells which.",
        "isOptional": False,
        "regexes": [f"^{command}$"],
        "paramType": "TEXT",
    }
    return {
        "name": f"newsbeam {command}",
        "description": " ".join(options.description.split()),
        "streaming": False,
        "parameters": [chosen, *_parameters(options)],
    }


def launch(argv: Sequence[str]) -> None:
    """Builds the pipeline and hands it over; does not wait for it.

    What newsbeam's parser leaves comes from Dataflow's launcher, since Dataflow refuses parameters that the template
    does not have.
    """
    parser = Parser(prog="launch.py")
    parser.add_argument("--command", choices=sorted(TEMPLATES), required=True)
    asked, rest = parser.parse_known_args(list(argv))
    command, steps = (importlib.import_module(name) for name in TEMPLATES[asked.command])
    parsed, flags = command.parser().parse_known_args(rest)
    if parsed.state:
        raise UsageError("--state: a template cannot hold one; start the run with newsbeam ingest, which waits")
    options = PipelineOptions(_with_defaults(flags))
    plan = replace(command.plan_of(parsed), placement=placement_of(options))
    with prepared(plan.sink), ready_sinks(plan.destinations, plan.sink.layout):
        pipeline = beam.Pipeline(options=options)
        steps.build(pipeline, plan)
        pipeline.run()


def main(argv: Sequence[str]) -> None:
    """`launch`, with errors in a line."""
    logging.basicConfig(level=logging.INFO)
    try:
        launch(argv)
    except UsageError as error:
        print(f"newsbeam: {error}", file=sys.stderr)
        sys.exit(2)
    except RunFailed as error:
        sys.exit(f"newsbeam: {error}")


def _with_defaults(flags: Sequence[str]) -> list[str]:
    """Workers take Beam as it is in the image; else it would be looked for on the network at every start."""
    named = {flag.partition("=")[0] for flag in flags}
    return [*flags, *(f"{name}={value}" for name, value in DEFAULTS.items() if name not in named)]


def _parameters(options: argparse.ArgumentParser) -> Iterator[dict[str, Any]]:
    for action in options._actions:
        if action.option_strings and action.dest not in LEFT_OUT:
            yield _parameter(options, action)


def _parameter(options: argparse.ArgumentParser, action: argparse.Action) -> dict[str, Any]:
    several = action.nargs == "+" or isinstance(action, argparse._AppendAction)
    help_text = options._get_formatter()._expand_help(action)
    sentence = help_text[:1].upper() + help_text[1:]
    found: dict[str, Any] = {
        "name": action.dest,
        "label": action.dest.replace("_", " ").capitalize(),
        "helpText": f"{sentence.rstrip('.')}. {ONE_VALUE}" if several else sentence,
        "isOptional": not action.required,
        "paramType": "TEXT",
    }
    return {**found, "regexes": [pattern]} if (pattern := _pattern(action)) else found


def _pattern(action: argparse.Action) -> str | None:
    if action.choices:
        return f"^({'|'.join(re.escape(str(choice)) for choice in action.choices)})$"
    return "^[1-9][0-9]*$" if action.type is positive_int else None
