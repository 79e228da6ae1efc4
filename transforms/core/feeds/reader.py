"""What every feed goes through, whatever its format: guards before the parse, order and caps after it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.jsonfeed import looks_like_json, read_json_feed
from transforms.core.feeds.repair import as_utf8, wide_codec, without_bad_references, without_broken_tail
from transforms.core.feeds.syndication import read_syndication

MAX_BODY_BYTES = 5 * 1024 * 1024
"""feedparser takes 2.7 s for 1 MB of paragraphs and more than 60 s for 18 MB of entries."""

MAX_ENTRIES = 500
"""The largest feeds of newsrooms hold some hundred entries."""

HEAD_BYTES = 2048

_ROOT = re.compile(rb"<(?!!--|[!?])([^\s>/]+)")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]+)", re.IGNORECASE)
_NEVER = datetime.min.replace(tzinfo=UTC)


def parse_feed(body: bytes, *, url: str, headers: Mapping[str, str] | None = None, now: datetime) -> Feed | Problem:
    """Read the feed that came from ``url`` as ``body`` (decompressed bytes).

    ``headers`` are the response's, in any case of letters; only Content-Type is used.  ``now`` bounds dates: later
    than 48 hours after it is an error of the publisher.  Entries stand in the feed's order, the newest
    ``MAX_ENTRIES`` of them, each id and link once.  What was ill-formed in a readable feed is in ``Feed.defect``.

    A ``Problem`` is ``not_a_feed`` (empty, a page, plain text), ``malformed`` (a feed of which no entry can be read)
    or ``too_large``.  Never raises, whatever the bytes.
    """
    if len(body) > MAX_BODY_BYTES:
        return Problem(OutcomeKind.TOO_LARGE, f"{len(body)} bytes, more than {MAX_BODY_BYTES}")
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        return Problem(OutcomeKind.NOT_A_FEED, "empty body")
    if looks_like_json(body):
        feed = read_json_feed(body, url=url, now=now)
    else:
        feed = _read_xml(body, url, _content_type(headers or {}), now)
    return feed if isinstance(feed, Problem) else _newest(_without_repeats(feed))


def _content_type(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.casefold() == "content-type"), "")


def _read_xml(body: bytes, url: str, content_type: str, now: datetime) -> Feed | Problem:
    root = _root_element(body)
    if root == "html":
        return Problem(OutcomeKind.NOT_A_FEED, "an HTML page")
    if root in ("urlset", "sitemapindex"):
        return Problem(OutcomeKind.NOT_A_FEED, "a sitemap")
    if not wide_codec(body):
        body = body.lstrip()  # a blank line before the XML declaration is ill-formed, and common
    complete = without_broken_tail(body, root=root, elements=("item", "entry"))
    readable, charset, replaced = _known_charset(without_bad_references(complete), content_type)
    feed = read_syndication(readable, url=url, charset=charset, now=now)
    if isinstance(feed, Problem):
        return feed
    feed = _noted(feed, f"bytes that are not UTF-8: {replaced}") if replaced else feed
    return _noted(feed, "breaks off inside an entry, which is left out") if complete != body else feed


def _known_charset(body: bytes, content_type: str) -> tuple[bytes, str | None, int]:
    """The body, its charset by content or by header, and how many bytes of it had to be replaced."""
    if unicode_body := as_utf8(body):
        return unicode_body[0], "utf-8", unicode_body[1]
    declared = _CHARSET.search(content_type)
    return body, declared[1] if declared else None, 0


def _noted(feed: Feed, note: str) -> Feed:
    return replace(feed, defect=f"{feed.defect}; {note}" if feed.defect else note)


def _root_element(body: bytes) -> str:
    """Local name of the first element, in lower case; ``html`` also where only a doctype says so; '' for none."""
    head = body[:HEAD_BYTES].replace(b"\0", b"")
    if re.search(rb"<!doctype\s+html", head, re.IGNORECASE):
        return "html"
    first = _ROOT.search(re.sub(rb"<!--.*?-->", b"", head, flags=re.DOTALL))
    return first[1].decode("ascii", "replace").lower().rpartition(":")[2] if first else ""


def _without_repeats(feed: Feed) -> Feed:
    first_seen: dict[tuple[str | None, str], FeedEntry] = {}
    for entry in feed.entries:
        first_seen.setdefault((entry.entry_id, entry.url), entry)
    return replace(feed, entries=tuple(first_seen.values()))


def _newest(feed: Feed) -> Feed:
    """At most ``MAX_ENTRIES``, by date and then by place; undated entries count as the oldest."""
    dropped = len(feed.entries) - MAX_ENTRIES
    if dropped <= 0:
        return feed
    places = sorted(range(len(feed.entries)), key=lambda place: _age(feed.entries[place]), reverse=True)
    kept = tuple(feed.entries[place] for place in sorted(places[:MAX_ENTRIES]))
    return _noted(replace(feed, entries=kept), f"{dropped} of {len(feed.entries)} entries dropped, the oldest")


def _age(entry: FeedEntry) -> datetime:
    return entry.published_at or entry.updated_at or _NEVER
