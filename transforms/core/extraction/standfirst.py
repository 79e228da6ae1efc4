"""The lines between headline and story that sum it up, printed as part of it."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.core.extraction.labels import Label
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.phrases import furniture
from transforms.core.extraction.prose import closes_sentence, is_prose, letters

ABOVE = 10
"""Blocks before the headline among which a standfirst may stand."""

REACH = 60
"""Blocks before the first paragraph among which a standfirst is looked for."""

MATCH = 60
"""Letters of the page's description that a standfirst shares with it."""

_NOT_LEAD = frozenset(
    {Label.CAPTION, Label.RELATED, Label.NEWSLETTER, Label.SUBSCRIPTION, Label.ADVERT, Label.SHARE, Label.COMMENTS}
    | {Label.NAVIGATION, Label.TAGS, Label.CONSENT, Label.PLAYER, Label.BYLINE, Label.TIME, Label.HIDDEN}
)
_NOT_UNDER = frozenset({"figure", "nav", "aside", "footer", "form"})
MIN_POINT = 15
NEAR = 3
"""Levels up from a block at which a name still speaks of it."""


def find_standfirst(outline: Outline, kept: Sequence[Block], headline: str, description: str, top: int) -> list[Block]:
    """Blocks of the standfirst in page order; empty where none is printed.

    A standfirst stands near the headline and before the story, and is called one by the page, or repeats the page's
    description, or is a closed sentence of its own between the two.
    """
    if not kept:
        return []
    first = kept[0].index
    start = _headline_at(outline, first, headline, top)
    found = [
        block
        for block in outline.blocks[max(0, first - REACH) : first]
        if _may_be(outline, block, headline) and _is_lead(outline, block, description, start)
    ]
    opening = " ".join(letters(block.text) for block in kept[:3])
    return [b for b in _distinct(found) if letters(b.text)[:MATCH] not in opening]


def is_unmarked(outline: Outline, block: Block, headline: str) -> bool:
    """Whether a block is prose, and nothing near it says that it is a caption, a byline or a box."""
    return _may_be(outline, block, headline) and not _near_labels(outline, block) & _NOT_LEAD


def _is_point(outline: Outline, block: Block) -> bool:
    """A bullet of a standfirst that is a list; such are short."""
    return block.tag == "li" and len(block.text) >= MIN_POINT and Label.STANDFIRST in _near_labels(outline, block)


def _near_labels(outline: Outline, block: Block) -> frozenset[Label]:
    near = [outline.nodes[node].labels for node, _ in zip(outline.lineage(block.node), range(NEAR), strict=False)]
    return frozenset().union(*near)


def _headline_at(outline: Outline, first: int, headline: str, top: int) -> int:
    if top >= 0:
        return top
    key = letters(headline)
    named = [b.index for b in outline.blocks[:first] if b.tag == "h1" or b.prints(key)]
    return named[-1] if named else first


def _may_be(outline: Outline, block: Block, headline: str) -> bool:
    return (
        (is_prose(block.text) or _is_point(outline, block))
        and block.tag != "h1"
        and block.link_share < 0.5
        and letters(block.text) != letters(headline)
        and furniture(block.text) is None
        and not any(outline.nodes[n].tag in _NOT_UNDER for n in outline.lineage(block.node))
    )


def _is_lead(outline: Outline, block: Block, description: str, start: int) -> bool:
    if _repeats(block, description):
        return True
    if block.index < start - ABOVE:
        return False
    named = _near_labels(outline, block)
    if named & _NOT_LEAD:
        return False
    if Label.STANDFIRST in named:
        return True
    return block.index > start and closes_sentence(block.text) and _is_under(outline, block, start)


def _is_under(outline: Outline, block: Block, start: int) -> bool:
    """Whether a block hangs beside the headline, or beside the headline's own wrapper."""
    title = outline.blocks[start].node
    homes = [outline.nodes[title].parent, outline.nodes[outline.nodes[title].parent].parent]
    return outline.nodes[block.node].parent in homes[: 2 if homes[0] > 0 else 1]


def _repeats(block: Block, description: str) -> bool:
    own, given = letters(block.text), letters(description)
    return len(own) >= 30 and len(given) >= 30 and (own[:MATCH] == given[:MATCH] or own in given or given in own)


def _distinct(blocks: Sequence[Block]) -> list[Block]:
    """Pages print a standfirst twice, for narrow and for wide screens."""
    return list({letters(block.text): block for block in reversed(blocks)}.values())[::-1]
