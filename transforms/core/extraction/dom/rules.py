"""XPaths that a person wrote for one site, applied to a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import document_fromstring

from transforms.core.extraction.dom.walk import tidy

MAX_CUT = 200
"""Elements that one page's rules may take out."""

MAX_TEXT = 1000

_FAILURES = (etree.XPathError, ValueError, TypeError)


def check(expression: str) -> None:
    """Raises ValueError with the reason where an XPath cannot be used: bad syntax, or one that finds no elements."""
    try:
        found = _compiled(expression)(document_fromstring("<html><body><p>a</p></body></html>"))
    except _FAILURES as error:
        raise ValueError(f"no XPath: {error}") from error
    if not isinstance(found, list):
        raise ValueError("an XPath that finds no elements but a single value")


def cut_by(tree: Any, expressions: Sequence[str]) -> list[str]:
    """Take the elements that these XPaths find out of a tree; what they said, in page order."""
    texts = []
    for element in list(_found(tree, expressions))[:MAX_CUT]:
        parent = element.getparent()
        if parent is None or element.tag in ("html", "body"):
            continue
        texts.append(tidy(element.text_content())[:MAX_TEXT])
        _drop(element, parent)
    return [text for text in texts if text]


def taken_by(tree: Any, expressions: Sequence[str]) -> frozenset[Any]:
    """The elements that these XPaths find."""
    return frozenset(_found(tree, expressions))


def _found(tree: Any, expressions: Sequence[str]) -> Iterator[Any]:
    for expression in expressions:
        for element in _compiled(expression)(tree):
            if isinstance(getattr(element, "tag", None), str):
                yield element


def _drop(element: Any, parent: Any) -> None:
    """Remove an element; the text behind it stays."""
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Any:
    return etree.XPath(expression)
