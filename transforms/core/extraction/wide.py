"""The body of a page as trafilatura sees it: the one module that knows that library."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from lxml.etree import LxmlError
from lxml.html import document_fromstring
from trafilatura import bare_extraction

FAILURES = (AttributeError, IndexError, KeyError, LxmlError, MemoryError, RecursionError, TypeError, ValueError)
"""What trafilatura 2.3 was seen or reported to raise for odd pages; anything else is a bug to be seen."""

MAX_ELEMENTS = 12_000
MAX_CHILDREN = 2_000
"""Development pages have up to 2,700 elements; 24,000 links in one paragraph cost trafilatura 76 s."""

VERSION = version("trafilatura")


@dataclass(frozen=True, slots=True)
class Reading:
    """Text that trafilatura took for the body, a line a paragraph; ``failure`` is (type, traceback) where it broke."""

    text: str
    failure: tuple[str, str] | None = None


def read_body(tree: Any, *, thorough: bool) -> Reading:
    """trafilatura's body of a parsed page; the tree is left as it was.

    ``thorough`` runs its whole cascade, at about 1.5 times the cost of its fast mode.  Reader comments are left out.
    Its deduplication is off: that keeps a cache across pages, and removes text that it has met before.
    """
    if is_odd(tree):
        return Reading("")
    try:
        document = bare_extraction(tree, fast=not thorough, include_comments=False, deduplicate=False)
    except FAILURES as error:
        return Reading("", (type(error).__name__, traceback.format_exc()))
    return Reading(getattr(document, "text", None) or "")


def is_odd(tree: Any) -> bool:
    """Whether a tree is one that no news page has and on which trafilatura's work grows with the square of its size."""
    return any(number > MAX_ELEMENTS or len(element) > MAX_CHILDREN for number, element in enumerate(tree.iter()))


def warm() -> None:
    """Load jusText's stop lists and compile the patterns, about a second."""
    page = f"<html><body><article>{'<p>Some words that make a paragraph of a story.</p>' * 3}</article></body></html>"
    read_body(document_fromstring(page), thorough=True)
