"""Sitemaps, news sitemaps and sitemap indexes (sitemaps.org, Google's news schema), read as they are parsed.

Elements are known by their local names: publishers print every variant of the namespaces, and none.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.dates import MAX_RAW_CHARACTERS, entry_time
from transforms.core.feeds.links import BadLink, absolute_link
from transforms.core.feeds.repair import first_difference_line, in_utf8, with_ampersands_escaped, without_broken_tail
from transforms.core.feeds.text import fold, plain_text_or_none

MAX_BODY_BYTES = 50 * 1024 * 1024
MAX_ENTRIES = 50_000
"""Both are the protocol's own limits for one file (sitemaps.org/protocol.html)."""

HEAD_BYTES = 2048
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page that a sitemap lists; times in UTC, ``*_raw`` as printed.

    ``title``, ``published_at``, ``language``, ``publication`` (the outlet's name) and ``keywords`` come from a news
    sitemap, and are absent in others.
    """

    url: str
    lastmod_at: datetime | None = None
    lastmod_raw: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    language: str | None = None
    publication: str | None = None
    keywords: tuple[str, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether the entry carries anything of the news schema."""
        return bool(self.title or self.published_raw or self.publication)


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, in its order, each URL once.

    ``defect`` says in one line what was ill-formed or left out; ``rejected`` holds (raw link, reason).
    """

    entries: tuple[SitemapEntry, ...]
    defect: str | None = None
    rejected: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    """The sitemaps that an index lists: entries with ``url`` and ``lastmod_at`` only."""

    entries: tuple[SitemapEntry, ...]
    defect: str | None = None
    rejected: tuple[tuple[str, str], ...] = ()


def parse_sitemap(body: bytes, *, url: str, now: datetime) -> Sitemap | SitemapIndex | Problem:
    """Read the sitemap that came from ``url`` as ``body``; ``now`` bounds dates, as in feeds.

    ``body`` may be a gzip file, as the protocol allows; no Content-Encoding speaks of that packing.  A ``Problem`` is
    ``not_a_feed`` (empty, a page, a feed, plain text), ``malformed`` (a sitemap of which nothing can be read) or
    ``too_large``.
    """
    body = _unpacked(body)
    if len(body) > MAX_BODY_BYTES:
        return Problem(OutcomeKind.TOO_LARGE, f"more than {MAX_BODY_BYTES} bytes")
    root = root_name(body)
    if root not in _KINDS:
        return Problem(OutcomeKind.NOT_A_FEED, f"not a sitemap: begins with {root!r}" if root else "not a sitemap")
    kind, tag = _KINDS[root]
    complete = without_broken_tail(in_utf8(body).lstrip(), root=root, elements=(tag,))
    readable = with_ampersands_escaped(complete)
    parse = _tolerant_parse(readable, tag)
    entries, rejected = _entries(parse, url, now)
    defect = _defect(parse, first_difference_line(complete, readable))
    if not entries and not rejected and defect:
        return Problem(OutcomeKind.MALFORMED, f"nothing could be read: {defect}")
    return kind(tuple(entries[:MAX_ENTRIES]), _with_note(defect, len(entries)), tuple(rejected))


def is_sitemap(body: bytes) -> bool:
    """Whether ``body``, which may be a gzip file, begins as a sitemap or a sitemap index does."""
    if body.startswith(GZIP):
        try:
            body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body[:HEAD_BYTES], HEAD_BYTES)
        except zlib.error:
            return False
    return root_name(body) in _KINDS


_KINDS: dict[str, tuple[type[Sitemap] | type[SitemapIndex], str]] = {
    "urlset": (Sitemap, "url"),
    "sitemapindex": (SitemapIndex, "sitemap"),
}


def _unpacked(body: bytes) -> bytes:
    """At most one byte more than the cap; of a gzip file that breaks off what is there, of a damaged one nothing."""
    unpacked = bytearray()
    rest = body
    while rest.startswith(GZIP) and len(unpacked) <= MAX_BODY_BYTES:
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked += member.decompress(rest, MAX_BODY_BYTES + 1 - len(unpacked))
        except zlib.error:
            break
        rest = member.unused_data
    return bytes(unpacked) if body.startswith(GZIP) else body


def root_name(body: bytes) -> str:
    """Local name of the first element in lower case; '' where none begins in the first bytes."""
    head = re.sub(rb"<!--.*?-->", b"", body[:HEAD_BYTES].replace(b"\0", b""), flags=re.DOTALL)
    first = re.search(rb"<([A-Za-z][^\s>/]{0,50})", head)
    return first[1].decode("ascii", "replace").rpartition(":")[2].lower() if first else ""


def _tolerant_parse(body: bytes, tag: str) -> Any:
    """lxml's iterator over the elements called ``tag``; it repairs, expands no entity and never fetches."""
    return etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        tag=(tag, f"{{*}}{tag}"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        encoding="utf-8",
    )


def _elements(parse: Any) -> Iterator[Any]:
    """Each element once it is complete, freed behind us; ends quietly where the document breaks off."""
    try:
        for _, element in parse:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:  # beyond repair from here: the error stands in the log
        return


def _entries(parse: Any, url: str, now: datetime) -> tuple[list[SitemapEntry], list[tuple[str, str]]]:
    entries: dict[str, SitemapEntry] = {}
    rejected: list[tuple[str, str]] = []
    for element in _elements(parse):
        fields = _fields(element)
        try:
            entry = _entry(fields, absolute_link(fields.get("loc", ""), url), now)
        except BadLink as reason:
            rejected.append((fold(fields.get("loc", ""))[:500], str(reason)))
        else:
            entries.setdefault(entry.url, entry)
    return list(entries.values()), rejected


def _fields(element: Any) -> dict[str, str]:
    """The texts that count, by path of local names: ``loc``, ``news/title``, ``news/publication/name`` …"""
    fields: dict[str, str] = {}
    for descendant in element.iterdescendants():
        if isinstance(descendant.tag, str) and descendant.text:
            fields.setdefault(_path(descendant, element), descendant.text)
    return fields


def _path(descendant: Any, ancestor: Any) -> str:
    names: list[str] = []
    while descendant is not ancestor:
        names.append(_local_name(descendant.tag))
        descendant = descendant.getparent()
    return "/".join(reversed(names))


def _local_name(tag: str) -> str:
    """``{namespace}name`` and, where the prefix was never declared, ``news:name``."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _entry(fields: Mapping[str, str], url: str, now: datetime) -> SitemapEntry:
    lastmod, published = fields.get("lastmod"), fields.get("news/publication_date")
    keywords = (plain_text_or_none(keyword) for keyword in fields.get("news/keywords", "").split(","))
    return SitemapEntry(
        url=url,
        lastmod_at=entry_time(lastmod, None, now),
        lastmod_raw=_raw_date(lastmod),
        title=plain_text_or_none(fields.get("news/title")),
        published_at=entry_time(published, None, now),
        published_raw=_raw_date(published),
        language=fold(fields.get("news/publication/language", ""))[:35] or None,
        publication=plain_text_or_none(fields.get("news/publication/name")),
        keywords=tuple(dict.fromkeys(keyword for keyword in keywords if keyword)),
    )


def _raw_date(raw: str | None) -> str | None:
    return fold(raw)[:MAX_RAW_CHARACTERS] or None if raw else None


def _defect(parse: Any, ampersand_line: int) -> str | None:
    if ampersand_line:
        return f"line {ampersand_line}: bare &"
    first = next(iter(parse.error_log), None)
    return f"line {first.line}: {fold(first.message)[:200]}" if first else None


def _with_note(defect: str | None, found: int) -> str | None:
    if found <= MAX_ENTRIES:
        return defect
    note = f"{found - MAX_ENTRIES} of {found} entries dropped, the last"
    return f"{defect}; {note}" if defect else note
