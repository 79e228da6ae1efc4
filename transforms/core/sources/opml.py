"""OPML subscription lists, also the ill-formed ones that feed readers export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from transforms.core.feeds.repair import (
    first_difference_line,
    in_utf8,
    with_ampersands_escaped,
    without_bad_references,
)
from transforms.core.sources.records import RawList, RawSource, SourceError, SourceKind

ROOT_NAMES = ("opml", "outline", "body")


def read_opml(content: str | bytes, name: str) -> RawList:
    """Outlines with ``xmlUrl`` as sources; the outlines around one, and its ``category``, are its tags.

    What lxml had to repair (a bare ``&`` is common) is one warning.
    """
    body = (
        in_utf8(content) if isinstance(content, bytes) else without_bad_references(content.encode("utf-8", "replace"))
    )
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8")
    readable = with_ampersands_escaped(body)
    root = _parse(readable, parser)
    if root is None or _local_name(root) not in ROOT_NAMES:
        return RawList(errors=(SourceError(name, 0, "not OPML: no opml element"),))
    sources = tuple(_sources(root))
    if not sources:
        return RawList(errors=(SourceError(name, 0, "OPML without any outline that has an xmlUrl"),))
    return RawList(sources, warnings=_repairs(parser, first_difference_line(body, readable), name))


def _parse(body: bytes, parser: Any) -> Any:
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:  # nothing but white space
        return None


def _repairs(parser: Any, ampersand_line: int, name: str) -> tuple[SourceError, ...]:
    """The first repair only: those that follow mostly come of it."""
    first = next(iter(parser.error_log), None)
    if ampersand_line:
        return (SourceError(name, ampersand_line, "ill-formed OPML, repaired: bare &"),)
    return (SourceError(name, first.line, f"ill-formed OPML, repaired: {first.message.strip()}"),) if first else ()


def _local_name(element: Any) -> str:
    # QName refuses the names that lxml's own recovery lets through, such as ":utline".
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _sources(root: Any) -> Iterator[RawSource]:
    """Depth first, without recursion: nesting is the stranger's choice."""
    pending: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    while pending:
        element, around = pending.pop()
        inside = around
        if _local_name(element) == "outline":
            attributes = {key.lower(): value.strip() for key, value in element.attrib.items()}
            if attributes.get("xmlurl"):
                yield _source(element.sourceline or 0, attributes, around)
            elif label := attributes.get("text") or attributes.get("title"):
                inside = (*around, label)
        pending.extend((child, inside) for child in reversed(element))


def _source(line: int, attributes: dict[str, str], around: tuple[str, ...]) -> RawSource:
    """``category`` may hold paths: ``/News/Local,/Sport`` gives the tags News, Local and Sport.

    Of the types only ``sitemap`` counts: every program has its own for feeds.
    """
    categories = attributes.get("category", "").replace("/", ",").split(",")
    values = {
        "url": attributes["xmlurl"],
        "name": attributes.get("title") or attributes.get("text"),
        "language": _language(attributes.get("language", "")),
        "tags": (*around, *categories),
        "notes": attributes.get("description"),
        "kind": attributes["type"].lower() if attributes.get("type", "").lower() == SourceKind.SITEMAP else None,
    }
    return RawSource(line, tuple(values.items()))


def _language(printed: str) -> str | None:
    """Programs print ``unknown``, which is no tag."""
    return None if printed.lower() == "unknown" else printed
