"""The state between runs as files: shards of sorted records, and a manifest that names those that count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from schemas.codec import from_row, to_row
from schemas.state import ArticleState, FeedState, PageState
from transforms.core.identity import shard_of
from transforms.core.manifest import to_json

STATE_VERSION = 1
FEEDS, PAGES, ARTICLES = "feed_state", "page_state", "article_state"
KEYS = {FEEDS: "url", PAGES: "key", ARTICLES: "article_id"}
"""Kind of record, which is its schema's name, to the field that it is sorted by."""

RECORDS: Mapping[str, type[Any]] = {FEEDS: FeedState, PAGES: PageState, ARTICLES: ArticleState}

DIGEST = "digest"
"""Of everything else in a manifest, as SHA-256; the first manifests had none."""

Row = dict[str, Any]


class StateDamaged(ValueError):
    """A state that cannot be read; the message says which file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """One shard of one kind; ``path`` is relative to STATE, ``size`` in bytes."""

    kind: str
    shard: int
    path: str
    records: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StateManifest:
    """Which files make up the state after the run ``run_id``, whose output is ``output``.

    ``generation`` counts the runs that were published on this state.
    """

    generation: int
    run_id: str
    output: str
    now: str
    shards: int
    files: tuple[StateFile, ...]

    def file(self, kind: str, shard: int) -> StateFile | None:
        """The file of a shard; None where it holds nothing."""
        return next((file for file in self.files if (file.kind, file.shard) == (kind, shard)), None)

    def records(self, kind: str) -> int:
        """How many records of ``kind`` there are."""
        return sum(file.records for file in self.files if file.kind == kind)


def to_document(manifest: StateManifest) -> dict[str, Any]:
    """The manifest as plain data, with a digest of itself: a changed bit is damage wherever it stands."""
    files = [asdict(file) for file in sorted(manifest.files, key=lambda file: (file.kind, file.shard))]
    document = {
        "state_version": STATE_VERSION,
        "generation": manifest.generation,
        "run_id": manifest.run_id,
        "output": manifest.output,
        "now": manifest.now,
        "shards": manifest.shards,
        "files": files,
    }
    return {**document, DIGEST: _digest(document)}


def _digest(document: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in document.items() if name != DIGEST}
    return hashlib.sha256(to_json(rest)).hexdigest()


def read_manifest(data: bytes, name: str) -> StateManifest:
    """The manifest in ``data``, whose file is called ``name``.  Raises `StateDamaged`."""
    try:
        document = json.loads(data)
        version = int(document["state_version"])
        if version > STATE_VERSION:
            raise StateDamaged(f"{name}: written by a newer newsbeam (state version {version}); update newsbeam")
        if DIGEST in document and document[DIGEST] != _digest(document):
            raise StateDamaged(f"{name}: it was changed since it was written")
        return _manifest(document)
    except StateDamaged:
        raise
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise StateDamaged(f"{name}: no manifest can be read from it ({type(error).__name__}: {error})") from error


def _manifest(document: Mapping[str, Any]) -> StateManifest:
    shards = int(document["shards"])
    if shards < 1:
        raise ValueError(f"{shards} shards")
    return StateManifest(
        generation=int(document["generation"]),
        run_id=str(document["run_id"]),
        output=str(document["output"]),
        now=datetime.fromisoformat(document["now"]).isoformat(),
        shards=shards,
        files=tuple(_file(file, shards) for file in document["files"]),
    )


def _file(document: Mapping[str, Any], shards: int) -> StateFile:
    file = StateFile(
        kind=str(document["kind"]),
        shard=int(document["shard"]),
        path=str(document["path"]),
        records=int(document["records"]),
        size=int(document["size"]),
        sha256=str(document["sha256"]),
    )
    if file.kind not in KEYS or file.shard not in range(shards):
        raise ValueError(f"no place for {file.kind} {file.shard}")
    return file


def shard_path(run_id: str, kind: str, shard: int, mark: str) -> str:
    """Where a run puts a shard, relative to STATE; ``mark`` tells apart what it wrote of one shard in several tries."""
    return f"snapshots/{run_id}/{kind}-{shard:05d}-{mark}.avro"


def completed(rows: Iterable[Row], kind: str) -> Iterator[Row]:
    """The rows of a file, which an older newsbeam may have written, with the fields that they lack.

    Raises `StateDamaged` where they are rows of something else.
    """
    record, is_whole = RECORDS[kind], None
    for row in rows:
        if is_whole is None:
            is_whole = _is_whole(row, record)
        yield row if is_whole else to_row(from_row(record, row))


def _is_whole(row: Row, record: type[Any]) -> bool:
    try:
        return bool(_shape(row) == _shape(to_row(from_row(record, row))))
    except (KeyError, TypeError, ValueError) as error:
        raise StateDamaged(f"no rows of {record.__name__}: {error}") from error


def _shape(value: Any) -> Any:
    return {name: _shape(each) for name, each in value.items()} if isinstance(value, dict) else None


def shards_for(group: int, groups: int, shards: int) -> tuple[int, ...]:
    """Which of ``shards`` shards can hold a key that falls to ``group`` of ``groups``; `shard_of` counts both."""
    if shards % groups == 0:
        return tuple(range(group, shards, groups))
    return tuple(range(shards))


def in_group(rows: Iterable[Row], key: str, group: int, groups: int) -> Iterator[Row]:
    """The rows whose key falls to ``group`` of ``groups``."""
    return (row for row in rows if shard_of(row[key], groups) == group)


def merged_rows(
    old: Iterable[Row], changes: Mapping[str, Any], key: str, settle: Callable[[Row | None, Any], Row | None]
) -> Iterator[Row]:
    """The rows of a shard after a run, sorted by ``key`` as ``old`` is.

    ``settle`` gives the new row for an old one (None: a key seen for the first time) and its change (None: there is
    none); what it gives None for is left out.
    """
    waiting = iter(sorted(changes))
    next_key = next(waiting, None)
    for row in old:
        while next_key is not None and next_key < row[key]:
            yield from _if_kept(settle(None, changes[next_key]))
            next_key = next(waiting, None)
        if next_key == row[key]:
            yield from _if_kept(settle(row, changes[row[key]]))
            next_key = next(waiting, None)
        else:
            yield from _if_kept(settle(row, None))
    while next_key is not None:
        yield from _if_kept(settle(None, changes[next_key]))
        next_key = next(waiting, None)


def _if_kept(row: Row | None) -> Iterator[Row]:
    if row is not None:
        yield row
