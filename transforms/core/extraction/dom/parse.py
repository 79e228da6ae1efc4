"""Text of a page to a tree."""

from __future__ import annotations

from copy import copy
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

PARSER_FAILURES = (etree.LxmlError, ValueError)
"""What lxml raises for markup that it cannot make a tree of (an empty page is a ParserError)."""


def document_of(element: Any) -> Any:
    """A page that holds nothing but a copy of this element; the element's own tree is left as it was."""
    page = document_fromstring("<html><body></body></html>")
    inner = copy(element)
    inner.tail = None
    page.find("body").append(inner)
    return page


def parse(html: str) -> Any:  # lxml ships no types: a tree is opaque outside this package
    """The tree of a page's markup.  Raises one of PARSER_FAILURES where there is nothing to parse.

    The parser is told UTF-8 so that it never sniffs; libxml2 stops at 255 levels, which bounds recursion.
    """
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    return document_fromstring(html.encode("utf-8", "replace"), parser=parser)
