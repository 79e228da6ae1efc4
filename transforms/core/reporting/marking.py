"""A text cut at its annotations, so that a page can mark them without knowing anything of offsets.

Offsets are code points, of strangers' making: what lies outside the text, ends before it begins or crosses an earlier
span of its own kind is left unmarked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple


class Span(NamedTuple):
    """Code points ``start`` to ``end`` belong to the annotations ``numbers``, positions in their list."""

    start: int
    end: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with the annotations that cover all of it, as positions in their lists.

    ``speaks`` and ``cues`` are the quotations whose speaker or cue this is: one name may stand for several.
    """

    text: str
    quotation: int | None = None
    entity: int | None = None
    speaks: tuple[int, ...] = ()
    cues: tuple[int, ...] = ()


Paragraph = tuple[Piece, ...]

Row = Mapping[str, Any]


def paragraphs(text: str, quotations: Sequence[Row], entities: Sequence[Row]) -> list[Paragraph]:
    """The body, paragraph by paragraph, cut at quotations, speakers, cues and mentions."""
    layers = _Layers(
        quotations=_apart(_spans(quotations, ""), len(text)),
        entities=_apart(_mentions(entities, "text"), len(text)),
        speakers=_apart(_spans(quotations, "speaker_"), len(text)),
        cues=_apart(_spans(quotations, "cue_"), len(text)),
    )
    edges = layers.edges()
    return [tuple(_pieces(text, start, end, layers, edges)) for start, end in _lines(text)]


def headline(text: str, entities: Sequence[Row]) -> Paragraph:
    """The headline, cut at its mentions."""
    layers = _Layers(entities=_apart(_mentions(entities, "headline"), len(text)))
    return tuple(_pieces(text, 0, len(text), layers, layers.edges()))


@dataclass(frozen=True, slots=True)
class _Layers:
    """Spans in order; those of one layer do not overlap."""

    quotations: Sequence[Span] = ()
    entities: Sequence[Span] = ()
    speakers: Sequence[Span] = ()
    cues: Sequence[Span] = ()

    def edges(self) -> list[int]:
        """Where anything begins or ends."""
        layers = (self.quotations, self.entities, self.speakers, self.cues)
        return sorted({edge for layer in layers for span in layer for edge in (span.start, span.end)})


Place = tuple[int | None, int | None, int]
"""(start, end, number of the annotation)"""


def _spans(annotations: Sequence[Row], prefix: str) -> Iterator[Place]:
    for number, each in enumerate(annotations):
        yield each[f"{prefix}start_char"], each[f"{prefix}end_char"], number


def _mentions(entities: Sequence[Row], field: str) -> Iterator[Place]:
    for number, entity in enumerate(entities):
        for mention in entity["mentions"]:
            if mention["field"] == field:
                yield mention["start_char"], mention["end_char"], number


def _apart(places: Iterable[Place], size: int) -> list[Span]:
    """Spans inside a text of ``size``, one for each place, each beginning where the one before has ended."""
    numbers: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for start, end, number in places:
        if start is not None and end is not None and 0 <= start < end <= size:
            numbers[start, end].append(number)
    kept: list[Span] = []
    for (start, end), found in sorted(numbers.items()):
        if not kept or start >= kept[-1].end:
            kept.append(Span(start, end, tuple(found)))
    return kept


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line:
            yield start, start + len(line)
        start += len(line) + 1


def _pieces(text: str, start: int, end: int, layers: _Layers, edges: Sequence[int]) -> Iterator[Piece]:
    inside = edges[bisect_right(edges, start) : bisect_right(edges, end - 1)]
    cuts = [start, *inside, end]
    for left, right in pairwise(cuts):
        yield Piece(
            text[left:right],
            next(iter(_at(layers.quotations, left)), None),
            next(iter(_at(layers.entities, left)), None),
            _at(layers.speakers, left),
            _at(layers.cues, left),
        )


def _at(spans: Sequence[Span], place: int) -> tuple[int, ...]:
    """The annotations of a layer that cover the code point at ``place``."""
    before = bisect_right(spans, place, key=lambda span: span.start)
    if before and place < spans[before - 1].end:
        return spans[before - 1].numbers
    return ()
