"""Ids from content: the same article, version and text have the same id on every run and every machine.

Each digest starts with a version word, so that a later rule gives other ids and never silently the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

ID_DIGITS = 32
"""Hexadecimal digits of an id: 128 bits, where a collision in 10^12 articles has odds below 10^-14."""


def article_id(canonical_url: str) -> str:
    """The id of the article at ``canonical_url``, which must be normalised."""
    return _digest("article-1", canonical_url)


def version_id(article: str, content: str, previous: str | None = None) -> str:
    """The id of one version: of an `article_id`, a `content_hash` and, from the second on, the version before."""
    return _digest("version-1", article, content, *([previous] if previous else []))


def content_hash(headline: str | None, text: str | None) -> str:
    """Digest of headline and text; case, white space and Unicode form make no difference."""
    return _digest("content-1", _folded(headline), _folded(text))


def shard_of(group: str, shards: int) -> int:
    """In which of ``shards`` files a record of ``group`` lies, 0 to shards - 1."""
    return int.from_bytes(hashlib.sha256(_utf8(group)).digest()[:8], "big") % shards


def payload_sha256(payload: bytes) -> str:
    """SHA-256 of ``payload`` in hexadecimal digits."""
    return hashlib.sha256(payload).hexdigest()


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text or "")).strip().casefold()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:ID_DIGITS]


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
