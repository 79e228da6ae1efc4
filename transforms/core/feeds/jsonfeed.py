"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read from its content whatever the header says."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.dates import MAX_RAW_CHARACTERS, entry_time
from transforms.core.feeds.links import BadLink, absolute_link, absolute_or_none, is_absolute_http
from transforms.core.feeds.text import fold, plain_text_or_none, scrub

VERSION_MARK = "jsonfeed.org/version/1"
FORMATS = {"1": "json10", "1.0": "json10", "1.1": "json11"}


def looks_like_json(body: bytes) -> bool:
    """Whether the first character that means something opens a JSON object; UTF-16 and a byte order mark allowed."""
    return body[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{")


def read_json_feed(body: bytes, *, url: str, now: datetime) -> Feed | Problem:
    """Read a JSON Feed.  Values of a wrong type count as absent; entries are neither capped nor deduplicated."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:  # RecursionError: arrays nested some thousand deep
        kind = OutcomeKind.MALFORMED if VERSION_MARK.encode() in body else OutcomeKind.NOT_A_FEED
        return Problem(kind, f"JSON: {fold(str(error))[:200]}", error_type=type(error).__name__)
    version = _text(document, "version") or ""
    if VERSION_MARK not in version:
        return Problem(OutcomeKind.NOT_A_FEED, "JSON without the version of a JSON Feed")
    return _feed(document, FORMATS.get(version.rpartition("/")[2], "json11"), url, now)


def _feed(document: Mapping[str, Any], version: str, url: str, now: datetime) -> Feed:
    entries: list[FeedEntry] = []
    rejected: list[tuple[str, str]] = []
    for item in _objects(document, "items"):
        link = _followed_link(item)
        try:
            entries.append(_entry(item, absolute_link(link, url), now))
        except BadLink as reason:
            rejected.append((fold(link)[:500], str(reason)))
    return Feed(
        format=version,
        title=_plain(document, "title"),
        link=absolute_or_none(_text(document, "home_page_url"), url),
        language=fold(_text(document, "language") or "")[:35] or None,
        entries=tuple(entries),
        defect=None if isinstance(document.get("items"), list) else "no list of items",
        rejected=tuple(rejected),
    )


def _followed_link(item: Mapping[str, Any]) -> str:
    """``url``, else an ``id`` that is a full URL, else the page that a linked post speaks of."""
    identifier = _text(item, "id") or ""
    own = _text(item, "url") or (identifier if is_absolute_http(identifier) else None)
    return own or _text(item, "external_url") or ""


def _entry(item: Mapping[str, Any], url: str, now: datetime) -> FeedEntry:
    published, updated = _text(item, "date_published"), _text(item, "date_modified")
    return FeedEntry(
        url=url,
        entry_id=_identifier(item),
        title=_plain(item, "title"),
        published_at=entry_time(published, None, now),
        published_raw=_raw_date(published),
        updated_at=entry_time(updated, None, now),
        updated_raw=_raw_date(updated),
        summary=_plain(item, "summary"),
        content=_content(item),
        authors=_authors(item),
        categories=_categories(item),
    )


def _identifier(item: Mapping[str, Any]) -> str | None:
    """Numbers are read as their digits, as the specification asks."""
    identifier = item.get("id")
    is_number = isinstance(identifier, int | float) and not isinstance(identifier, bool)
    return fold(str(identifier)) or None if is_number or isinstance(identifier, str) else None


def _content(item: Mapping[str, Any]) -> str | None:
    as_html, as_text = _text(item, "content_html"), _text(item, "content_text")
    return scrub(as_html or html.escape(as_text or "", quote=False)) or None


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    """``authors`` of version 1.1, ``author`` of version 1."""
    single = item.get("author")
    authors = _objects(item, "authors") or ([single] if isinstance(single, dict) else [])
    return _distinct([_plain(author, "name") for author in authors])


def _categories(item: Mapping[str, Any]) -> tuple[str, ...]:
    tags = item.get("tags")
    return _distinct(
        [plain_text_or_none(tag) for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    )


def _distinct(texts: list[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _raw_date(raw: str | None) -> str | None:
    return fold(raw)[:MAX_RAW_CHARACTERS] or None if raw else None


def _text(holder: Any, name: str) -> str | None:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else None


def _plain(holder: Mapping[str, Any], name: str) -> str | None:
    return plain_text_or_none(_text(holder, name))


def _objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values = holder.get(name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
