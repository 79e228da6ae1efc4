"""What the article browser of a report holds of an article or an outcome: plain data, bounded, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from transforms.core.reporting.links import web_link
from transforms.core.reporting.marking import Paragraph, Piece, headline, paragraphs
from transforms.core.reporting.tally import meaning

Row = Mapping[str, Any]

MOST_CHARACTERS = 20_000
"""Of one text; what is longer is cut, and says so.  Ten times a usual story."""

MOST_ANNOTATIONS = 1_000
"""Quotations, and entities, of one article."""

LONGEST_VALUE = 300
"""Characters of a value in the list of provenances, of a URL's reason, of a title."""


def article_view(row: Row) -> dict[str, Any]:
    """An article, its text cut at its annotations."""
    quotations, entities = row["quotations"][:MOST_ANNOTATIONS], row["entities"][:MOST_ANNOTATIONS]
    text = row["text"] or ""
    return {
        "id": row["article_id"],
        "url": web_link(row["canonical_url"]),
        "address": _short(row["canonical_url"]),
        "source": _short(row["source"]["name"] or row["source"]["id"]),
        "title": _short(row["headline"] or ""),
        "headline": [_piece(piece) for piece in headline(_short(row["headline"] or ""), entities)],
        "paragraphs": [_paragraph(each) for each in paragraphs(text[:MOST_CHARACTERS], quotations, entities)],
        "cut": max(len(text) - MOST_CHARACTERS, 0),
        "quotations": [_quotation(each) for each in quotations],
        "entities": [_entity(each) for each in entities],
        "facts": _facts(row),
        "provenance": [_provenance(each) for each in row["provenance"]],
        "published": _time(row["published_at"]),
        "language": row["language"],
    }


def outcome_view(row: Row) -> dict[str, Any]:
    """A URL and what became of it."""
    return {
        "url": web_link(row["url"]),
        "address": _short(row["url"]),
        "source": _short(row["source_id"] or ""),
        "outcome": row["outcome"],
        "ok": row["ok"],
        "meaning": meaning(row["outcome"]),
        "detail": _short(row["detail"] or ""),
        "stage": row["stage"],
        "status": row["status"],
        "at": _time(row["at"]),
        "article": row["article_id"],
    }


def _facts(row: Row) -> list[tuple[str, str]]:
    """What stands beside the text, with the words for it; what is not known is left out."""
    copy = row["duplicate"]
    facts = {
        "By": ", ".join(author["name"] for author in row["authors"]) or row["byline"],
        "Published": _time(row["published_at"]),
        "Seen": _time(row["first_seen_at"]),
        "Written": _time(row["ingested_at"]),
        "Version": f"{row['version']} ({row['action']})" if row["version"] > 1 else None,
        "Changed": ", ".join(row["changed_fields"]),
        "Type": row["type"],
        "Section": row["section"],
        "Language": row["language"],
        "Words": f"{row['quality']['word_count']:,}",
        "Agency": row["wire_origin"],
        "Copy": f"{copy['kind']} copy of {copy['of']}" if copy else None,
        "Flags": ", ".join(row["quality"]["flags"]),
        "Found by": row["discovery"]["kind"],
        "Article id": row["article_id"],
        "Run": row["run_id"],
    }
    return [(name, _short(value)) for name, value in facts.items() if value]


def _quotation(row: Row) -> dict[str, Any]:
    kept = ("kind", "speaker", "speaker_name", "cue", "confidence", "method")
    return {"text": _short(row["text"]), **{name: row[name] for name in kept}}


def _entity(row: Row) -> dict[str, Any]:
    return {
        "name": _short(row["name"]),
        "type": row["type"],
        "uri": row["uri"],
        "aliases": [_short(alias) for alias in row["aliases"][:20]],
        "mentions": len(row["mentions"]),
    }


def _provenance(row: Row) -> dict[str, Any]:
    return {
        "field": row["field"],
        "source": row["source"],
        "raw": _short(row["raw"] or ""),
        "alternatives": [_short(each) for each in row["alternatives"][:10]],
    }


def _paragraph(pieces: Paragraph) -> list[Any]:
    return [_piece(piece) for piece in pieces]


def _piece(piece: Piece) -> Any:
    """A bare text where nothing is marked: most of a page is, and JSON has no defaults."""
    marks = {
        "q": piece.quotation,
        "e": piece.entity,
        "s": list(piece.speaks) or None,
        "c": list(piece.cues) or None,
    }
    kept = {name: value for name, value in marks.items() if value is not None}
    return {"t": piece.text, **kept} if kept else piece.text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _time(moment: datetime | None) -> str | None:
    """As a person reads it, in UTC."""
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M}"
