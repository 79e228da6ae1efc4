"""Bodies that are no web page at all, by their header, their first bytes and their first tags."""

from __future__ import annotations

import re

from schemas.outcome import OutcomeKind, Problem

MAX_BYTES = 12 * 1024 * 1024
"""Bytes of a page that are decoded at all; the largest of the development pages has 2.2 MB."""

_HTML_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "application/xml",
    "text/xml",
    "text/plain",
    "application/octet-stream",
)
_MAGIC = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"), (b"RIFF", "RIFF"), (b"OggS", "Ogg"), (b"ID3", "MP3"), (b"\x00\x00\x00", "binary"),
)  # fmt: skip
_FEED = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.DOTALL
)
_TAG = re.compile(
    r"<(?:!doctype|html|head|body|article|div|p|h1|meta|title|section|main|table|span|br)\b", re.IGNORECASE
)
_JSON = re.compile(r"^\s*[\[{]")


def not_a_page(payload: bytes, content_type: str | None) -> Problem | None:
    """Why bytes are no web page, by their header and their first bytes, or None."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and kind not in _HTML_TYPES and "html" not in kind:
        return Problem(OutcomeKind.NOT_HTML, f"content type {kind[:80]}")
    if len(payload) > MAX_BYTES:
        return Problem(OutcomeKind.TOO_LARGE, f"{len(payload)} bytes, {MAX_BYTES} are read")
    magic = next((name for start, name in _MAGIC if payload.startswith(start)), None)
    if magic is not None:
        return Problem(OutcomeKind.NOT_HTML, f"the bytes are {magic}")
    return None


def not_markup(text: str) -> Problem | None:
    """Why a decoded body is no HTML, or None."""
    if not text.strip():
        return Problem(OutcomeKind.NO_TEXT, "the page is empty")
    head = text[:20_000]
    if _FEED.match(head):
        return Problem(OutcomeKind.NOT_HTML, "a feed or sitemap")
    if not _TAG.search(head):
        return Problem(OutcomeKind.NOT_HTML, "JSON" if _JSON.match(head) else "text without HTML tags")
    return None
