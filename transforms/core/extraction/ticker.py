"""The dated entries of a live blog that gives no data of them: parts of the page that each open with a time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.article import LiveUpdate
from transforms.core.extraction.calendar_words import printed_moment
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.moments import Moment, read_moment
from transforms.core.extraction.outline import Block, Outline, Stamp
from transforms.core.extraction.prose import is_prose, letters
from transforms.core.extraction.reasons import Body
from transforms.core.extraction.shape import HEADINGS

LEAST = 4
"""Entries that make a page a live blog."""

MAX_UPDATES = 500
MAX_TEXT = 20_000
MAX_STAMP = 40
"""Characters of a line that is a time and nothing else."""

_CLOCK = re.compile(
    r"^\W*\d{1,2}\s?[:.h時시]\s?\d{2}(?!\d)(?:[:.]\d{2})?\W*(?:uhr|h|[ap]\.?m\.?|[a-z]{2,4}|分|분)?\W*$", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_LIVE = re.compile(
    r"(?<![a-z])(?:live-?(?:blog|ticker|feed|updates?|events?|coverage|text|center|entry|post)\w*|(?:news-?)?ticker|liveblog"
    r"|minuto-a-minuto|en-?vivo|en-?directo?|ao-?vivo|in-?diretta|diretta|na-?zivo|na-?zywo|online-?prenos|canli|live)"
    r"(?![a-z])|直播|ライブ|实时|онлайн|наживо|مباشر|लाइव|실시간",
    re.IGNORECASE,
)
"""What live blogs call themselves, in addresses, headlines and the names of their parts."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry: the part of the page that it is, or starts with, and its time."""

    node: int
    stamp: Stamp


def printed_updates(facts: Facts, outline: Outline, body: Body, headline: str) -> tuple[LiveUpdate, ...]:
    """The entries of a live blog in the order of the page; empty where the page is none.

    Four or more parts alike, each with a time of its own, in a page that calls itself live by its address, its
    headline or the names of those parts.  A time without a day stays out: the page's own day may be another one.
    """
    stamps = [*outline.stamps, *_clock_lines(outline)]
    home, entries = _entries(outline, sorted(stamps, key=lambda stamp: (stamp.after, stamp.node)))
    if len(entries) < LEAST or not _is_live(facts, outline, home, entries, headline):
        return ()
    kept = {block.index for block in body.blocks}
    parts = zip(entries, _spans(outline, home, entries), strict=True)
    updates = (_update(facts, outline, entry, [b for b in blocks if b.index in kept]) for entry, blocks in parts)
    found = tuple(update for update in updates if update is not None)[:MAX_UPDATES]
    return found if len(found) >= LEAST else ()


def _clock_lines(outline: Outline) -> Iterator[Stamp]:
    taken = {stamp.after for stamp in outline.stamps}
    for block in outline.blocks:
        if len(block.text) <= MAX_STAMP and block.index not in taken and _CLOCK.match(block.text):
            yield Stamp(block.node, block.index, "", block.text)


def _entries(outline: Outline, stamps: Sequence[Stamp]) -> tuple[int, list[_Entry]]:
    """The node under which the most parts alike open with a time, and those parts; the innermost node wins."""
    under: dict[int, dict[int, Stamp]] = defaultdict(dict)
    for stamp in stamps:
        inner = stamp.node
        for outer in list(outline.lineage(inner))[1:]:
            under[outer].setdefault(inner, stamp)
            inner = outer
    best, found = 0, list[_Entry]()
    for home in sorted(under, reverse=True):
        alike = _alike(outline, under[home])
        if len(alike) > len(found):
            best, found = home, alike
    return best, found


def _alike(outline: Outline, parts: dict[int, Stamp]) -> list[_Entry]:
    kinds: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for node, stamp in parts.items():
        one = outline.nodes[node]
        kinds[one.tag, " ".join(one.kind.split()[:1])].append(_Entry(node, stamp))
    most = max(kinds.values(), key=len, default=[])
    return sorted(most, key=lambda entry: entry.node)


def _spans(outline: Outline, home: int, entries: Sequence[_Entry]) -> list[list[Block]]:
    """The blocks of each entry: those inside its part, or, where that holds the time alone, up to the next one."""
    inside = _inside(outline, entries)
    if sum(any(is_prose(block.text) for block in blocks) for blocks in inside) * 2 > len(entries):
        return inside
    starts = [entry.stamp.after for entry in entries]
    held = [block for block in outline.blocks if outline.is_within(block.node, home)]
    spans: list[list[Block]] = [[] for _ in entries]
    for block in held:
        if (position := bisect_right(starts, block.index)) > 0:
            spans[position - 1].append(block)
    return spans


def _inside(outline: Outline, entries: Sequence[_Entry]) -> list[list[Block]]:
    number_of = {entry.node: number for number, entry in enumerate(entries)}
    owners: list[int] = []
    for index, node in enumerate(outline.nodes):  # a parent always stands before its children
        owners.append(number_of.get(index, owners[node.parent] if node.parent >= 0 else -1))
    blocks: list[list[Block]] = [[] for _ in entries]
    for block in outline.blocks:
        if owners[block.node] >= 0:
            blocks[owners[block.node]].append(block)
    return blocks


def _update(facts: Facts, outline: Outline, entry: _Entry, blocks: Sequence[Block]) -> LiveUpdate | None:
    said = [block for block in blocks if letters(block.text) != letters(entry.stamp.text)]
    heading = next((block.text for block in said[:1] if block.tag in HEADINGS), None)
    text = "\n".join(block.text for block in said if block.text != heading)[:MAX_TEXT]
    if not text and not heading:
        return None
    moment, anchor = _moment(entry.stamp, facts.head.language), outline.nodes[entry.node].anchor
    return LiveUpdate(
        text or heading or "", heading, moment.at if moment else None, f"{facts.url}#{anchor}" if anchor else None
    )


def _moment(stamp: Stamp, language: str | None) -> Moment | None:
    return read_moment(stamp.value) or (printed_moment(stamp.text, language) if _YEAR.search(stamp.text) else None)


def _is_live(facts: Facts, outline: Outline, home: int, entries: Sequence[_Entry], headline: str) -> bool:
    kinds = facts.article.types if facts.article is not None else ()
    names = [outline.nodes[node].names for node in (*list(outline.lineage(home))[:3], entries[0].node)]
    told = [facts.url.partition("://")[2], headline, " ".join(names)]
    return "LiveBlogPosting" in kinds or any(_LIVE.search(text) for text in told)
