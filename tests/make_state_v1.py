#!/usr/bin/env python3
"""Makes tests/data/state-v1, a small state as newsbeam of state version 1 writes it, and what must be read from it.

    python tests/make_state_v1.py tests/data/state-v1

It was run once.  States of version 1 must stay readable, so its files are never made anew: a new version of the state
gets a script and a folder of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.article import Discovery, Source
from schemas.codec import to_row
from schemas.hops import Run
from schemas.state import ArticleState, FeedState, PageState
from transforms.core.manifest import to_json
from transforms.core.snapshot import ARTICLES, FEEDS, KEYS, PAGES, StateFile, StateManifest, to_document
from transforms.state.shards import StateConfig, write_shard

NOW = datetime(2026, 11, 16, 8, 0, 30, 250_000, tzinfo=UTC)
SHARDS = 2


def feeds() -> list[FeedState]:
    """One that works, with every field filled; one that moves; one that is gone; one that never answered."""
    works = FeedState(
        url="https://harbour.example/rss.xml",
        first_polled_at=NOW - timedelta(days=40),
        last_polled_at=NOW,
        next_due_at=NOW + timedelta(hours=1),
        interval_seconds=3600,
        interval_reason="about 24.0 entries a day",
        source_id="harbour",
        etag='W/"31–a b"',
        last_modified="Mon, 16 Nov 2026 07:58:00 GMT",
        body_sha256="ab" * 32,
        last_ok_at=NOW,
        last_changed_at=NOW - timedelta(hours=2),
        ttl_seconds=1800,
        skip_hours=(0, 1, 23),
        skip_days=(6,),
        polls=960,
        last_outcome="parsed",
        last_detail="rss20, 3 entries",
        entries_per_day=23.75,
        entries_seen=950,
        entries_lost=7,
        last_new=2,
        last_expected=1.5,
        last_lost=1,
        window=3,
        seen=bytes(range(24)),
    )
    bare = FeedState("https://schiff.example/größe.xml", NOW, NOW, NOW, 600, "failed once")
    moves = replace(
        bare,
        url="https://old.example/feed",
        moving_to="https://new.example/feed",
        moving_days=("2026-11-15", "2026-11-16"),
    )
    moved = replace(bare, url="https://older.example/feed", moved_to="https://new.example/feed")
    gone = replace(bare, url="https://gone.example/feed", stopped_at=NOW, error_streak=3, last_outcome="http_error")
    return [works, bare, moves, moved, gone]


def pages() -> list[PageState]:
    """One that was read, with every field filled; one that was only listed."""
    found = Discovery(
        kind="feed",
        seen_at=NOW,
        feed_url="https://harbour.example/rss.xml",
        entry_id="tag:harbour.example,2026:1",
        entry_title="Quay rebuilt – at last",
        entry_published_at=NOW - timedelta(hours=3),
        entry_updated_at=NOW - timedelta(hours=2),
        entry_summary="The quay was rebuilt.",
        entry_categories=("Harbour", "Works"),
    )
    read = PageState(
        key="https://harbour.example/quay",
        url="https://www.harbour.example/quay?utm_source=rss",
        source=Source(id="harbour", domain="harbour.example", name="The Harbour Bell"),
        discovery=found,
        first_seen_at=NOW - timedelta(hours=3),
        last_listed_at=NOW,
        prints=("0123456789abcdef:0011223344556677",),
        last_fetched_at=NOW,
        next_check_at=NOW + timedelta(hours=3),
        outcome="written",
        status=200,
        failures=1,
        gone=1,
        etag='"q1"',
        last_modified="Mon, 16 Nov 2026 05:00:00 GMT",
        payload_sha256="cd" * 32,
        article_id="0f" * 16,
    )
    listed = PageState(
        key="https://harbour.example/crane",
        url="https://harbour.example/crane",
        source=Source(id="harbour.example", domain="harbour.example"),
        discovery=Discovery(kind="url_list", seen_at=NOW),
        first_seen_at=NOW,
        last_listed_at=NOW,
    )
    return [read, listed]


def articles() -> list[ArticleState]:
    """One with every field filled; one that was taken away."""
    first = ArticleState(
        article_id="0f" * 16,
        version_id="1e" * 16,
        version=3,
        url="https://harbour.example/quay",
        first_seen_at=NOW - timedelta(hours=3),
        last_seen_at=NOW,
        digests=("headline=0123456789abcdef", "text=fedcba9876543210"),
        simhash=-(2**63) + 5,
    )
    return [first, ArticleState("2d" * 16, "3c" * 16, 1, "https://harbour.example/crane", NOW, NOW, is_deleted=True)]


def files(config: StateConfig, kind: str, records: Iterable[Any]) -> list[StateFile]:
    """The shards of one kind; one that holds nothing has no file."""
    shards: list[list[dict[str, Any]]] = [[] for _ in range(SHARDS)]
    for row in sorted(map(to_row, records), key=lambda row: str(row[KEYS[kind]])):
        shards[config.shard_of(row[KEYS[kind]])].append(row)
    return [write_shard(config, kind, shard, rows) for shard, rows in enumerate(shards) if rows]


def as_json(record: Any) -> Any:
    """A record as the expectation holds it: times as text, bytes as hexadecimal digits."""
    return json.loads(json.dumps(to_row(record), default=lambda v: v.hex() if isinstance(v, bytes) else v.isoformat()))


def main(folder: Path) -> None:
    """Writes the state and its expectation."""
    config = StateConfig(str(folder), Run("golden", NOW, "1"), "out", None, SHARDS)
    kinds = {FEEDS: feeds(), PAGES: pages(), ARTICLES: articles()}
    written = tuple(file for kind, records in kinds.items() for file in files(config, kind, records))
    manifest = StateManifest(12, "golden", "out", NOW.isoformat(), SHARDS, written)
    (folder / "manifest.json").write_bytes(to_json(to_document(manifest)))
    expected = {kind: {row[KEYS[kind]]: row for row in map(as_json, records)} for kind, records in kinds.items()}
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "expected.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
