"""newsbeam as Dataflow Flex Templates: what a template says of its parameters, and what its launcher runs.

A launcher ends when the job is handed over: it must not wait for it.  So no template takes ``--state``: nobody would
hold the state while the job runs.  Scheduled runs with a state are started by ``newsbeam ingest --runner
DataflowRunner``, which waits.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import ingest, ingest_pipeline, stream, stream_options, stream_pipeline
from pipelines.beam_options import placement_of
from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser
from pipelines.running import prepared
from pipelines.sinks import ready_sinks
from pipelines.values import positive_int
from pipelines.ways import choose_way
from transforms.sinks.destination import Destination
from transforms.write import Sink

DEFAULTS = {"--runner": "DataflowRunner", "--sdk_location": "container"}

ONE_VALUE = "A template takes one value here."

STREAMING_MODES = {
    "supportsAtLeastOnce": True,
    "supportsExactlyOnce": True,
    "defaultStreamingMode": "EXACTLY_ONCE",
}


@dataclass(frozen=True, slots=True)
class Job:
    """What is handed over: the steps, and the places that are asked beforehand whether they can be used."""

    sink: Sink
    build: Callable[[beam.Pipeline], Any]
    destinations: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A command as a template.

    ``left_out`` are options that make no sense in one, ``required`` those that it cannot do without though the command
    can; ``job`` is what its options ask for.
    """

    parser: Callable[[], Parser]
    job: Callable[[argparse.Namespace, PipelineOptions], Job]
    left_out: frozenset[str]
    required: frozenset[str] = frozenset()
    is_streaming: bool = False


def _ingest(parsed: argparse.Namespace, options: PipelineOptions) -> Job:
    plan = replace(ingest.plan_of(parsed), placement=placement_of(options))
    return Job(plan.sink, lambda pipeline: ingest_pipeline.build(pipeline, plan), plan.destinations)


def _stream(parsed: argparse.Namespace, options: PipelineOptions) -> Job:
    way = choose_way(options)
    plan = stream.cluster_plan(stream.plan_of(parsed, options), parsed)
    return Job(plan.sink, lambda pipeline: stream_pipeline.build(pipeline, plan, way), plan.destinations)


ON_ONE_MACHINE = (
    "feeds",
    "max_batch",
    "max_wait",
    "max_fetch",
    "run_for",
    "drain_timeout",
    "health_port",
    "heartbeat_file",
)
"""Options of the stream that mean nothing on a cluster."""

TEMPLATES: Mapping[str, Template] = {
    "ingest": Template(ingest.parser, _ingest, frozenset({"help", "state", "force", "dry_run"})),
    "stream": Template(
        stream_options.parser,
        _stream,
        frozenset({"help", "state", *ON_ONE_MACHINE}),
        required=frozenset({"subscription"}),
        is_streaming=True,
    ),
}


def metadata(command: str) -> dict[str, Any]:
    """The parameters file of a template, as ``gcloud dataflow flex-template build --metadata-file`` reads it."""
    template = TEMPLATES[command]
    options = template.parser()
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
        "description": " ".join((options.description or "").split()),
        "streaming": template.is_streaming,
        **(STREAMING_MODES if template.is_streaming else {}),
        "parameters": [chosen, *_parameters(template, options)],
    }


def launch(argv: Sequence[str]) -> None:
    """Builds the pipeline and hands it over; does not wait for it.

    What newsbeam's parser leaves comes from Dataflow's launcher, since Dataflow refuses parameters that the template
    does not have.
    """
    parser = Parser(prog="launch.py")
    parser.add_argument("--command", choices=sorted(TEMPLATES), required=True)
    asked, rest = parser.parse_known_args(list(argv))
    template = TEMPLATES[asked.command]
    parsed, flags = template.parser().parse_known_args(rest)
    if parsed.state:
        raise UsageError("--state: a template cannot hold one; start the run with newsbeam ingest, which waits")
    options = PipelineOptions(_with_defaults(flags, template))
    job = template.job(parsed, options)
    with prepared(job.sink), ready_sinks(job.destinations, job.sink.layout):
        pipeline = beam.Pipeline(options=options)
        job.build(pipeline)
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


def _with_defaults(flags: Sequence[str], template: Template) -> list[str]:
    """Workers take Beam as it is in the image; else it would be looked for on the network at every start."""
    named = {flag.partition("=")[0] for flag in flags}
    added = [f"{name}={value}" for name, value in DEFAULTS.items() if name not in named]
    return [*flags, *added, *(["--streaming"] if template.is_streaming and "--streaming" not in named else [])]


def _parameters(template: Template, options: Parser) -> Iterator[dict[str, Any]]:
    for action in options._actions:
        if action.option_strings and action.dest not in template.left_out:
            found = _parameter(options, action)
            yield {**found, "isOptional": found["isOptional"] and action.dest not in template.required}


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
