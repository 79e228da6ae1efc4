"""Second thoughts on a story's blocks, once each has been judged alone."""

from __future__ import annotations

import re

from transforms.core.extraction.outline import Block
from transforms.core.extraction.people import is_signature
from transforms.core.extraction.prose import closes_sentence, letters
from transforms.core.extraction.reasons import Reason
from transforms.core.extraction.shape import HEADINGS, Shape

Verdict = tuple[Block, Reason | None]
"""A block, and the reason against it or None."""

COPY_LETTERS = 40
"""Letters from which the same words twice are no chance."""

MAX_COMPARED = 1_000
"""Blocks above which copies are not looked for: each is compared with every other."""

_BOXES = frozenset({Reason.READ_MORE, Reason.ASIDE, Reason.NEWSLETTER})
"""What a heading may belong to instead of the story."""

_STANDS_ALONE = re.compile(r"^\W*\d{1,3}[.):]\s|[.!?…。！？]['\"»”’]?$")

MAX_BOLD = 60
"""Characters of a line in bold that may be a heading."""

SIGNED_HEAD = 3
"""First lines of a story among which it may be signed; at its end only the last one."""


def without_orphans(verdicts: list[Verdict]) -> list[Verdict]:
    """Headings go with what follows them: one over a box that was taken out, or over nothing, is not the story's.

    Numbered headings and such that are sentences stand for themselves: lists of facts have no text under them.
    """
    result: list[Verdict] = []
    follower: Reason | None = Reason.PROMO
    for block, reason in reversed(verdicts):
        own = reason
        is_heading = (block.tag in HEADINGS or _is_bold_line(block)) and not _STANDS_ALONE.search(block.text)
        if reason is None and is_heading and follower is not None:
            own = follower
        if own is None or own in _BOXES:
            follower = own
        result.append((block, own))
    return result[::-1]


def _is_bold_line(block: Block) -> bool:
    """A short line in bold, as some set their headings."""
    return 0 < len(block.text) <= min(block.bold, MAX_BOLD)


def without_copies(verdicts: list[Verdict], shape: Shape) -> list[Verdict]:
    """Pages print a paragraph twice for two screens, a whole story again in one block, and a quote from it in large."""
    if len(verdicts) > MAX_COMPARED:
        return verdicts
    kept = {block.index: letters(block.text) for block, reason in verdicts if reason is None}
    long = {index: text for index, text in kept.items() if len(text) >= COPY_LETTERS}
    seen: dict[str, str] = {}
    result: list[Verdict] = []
    for block, reason in verdicts:
        own = long.get(block.index)
        chain = shape.chain(block.node)
        is_copy = own is not None and (
            seen.setdefault(own, chain) != chain or _is_compound(own, long) or _is_quoted(block, own, long)
        )
        result.append((block, Reason.REPEATED if is_copy else reason))
    return result


def _is_compound(text: str, others: dict[int, str]) -> bool:
    """Whether a long text is for the most part made of several of the others."""
    if len(text) < 10 * COPY_LETTERS:
        return False
    inside = [other for other in set(others.values()) if other != text and other in text]
    return len(inside) > 2 and sum(map(len, inside)) > 0.5 * len(text)


def _is_quoted(block: Block, text: str, others: dict[int, str]) -> bool:
    """Whether a quotation stands word for word inside another paragraph."""
    if block.tag not in ("blockquote", "figure", "h2", "h3", "h4") or closes_sentence(block.text):
        return block.tag == "blockquote" and any(text in other and text != other for other in others.values())
    return any(text in other and text != other for other in others.values())


def without_signatures(verdicts: list[Verdict]) -> list[Verdict]:
    """Lines of nothing but names, first or last in a story that is signed nowhere else."""
    kept = [block for block, reason in verdicts if reason is None]
    signed = {b.index for b in (*kept[:SIGNED_HEAD], *kept[-1:]) if b.tag not in HEADINGS and is_signature(b.text)}
    return [(block, Reason.BYLINE if block.index in signed else reason) for block, reason in verdicts]
