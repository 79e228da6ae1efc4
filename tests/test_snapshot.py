"""The state between runs as files: its manifest, its shards, and how a run's news is merged into them."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from transforms.core.identity import shard_of
from transforms.core.snapshot import (
    ARTICLES,
    DIGEST,
    FEEDS,
    PAGES,
    STATE_VERSION,
    StateDamaged,
    StateFile,
    StateManifest,
    in_group,
    merged_rows,
    read_manifest,
    shard_path,
    shards_for,
    to_document,
)

FILES = tuple(
    StateFile(kind, shard, shard_path("r1", kind, shard, "a1"), 10 * shard, 100, "0" * 64)
    for kind in (FEEDS, PAGES)
    for shard in range(4)
)
MANIFEST = StateManifest(7, "r1", "out", "2026-11-16T08:00:00+00:00", 4, FILES)


def document(**changes: Any) -> dict[str, Any]:
    """The manifest without its digest, as the first ones were, so that a change is judged by what it says."""
    return {name: value for name, value in (to_document(MANIFEST) | changes).items() if name != DIGEST}


def as_bytes(content: Any) -> bytes:
    return json.dumps(content).encode()


# The manifest


def test_a_manifest_survives_writing_and_reading() -> None:
    assert read_manifest(as_bytes(to_document(MANIFEST)), "manifest.json") == MANIFEST


def test_the_order_of_files_makes_no_difference() -> None:
    assert to_document(replace(MANIFEST, files=FILES[::-1])) == to_document(MANIFEST)


def test_a_manifest_knows_its_files() -> None:
    assert MANIFEST.file(PAGES, 3) == FILES[7]
    assert MANIFEST.file(ARTICLES, 0) is None
    assert (MANIFEST.records(FEEDS), MANIFEST.records(ARTICLES)) == (60, 0)


def test_a_newer_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(StateDamaged, match=r"newer newsbeam .* update newsbeam"):
        read_manifest(as_bytes(document(state_version=STATE_VERSION + 1)), "manifest.json")


WHOLE = as_bytes(to_document(MANIFEST))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\0" * 50,
        b"\xff\xfe",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{}",
        b"[" * 100_000,
        *(WHOLE[:length] for length in (1, 20, 200, len(WHOLE) - 1)),
        *(as_bytes({k: v for k, v in document().items() if k != name}) for name in document()),
        as_bytes(document(state_version="1.x")),
        as_bytes(document(state_version=None)),
        as_bytes(document(shards=0)),
        as_bytes(document(shards=-1)),
        as_bytes(document(shards="many")),
        as_bytes(document(generation=None)),
        as_bytes(document(now="lately")),
        as_bytes(document(now=None)),
        as_bytes(document(files=None)),
        as_bytes(document(files=[1])),
        as_bytes(document(files=[{}])),
        as_bytes(document(files=[{**document()["files"][0], "kind": "other"}])),
        as_bytes(document(files=[{**document()["files"][0], "shard": 4}])),
        as_bytes(document(files=[{**document()["files"][0], "size": "large"}])),
        WHOLE.replace(b'"generation": 7', b'"generation": 1e999'),
    ],
)
def test_what_is_no_manifest_is_damage(data: bytes) -> None:
    with pytest.raises(StateDamaged, match=r"manifest\.json"):
        read_manifest(data, "manifest.json")


@pytest.mark.parametrize("bit", range(8))
def test_a_changed_bit_is_damage_or_makes_no_difference(bit: int) -> None:
    for place in range(len(WHOLE)):
        changed = WHOLE[:place] + bytes([WHOLE[place] ^ 1 << bit]) + WHOLE[place + 1 :]
        with suppress(StateDamaged):
            assert read_manifest(changed, "manifest.json") == MANIFEST


def test_fields_of_a_later_newsbeam_of_the_same_version_are_passed_over() -> None:
    files = [{**file, "note": "x"} for file in document()["files"]]
    assert read_manifest(as_bytes(document(files=files, note="x")), "manifest.json") == MANIFEST


# The merge


def rows(*keys: str, value: int = 0) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key in keys]


def settle(row: dict[str, Any] | None, change: int | None) -> dict[str, Any] | None:
    """A change replaces the value; 0 takes the row away."""
    if change is None:
        return row
    return {**(row or {"key": "new"}), "value": change} if change else None


def merged(old: list[dict[str, Any]], changes: dict[str, int]) -> list[dict[str, Any]]:
    def keyed(row: dict[str, Any] | None, change: tuple[str, int] | None) -> dict[str, Any] | None:
        return settle(row or ({"key": change[0]} if change else None), change[1] if change else None)

    return list(merged_rows(old, {key: (key, value) for key, value in changes.items()}, "key", keyed))


@pytest.mark.parametrize(
    ("old", "changes", "expected"),
    [
        ([], {}, []),
        (["b", "d"], {}, {"b": 0, "d": 0}),
        ([], {"b": 1, "a": 2}, {"a": 2, "b": 1}),
        (["b", "d"], {"a": 1, "c": 2, "e": 3}, {"a": 1, "b": 0, "c": 2, "d": 0, "e": 3}),
        (["b", "d"], {"b": 1, "d": 2}, {"b": 1, "d": 2}),
        (["b", "d"], {"b": 0}, {"d": 0}),
        (["b"], {"c": 0}, {"b": 0}),
        (["é", "\U0001f6a2"], {"z": 1, "\uff21": 2}, {"z": 1, "é": 0, "\uff21": 2, "\U0001f6a2": 0}),
    ],
)
def test_news_is_merged_in_order(old: list[str], changes: dict[str, int], expected: dict[str, int]) -> None:
    found = merged(rows(*old), changes)
    assert [(row["key"], row["value"]) for row in found] == list(dict(expected).items())


def test_any_merge_equals_a_dictionary() -> None:
    dice = random.Random(11)  # noqa: S311 - the same cases each time
    names = [f"k{n:02d}" for n in range(40)]
    for _ in range(200):
        old = sorted(dice.sample(names, dice.randint(0, 40)))
        changes = {name: dice.randint(0, 3) for name in dice.sample(names, dice.randint(0, 40))}
        expected = {**dict.fromkeys(old, 0), **changes}
        wanted = [(k, v) for k, v in sorted(expected.items()) if v or k not in changes]
        assert [(row["key"], row["value"]) for row in merged(rows(*old), changes)] == wanted


def test_the_merge_reads_as_it_writes() -> None:
    """One row at a time: a shard is never held in memory."""
    read: list[int] = []

    def old() -> Any:
        for number in range(1000):
            read.append(number)
            yield {"key": f"{number:04d}"}

    found = merged_rows(old(), {}, "key", lambda row, _: row)
    next(found)
    assert len(read) <= 2


# Groups and shards


@pytest.mark.parametrize(("groups", "shards"), [(1, 16), (4, 16), (16, 16), (3, 16), (5, 7), (32, 16)])
def test_every_key_of_a_group_is_found_in_its_shards(groups: int, shards: int) -> None:
    keys = [f"article {number}" for number in range(300)]
    for group in range(groups):
        mine = shards_for(group, groups, shards)
        expected = [key for key in keys if shard_of(key, groups) == group]
        held = rows(*(key for key in keys if shard_of(key, shards) in mine))
        assert [row["key"] for row in in_group(held, "key", group, groups)] == expected


def test_shards_have_a_place_of_their_own() -> None:
    assert shard_path("r1", FEEDS, 3, "a1") == "snapshots/r1/feed_state-00003-a1.avro"
