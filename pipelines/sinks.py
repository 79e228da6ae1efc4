"""``--sink`` and ``--outcome_sink``: where else the rows go.  Read and checked here, for all commands."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import parse_qsl

from pipelines.errors import RunFailed, UsageError
from pipelines.places import usable_place
from schemas.registry import ARTICLE, OUTCOME
from transforms.core.layout import PARQUET_FOLDER, RunLayout
from transforms.core.messages import AVRO, ENCODINGS
from transforms.filesystem import join
from transforms.sinks.destination import Destination, SinkFailed

FORMS = "parquet[:URI], bigquery:project:dataset.table, pubsub:projects/P/topics/T[?encoding=json]"

TABLE = re.compile(r"(?P<project>[A-Za-z0-9.:_-]+):(?P<dataset>[A-Za-z0-9_]+)\.(?P<table>[\w-]+)")

TOPIC = re.compile(r"projects/[A-Za-z0-9.:_-]+/topics/(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")


def add_sink_options(parser: argparse.ArgumentParser) -> None:
    """``--sink`` and ``--outcome_sink``."""
    group = parser.add_argument_group("additional sinks (each repeatable)")
    group.add_argument(
        "--sink",
        action="append",
        default=[],
        metavar="SINK",
        help=f"also hand the articles to {FORMS}; a sink that fails fails the run",
    )
    group.add_argument("--outcome_sink", action="append", default=[], metavar="SINK", help="the same for outcomes")


def sinks_of(parsed: argparse.Namespace) -> tuple[Destination, ...]:
    """The additional sinks that the options name.  Raises `UsageError` for what is none; asks no server."""
    asked = [("--sink", ARTICLE, text) for text in parsed.sink]
    asked += [("--outcome_sink", OUTCOME, text) for text in parsed.outcome_sink]
    made: list[Destination] = []
    for option, schema, text in asked:
        destination = sink_named(text, option, schema, (parsed.output or "").rstrip("/") or "/")
        if destination in made:
            raise UsageError(f"{option} {text}: named twice")
        made.append(destination)
    return tuple(made)


def sink_named(text: str, option: str, schema: str, output: str) -> Destination:
    """The sink that ``text`` names, for rows of ``schema``.  Raises `UsageError`."""
    kind, _, rest = text.partition(":")
    if kind == "parquet":
        return _parquet(rest.rstrip("/") or join(output, PARQUET_FOLDER), option, schema)
    if kind == "bigquery":
        return _table(rest, f"{option} {text}", schema)
    if kind == "pubsub":
        return _topic(rest, f"{option} {text}", schema)
    raise UsageError(f"{option} {text}: no such sink (there are {FORMS})")


@contextmanager
def ready_sinks(destinations: Sequence[Destination], layout: RunLayout) -> Iterator[None]:
    """Asks every sink whether it can be used, before any work; clears away what waits in them where the run fails.

    Raises `UsageError` for what the user has to put right, `RunFailed` for a sink that fails.
    """
    try:
        for destination in destinations:
            if problem := destination.problem():
                raise UsageError(f"{_option(destination)} {destination}: {problem}")
        yield
    except BaseException as error:
        for destination in destinations:
            with suppress(OSError, ValueError):  # what ended the run is said, not this
                destination.discard(layout)
        if isinstance(error, SinkFailed):
            raise RunFailed(f"{_reason(error)}; nothing was published in this run, the next one does it") from error
        raise


def _parquet(base: str, option: str, schema: str) -> Destination:
    from transforms.sinks.parquet import ParquetFolder

    return ParquetFolder(schema, usable_place(base, option))


def _table(text: str, whole: str, schema: str) -> Destination:
    from transforms.sinks.bigquery import BigQueryTable

    found = TABLE.fullmatch(text)
    if not found:
        raise UsageError(f"{whole}: is not bigquery:project:dataset.table")
    return BigQueryTable(schema, found["project"], found["dataset"], found["table"])


def _topic(text: str, whole: str, schema: str) -> Destination:
    from transforms.sinks.pubsub import PubSubTopic

    name, _, query = text.partition("?")
    if not TOPIC.fullmatch(name):
        raise UsageError(f"{whole}: is not pubsub:projects/P/topics/T")
    settings = dict(parse_qsl(query, keep_blank_values=True))
    encoding = settings.pop("encoding", AVRO)
    if settings or encoding not in ENCODINGS:
        raise UsageError(f"{whole}: after the ? stands encoding=avro or encoding=json")
    return PubSubTopic(schema, name, encoding)


def _option(destination: Destination) -> str:
    return "--sink" if destination.schema == ARTICLE else "--outcome_sink"


def _reason(error: SinkFailed) -> str:
    """Without the step of the pipeline, which the local runner adds."""
    return re.sub(r" \[while running .*\]$", "", str(error), flags=re.DOTALL)
