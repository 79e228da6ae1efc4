"""The shape of a story inside its container: which surroundings its paragraphs share, and which stand apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from transforms.core.extraction.outline import Block, Outline

MAINSTREAM = 0.1
"""Share of the story's prose from which a kind of surroundings is the story's own."""

BRANCH = 0.4
"""... and share of what the commonest surroundings hold: two boxes alike are still boxes."""

BOX = 0.3
"""A part with its own heading that holds less than this, in surroundings of its own, is a box beside the story."""

HALF = 0.5
"""Share of the prose from which a part is the story itself, however short that is."""

PICTURE_TEXT = 400
"""Characters up to which text wrapped up with a picture, or with a linked heading, belongs to that."""

ALL_LINK = 0.9
"""Share of link from which a heading leads to another story."""

HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6", "summary"})
_WRAPPERS = frozenset({"ul", "ol", "blockquote", "table", "tbody", "thead", "dl"})
_NUMBERS = re.compile(r"\d{3,}")
"""Digits that number a part; shorter runs are part of the name of a style."""


class Shape:
    """Asks about blocks of one container; ``weights`` say how much prose each block of the page is."""

    def __init__(self, outline: Outline, container: int, weights: Sequence[float]) -> None:
        self._outline = outline
        self.container = container
        self._weights = weights
        self._chains: dict[int, str] = {container: ""}
        self.held = self._held()
        self.total = sum(weights[block.index] for block in self.held) or 1.0
        self._by_key = self._weight_by_key()

    def weight(self, block: Block) -> float:
        """How much prose a block is."""
        return self._weights[block.index]

    def share(self, node: int) -> float:
        """How much of the story's prose stands under nodes with this one's tag and names."""
        return self._by_key[self._key(node)] / self.total

    def is_beside(self, block: Block) -> bool:
        """Whether a block hangs where the story's paragraphs hang, or where lists and headings between them do."""
        return self.is_mainstream(block) or self.chain(self._outer(block.node)) in self._routes

    def is_mainstream(self, block: Block) -> bool:
        """Whether a block hangs exactly as the story's paragraphs do."""
        return self.chain(block.node) in self._mainstream

    def is_boxed(self, block: Block) -> bool:
        """Whether a block stands in a part of its own: other surroundings, a heading, little of the story."""
        top = self._apart(block.node)
        return top is not None and 0 < self._headed[top] < self._lengths[top] and self.share(top) < BOX

    def is_like_story(self, block: Block) -> bool:
        """Whether a block outside the container has the tag and the class of the story's paragraphs."""
        one = self._outline.nodes[block.node]
        return bool(one.kind) and self._key(block.node) in self._leaves

    def is_teaser(self, block: Block) -> bool:
        """Whether a block stands in a small part whose heading is a link: the teaser of another story."""
        lineage = self._outline.lineage_within(block.node, self.container)
        linking = [node for node in lineage if node in self._links_in and self.share(node) < HALF]
        return any(self._lengths[node] <= PICTURE_TEXT * self._links_in[node] for node in linking)

    def has_picture(self, node: int) -> bool:
        """Whether a picture stands under a node."""
        return node in self._pictured

    def is_with_picture(self, block: Block) -> bool:
        """Whether a wrapper holds a picture and little text, this block among it."""
        for node in self._outline.lineage_within(block.node, self.container):
            if node in self._pictured and self._lengths[node] <= PICTURE_TEXT and self.share(node) < BOX:
                return True
        return False

    def chain(self, node: int) -> str:
        """The kinds of nodes from the container down to this one."""
        known = self._chains.get(node)
        if known is None:
            known = f"{self.chain(self._outline.nodes[node].parent)}>{self._key(node)}"
            self._chains[node] = known
        return known

    def _held(self) -> list[Block]:
        within = [False] * len(self._outline.nodes)
        for index, node in enumerate(self._outline.nodes):  # a parent always stands before its children
            within[index] = index == self.container or (node.parent >= 0 and within[node.parent])
        return [block for block in self._outline.blocks if within[block.node]]

    def _weight_by_key(self) -> Counter[str]:
        weights: Counter[str] = Counter()
        for block in self.held:
            if weight := self._weights[block.index]:
                lineage = self._outline.lineage_within(block.node, self.container)
                for key in {self._key(node) for node in lineage}:
                    weights[key] += weight  # type: ignore[assignment]  # a Counter of floats
        return weights

    def _key(self, node: int) -> str:
        one = self._outline.nodes[node]
        return f"{one.tag} {_NUMBERS.sub('', one.kind)}"

    def _outer(self, node: int) -> int:
        """The nearest surroundings that are more than a list, or a wrapper with nothing else in it."""
        while node != self.container:
            parent = self._outline.nodes[node].parent
            is_wrapper = self._outline.nodes[parent].tag in _WRAPPERS or self._lengths[parent] == self._lengths[node]
            if parent == self.container or not is_wrapper:
                return parent
            node = parent
        return node

    def _apart(self, node: int) -> int | None:
        """The outermost node over this one that the story's paragraphs do not share; None where there is none."""
        lineage = list(self._outline.lineage_within(node, self.container))
        for one in reversed(lineage[1:]):
            if self.chain(one) not in self._routes and self._outline.nodes[one].tag not in _WRAPPERS:
                return one
        return None

    @cached_property
    def _mainstream(self) -> frozenset[str]:
        weights: Counter[str] = Counter()
        for block in self.held:
            weights[self.chain(block.node)] += self._weights[block.index]  # type: ignore[assignment]  # floats
        least = max(MAINSTREAM * self.total, BRANCH * max(weights.values(), default=0))
        return frozenset(chain for chain, weight in weights.items() if weight and weight >= least)

    @cached_property
    def _leaves(self) -> frozenset[str]:
        return frozenset(self._key(b.node) for b in self.held if self.chain(b.node) in self._mainstream)

    @cached_property
    def _routes(self) -> frozenset[str]:
        """Chains of every node over mainstream paragraphs, themselves among them."""
        blocks = [block for block in self.held if self.chain(block.node) in self._mainstream]
        nodes = {n for block in blocks for n in self._outline.lineage_within(block.node, self.container)}
        return frozenset(self.chain(node) for node in nodes) | {""}

    @cached_property
    def _headed(self) -> Counter[int]:
        """Characters of headings, or of bold lines in place of one, under each node."""
        lengths: Counter[int] = Counter()
        for block in self.held:
            if block.tag in HEADINGS or block.bold >= len(block.text) > 3:
                for node in self._outline.lineage_within(block.node, self.container):
                    lengths[node] += len(block.text)
        return lengths

    @cached_property
    def _links_in(self) -> Counter[int]:
        """How many headings under each node are nothing but a link."""
        counts: Counter[int] = Counter()
        for block in self.held:
            if block.tag in HEADINGS and block.link_share > ALL_LINK:
                counts.update(self._outline.lineage_within(block.node, self.container))
        return counts

    @cached_property
    def _pictured(self) -> frozenset[int]:
        return frozenset(
            node
            for picture in self._outline.pictures
            if self._outline.is_within(picture.node, self.container)
            for node in self._outline.lineage_within(picture.node, self.container)
        )

    @cached_property
    def _lengths(self) -> Counter[int]:
        lengths: Counter[int] = Counter()
        for block in self.held:
            for node in self._outline.lineage_within(block.node, self.container):
                lengths[node] += len(block.text)
        return lengths
