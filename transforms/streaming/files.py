"""The files of one bundle: written aside, then moved to where readers look, then named by a manifest.

A bundle is published as a run of its own, with rows that name it and a manifest, so that all who read runs read
streams: reports, compaction, loaders.  Names come from what the files hold and from the messages that led to it: a
bundle that is tried again whole replaces its own files.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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


def publish_bundle(sink: Sink, facts: RunFacts, day: datetime, kept: Sequence[Kept]) -> PublishedBundle:
    """Puts the rows of one bundle and one window, which lies on the UTC ``day``, where readers look.

    All is in place when this returns.  It can be done again at any point.
    """
    digest = _digest_of(kept)
    layout = RunLayout(f"{sink.run.run_id}-{digest[:NAME_DIGITS]}", day)
    aside = sink.path(f"{sink.layout.work}/{uuid.uuid4().hex}")
    articles, outcomes = _rows_of(replace(sink.run, run_id=layout.run_id), kept, sink.clock.now())
    files = [
        _published(sink, aside, layout.file(schema, digest[NAME_DIGITS:]), schema, rows)
        for schema, rows in ((ARTICLE, articles), (OUTCOME, [masked_row(to_row(each)) for each in outcomes]))
        if rows
    ]
    counts = tuple(sorted(Counter(f"{each.stage}/{each.outcome}" for each in outcomes).items()))
    files = [replace(file, counts=counts) if file.schema == OUTCOME else file for file in files]
    path = _published_manifest(sink, aside, replace(facts, run_id=layout.run_id), files)
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
    articles = [masked_row(each.row | {"run_id": run.run_id}) for each in merged if each.row is not None]
    decided = [outcome_record(outcome) for each in merged for outcome in each.outcomes]
    said = sorted([*decided, *(each for each in records if each.schema == OUTCOME)], key=_order)
    return articles, [replace(each, run_id=run.run_id) for each in merge_outcomes(_outcomes(said))]


def _outcomes(records: Iterable[EncodedRecord]) -> Iterator[Outcome]:
    return (Outcome(**decode(OUTCOME, each.data)) for each in records)


def _order(record: EncodedRecord) -> tuple[str, bytes]:
    return record.key, record.data


def _published(sink: Sink, aside: str, relative: str, schema: str, rows: list[Row]) -> PublishedFile:
    draft = join(aside, f"{schema}.avro")
    with create(draft) as file:
        write_container(file, schema, rows)
    digest, size = sha256_of(draft)
    move(draft, sink.path(relative))
    return PublishedFile(relative, schema, len(rows), size, digest)


def _published_manifest(sink: Sink, aside: str, facts: RunFacts, files: Iterable[PublishedFile]) -> str:
    draft, target = join(aside, "manifest.json"), sink.path(RunLayout(facts.run_id, facts.now).manifest)
    with create(draft) as file:
        file.write(to_json(manifest(replace(facts, now=sink.clock.now()), files, None)))
    move(draft, target)
    return target
