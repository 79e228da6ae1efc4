"""What stood in the story and is no part of it, kept beside it."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.article import Boilerplate
from transforms.core.extraction.outline import Block
from transforms.core.extraction.phrases import furniture
from transforms.core.extraction.prose import letters
from transforms.core.extraction.reasons import Body, Reason

MAX_LINES = 150
MAX_CHARS = 1000

_KINDS = {
    Reason.PROMO: "promo",
    Reason.NEWSLETTER: "newsletter",
    Reason.READ_MORE: "read_more",
    Reason.ASIDE: "read_more",
    Reason.CREDIT: "credit",
    Reason.BYLINE: "credit",
    Reason.CAPTION: "credit",
    Reason.ADVERTISEMENT: "advertisement",
    Reason.SUBSCRIPTION: "subscription",
    Reason.REPEATED: "promo",
}
"""Boxes beside the story count as further reading, author boxes and captions without a picture as credits."""


_VAGUE = frozenset({Reason.ASIDE, Reason.PROMO, Reason.REPEATED})


def boilerplate(body: Body, told: Iterable[str | None]) -> tuple[Boilerplate, ...]:
    """The lines that were taken out of the story, each once, in page order; headline, times and the like left out.

    ``told`` are texts that have a field of their own: captions, the byline.
    """
    elsewhere = "|".join(letters(text) for text in told if text)
    kept = {letters(block.text) for block in body.blocks}
    lines = {
        block.text[:MAX_CHARS]: _kind(block, reason)
        for block, reason in reversed(body.rejected)
        if reason in _KINDS and letters(block.text) not in kept and letters(block.text) not in elsewhere
    }
    return tuple(Boilerplate(kind, text) for text, kind in reversed(lines.items()))[:MAX_LINES]


def _kind(block: Block, reason: Reason) -> str:
    """By what the line says where its surroundings only say that it is no part of the story."""
    said = furniture(block.text) if reason in _VAGUE else None
    return said or _KINDS[reason]
