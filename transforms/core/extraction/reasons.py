"""What is looked for in a page, and why blocks near it are no part of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from transforms.core.extraction.outline import Block


class Reason(StrEnum):
    """Why a block near the story is no part of its text."""

    HEADLINE = "headline"
    ABOVE = "above"
    BYLINE = "byline"
    TIME = "time"
    CAPTION = "caption"
    PROMO = "promo"
    NEWSLETTER = "newsletter"
    READ_MORE = "read_more"
    CREDIT = "credit"
    ADVERTISEMENT = "advertisement"
    SUBSCRIPTION = "subscription"
    ASIDE = "aside"
    REPEATED = "repeated"
    HIDDEN = "hidden"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a story before its text is looked for.

    ``is_signed`` says that it names a person.  ``taken`` are the nodes that a rule for the site says are the story.
    """

    headline: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    is_signed: bool = False
    taken: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Body:
    """The node that holds the story, its blocks in order, and those beside them with the reason against each."""

    container: int
    blocks: tuple[Block, ...]
    rejected: tuple[tuple[Block, Reason], ...] = ()
    standfirst: tuple[Block, ...] = ()
