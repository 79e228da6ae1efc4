"""The files of one bundle: written aside, handed to other sinks, moved to where readers look, named by a manifest.

A bundle is published as a run of its own, with rows that name it and a manifest, so that all who read runs read
streams: reports, compaction, loaders.  Names come from what the files hold and from the messages that led to it: a
bundle that is tried again whole replaces its own files.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.codec import decode, to_row, write_container
from schemas.hops import EncodedRecord, Run
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME
from transforms.core.layout import NAME_DIGITS, RunLayout
from transforms.core.manifest import PublishedFile, RunFacts, manifest, to_json
from transforms.core.merging import merge_articles, merge_outcomes
from transforms.core.secrets import masked_row
from transforms.filesystem import create, join, move, remove, sha256_of
from transforms.parts import outcome_record
from transforms.publish import taken
from transforms.sinks.deliver import deliver_all, settle_all
from transforms.sinks.destination import Destination, SinkFile
from transforms.write import Sink

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that waits for the end of its bundle, and the message that it came of."""

    message_id: str
    record: EncodedRecord


@dataclass(frozen=True, slots=True)
class PublishedBundle:
    """What a bundle left for readers; ``manifest`` is a path, ``counts`` pairs ``stage/outcome`` with rows."""

    manifest: str
    articles: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A whole file at ``path``, and what it is once it is published."""

    path: str
    file: PublishedFile


def publish_bundle(
    sink: Sink, facts: RunFacts, day: datetime, kept: Sequence[Kept], destinations: Sequence[Destination] = ()
) -> PublishedBundle:
    """Puts the rows of one bundle and one window, which lies on the UTC ``day``, where readers look.

    ``destinations`` are additional sinks: all of them have the rows before anything is where readers look.  All is in
    place when this returns.  It can be done again at any point.  Raises `SinkFailed` where one of them does not take
    them: then nothing is published.
    """
    digest = _digest_of(kept)
    layout = RunLayout(f"{sink.run.run_id}-{digest[:NAME_DIGITS]}", day)
    aside = sink.path(f"{sink.layout.work}/{uuid.uuid4().hex}")
    articles, outcomes = _rows_of(replace(sink.run, run_id=layout.run_id), kept, sink.clock.now())
    counts = tuple(sorted(Counter(f"{each.stage}/{each.outcome}" for each in outcomes).items()))
    drafts = [
        _drafted(aside, layout.file(schema, digest[NAME_DIGITS:]), schema, rows, counts if schema == OUTCOME else ())
        for schema, rows in ((ARTICLE, articles), (OUTCOME, [masked_row(to_row(each)) for each in outcomes]))
        if rows
    ]
    delivered = deliver_all(destinations, [_for_sinks(draft) for draft in drafts], layout)
    settle_all(layout, destinations, delivered)
    for draft in drafts:
        move(draft.path, sink.path(draft.file.path))
    named = manifest(_as_of(sink, layout, facts), [draft.file for draft in drafts], None, sinks=taken(delivered))
    path = _published_manifest(sink, aside, layout, named)
    remove([aside])
    return PublishedBundle(path, len(articles), counts)


def _digest_of(kept: Iterable[Kept]) -> str:
    """Bytes would not do: a second try has other times in it, and would leave a second file."""
    said = sorted(f"{each.message_id} {each.record.schema} {each.record.key}" for each in kept)
    return hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()


def _rows_of(run: Run, kept: Iterable[Kept], now: datetime) -> tuple[list[Row], list[Outcome]]:
    """Rows of articles, one for each of them, and the outcomes, one for each URL; all as of ``run``."""
    records = sorted({each.record for each in kept}, key=_order)
    made = ((each, decode(ARTICLE, each.data)) for each in records if each.schema == ARTICLE)
    merged = list(merge_articles(made, run=run, at=now))
    articles = [row | {"run_id": run.run_id} for each in merged if (row := each.published)]
    decided = [outcome_record(outcome) for each in merged for outcome in each.outcomes]
    said = sorted([*decided, *(each for each in records if each.schema == OUTCOME)], key=_order)
    return articles, [replace(each, run_id=run.run_id) for each in merge_outcomes(_outcomes(said))]


def _outcomes(records: Iterable[EncodedRecord]) -> Iterator[Outcome]:
    return (Outcome(**decode(OUTCOME, each.data)) for each in records)


def _order(record: EncodedRecord) -> tuple[str, bytes]:
    return record.key, record.data


def _drafted(aside: str, relative: str, schema: str, rows: list[Row], counts: tuple[tuple[str, int], ...]) -> _Draft:
    path = join(aside, f"{schema}.avro")
    with create(path) as file:
        write_container(file, schema, rows)
    digest, size = sha256_of(path)
    return _Draft(path, PublishedFile(relative, schema, len(rows), size, digest, counts))


def _for_sinks(draft: _Draft) -> SinkFile:
    file = draft.file
    return SinkFile(file.schema, draft.path, file.records, file.sha256, file.path)


def _as_of(sink: Sink, layout: RunLayout, facts: RunFacts) -> RunFacts:
    return replace(facts, run_id=layout.run_id, now=sink.clock.now())


def _published_manifest(sink: Sink, aside: str, layout: RunLayout, named: Mapping[str, Any]) -> str:
    draft, target = join(aside, "manifest.json"), sink.path(layout.manifest)
    with create(draft) as file:
        file.write(to_json(named))
    move(draft, target)
    return target
