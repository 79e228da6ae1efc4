"""The files of a state: one shard of one kind each, read and written as streams."""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any

from schemas.codec import from_row, read_container, write_container
from schemas.hops import Run
from schemas.state import ArticleState
from transforms.core.identity import shard_of
from transforms.core.layout import NAME_DIGITS
from transforms.core.snapshot import (
    ARTICLES,
    KEYS,
    Row,
    StateDamaged,
    StateFile,
    StateManifest,
    completed,
    in_group,
    shard_path,
    shards_for,
)
from transforms.filesystem import create, join, move, open_bytes, sha256_of

DEFAULT_SHARDS = 16
"""Files of each kind: 200,000 feeds make shards of about 12,500; see docs/performance.md."""


@dataclass(frozen=True, slots=True)
class StateConfig:
    """The state that a run begins with, and how it is to go on.

    ``uri`` is STATE, a folder of any Beam filesystem; ``manifest`` is None where there was no run yet.  ``keep`` is
    how long what is not listed any more is remembered; ``force`` asks for feeds and pages whatever was agreed.
    ``guard`` is to be called before the run publishes anything, and raises where it does not hold the state any more.
    """

    uri: str
    run: Run
    output: str
    manifest: StateManifest | None
    shards: int = DEFAULT_SHARDS
    keep: timedelta = timedelta(days=90)
    force: bool = False
    guard: Callable[[], None] | None = None

    def shard_of(self, key: str) -> int:
        """The shard that holds ``key``."""
        return shard_of(key, self.shards)

    def file(self, kind: str, shard: int) -> StateFile | None:
        """The file of a shard as the run found it."""
        return self.manifest.file(kind, shard) if self.manifest else None


def read_shard(config: StateConfig, kind: str, shard: int) -> Iterator[Row]:
    """The rows of a shard, sorted by key.  Raises `StateDamaged` where the file is not what the manifest says."""
    file = config.file(kind, shard)
    if file is None:
        return
    path = join(config.uri, file.path)
    check_file(path, file)
    try:
        with open_bytes(path) as stream:
            yield from completed(read_container(stream), kind)
    except ValueError as error:  # StateDamaged is one too
        raise StateDamaged(f"{path}: {error}") from error


def known_articles(config: StateConfig, group: int, groups: int) -> Iterator[ArticleState]:
    """The index entries, sorted, whose articles fall to ``group`` of the ``groups`` files that a run writes."""
    key = KEYS[ARTICLES]
    shards = (read_shard(config, ARTICLES, shard) for shard in shards_for(group, groups, config.shards))
    rows = heapq.merge(*(in_group(rows, key, group, groups) for rows in shards), key=itemgetter(key))
    return (from_row(ArticleState, row) for row in rows)


def check_file(path: str, file: StateFile) -> None:
    """Raises `StateDamaged` where the file at ``path`` is missing or has other bytes than it was written with."""
    try:
        digest, size = sha256_of(path)
    except OSError as error:
        raise StateDamaged(f"{path}: cannot be read: {error}") from error
    if size != file.size:
        raise StateDamaged(f"{path}: {size} bytes, and should have {file.size}")
    if digest != file.sha256:
        raise StateDamaged(f"{path}: its bytes were changed since it was written")


def write_shard(config: StateConfig, kind: str, shard: int, rows: Iterable[Row]) -> StateFile:
    """Writes the rows, which are sorted by key, as the shard's new file.

    Its name tells its content.  A worker that was given up for dead may write the shard a second time, long after the
    run went on with what another wrote in its place: then it writes beside that, never over it.
    """
    draft = join(config.uri, shard_path(config.run.run_id, kind, shard, uuid.uuid4().hex))
    records = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal records
        for row in rows:
            records += 1
            yield row

    with create(draft) as file:
        write_container(file, kind, counted())
    digest, size = sha256_of(draft)
    relative = shard_path(config.run.run_id, kind, shard, digest[:NAME_DIGITS])
    move(draft, join(config.uri, relative))
    return StateFile(kind, shard, relative, records, size, digest)
