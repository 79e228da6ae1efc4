"""The lines near a story that say who wrote it, as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transforms.core.extraction.labels import Label
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.people import is_agency, is_signature, looks_like_person, name_key, names_in
from transforms.core.extraction.prose import letters
from transforms.core.extraction.reasons import Body, Reason

MAX_CHARS = 200
MAX_DATE = 120
REACH = 25
"""Blocks before the first paragraph among which a byline stands."""

NEAR = 3
"""Levels up from a block at which a name still speaks of it."""

_PROFILE = re.compile(
    r"/(?:authors?|autor(?:es|en|in|i)?|auteurs?|autore|people|person|staff|team|profiles?|profil|journalists?|reporters?"
    r"|redaktion|columnists?|contributors?|skribent|forfatter|redakce|by|writers?|meet-the-team|firmas?|kolumnist)[/_-]",
    re.IGNORECASE,
)
"""Addresses of pages about people, as publishers build them."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")

_DATE_TAIL = re.compile(
    r"\s*[|·•,–-]?\s*(?:\d{1,2}[. /]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d).*$", re.IGNORECASE
)
"""A date that is printed on the line of the byline."""

_OPENING = re.compile(
    r"^\W*(?:by|von|par|por|av|af|door|di|автор|text:|texte:|texto:|written by|words by|autor[a]?|skrevet av|przez"
    r"|oleh)\b[\s:]+\S",
    re.IGNORECASE,
)


def printed_bylines(outline: Outline, body: Body, headline: str) -> tuple[str, ...]:
    """Lines that may name the authors, the likeliest first: opened by "By", then called a byline, then signatures."""
    near = list(_near(outline, body, headline))
    opened = [block for block in near if _OPENING.match(block.text)]
    linked = [_linked_names(block) for block in near]
    called = [block for block in near if _is_called(outline, block)]
    lines = [*map(_names_of, opened), *linked, *map(_names_of, (*called, *_signatures(body)))]
    return tuple(dict.fromkeys(line for line in lines if line))


def _signatures(body: Body) -> list[Block]:
    """Lines of nothing but names right before, or after, the story."""
    if not body.blocks:
        return []
    first, last = body.blocks[0].index, body.blocks[-1].index
    named = [b for b, reason in body.rejected if reason is Reason.BYLINE and is_signature(b.text)]
    return [block for block in named if block.index <= first + 3 or block.index >= last]


def _linked_names(block: Block) -> str:
    """Names that link to a person's page; the whole line where it names others beside them."""
    linked = [a.text for a in block.anchors if _PROFILE.search(a.href) and looks_like_person(a.text)]
    named = names_in(block.text) if linked and len(block.text) <= MAX_CHARS else []
    others = [name for name in named if name not in linked]
    if others and set(linked) < set(named) and all(is_agency(o) or looks_like_person(o) for o in others):
        return block.text
    return "; ".join(linked)


def byline_of(outline: Outline, body: Body, headline: str, authors: Sequence[str]) -> str | None:
    """The shortest printed line near the story that names one of its authors."""
    keys = [name_key(name) for name in authors]
    blocks = [*_near(outline, body, headline), *(block for block, reason in body.rejected if reason is Reason.BYLINE)]
    lines = [b.text for b in blocks if len(b.text) <= MAX_CHARS and any(key in name_key(b.text) for key in keys if key)]
    return _DATE_TAIL.sub("", min(lines, key=len)) if lines else None


def date_lines(outline: Outline, body: Body, headline: str) -> tuple[str, ...]:
    """Short lines near the headline that hold a year: those under it first, among them those that are called a date.

    Above it stands today's date in many a page's head.
    """
    near = [
        block for block in _near(outline, body, headline) if _YEAR.search(block.text) and len(block.text) < MAX_DATE
    ]
    title = max((b.index for b in outline.blocks if b.tag in ("h1", "h2") and b.prints(letters(headline))), default=-1)
    ranked = sorted(near, key=lambda block: (block.index < title, not _is_called(outline, block, Label.TIME)))
    return tuple(block.text for block in ranked)


def _near(outline: Outline, body: Body, headline: str) -> Iterator[Block]:
    if not body.blocks:
        return
    first = min(block.index for block in body.blocks)
    key = letters(headline)
    for block in outline.blocks[max(0, first - REACH) : first + 3]:
        if len(block.text) <= MAX_CHARS and letters(block.text) != key:
            yield block


def _is_called(outline: Outline, block: Block, label: Label = Label.BYLINE) -> bool:
    near = [outline.nodes[node].labels for node, _ in zip(outline.lineage(block.node), range(NEAR), strict=False)]
    return any(label in labels for labels in near) and bool(block.text.strip())


def _names_of(block: Block) -> str:
    """Names that are links, where the line has some; else the line."""
    linked = [anchor.text for anchor in block.anchors if looks_like_person(anchor.text)]
    return "; ".join(linked) or (block.text if _OPENING.match(block.text) or is_signature(block.text) else "")
