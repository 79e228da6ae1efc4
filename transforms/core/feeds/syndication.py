"""The one place that knows feedparser: bytes in, our records out, for RSS 0.9x, 1.0, 2.0 and Atom."""

from __future__ import annotations

import html
import io
import re
import xml.sax
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import feedparser

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.dates import MAX_RAW_CHARACTERS, entry_time
from transforms.core.feeds.links import (
    BadLink,
    absolute_link,
    absolute_or_none,
    base_for_links,
    is_absolute_http,
)
from transforms.core.feeds.text import fold, plain_text_or_none, scrub

KNOWN_FAILURES = (
    # A codec named in the XML declaration: "undefined" and "idna" raise UnicodeError, a name that is not UTF-8
    # UnicodeDecodeError, one with a NUL ValueError; text that cannot be encoded again UnicodeEncodeError.
    ValueError,
    # Handlers that look for what an element before should have left: gml:pos without georss:where, a cc:license that
    # ends without having begun.
    KeyError,
    # A link inside an image inside an entry, with an element inside it.
    IndexError,
    # The end of a width or height that never began.
    TypeError,
)
"""What feedparser 6.0.14 raises on hostile bytes; found by mutating feeds.  Anything else is a bug."""

_CAPTIONS = re.compile(rb"<(/?media:)(?=(?:title|description|text)\b)", re.IGNORECASE)
"""What Media RSS says of a picture: feedparser takes it for the entry's own title and summary."""

_MAIL = re.compile(r"<?\b(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+>?")

_FRAGILE_ELEMENTS = re.compile(
    rb"<(/?)((?:georss|gml|cc|creativeCommons|media|itunes|psc):|(?=(?:width|height)\b))", re.IGNORECASE
)
"""Elements whose handlers in feedparser raise, and of which we read nothing that matters."""

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class _Context:
    """What reading an entry needs to know of its feed."""

    base: str
    is_atom: bool
    now: datetime


def read_syndication(body: bytes, *, url: str, charset: str | None, now: datetime) -> Feed | Problem:
    """Read RSS or Atom; ``charset`` is the header's, or what the bytes are known to be.

    Entries are neither capped nor deduplicated.
    """
    try:
        result = _parse_patiently(body, charset)
    except KNOWN_FAILURES as error:
        return Problem(OutcomeKind.MALFORMED, f"feedparser: {_one_line(error)}", error_type=type(error).__name__)
    defect = _one_line(result["bozo_exception"]) if result.get("bozo") else None
    if not result.get("version"):
        return Problem(OutcomeKind.NOT_A_FEED, "neither RSS, Atom nor JSON Feed")
    if not result["entries"] and isinstance(result.get("bozo_exception"), xml.sax.SAXException):
        return Problem(OutcomeKind.MALFORMED, f"no entry could be read: {defect}")
    return _feed(result, url, defect, now)


def _parse_patiently(body: bytes, charset: str | None) -> dict[str, Any]:
    """Parse; where that raises, once more with the fragile elements under names that have no handler."""
    body = _CAPTIONS.sub(rb"<\1unread-", body)
    try:
        return _parse(body, charset)
    except KNOWN_FAILURES as error:
        disarmed = _FRAGILE_ELEMENTS.sub(rb"<\1\2unread-", body)
        if disarmed == body:
            raise
        return _parse(disarmed, charset) | {"bozo": True, "bozo_exception": error}


def _parse(body: bytes, charset: str | None) -> dict[str, Any]:
    """feedparser's result.

    It gets a stream, since a bare bytes object would be tried as a file name; no Content-Location, which would become
    the base of ids; and a media type that makes it weigh only the charset, since it follows RFC 3023, by which
    text/xml without one is ASCII (RFC 7303 replaced that).
    """
    content_type = f"application/xml; charset={charset}" if charset else "application/xml"
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return dict(parsed)


def _one_line(error: object) -> str:
    if isinstance(error, xml.sax.SAXParseException):
        return f"line {error.getLineNumber()}: {fold(error.getMessage())[:200]}"
    return f"{type(error).__name__}: {fold(str(error))[:200]}"


def _feed(result: Mapping[str, Any], url: str, defect: str | None, now: datetime) -> Feed:
    channel = dict(result["feed"])
    link = absolute_or_none(_text(channel.get("link")), url)
    is_atom = result["version"].startswith("atom")
    context = _Context(url if is_atom else base_for_links(url, link), is_atom, now)
    entries: list[FeedEntry] = []
    rejected: list[tuple[str, str]] = []
    for raw in result["entries"]:
        candidate = _followed_link(dict(raw), context)
        try:
            entries.append(_entry(dict(raw), absolute_link(candidate, context.base), context))
        except BadLink as reason:
            rejected.append((fold(candidate or _text(raw.get("id")) or "")[:500], str(reason)))
    return Feed(
        format=result["version"],
        title=plain_text_or_none(_text(channel.get("title"))),
        link=link,
        language=fold(_text(channel.get("language")) or "")[:35] or None,
        entries=tuple(entries),
        defect=defect,
        rejected=tuple(rejected),
    )


def _text(value: object) -> str | None:
    """Elements that are not text, because they came with attributes, are dictionaries in feedparser."""
    return value if isinstance(value, str) else None


def _followed_link(entry: Mapping[str, Any], context: _Context) -> str:
    """The link as printed: FeedBurner's original, the entry's own, or a guid that is a permanent link."""
    printed = (
        _text(entry.get("feedburner_origlink"))
        or (_atom_alternate(entry) if context.is_atom else None)
        or _text(entry.get("link"))
        or ""
    )
    identifier = _text(entry.get("id")) or ""
    if printed == identifier and not is_absolute_http(printed):
        return ""
    return printed


def _atom_alternate(entry: Mapping[str, Any]) -> str | None:
    """The first alternate link, HTML before other media types: feedparser's ``link`` is the last."""
    alternates = [
        link for link in entry.get("links", ()) if link.get("rel", "alternate") == "alternate" and link.get("href")
    ]
    pages = [link for link in alternates if link.get("type", "text/html") in HTML_TYPES]
    return next((_text(link["href"]) for link in pages or alternates), None)


def _entry(entry: Mapping[str, Any], url: str, context: _Context) -> FeedEntry:
    published, updated = _dates(entry, context)
    content = _content(entry)
    return FeedEntry(
        url=url,
        entry_id=fold(_text(entry.get("id")) or "") or None,
        title=plain_text_or_none(_text(entry.get("title"))),
        published_at=published.at,
        published_raw=published.raw,
        updated_at=updated.at,
        updated_raw=updated.raw,
        summary=_summary(entry),
        content=scrub(content) if content else None,
        authors=_authors(entry, context),
        categories=_categories(entry),
    )


@dataclass(frozen=True, slots=True)
class _Date:
    at: datetime | None
    raw: str | None


def _dates(entry: Mapping[str, Any], context: _Context) -> tuple[_Date, _Date]:
    """When the entry was published and updated.

    RSS without pubDate: its only date (dc:date, which feedparser calls updated) is the publication too.
    """
    published, updated = _date(entry, "published", context.now), _date(entry, "updated", context.now)
    return (published if published.raw or context.is_atom else updated), updated


def _date(entry: Mapping[str, Any], name: str, now: datetime) -> _Date:
    raw = _text(entry.get(name))
    at = entry_time(raw, entry.get(f"{name}_parsed"), now)
    return _Date(at, fold(raw)[:MAX_RAW_CHARACTERS] or None if raw else None)


def _content(entry: Mapping[str, Any]) -> str | None:
    """The longest text among the contents, as HTML."""
    texts = [_as_html(content) for content in entry.get("content", ()) if isinstance(content, dict)]
    return max(filter(None, texts), key=len, default=None)


def _as_html(content: Mapping[str, Any]) -> str | None:
    value, kind = _text(content.get("value")), content.get("type", "text/plain")
    if not value or not value.strip() or content.get("src"):
        return None
    if kind in HTML_TYPES:
        return value
    return html.escape(value, quote=False) if kind == "text/plain" else None


def _summary(entry: Mapping[str, Any]) -> str | None:
    """The summary, unless it is the content once more, as feedparser fills it in where there is none."""
    summary = _text(entry.get("summary"))
    contents = [content.get("value") for content in entry.get("content", ()) if isinstance(content, dict)]
    return None if summary in contents else plain_text_or_none(summary)


def _authors(entry: Mapping[str, Any], context: _Context) -> tuple[str, ...]:
    """Names without addresses: ``desk@paper.example (Mara Holm)`` and ``Mara Holm <desk@paper.example>``.

    A single author is read from the element itself: feedparser's own cut fails at domains such as ``.london``.
    """
    names = [_text(author.get("name")) for author in entry.get("authors", ()) if isinstance(author, dict)]
    printed = names if len(names) > 1 or (names and context.is_atom) else [_text(entry.get("author"))]
    return _distinct([_MAIL.sub("", name).strip(" ()<>,;-") for name in printed if name])


def _categories(entry: Mapping[str, Any]) -> tuple[str, ...]:
    tags = [tag for tag in entry.get("tags", ()) if isinstance(tag, dict)]
    return _distinct([_text(tag.get("label")) or _text(tag.get("term")) for tag in tags])


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    cleaned = (plain_text_or_none(text) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))
