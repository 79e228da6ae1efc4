"""Choosing one value of a field among those that a page gives, and writing down how it was chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas.article import FieldProvenance

MAX_RAW = 500
"""Characters of a raw value that provenance keeps."""

MAX_ALTERNATIVES = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """A value of a field, where it was found (feed, json-ld, opengraph, meta, html, url) and how it stood there."""

    source: str
    raw: str
    value: T


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """The value that was chosen, or None, and its provenance."""

    value: T | None = None
    provenance: FieldProvenance | None = None


def first(field: str, candidates: Iterable[Candidate[T]]) -> Choice[T]:
    """The first candidate wins; those after it that say something else are kept as alternatives."""
    ranked = list(candidates)
    if not ranked:
        return Choice()
    best = ranked[0]
    lost = dict.fromkeys(f"{one.source}={one.raw[:MAX_RAW]}" for one in ranked[1:] if one.value != best.value)
    return Choice(best.value, FieldProvenance(field, best.source, best.raw[:MAX_RAW], tuple(lost)[:MAX_ALTERNATIVES]))
