"""The date of a page that states none, searched for in its text: the one module that knows htmldate."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from htmldate import find_date
from lxml.etree import LxmlError
from lxml.html import document_fromstring

FAILURES = (AttributeError, IndexError, KeyError, LxmlError, OverflowError, RecursionError, TypeError, ValueError)
"""What htmldate 1.11 and dateparser were seen or reported to raise for odd dates."""

MAX_TAGS = 12_000
"""Tags above which the search is not worth its time: it copies the tree and looks at every text."""

GUESSED = "-01-01"
"""What htmldate answers where it found a bare year, which is often one that the story speaks of."""

EARLIEST = "1990-01-01"


def search_date(tree: Any, url: str, now: datetime) -> str | None:
    """The day of publication as YYYY-MM-DD, by printed dates, or None; not later than 48 hours after ``now``."""
    if sum(1 for _ in tree.iter()) > MAX_TAGS:
        return None
    latest = (now + timedelta(hours=48)).strftime("%Y-%m-%d")
    try:
        found = find_date(tree, extensive_search=True, original_date=True, url=url, min_date=EARLIEST, max_date=latest)
    except FAILURES:
        return None
    return str(found) if found and not str(found).endswith(GUESSED) else None


def warm() -> None:
    """Load the free-text search, about two seconds."""
    page = "<html><body><p>Published on the third of May, or 3 mai 2024</p></body></html>"
    find_date(document_fromstring(page), extensive_search=True, original_date=True, max_date="2026-01-01")
