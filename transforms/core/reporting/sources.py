"""What came of each source, and whether its feeds are well."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.core.reporting.figures import SourceFigures
from transforms.core.reporting.links import web_link
from transforms.core.reporting.stories import HOUR, is_wire
from transforms.core.urls import registrable_domain

Row = Mapping[str, Any]

NO_SOURCE = "(none)"
"""Rows without a source or a domain: a file, a text, a broken line of a list."""

LATE = 2 * HOUR
"""Half of the stories of a source that is asked by the hour should be seen by then; judged, not measured."""

FEWEST_EXPECTED = 4.0
"""Fewer expected entries say nothing: by Poisson's law, where 4 are expected one or none comes 9 % of the time."""

QUIET_SHARE = 0.5


@dataclass(slots=True)
class _Feeds:
    """Of the feeds of one source: sums over the runs, and the state after the last."""

    feeds: int = 0
    failing: int = 0
    new: int = 0
    expected: float | None = None
    lost: int = 0

    def add(self, volume: Mapping[str, Any]) -> None:
        self.feeds, self.failing = volume["feeds"], volume["failed"]
        self.new += volume["entries_new"]
        self.lost += volume["entries_lost"]
        if volume["entries_expected"] is not None:
            self.expected = (self.expected or 0.0) + volume["entries_expected"]


class Sources:
    """Told of stories, outcomes and the manifests, the latter in the order of their time."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._stories: Counter[str] = Counter()
        self._wire: Counter[str] = Counter()
        self._copies: Counter[str] = Counter()
        self._urls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._feeds: defaultdict[str, _Feeds] = defaultdict(_Feeds)

    def add_story(self, row: Row) -> None:
        """A story."""
        source = row["source"]["id"]
        self._stories[source] += 1
        self._wire[source] += is_wire(row)
        self._copies[source] += row["duplicate"] is not None
        if row["source"]["name"]:
            self._names.setdefault(source, row["source"]["name"])

    def add_outcome(self, row: Row) -> None:
        """A row of outcomes."""
        self._urls[_source_of(row)][_class_of(row)] += 1

    def add_run(self, manifest: Mapping[str, Any]) -> None:
        """What a manifest says of feeds."""
        for volume in manifest.get("sources", []):
            self._feeds[volume["source_id"]].add(volume)

    def figures(self, lag_of: Callable[[str], float | None]) -> tuple[SourceFigures, ...]:
        """Those with most stories first.  ``lag_of`` gives the seconds from published to seen, the median."""
        found = [self._figures(source, lag_of(source)) for source in {*self._stories, *self._urls, *self._feeds}]
        return tuple(sorted(found, key=lambda each: (-each.stories, -each.failed, each.source_id)))

    def _figures(self, source: str, lag: float | None) -> SourceFigures:
        urls = self._urls.get(source, Counter())
        feeds = self._feeds.get(source)
        return SourceFigures(
            source,
            self._names.get(source),
            stories=self._stories[source],
            written=urls["written"],
            left=urls["left"],
            failed=urls["failed"],
            wire=self._wire[source],
            copies=self._copies[source],
            lag_median=lag,
            feeds=feeds.feeds if feeds else None,
            feeds_failing=feeds.failing if feeds else None,
            entries_new=feeds.new if feeds else None,
            entries_expected=feeds.expected if feeds else None,
            entries_lost=feeds.lost if feeds else None,
            signs=_signs(feeds, lag) if feeds else (),
        )


def _source_of(row: Row) -> str:
    """As the row has it, else the domain: what of feeds is not in a source list has no id in its row."""
    if row["source_id"]:
        return str(row["source_id"])
    return registrable_domain(row["url"]) if web_link(row["url"]) else NO_SOURCE


def _class_of(row: Row) -> str:
    if row["outcome"] == "written":
        return "written"
    return "left" if row["ok"] else "failed"


def _signs(feeds: _Feeds, lag: float | None) -> tuple[str, ...]:
    """What is wrong, in a word each.  A source that was never asked before cannot be late or quiet."""
    known = feeds.expected is not None
    expected = feeds.expected or 0.0
    signs = {
        "failing": feeds.failing > 0,
        "overrun": feeds.lost > 0,
        "late": known and lag is not None and lag > LATE,
        "quiet": expected >= FEWEST_EXPECTED and feeds.new < QUIET_SHARE * expected,
    }
    return tuple(sign for sign, holds in signs.items() if holds)
