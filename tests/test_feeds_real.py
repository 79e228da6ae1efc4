"""Real feeds read as feedparser itself reads them.

They belong to their publishers and are not part of this repository: ``NEWSBEAM_CORPORA`` names a folder that holds
some under ``feeds/``.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

from schemas.hops import Feed
from transforms.core.feeds import parse_feed
from transforms.core.feeds.text import plain_text

CORPORA = os.environ.get("NEWSBEAM_CORPORA")
FEEDS = sorted((Path(CORPORA) / "feeds").iterdir()) if CORPORA else []
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FEEDS, reason="NEWSBEAM_CORPORA names no folder with real feeds")


def both(path: Path) -> tuple[Feed, Any]:
    body = path.read_bytes()
    feed = parse_feed(body, url="https://feeds.example/all.xml", now=NOW)
    assert isinstance(feed, Feed), feed
    return feed, feedparser.parse(io.BytesIO(body))


def utc(parsed: Sequence[int] | None) -> datetime | None:
    return datetime(*parsed[:6], tzinfo=UTC) if parsed else None  # type: ignore[misc, arg-type]  # six fields


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_entries_ids_and_titles(path: Path) -> None:
    feed, peer = both(path)
    assert feed.format == peer.version
    assert not feed.rejected
    assert [entry.entry_id for entry in feed.entries] == [entry.get("id") for entry in peer.entries]
    assert [entry.title for entry in feed.entries] == [plain_text(entry.title) for entry in peer.entries]


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_dates(path: Path) -> None:
    feed, peer = both(path)
    for entry, theirs in zip(feed.entries, peer.entries, strict=True):
        for name, ours in (("published", entry.published_at), ("updated", entry.updated_at)):
            parsed = dict(theirs).get(f"{name}_parsed")
            assert not parsed or ours == utc(parsed)
        assert entry.published_at or entry.updated_at, entry.published_raw
