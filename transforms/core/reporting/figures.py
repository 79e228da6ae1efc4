"""What a report says, as plain values: made by the tallies, shown by the page and on the terminal.

Counts are of *stories*, an article in its newest version, unless a field says otherwise.  Durations are seconds, times
aware and in UTC, shares 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Period:
    """The runs that the report is of.  ``pinned``: their clocks stood still, so that nothing took any time."""

    runs: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows by what they stand for.  ``repeated`` rows were written before, byte for byte, and count once."""

    stories: int = 0
    changed: int = 0
    withdrawn: int = 0
    repeated: int = 0
    words: int = 0
    quotations: int = 0
    attributed: int = 0
    urls: int = 0
    failed: int = 0
    retryable: int = 0


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """URLs that ended so, with the kind in words."""

    outcome: str
    ok: bool
    urls: int
    meaning: str


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """One source.  ``written``, ``left`` (fine, and nothing new) and ``failed`` are URLs, its feeds included.

    The figures of its feeds are None where no run had a state: then nothing is known of what was to be expected.
    """

    source_id: str
    name: str | None
    stories: int
    written: int
    left: int
    failed: int
    wire: int
    copies: int
    lag_median: float | None
    feeds: int | None
    feeds_failing: int | None
    entries_new: int | None
    entries_expected: float | None
    entries_lost: int | None
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What falls into the hour or day that begins at ``start``."""

    start: datetime
    stories: int
    urls_ok: int
    urls_failed: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """``unit`` is hour or day; ``earlier`` stories were published before it begins, ``undated`` ones say nothing."""

    unit: str
    moments: tuple[Moment, ...]
    earlier: int
    undated: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long one step took for ``stories`` of them; ``within`` pairs seconds with the share that took no longer."""

    step: str
    stories: int
    median: float | None
    p90: float | None
    p99: float | None
    within: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who was quoted, and the sources that did, with how often, most first."""

    name: str
    times: int
    sources: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An entity by name and type: in how many stories, and how often."""

    name: str
    type: str
    stories: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Copies:
    """Stories that are copies, by kind, and stories that credit an agency, by agency."""

    kinds: tuple[tuple[str, int], ...]
    agencies: tuple[tuple[str, int], ...]
    stories: int
    wire: int


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """``before`` is None where the earlier version is not among the files that were read."""

    at: datetime
    source: str
    url: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do, and how many URLs or entries it is about."""

    count: int
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it.  ``approximate`` lists the counts that may be too low, in words."""

    period: Period
    totals: Totals
    outcomes: tuple[OutcomeCount, ...]
    sources: tuple[SourceFigures, ...]
    timeline: Timeline
    freshness: tuple[Freshness, ...]
    speakers: tuple[Speaker, ...]
    entities: tuple[Named, ...]
    copies: Copies
    headlines: tuple[HeadlineChange, ...]
    headlines_changed: int
    languages: tuple[tuple[str, int], ...]
    advice: tuple[Advice, ...]
    approximate: tuple[str, ...]
