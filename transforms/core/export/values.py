"""What both formats need: times, links, and objects without empty members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from schemas.article import Article, Quotation

DELETE = "DELETE"
"""The action of a version that says that the article is gone."""


def moment(value: datetime | None) -> str | None:
    """A time as RFC 3339 has it, in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def filled(members: Mapping[str, Any]) -> dict[str, Any]:
    """``members`` without those that are None, empty text or empty lists: both formats leave out what is unknown."""
    return {key: value for key, value in members.items() if value is not None and value not in ("", [])}


def link(text: str | None) -> str | None:
    """``text`` where it is an absolute http(s) URL, else None."""
    if not text or any(sign.isspace() for sign in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def distinct(values: Iterable[str]) -> list[str]:
    """Each value once, in the order of its first appearance."""
    return list(dict.fromkeys(value for value in values if value))


def speakers(article: Article) -> frozenset[str]:
    """Ids of the entities that are quoted."""
    return frozenset(quote.speaker_entity_id for quote in article.quotations if quote.speaker_entity_id)


def speaker_of(quote: Quotation) -> str | None:
    """The fullest name of the one who is quoted; None where nobody is named."""
    return quote.speaker_name or quote.speaker
