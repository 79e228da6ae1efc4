"""One walk over the tree of a page: text blocks, the nodes they hang on, and pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.core.extraction.dom.attributes import is_aside_for_readers, is_caption, is_hidden, is_signer, names_of
from transforms.core.extraction.outline import Anchor, Block, Mark, Node, Outline, Picture, Stamp

BREAK_AFTER_CHARS = 50
"""Length from which a single line break ends a paragraph that closes a sentence; below, it is verse or an address."""

MAX_CELL = 300
"""Characters of a cell of data; longer ones hold running text."""

MAX_SIGNED = 200
"""Characters of a name, or of several, that an inline element holds."""

EMBED_MARK = "nb-embed"
"""Tag of the empty element that stands where an embed was cut out; its ``n`` is the embed's place in the list."""

_DROPPED = frozenset({
    "nav", "menu", "dialog",
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "button", "select", "input",
    "textarea", "option", "datalist", "canvas", "map", "audio", "video", "head", "link", "meta", "title",
    "progress", "meter", "param", "source", "track", "area", "base",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
    "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul", "caption", "legend", "menu",
})  # fmt: skip
_LOOSE = frozenset({"body", "div", "section", "article", "header", "main", "aside", "footer"})
"""Surroundings in which a time stands for itself and is no word of a sentence."""

_STYLES = frozenset({"font", "b", "strong", "span", "small", "big"})
_BOLD = frozenset({"b", "strong"})
_SENTENCE_END = (".", "!", "?", "…", "”", "»", '"', "“", "。", "！", "？", "」", "।", "۔", "؟", ":")
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", "data-srcset", "srcset")
"""Where an image's address stands; pages that load late keep a placeholder in ``src``."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The outline of a page, and the element behind each of its nodes."""

    outline: Outline
    elements: Sequence[Any]


def walk(tree: Any) -> Walked:
    """Read a parsed page block by block."""
    walker = _Walker()
    body = tree.find("body")
    walker.element(body if body is not None else tree, -1)
    walker.flush()
    pictures, marks, stamps = tuple(walker.pictures), tuple(walker.marks), tuple(walker.stamps)
    return Walked(Outline(tuple(walker.nodes), tuple(walker.blocks), pictures, marks, stamps), walker.elements)


def tidy(text: str) -> str:
    """Text as it is read: NFC, single spaces, no soft hyphens or zero-width spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return " ".join(text.split())


@dataclass(slots=True)
class _Run:
    """Text of the block being read."""

    node: int
    tag: str
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    bold: int = 0
    anchors: list[Anchor] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    length: int = 0
    tail: str = ""
    is_broken: bool = False


@dataclass(slots=True)
class _Walker:
    nodes: list[Node] = field(default_factory=list)
    elements: list[Any] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    run: _Run = field(default_factory=lambda: _Run(0, "body"))
    in_link: int = 0
    in_bold: int = 0

    def element(self, element: Any, parent: int) -> None:
        """Read an element and what is under it."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _DROPPED or (tag == "footer" and not self._is_in_article(parent)):
            return
        if tag == "time":
            self._stamp(element)
        if tag == EMBED_MARK:
            self.marks.append(Mark(self.run.node, len(self.blocks), int(element.get("n"))))
        elif tag in _BLOCKS or "-" in tag or (tag == "time" and self.run.tag in _LOOSE):
            self._block(element, tag, parent)
        elif tag == "br":
            self._line_break(element)
        elif tag in ("img", "amp-img"):
            self._picture(element)
        else:
            self._inline(element, tag, parent)

    def _stamp(self, element: Any) -> None:
        text = tidy(element.text_content())[:MAX_SIGNED]
        self.stamps.append(Stamp(self.run.node, len(self.blocks), element.get("datetime") or "", text))

    def _is_in_article(self, node: int) -> bool:
        while node >= 0:
            if self.nodes[node].tag in ("article", "main", "figure", "blockquote"):
                return True
            node = self.nodes[node].parent
        return False

    def flush(self) -> None:
        """End the block being read; the next one hangs on the same node."""
        run = self.run
        if run.pieces:
            text = tidy("".join(run.pieces))
            if text:
                self.blocks.append(self._finished(run, text))
            self.run = _Run(run.node, run.tag)

    def _finished(self, run: _Run, text: str) -> Block:
        anchors, signed = tuple(run.anchors), tuple(run.signed)
        return Block(len(self.blocks), run.node, run.tag, text, run.linked, run.bold, anchors, signed)

    def _block(self, element: Any, tag: str, parent: int) -> None:
        self.flush()
        node = self._node(element, tag, parent)
        if tag == "tr" and _is_row(element):
            self._row(element, node)
        else:
            self.run = _Run(node, tag)
            self._children(element, node)
        self.flush()
        outer = self.nodes[parent].tag if parent >= 0 else "body"
        self.run = _Run(max(parent, 0), outer)

    def _children(self, element: Any, node: int) -> None:
        self._text(element.text)
        for child in element:
            self.element(child, node)
            self._text(child.tail)

    def _node(self, element: Any, tag: str, parent: int) -> int:
        self.elements.append(element)
        attributes = element.items()
        if attributes:
            names, kind, anchor = names_of(attributes), element.get("class", ""), element.get("id", "")
            self.nodes.append(Node(parent, tag, names, kind, is_hidden(attributes), anchor))
        else:
            self.nodes.append(Node(parent, tag))
        return len(self.nodes) - 1

    def _row(self, element: Any, node: int) -> None:
        for position, cell in enumerate(element):
            self.run = self.run if position else _Run(node, "tr")
            if position:
                self.run.pieces.append(" | ")
            self._inline(cell, "td", node)

    def _inline(self, element: Any, tag: str, parent: int) -> None:
        attributes = element.items()
        if attributes and (is_aside_for_readers(attributes) or is_hidden(attributes)):
            return
        if attributes and is_caption(attributes):
            self._block(element, tag, parent)
            return
        href = _target(element) if tag == "a" else None
        is_link = href is not None or (tag == "a" and (element.get("href") or "").startswith("javascript:"))
        start = len(self.run.pieces)
        self.in_bold += tag in _BOLD
        self.in_link += is_link
        known, run = len(self.run.signed), self.run
        self._children(element, parent)
        if self.run is run and len(run.signed) == known and is_signer(element, attributes):
            run.signed.append(tidy("".join(run.pieces[start:]))[:MAX_SIGNED])
            run.pieces.append(" ")  # what stands beside a name is set apart by style, often without a space
        self.in_link -= is_link
        self.in_bold -= tag in _BOLD
        if href is not None:
            self.run.anchors.append(Anchor(href, tidy("".join(self.run.pieces[start:]))))

    def _text(self, text: str | None) -> None:
        if not text:
            return
        run = self.run
        run.pieces.append(text)
        if not text.isspace():
            run.length, run.tail, run.is_broken = run.length + len(text), text, False
        if self.in_link or self.in_bold:
            length = len(" ".join(text.split()))
            self.run.linked += length if self.in_link else 0
            self.run.bold += length if self.in_bold else 0

    def _line_break(self, element: Any) -> None:
        run = self.run
        closes = run.length >= BREAK_AFTER_CHARS and run.tail.rstrip().endswith(_SENTENCE_END)
        is_bold = 0 < run.length <= run.bold
        if run.is_broken or closes or is_bold or (run.length and _is_between_styles(element)):
            self.flush()
        elif run.length:
            run.pieces.append(" ")
            run.is_broken = True

    def _picture(self, element: Any) -> None:
        sources = (element.get(key, "").strip() for key in _SOURCES)
        src = next((source for source in sources if source and not source.startswith("data:")), None)
        if src:
            alt = tidy(element.get("alt") or "")
            self.pictures.append(Picture(self.run.node, len(self.blocks), src, alt))


def _is_between_styles(br: Any) -> bool:
    """Whether a break parts two lines that are each set in a style of their own, as old pages set their headings."""
    before, after = br.getprevious(), br.getnext()
    if before is None or after is None or (before.tail or "").strip() or (br.tail or "").strip():
        return False
    return before.tag in _STYLES and after.tag in (*_STYLES, "br")


def _target(element: Any) -> str | None:
    """Where a link leads, or None for one that stays in the page."""
    href = (element.get("href") or "").strip()
    return href if href and not href.startswith(("#", "javascript:")) else None


def _is_row(element: Any) -> bool:
    """A row of data: at least two short cells without blocks or breaks inside (else the table is there for layout)."""
    inner = (one.tag for cell in element for one in cell.iterdescendants())
    if len(element) < 2 or any(tag in _BLOCKS or tag == "br" for tag in inner):
        return False
    return all(len(cell.text_content()) <= MAX_CELL for cell in element)
