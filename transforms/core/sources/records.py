"""What a source list says: one record for each source, one error for each line that cannot stand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """What stands behind a source's URL."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One source as a person listed it.

    ``url`` is http or https.  ``interval_seconds`` is the least time between two polls, None for the default.
    ``line`` is its place in the list, counted from 1.  ``file`` is where a saved page lies, as printed.
    """

    url: str
    id: str | None = None
    name: str | None = None
    language: str | None = None
    interval_seconds: int | None = None
    tags: tuple[str, ...] = ()
    notes: str | None = None
    kind: SourceKind = SourceKind.FEED
    line: int = 0
    file: str | None = None


@dataclass(frozen=True, slots=True)
class SourceError:
    """Something in a list that a person must look at; ``line`` counts from 1, 0 stands for the whole list."""

    name: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.name}:{self.line}" if self.line else self.name
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class SourceList:
    """A list without errors.  ``warnings`` are what was left out or repaired: a URL listed twice, ill-formed OPML."""

    sources: tuple[SourceSpec, ...]
    warnings: tuple[SourceError, ...] = ()


@dataclass(frozen=True, slots=True)
class RawSource:
    """A source as a format's reader found it: keys and values as printed, with the line of each where known."""

    line: int
    values: tuple[tuple[str, object], ...]
    lines: tuple[tuple[str, int], ...] = ()

    def line_of(self, key: str) -> int:
        """Where ``key`` stands; where the source begins if that is not known."""
        return dict(self.lines).get(key, self.line)


@dataclass(frozen=True, slots=True)
class RawList:
    """What a format's reader made of a list; with ``errors`` the sources may be incomplete."""

    sources: tuple[RawSource, ...] = ()
    errors: tuple[SourceError, ...] = ()
    warnings: tuple[SourceError, ...] = ()
