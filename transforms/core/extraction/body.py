"""Which blocks of a page are the story."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.core.extraction.container import UNSAID, comments, common_node, find_container, sum_up, weigh
from transforms.core.extraction.evidence import Evidence
from transforms.core.extraction.judge import Judge
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.prose import letters
from transforms.core.extraction.reasons import Body, Known, Reason
from transforms.core.extraction.settle import without_copies, without_orphans, without_signatures
from transforms.core.extraction.shape import Shape
from transforms.core.extraction.standfirst import find_standfirst, is_unmarked


def choose(outline: Outline, known: Known, wide: Evidence, declared: Evidence | None) -> Body:
    """The story among the blocks of a page.

    ``wide`` is trafilatura's body, ``declared`` the articleBody that the page itself gives, where it is whole.
    """
    weights = weigh(outline.blocks, wide, declared)
    for index in comments(outline, known.headline):
        weights[index] *= UNSAID
    container = _container(outline, weights, known)
    shape = Shape(outline, container, weights)
    judge = Judge(outline, shape, known, wide, declared)
    verdicts = [(block, judge.reason_against(block)) for block in shape.held]
    if known.taken:
        verdicts = [(block, _by_rule(outline, block, reason, known)) for block, reason in verdicts]
    verdicts = without_copies(verdicts, shape)
    if not known.is_signed:
        verdicts = without_signatures(verdicts)
    verdicts = without_orphans(verdicts)
    kept = [block for block, reason in verdicts if reason is None]
    lead = find_standfirst(outline, kept, known.headline, known.description, judge.top)
    taken = {block.index for block in lead}
    kept = [*_opening(outline, shape, kept, known.headline), *kept]
    return Body(
        container,
        (*lead, *(block for block in kept if block.index not in taken)),
        tuple((block, reason) for block, reason in verdicts if reason is not None and block.index not in taken),
        tuple(lead),
    )


def _container(outline: Outline, weights: Sequence[float], known: Known) -> int:
    if known.taken:
        return common_node(outline, known.taken)
    return find_container(outline, sum_up(outline, weights), known.headline)


def _by_rule(outline: Outline, block: Block, reason: Reason | None, known: Known) -> Reason | None:
    """A rule for the site knows better than general ones what is the story, but not what is printed twice."""
    if any(node in known.taken for node in outline.lineage(block.node)):
        return reason if reason in (Reason.HEADLINE, Reason.REPEATED) else None
    return reason or Reason.PROMO


def _opening(outline: Outline, shape: Shape, kept: list[Block], headline: str) -> list[Block]:
    """First paragraphs that stand outside the container, as they do before a paywall: like the story's own in tag and
    class, between the headline and the story."""
    if not kept:
        return []
    first = kept[0].index
    start = max((b.index for b in outline.blocks[:first] if _is_title(b, headline)), default=first)
    between = outline.blocks[start + 1 : first]
    return [block for block in between if shape.is_like_story(block) and is_unmarked(outline, block, headline)]


def _is_title(block: Block, headline: str) -> bool:
    return block.tag == "h1" or block.prints(letters(headline))
