"""A story that a page carries only as data in a script, for its own code to draw."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from transforms.core.extraction.dom.parse import PARSER_FAILURES, parse
from transforms.core.extraction.dom.walk import tidy, walk
from transforms.core.extraction.jsonld import JSON_FAILURES
from transforms.core.extraction.prose import closes_sentence, is_prose

MIN_CHARS = 300
"""A script shorter than this holds no story."""

MAX_CHARS = 4_000_000
"""Characters of scripts that are looked through in one page."""

MAX_VALUES = 50_000
MIN_SCORE = 150
"""Characters in closed sentences that make a group of strings a story."""

_START = re.compile(r"^\s*(?:[{\[])|(?:=|\()\s*(?=[{\[])|JSON\.parse\(\s*(?=\")|\.push\(\s*(?=\[)")
_TAG = re.compile(r"<(?:p|div|br|h[2-6]|ul|li|blockquote|a|strong|em|span)\b[^>]*>", re.IGNORECASE)


def script_body(scripts: Sequence[str]) -> str:
    """The story in a page's scripts, a line a paragraph; empty where none holds one.

    Frameworks keep a page's content as JSON.  The strings in it are grouped by where they stand (list positions left
    out); the group with the most prose is the story.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    left = MAX_CHARS
    for script in scripts:
        if MIN_CHARS <= len(script) <= left:
            left -= len(script)
            for value in _values(script):
                _gather(value, groups)
    best = max((_lines(texts) for texts in groups.values()), key=_prose, default=[])
    return "\n".join(best) if _prose(best) >= MIN_SCORE else ""


def _values(script: str) -> Iterator[Any]:
    """Every JSON value that a script assigns, passes on or is."""
    decoder, position = json.JSONDecoder(strict=False), 0
    for _ in range(20):
        match = _START.search(script, position)
        if match is None:
            return
        start = match.end() - (1 if match.group(0).rstrip().endswith(("{", "[")) else 0)
        try:
            value, position = decoder.raw_decode(script, start)
        except JSON_FAILURES:
            position = match.end()
            continue
        yield value


def _gather(value: Any, groups: dict[str, list[str]]) -> None:
    stack: list[tuple[str, Any]] = [("", value)]
    seen = 0
    while stack and seen < MAX_VALUES:
        path, one = stack.pop()
        seen += 1
        if isinstance(one, dict):
            stack.extend((f"{path}.{key}", inner) for key, inner in reversed(one.items()))
        elif isinstance(one, list):
            stack.extend((path, inner) for inner in reversed(one))
        elif isinstance(one, str) and is_prose(one):
            groups[path].append(one)
            _unpack(one, path, stack)


def _unpack(text: str, path: str, stack: list[tuple[str, Any]]) -> None:
    """JSON inside a string of JSON, as some frameworks send it."""
    if text[:1] in "{[" and path.count("#") < 2:
        try:
            stack.append((f"{path}#", json.loads(text, strict=False)))
        except JSON_FAILURES:
            return


def _lines(texts: Sequence[str]) -> list[str]:
    lines = [line for text in texts for line in (_paragraphs(text) if _TAG.search(text) else [tidy(text)])]
    return list(dict.fromkeys(line for line in lines if line))


def _paragraphs(html: str) -> list[str]:
    try:
        outline = walk(parse(f"<html><body><div>{html}</div></body></html>")).outline
    except PARSER_FAILURES:
        return []
    return [block.text for block in outline.blocks]


def _prose(lines: Sequence[str]) -> int:
    return sum(len(line) for line in lines if is_prose(line) and closes_sentence(line))
