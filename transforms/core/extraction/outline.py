"""A page as a flat list of text blocks over a tree of named nodes: what is left of the DOM once it has been walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.core.extraction.labels import Label, labels_of
from transforms.core.extraction.prose import letters

MIN_TITLE = 12
"""Letters from which a headline inside a longer heading is no chance."""

ROOT = 0
"""The node of the page itself; its parent is -1."""

_NO_LABELS: frozenset[Label] = frozenset()
_HIDDEN = frozenset({Label.HIDDEN})
_TAG_LABELS = {
    "aside": frozenset({Label.ASIDE}),
    "figcaption": frozenset({Label.CAPTION}),
    "nav": frozenset({Label.NAVIGATION}),
    "footer": frozenset({Label.NAVIGATION}),
    "dialog": frozenset({Label.CONSENT}),
    "menu": frozenset({Label.NAVIGATION}),
    "time": frozenset({Label.TIME}),
    "address": frozenset({Label.BYLINE}),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A block-level element: where it hangs, its tag, and how it is named.

    ``names`` are class, id, role and the like; ``kind`` is the class alone, which parts of one sort share; ``anchor``
    is the id.
    """

    parent: int
    tag: str
    names: str = ""
    kind: str = ""
    is_hidden: bool = False
    anchor: str = ""

    @property
    def labels(self) -> frozenset[Label]:
        """What its tag and its names say of it."""
        named = labels_of(self.names) | _TAG_LABELS.get(self.tag, _NO_LABELS)
        return named | _HIDDEN if self.is_hidden else named


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a block, its address as written."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table row or loose run of text.

    ``text`` has single spaces and no line break.  ``linked`` and ``bold`` count its characters inside links and inside
    bold type.  ``signed`` are the parts of it that the page's markup calls an author.
    """

    index: int
    node: int
    tag: str
    text: str
    linked: int = 0
    bold: int = 0
    anchors: tuple[Anchor, ...] = ()
    signed: tuple[str, ...] = ()

    def prints(self, headline: str) -> bool:
        """Whether the block is the headline (given by its letters), alone or in a heading with a line over it."""
        own = letters(self.text)
        if own == headline:
            return bool(headline)
        is_heading = self.tag in ("h1", "h2") and len(headline) >= MIN_TITLE and len(own) <= 2 * len(headline)
        return is_heading and own.endswith(headline)

    @property
    def link_share(self) -> float:
        """How much of the block is link, 0 to 1."""
        return self.linked / len(self.text)


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in the page; ``after`` counts the blocks that stand before it."""

    node: int
    after: int
    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The place from which an embed was cut; ``number`` is its place in the list of those."""

    node: int
    after: int
    number: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time in the page: the machine value and what is printed; ``after`` counts the blocks that stand before it."""

    node: int
    after: int
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """Blocks in page order, and the nodes that they hang on."""

    nodes: tuple[Node, ...]
    blocks: tuple[Block, ...]
    pictures: tuple[Picture, ...] = ()
    marks: tuple[Mark, ...] = ()
    stamps: tuple[Stamp, ...] = ()

    def lineage(self, node: int) -> Iterator[int]:
        """A node and its ancestors, innermost first, the page's root last."""
        while node >= 0:
            yield node
            node = self.nodes[node].parent

    def lineage_within(self, node: int, top: int) -> Iterator[int]:
        """A node and its ancestors up to, and without, ``top``."""
        for one in self.lineage(node):
            if one == top:
                return
            yield one

    def is_within(self, node: int, top: int) -> bool:
        """Whether ``top`` is the node or one of its ancestors."""
        return top in self.lineage(node)
