"""The lines near a story that say who wrote it, as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.core.extraction.agencies import is_agency
from transforms.core.extraction.labels import Label
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.people import (
    is_signature,
    is_uncased_name,
    looks_like_newsroom,
    looks_like_person,
    name_key,
    names_in,
)
from transforms.core.extraction.prose import letters
from transforms.core.extraction.reasons import Body, Reason
from transforms.core.extraction.shape import HEADINGS

MAX_CHARS = 200
MAX_DATE = 120
REACH = 25
"""Blocks before the first paragraph among which a byline stands, where no headline is printed."""

ABOVE = 6
"""Blocks before the headline among which it may stand."""

FAR = 80
"""Blocks between byline and story at most: menus of tools, summaries, pictures."""

CALLED = 2
"""Rank of a line that its surroundings call a byline, under those that say so themselves."""

STEP = 4
"""Blocks from one author's line to the next: titles, addresses and portraits stand between."""

NEAR = 3
"""Levels up from a block at which a name still speaks of it."""

_PROFILE = re.compile(
    r"/(?:authors?|autor(?:es|en|in|i)?|auteurs?|autore|people|person|staff|team|profiles?|profil|journalists?|reporters?"
    r"|redaktion|columnists?|contributors?|skribent|forfatter|redakce|by|writers?|meet-the-team|firmas?|kolumnist)[/_-]",
    re.IGNORECASE,
)
"""Addresses of pages about people, as publishers build them."""

_ITALIAN = re.compile(r"^\W*(?:di|da|de)\s+(?=\S+\s+\S)", re.IGNORECASE)
"""A "By" that is also a part of surnames: it opens a byline where two words or more follow."""

_ELSEWHERE = frozenset({Label.RELATED, Label.CAPTION, Label.COMMENTS, Label.NEWSLETTER})
"""Surroundings whose names are not the story's authors."""

_QUOTED = frozenset({"blockquote", "cite", "figcaption"})
"""Elements whose names are those of the quoted and the pictured."""

_UNSIGNED = _ELSEWHERE | {Label.TAGS, Label.NAVIGATION, Label.SHARE, Label.STANDFIRST, Label.ADVERT}

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")

_DATE_TAIL = re.compile(
    r"\s*[|·•,–-]?\s*(?:\d{1,2}[. /]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d).*$", re.IGNORECASE
)
"""A date that is printed on the line of the byline."""

_OPENING = re.compile(
    r"^\W*(?:by|von|par|por|av|af|door|di|da|автор|text:|texte:|texto:|written by|words by|autor[a]?|skrevet av|przez"
    r"|oleh)\b[\s:]+\S",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that may name authors: where it stands, how sure it is (0 is surest), its names as written."""

    block: Block
    rank: int
    names: str


def printed_bylines(outline: Outline, body: Body, headline: str) -> tuple[str, ...]:
    """Lines that name the authors, the likeliest first: opened by "By", marked up or linked as authors, called a
    byline, then signatures.  Lines of one kind that follow each other are one byline."""
    lines = [line for block in _near(outline, body, headline) if (line := _line(outline, block)) is not None]
    title = _title_index(outline, body, headline)
    groups = sorted(_grouped(outline, lines), key=lambda group: (group[0].block.index < title, group[0].rank))
    joined = ["; ".join(dict.fromkeys(line.names for line in group)) for group in groups]
    return tuple(dict.fromkeys([*joined, *filter(None, map(_names_of, _signatures(body)))]))


def signature_lines(outline: Outline, body: Body, headline: str) -> tuple[str, ...]:
    """Lines of nothing but names between headline and story, which nothing calls a byline: the last to be believed."""
    title, first = _title_index(outline, body, headline), _first_of_story(body)
    between = [block for block in outline.blocks[title + 1 : first] if title >= 0 and block.tag not in HEADINGS]
    signed = [block for block in between if is_signature(block.text) and not _near_labels(outline, block) & _UNSIGNED]
    return tuple(block.text for block in signed if not block.linked)


def _line(outline: Outline, block: Block) -> _Line | None:
    if _near_labels(outline, block) & _ELSEWHERE or _is_quoted(outline, block):
        return None
    if _OPENING.match(block.text) and (names := _names_of(block)):
        return _Line(block, 0, names)
    if names := _linked_names(block):
        return _Line(block, 1, names)
    if names := "; ".join(name for name in block.signed if _is_name(name)):
        return _Line(block, 1, names)
    if _is_called(outline, block) and (names := _names_of(block)):
        return _Line(block, CALLED, names)
    return None


def _grouped(outline: Outline, lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines of one kind, a few blocks apart and alike in markup, put together."""
    groups: list[list[_Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last is not None and _is_next(outline, last, line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _is_next(outline: Outline, one: _Line, other: _Line) -> bool:
    """Whether two lines are of one byline; what a break parts in one element is a name and a place, or a job."""
    first, second = outline.nodes[one.block.node], outline.nodes[other.block.node]
    is_alike = one.rank == other.rank and first.tag == second.tag and first.kind.split()[:1] == second.kind.split()[:1]
    is_apart = one.rank < CALLED or one.block.node != other.block.node
    return is_alike and is_apart and other.block.index - one.block.index <= STEP


def _is_name(text: str) -> bool:
    """Whether a text that the markup calls an author names somebody: a person, an agency, a newsroom."""
    names = names_in(text)
    return bool(names) and all(
        is_agency(n) or looks_like_person(n) or looks_like_newsroom(n) or is_uncased_name(n) for n in names
    )


def _first_of_story(body: Body) -> int:
    """The first block under the standfirst."""
    lead = {block.index for block in body.standfirst}
    own = [block.index for block in body.blocks if block.index not in lead]
    return min(own or [block.index for block in body.blocks], default=0)


def _title_index(outline: Outline, body: Body, headline: str) -> int:
    """The last block before the story that prints the headline, else the last h1, else -1."""
    key, before = letters(headline), outline.blocks[: _first_of_story(body)]
    titled = [b.index for b in before if b.tag in ("h1", "h2") and b.prints(key)]
    return max(titled or [b.index for b in before if b.tag == "h1"], default=-1)


def _near_labels(outline: Outline, block: Block) -> frozenset[Label]:
    near = (outline.nodes[node].labels for node, _ in zip(outline.lineage(block.node), range(NEAR), strict=False))
    return frozenset().union(*near)


def _is_quoted(outline: Outline, block: Block) -> bool:
    return any(
        outline.nodes[node].tag in _QUOTED for node, _ in zip(outline.lineage(block.node), range(NEAR), strict=False)
    )


def _signatures(body: Body) -> list[Block]:
    """Lines of nothing but names right before, or after, the story."""
    if not body.blocks:
        return []
    first, last = body.blocks[0].index, body.blocks[-1].index
    named = [b for b, reason in body.rejected if reason is Reason.BYLINE and is_signature(b.text)]
    return [block for block in named if block.index <= first + 3 or block.index >= last]


def _linked_names(block: Block) -> str:
    """Names that link to a person's page; the whole line where it names others beside them."""
    targets = [anchor.text for anchor in block.anchors if _PROFILE.search(anchor.href)]
    linked = [name for text in targets for name in names_in(text)[:1] if looks_like_person(name)]
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
    first, opening = _first_of_story(body), min(block.index for block in body.blocks)
    title = _title_index(outline, body, headline)
    start = max(0, min(title, opening) - ABOVE) if title >= 0 else opening - REACH
    key = letters(headline)
    for block in outline.blocks[max(0, start, first - FAR) : first + 3]:
        if len(block.text) <= MAX_CHARS and letters(block.text) != key:
            yield block


def _is_called(outline: Outline, block: Block, label: Label = Label.BYLINE) -> bool:
    return label in _near_labels(outline, block) and bool(block.text.strip())


def _names_of(block: Block) -> str:
    """Names that are links, where the line has some; else the line."""
    linked = [anchor.text for anchor in block.anchors if looks_like_person(anchor.text)]
    if _OPENING.match(block.text):
        return "; ".join(linked) or _ITALIAN.sub("", block.text)
    is_named = is_signature(block.text) or is_uncased_name(block.text)
    return "; ".join(linked) or (block.text if is_named else "")
