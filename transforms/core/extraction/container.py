"""Where in a page the story stands: the node under which its paragraphs hang."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.core.extraction.evidence import Evidence
from transforms.core.extraction.labels import Label, labels_of
from transforms.core.extraction.outline import ROOT, Block, Outline
from transforms.core.extraction.prose import is_prose, letters

MAX_LINKED = 0.4
"""Share of link in a paragraph above which it is a list of links."""

DESCENT = 0.85
"""A child that holds this much of a node's prose is where the story stands; what hangs beside it is not the story."""

UNSEEN = 0.3
UNSAID = 0.05
"""What a paragraph weighs that trafilatura left out, and that the page's own articleBody does not have."""

MIN_STORY = 300.0
"""Weight, about characters, from which an ``article`` element with the headline is the story among several."""

_COMMENT = re.compile("omm?ent|disqus|respond|replies|discussion|livefyre|coral|reactions", re.IGNORECASE)
"""What every name of a part for comments has in it: a quick look before the label is asked for."""

_PROSE_TAGS = frozenset({
    "p", "div", "section", "article", "blockquote", "td", "main", "body", "center", "li", "pre", "dd", "address",
    "figure",
})  # fmt: skip
_LEAVES = frozenset({"p", "li", "blockquote", "pre", "td", "dd", "tr"})


def weigh(blocks: Sequence[Block], wide: Evidence, declared: Evidence | None) -> list[float]:
    """How much each block speaks for its surroundings being the story: about its unlinked characters."""
    return [_weight(block, wide, declared) for block in blocks]


def comments(outline: Outline, headline: str) -> frozenset[int]:
    """The blocks, by index, that stand in a part called comments that does not hold the headline."""
    kinds = {one.names for one in outline.nodes if one.names}
    kinds = {names for names in kinds if _COMMENT.search(names) and Label.COMMENTS in labels_of(names)}
    if not kinds:
        return frozenset()
    called = {number for number, one in enumerate(outline.nodes) if one.names in kinds}
    called -= _titled(outline, headline) if called else set()
    if not called:
        return frozenset()
    inside: list[bool] = []
    for index, node in enumerate(outline.nodes):  # a parent always stands before its children
        inside.append(index in called or (node.parent >= 0 and inside[node.parent]))
    return frozenset(block.index for block in outline.blocks if inside[block.node])


def sum_up(outline: Outline, weights: Sequence[float]) -> list[float]:
    """The weight that hangs under each node."""
    sums = [0.0] * len(outline.nodes)
    for block, weight in zip(outline.blocks, weights, strict=True):
        if weight:
            sums[block.node] += weight
    for index in range(len(sums) - 1, ROOT, -1):  # a parent always stands before its children
        sums[outline.nodes[index].parent] += sums[index]
    return sums


def surroundings(outline: Outline) -> int:
    """The node in which the story must stand, found by the amount of prose alone; generous, one level up."""
    weights = [_weight(block, None, None) for block in outline.blocks]
    node = find_container(outline, sum_up(outline, weights), "")
    return max(outline.nodes[node].parent, ROOT)


def common_node(outline: Outline, nodes: frozenset[int]) -> int:
    """The innermost node over all of these, itself one of them where there is but one."""
    shared = set.intersection(*(set(outline.lineage(node)) for node in nodes))
    return max(shared, default=ROOT)  # a parent always stands before its children


def find_container(outline: Outline, sums: Sequence[float], headline: str) -> int:
    """Go down from the root as long as one child holds nearly all of the prose, or is the story among several."""
    children: dict[int, list[int]] = {}
    for index, one in enumerate(outline.nodes):
        if sums[index] and one.parent >= 0 and one.tag not in _LEAVES:
            children.setdefault(one.parent, []).append(index)
    titled = _titled(outline, headline)
    node = ROOT
    while node in children:
        best = max(children[node], key=lambda child: (sums[child], -child))
        if sums[best] < DESCENT * sums[node]:
            named = [child for child in children[node] if child in titled and _is_story(outline, child, sums)]
            if len(named) != 1:
                return node
            best = named[0]
        node = best
    return node


def _weight(block: Block, wide: Evidence | None, declared: Evidence | None) -> float:
    if block.tag not in _PROSE_TAGS or not is_prose(block.text) or block.link_share > MAX_LINKED:
        return 0.0
    size = len(block.text) - block.linked
    if declared is not None:
        return size * max(declared.share(block.text), UNSAID)
    if wide is None:
        return float(size)
    return size * (UNSEEN + (1 - UNSEEN) * wide.share(block.text))


def _titled(outline: Outline, headline: str) -> set[int]:
    """Nodes that hold a heading with the page's headline."""
    key = letters(headline)
    headings = [block for block in outline.blocks if block.tag in ("h1", "h2") and block.prints(key)]
    return {node for block in headings for node in outline.lineage(block.node)}


def _is_story(outline: Outline, node: int, sums: Sequence[float]) -> bool:
    """Whether a node that holds the headline is the story beside others, be they longer, as readers' comments are."""
    if outline.nodes[node].tag != "article":
        return False
    return sums[node] >= MIN_STORY or _prose_under(outline, node) >= MIN_STORY


def _prose_under(outline: Outline, node: int) -> float:
    """Unlinked characters of prose under a node, whoever else has seen them."""
    return sum(_weight(block, None, None) for block in outline.blocks if outline.is_within(block.node, node))
