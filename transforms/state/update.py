"""The new state: what a run learnt, joined with what was known, shard by shard; then the list of its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.codec import from_row, to_row
from schemas.outcome import Outcome
from schemas.state import PageState
from transforms.core.manifest import to_json
from transforms.core.revisits import PageNote, is_forgotten, settle_page
from transforms.core.snapshot import (
    ARTICLES,
    FEEDS,
    KEYS,
    PAGES,
    Row,
    StateFile,
    StateManifest,
    merged_rows,
    read_manifest,
    to_document,
)
from transforms.core.urls import url_key
from transforms.filesystem import create, join, move, open_bytes
from transforms.state.shards import StateConfig, read_shard, write_shard

DRAFT = ".new"
"""Ends the name of a file that is still being written."""

Settle = Callable[[Row | None, Any, StateConfig], Row | None]


class Learnt(NamedTuple):
    """What a run learnt: `FeedState` and `ArticleState` records, and `PageNote` records."""

    feeds: beam.PCollection
    pages: beam.PCollection
    articles: beam.PCollection


@dataclass(eq=False)
class WriteState(beam.PTransform):
    """What a run learnt in, the path of the pending manifest out.

    Nothing counts yet: the manifest waits in STATE/pending until the run's articles are published.
    """

    config: StateConfig

    def expand(self, learnt: Learnt) -> beam.PCollection:
        files = (
            learnt.feeds | "Feeds" >> _UpdateShards(self.config, FEEDS),
            learnt.pages | "Pages" >> _UpdateShards(self.config, PAGES),
            learnt.articles | "Articles" >> _UpdateShards(self.config, ARTICLES),
        ) | "All shards" >> beam.Flatten()
        return (
            files.pipeline
            | "Once" >> beam.Create([None])
            | "Write pending" >> beam.Map(_write_pending, self.config, beam.pvalue.AsList(files))
        )


@dataclass(eq=False)
class _UpdateShards(beam.PTransform):
    config: StateConfig
    kind: str

    def expand(self, changes: beam.PCollection) -> beam.PCollection:
        return (
            changes
            | "Key by shard" >> beam.Map(_by_shard, self.config, self.kind).with_output_types(tuple[int, Any])
            | "Gather shard" >> beam.GroupByKey()
            | "Update" >> beam.ParDo(_UpdateShard(self.config, self.kind))
        )


class _UpdateShard(beam.DoFn):
    def __init__(self, config: StateConfig, kind: str) -> None:
        self._config = config
        self._kind = kind

    def process(self, shard: tuple[int, Iterable[Any]]) -> Iterator[StateFile]:
        number, learnt = shard
        changes: dict[str, list[Any]] = defaultdict(list)
        for change in learnt:
            changes[getattr(change, KEYS[self._kind])].append(change)
        settle = SETTLE[self._kind]
        rows = merged_rows(
            read_shard(self._config, self._kind, number),
            changes,
            KEYS[self._kind],
            lambda row, change: settle(row, change, self._config),
        )
        yield write_shard(self._config, self._kind, number, rows)


def _newest(row: Row | None, change: list[Any] | None, config: StateConfig) -> Row | None:
    """The record as this run has it.  A feed or article that is not heard of for very long is forgotten."""
    if change:
        return to_row(min(change, key=repr))  # one each; were there more, the order of arrival would not matter
    if row is None or _last_heard(row) < config.run.now - config.keep * 4:
        return None
    return row


def _last_heard(row: Row) -> Any:
    return row["last_polled_at"] if "last_polled_at" in row else row["last_seen_at"]


def _page(row: Row | None, change: list[PageNote] | None, config: StateConfig) -> Row | None:
    now = config.run.now
    if change:
        known = from_row(PageState, row) if row else None
        state = settle_page(known, change, now)
        return to_row(state) if state else None
    return None if row is None or is_forgotten(row, now, config.keep) else row


SETTLE: dict[str, Settle] = {FEEDS: _newest, PAGES: _page, ARTICLES: _newest}


def _by_shard(change: Any, config: StateConfig, kind: str) -> tuple[int, Any]:
    return config.shard_of(getattr(change, KEYS[kind])), change


def note_of(outcome: Outcome) -> PageNote:
    """What the state needs of an outcome: not the payload."""
    return PageNote(url_key(outcome.url), ended=replace(outcome, payload=None, traceback=None))


def pending_path(run_id: str) -> str:
    """Where a run's new state waits for its articles, relative to STATE."""
    return f"pending/{run_id}.json"


def new_manifest(config: StateConfig, files: Iterable[StateFile]) -> StateManifest:
    """The manifest after the run: the files that it wrote, and those of shards that it did not touch."""
    written = {(file.kind, file.shard): file for file in files}
    before = {(file.kind, file.shard): file for file in (config.manifest.files if config.manifest else ())}
    return StateManifest(
        generation=config.manifest.generation + 1 if config.manifest else 1,
        run_id=config.run.run_id,
        output=config.output,
        now=config.run.now.isoformat(),
        shards=config.shards,
        files=tuple((before | written).values()),
    )


def pending_manifest(config: StateConfig) -> StateManifest:
    """The manifest that waits for the articles of the run."""
    path = join(config.uri, pending_path(config.run.run_id))
    with open_bytes(path) as file:
        return read_manifest(file.read(), path)


def _write_pending(_: None, config: StateConfig, files: list[StateFile]) -> str:
    """Whole or not at all: half a pending manifest would be taken for damage by the next run."""
    path = join(config.uri, pending_path(config.run.run_id))
    draft = path + DRAFT
    with create(draft) as file:
        file.write(to_json(to_document(new_manifest(config, files))))
    move(draft, path)
    return path
