"""What is counted of each story: who speaks, who is named, what is a copy, how fresh it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from transforms.core.reporting.counting import Lags, TopCounts
from transforms.core.reporting.figures import Copies, Freshness, Named, Speaker

Row = Mapping[str, Any]

SPEAKERS_SHOWN = 15
NAMES_SHOWN = 15
AGENCIES_SHOWN = 12

GROUPS = {"PERSON": "people", "ORG": "bodies", "GPE": "places", "LOC": "places", "FAC": "places"}
"""Entity types that are listed, with their lists."""

MINUTE, HOUR, DAY = 60, 3600, 86400

MARKS = (5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY)
"""Seconds for which freshness is told."""

UNKNOWN_AGENCY = "not named"


class Voices:
    """People who are quoted, each story once: copies are left out, and the second half of a split quotation."""

    def __init__(self) -> None:
        self._people: TopCounts[str] = TopCounts()
        self._by_source: TopCounts[tuple[str, str]] = TopCounts()
        self.quotations = 0
        self.attributed = 0

    def add(self, row: Row) -> None:
        """A story."""
        people = {entity["id"] for entity in row["entities"] if entity["type"] == "PERSON"}
        for quote in row["quotations"]:
            self.quotations += 1
            self.attributed += quote["speaker_name"] is not None
            said = quote["speaker_name"] and quote["speaker_entity_id"] in people and not quote["continues"]
            if said and row["duplicate"] is None:
                self._people.add(quote["speaker_name"])
                self._by_source.add((quote["speaker_name"], row["source"]["id"]))

    @property
    def shortfall(self) -> int:
        """The most that a count may be too low by."""
        return max(self._people.shortfall, self._by_source.shortfall)

    def figures(self) -> tuple[Speaker, ...]:
        """The most quoted first."""
        top = self._people.top(SPEAKERS_SHOWN)
        names = {name for name, _ in top}
        sources: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for (name, source), times in self._by_source.items():
            if name in names:
                sources[name].append((source, times))
        return tuple(Speaker(name, times, tuple(sorted(sources[name], key=_most_first))) for name, times in top)


class Names:
    """Entities by list, in how many stories and how often."""

    def __init__(self) -> None:
        self._stories: dict[str, TopCounts[tuple[str, str]]] = {group: TopCounts() for group in GROUPS.values()}
        self._mentions: dict[str, TopCounts[tuple[str, str]]] = {group: TopCounts() for group in GROUPS.values()}

    def add(self, row: Row) -> None:
        """A story."""
        found: Counter[tuple[str, str]] = Counter()
        for entity in row["entities"]:
            if entity["type"] in GROUPS:
                found[entity["name"], entity["type"]] += len(entity["mentions"])
        for (name, kind), mentions in found.items():
            self._stories[GROUPS[kind]].add((name, kind))
            self._mentions[GROUPS[kind]].add((name, kind), mentions)

    @property
    def shortfall(self) -> int:
        """The most that a count may be too low by."""
        return max(counts.shortfall for lists in (self._stories, self._mentions) for counts in lists.values())

    def figures(self) -> tuple[Named, ...]:
        """List after list, what is in most stories first; where stories are as many, what is named most."""
        return tuple(
            Named(name, kind, stories, self._mentions[group][name, kind])
            for group, counts in self._stories.items()
            for (name, kind), stories in counts.top(NAMES_SHOWN, self._mentions[group].__getitem__)
        )


class Duplicates:
    """Copies by kind, and agencies."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._agencies: TopCounts[str] = TopCounts()
        self._stories = self._wire = 0

    def add(self, row: Row) -> None:
        """A story."""
        self._stories += 1
        if row["duplicate"] is not None:
            self._kinds[row["duplicate"]["kind"]] += 1
        if is_wire(row):
            self._wire += 1
            self._agencies.add(row["wire_origin"] or row["duplicate"]["origin"] or UNKNOWN_AGENCY)

    def figures(self) -> Copies:
        """The counts."""
        kinds = tuple(sorted(self._kinds.items(), key=_most_first))
        return Copies(kinds, tuple(self._agencies.top(AGENCIES_SHOWN)), self._stories, self._wire)


def is_wire(row: Row) -> bool:
    """Whether the story credits a news agency, or is a copy of one that does."""
    copy = row["duplicate"]
    return row["wire_origin"] is not None or (copy is not None and copy["kind"] == "syndicated")


class Delays:
    """Published → seen → written.

    Dates without a time of day, and dates after the story was seen, say nothing of freshness and are left out.
    """

    def __init__(self) -> None:
        self._seen, self._written, self._whole = Lags(), Lags(), Lags()
        self._by_source: defaultdict[str, Lags] = defaultdict(Lags)

    def add(self, row: Row) -> None:
        """A story."""
        seen, written = row["first_seen_at"], row["ingested_at"]
        if row["version"] == 1 and written >= seen:
            self._written.add(_seconds(seen, written))
        published = clock_time(row)
        if published is not None and published <= seen:
            self._seen.add(_seconds(published, seen))
            self._by_source[row["source"]["id"]].add(_seconds(published, seen))
            if row["version"] == 1:
                self._whole.add(_seconds(published, written))

    def median_of(self, source: str) -> float | None:
        """Published → seen, of one source."""
        return self._by_source[source].percentile(50) if source in self._by_source else None

    def figures(self) -> tuple[Freshness, ...]:
        """Step by step, then all of it."""
        steps = {
            "published → seen": self._seen,
            "seen → written": self._written,
            "published → written": self._whole,
        }
        return tuple(_freshness(step, lags) for step, lags in steps.items())


def clock_time(row: Row) -> datetime | None:
    """When the story was published, if the time of day is known."""
    published: datetime | None = row["published_at"]
    return published if row["published_precision"] in ("second", "minute") else None


def _freshness(step: str, lags: Lags) -> Freshness:
    median, p90, p99 = (lags.percentile(percent) for percent in (50, 90, 99))
    within = tuple((seconds, lags.share_within(seconds)) for seconds in MARKS)
    return Freshness(step, len(lags), median, p90, p99, within)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
