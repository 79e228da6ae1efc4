"""OPML subscription lists, also the ill-formed ones that feed readers export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from lxml import etree

from transforms.core.feeds.repair import (
    first_difference_line,
    in_utf8,
    wide_codec,
    with_ampersands_escaped,
    without_bad_references,
)
from transforms.core.sources.records import RawList, RawSource, SourceError, SourceKind

ROOT_NAMES = ("opml", "outline", "body")

_PROLOG = re.compile(rb"\A[\s\xef\xbb\xbf]*(?:<\?xml\b[^>]*\?>)?", re.IGNORECASE)
_OPENING = re.compile(rb"<(?:opml|outline)\b", re.IGNORECASE)
_NAMED_CHARACTER = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31};)")
_FEED_ATTRIBUTE = re.compile(rb"\sxmlurl\s*=\s*[\"']?[^\s\"'>]", re.IGNORECASE)
_SELF_CLOSED = re.compile(rb"<outline\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)/\s*>", re.IGNORECASE)
_XML_NAMES = frozenset({b"amp;", b"lt;", b"gt;", b"quot;", b"apos;"})


def read_opml(content: str | bytes, name: str) -> RawList:
    """Outlines with ``xmlUrl`` as sources; the outlines around one, and its ``category``, are its tags.

    What lxml had to repair (a bare ``&`` is common) is one warning.  Where its repair loses sources, for instance
    behind a quotation mark inside a title, the outlines are read as browsers read HTML.
    """
    body = _prepared(content)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8")
    readable = with_ampersands_escaped(body)
    root = _parse(readable, parser)
    is_opml = root is not None and _local_name(root) in ROOT_NAMES
    if not is_opml and not _OPENING.search(body):
        return RawList(errors=(SourceError(name, 0, "not OPML: no opml element"),))
    sources = tuple(_sources(root)) if is_opml else ()
    warnings = _repairs(parser, first_difference_line(body, readable), name)
    if len(sources) < len(_FEED_ATTRIBUTE.findall(readable)):
        sources = max(sources, tuple(_sources(_parse_leniently(readable))), key=len)
    if not sources:
        return RawList(errors=(SourceError(name, 0, "OPML without any outline that has an xmlUrl"),))
    return RawList(sources, warnings=(*_undeclared(content, name), *warnings)[:1])


def _prepared(content: str | bytes) -> bytes:
    """UTF-8 without a declaration, which must not follow a blank line; lines keep their numbers."""
    if isinstance(content, str):
        body = without_bad_references(content.encode("utf-8", "replace"))
    else:
        body = content.decode("cp1252", "replace").encode() if _is_undeclared(content) else in_utf8(content)
    plain = _PROLOG.sub(lambda prolog: b"\n" * prolog[0].count(b"\n"), body, count=1)
    return plain if b"<!ENTITY" in plain else _NAMED_CHARACTER.sub(_character, plain)


def _character(reference: re.Match[bytes]) -> bytes:
    """The character of an HTML name, which XML does not know."""
    known = None if reference[1] in _XML_NAMES else html5.get(reference[1].decode("ascii"))
    return known.encode() if known and known not in "<>&\"'" else reference[0]


def _is_undeclared(content: bytes) -> bool:
    """Whether bytes are neither UTF-8 nor say what they are: then they come of an old program under Windows."""
    if b"encoding" in content[:200] or wide_codec(content):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _undeclared(content: str | bytes, name: str) -> tuple[SourceError, ...]:
    if isinstance(content, str) or not _is_undeclared(content):
        return ()
    return (SourceError(name, 0, "neither UTF-8 nor any encoding declared: read as windows-1252"),)


def _parse(body: bytes, parser: Any) -> Any:
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError:  # nothing but white space
        return None


def _parse_leniently(body: bytes) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, huge_tree=False)
    closed = _SELF_CLOSED.sub(rb"<outline\1></outline>", body)  # HTML knows no self-closed elements
    return etree.fromstring(b"<html><body>" + closed + b"</body></html>", parser)


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
