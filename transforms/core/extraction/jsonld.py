"""JSON-LD of a page: read in whatever shape it comes, repaired where the repair is certain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

MAX_CHARS = 3_000_000
"""Characters of JSON-LD that are read from one page; a live blog of a day has about one million."""

MAX_NODES = 20_000
"""Objects that are looked at in one page."""

JSON_FAILURES = (json.JSONDecodeError, RecursionError)
"""What the decoder raises for text that is no JSON, or nests too deep."""

_WRAPPING = re.compile(r"^\s*(?://)?\s*(?:<!\[CDATA\[|<!--)|(?://)?\s*(?:\]\]>|-->)\s*;?\s*$")
_STRING = r'"(?:[^"\\]|\\.)*"'
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_LISTED = frozenset({
    "itemlistelement", "haspart", "mentions", "isrelatedto", "citation", "relatedlink", "comment", "review",
    "reviews", "significantlink", "isbasedon", "breadcrumb", "liveblogupdate", "video", "associatedmedia",
    "subjectof", "publisher", "author", "image", "logo", "about",
})  # fmt: skip
"""Properties under which articles other than the page's own are listed."""

_SALVAGED = ("headline", "datePublished", "dateModified", "description", "articleSection")


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the page's JSON-LD; ``is_listed`` says that it hangs under another one as a part or a relation."""

    node: dict[str, Any]
    types: tuple[str, ...]
    is_listed: bool


def read(blocks: Sequence[str]) -> tuple[tuple[Found, ...], bool]:
    """Every typed object in a page's JSON-LD, in page order, and whether all of it was sound."""
    found: list[Found] = []
    is_sound = True
    left = MAX_CHARS
    for block in blocks:
        if len(block) > left:
            return tuple(found), False
        left -= len(block)
        values, was_sound = _values(block)
        is_sound = is_sound and was_sound
        for value in values:
            found.extend(_walk(value))
    return tuple(found[:MAX_NODES]), is_sound


def by_id(found: Sequence[Found]) -> dict[str, dict[str, Any]]:
    """The objects that carry an ``@id``, the fullest of each."""
    index: dict[str, dict[str, Any]] = {}
    for one in found:
        key = one.node.get("@id")
        if isinstance(key, str) and len(one.node) > len(index.get(key, ())):
            index[key] = one.node
    return index


def strings(value: Any) -> list[str]:
    """The strings in a value that may be one, several, or an object with a name."""
    if isinstance(value, str):
        text = plain(value)
        return [text] if text else []
    if isinstance(value, list):
        return [text for one in value[:200] for text in strings(one)]
    if isinstance(value, dict):
        return strings(value.get("@value") or value.get("name") or value.get("url"))
    return [str(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def plain(text: str) -> str:
    """A value without entities and surrounding space; some publishers escape twice."""
    return unescape(unescape(text)).replace("\x00", "").strip() if "&" in text else text.strip()


def _values(block: str) -> tuple[list[Any], bool]:
    text = _WRAPPING.sub("", _WRAPPING.sub("", block)).strip().rstrip(";").strip()
    if not text:
        return [], True
    for attempt, is_sound in ((text, True), (_repaired(text), False)):
        try:
            return [json.loads(attempt, strict=False)], is_sound
        except JSON_FAILURES:
            continue
    return _several(text) or _salvaged(text), False


def _repaired(text: str) -> str:
    """Drop commas before a closing bracket and backslashes that escape nothing; neither can change a sound value."""
    return _TRAILING_COMMA.sub(lambda match: match.group(1) or "", _BAD_ESCAPE.sub("", text))


def _several(text: str) -> list[Any]:
    """Objects that stand one after the other without a list round them."""
    decoder, position = json.JSONDecoder(strict=False), 0
    values: list[Any] = []
    while (start := text.find("{", position)) >= 0 and len(values) < 50:
        try:
            value, position = decoder.raw_decode(text, start)
        except JSON_FAILURES:
            return values
        values.append(value)
    return values


def _salvaged(text: str) -> list[Any]:
    """The plain values of a broken article object, one by one; nothing where a value's end is in doubt."""
    if '"headline"' not in text:
        return []
    node: dict[str, Any] = {"@type": "Article"}
    for key in _SALVAGED:
        match = re.search(rf'"{key}"\s*:\s*({_STRING})\s*[,}}\n]', text[:50_000])
        if match:
            node[key] = _decoded(match.group(1))
    author = re.search(rf'"author"\s*:\s*[\[{{][^}}]*?"name"\s*:\s*({_STRING})', text[:50_000])
    if author:
        node["author"] = {"@type": "Person", "name": _decoded(author.group(1))}
    return [node]


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except JSON_FAILURES:
        return literal.strip('"')


def _walk(value: Any) -> Iterator[Found]:
    stack: list[tuple[Any, bool]] = [(value, False)]
    seen = 0
    while stack and seen < MAX_NODES:
        one, is_listed = stack.pop()
        seen += 1
        if isinstance(one, list):
            stack.extend((item, is_listed) for item in reversed(one))
        elif isinstance(one, dict):
            if types := _types(one):
                yield Found(one, types, is_listed)
            inner = [(v, is_listed or k.lower() in _LISTED) for k, v in one.items() if isinstance(v, dict | list)]
            stack.extend(reversed(inner))


def _types(node: dict[str, Any]) -> tuple[str, ...]:
    raw = node.get("@type", node.get("type"))
    values = raw if isinstance(raw, list) else [raw]
    return tuple(str(value).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for value in values if isinstance(value, str))
