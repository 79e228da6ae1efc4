"""Lines of JSON to documents, rows of Avro to articles."""

from __future__ import annotations

import json
from typing import Any

from schemas.article import Article
from schemas.codec import InvalidRecord, encode, from_row
from schemas.hops import Document
from schemas.outcome import OutcomeKind, Problem
from transforms.core.urls import ANY_PORT, check_url

BOM = b"\xef\xbb\xbf"

OPTIONAL = ("headline", "language")


def document_of_line(line: bytes) -> Document | Problem:
    """The document that one line holds: an object with ``url`` and ``text``, perhaps ``headline`` and ``language``.

    The text is taken as it is, to the last code point.
    """
    try:
        found = json.loads(line.removeprefix(BOM).decode("utf-8"))
    except (ValueError, RecursionError) as error:  # RecursionError: 100,000 opening brackets
        return _malformed(f"not a line of JSON: {error}")
    if not isinstance(found, dict):
        return _malformed("not a JSON object")
    if missing := [key for key in ("url", "text") if not _is_text(found.get(key))]:
        return _malformed(f"{' and '.join(missing)} must be there, as text that is not empty")
    if wrong := [key for key in OPTIONAL if not isinstance(found.get(key), str | None)]:
        return _malformed(f"{' and '.join(wrong)} must be text or null")
    if problem := check_url(found["url"], ANY_PORT):
        return problem
    headline, language = (found.get(key) or None for key in OPTIONAL)
    return Document(found["url"], found["text"], headline, language)


def article_of_row(row: dict[str, Any]) -> Article | Problem:
    """The article of a row that any program may have written, under any schema.

    Raises TypeError or KeyError where the row has fields that articles have not, or lacks some that they need.
    """
    article = from_row(Article, row)
    try:
        encode(article)
    except InvalidRecord as error:
        return Problem(OutcomeKind.INVALID_RECORD, str(error), error_type="InvalidRecord")
    asked = (article.fetch.requested_url,) if article.fetch else ()
    return next(
        filter(None, (check_url(url, ANY_PORT) for url in (article.url, article.canonical_url, *asked))), article
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _malformed(detail: str) -> Problem:
    return Problem(OutcomeKind.MALFORMED, detail)
