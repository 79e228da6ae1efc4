"""All figures of a report, from one look at every row.

Memory grows with sources and with articles that have several versions, by some seventy bytes for every other article
(so that a version that was written twice counts once), and not with texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from schemas.meanings import MEANINGS
from schemas.outcome import OutcomeKind
from transforms.core.reporting.advice import advice
from transforms.core.reporting.figures import Figures, OutcomeCount, Period, Totals
from transforms.core.reporting.revisions import Headlines, Revisions
from transforms.core.reporting.sources import Sources
from transforms.core.reporting.stories import Delays, Duplicates, Names, Voices
from transforms.core.reporting.timeline import Times

Row = Mapping[str, Any]

NO_LANGUAGE = "not known"

LANGUAGES_SHOWN = 20


class Tally:
    """Told of manifests, articles and outcomes, in any order but that of the manifests' time."""

    def __init__(self, revisions: Revisions) -> None:
        self._revisions = revisions
        self.headlines = Headlines(revisions.headline_changes())
        self._voices, self._names, self._copies, self._delays = Voices(), Names(), Duplicates(), Delays()
        self._sources, self._times = Sources(), Times()
        self._versions: set[int] = set()
        self._counts: Counter[str] = Counter()
        self._outcomes: Counter[tuple[str, bool]] = Counter()
        self._languages: Counter[str] = Counter()
        self._runs: dict[str, datetime] = {}
        self._pinned = 0

    def add_run(self, manifest: Row) -> None:
        """The manifest of a run."""
        self._runs[manifest["run_id"]] = datetime.fromisoformat(manifest["now"])
        self._pinned += manifest.get("clock") == "pinned"
        self._sources.add_run(manifest)

    def add_article(self, row: Row) -> bool:
        """A version of an article; True where it is a story of the report, False where it counts otherwise."""
        version = hash((row["version_id"], row["version"]))
        if version in self._versions:
            self._counts["repeated"] += 1
            return False
        self._versions.add(version)
        self.headlines.add(row)
        if row["action"] == "DELETE":
            self._counts["withdrawn"] += 1
            return False
        self._counts["changed"] += row["version"] > 1
        if not self._revisions.is_newest(row):
            return False
        self._add_story(row)
        return True

    def _add_story(self, row: Row) -> None:
        self._counts["stories"] += 1
        self._counts["words"] += row["quality"]["word_count"]
        self._languages[row["language"] or NO_LANGUAGE] += 1
        for counting in (self._voices, self._names, self._copies, self._delays):
            counting.add(row)
        self._sources.add_story(row)
        self._times.add_story(row)

    def add_outcome(self, row: Row) -> None:
        """A row of outcomes."""
        self._outcomes[row["outcome"], row["ok"]] += 1
        self._counts["urls"] += 1
        self._counts["failed"] += not row["ok"]
        self._counts["retryable"] += row["retryable"]
        self._sources.add_outcome(row)
        self._times.add_outcome(row)

    def figures(self) -> Figures:
        """All of it, as it stands."""
        sources = self._sources.figures(self._delays.median_of)
        failures = {outcome: urls for (outcome, ok), urls in self._outcomes.items() if not ok}
        return Figures(
            period=self._period(),
            totals=self._totals(),
            outcomes=_outcomes(self._outcomes.items()),
            sources=sources,
            timeline=self._times.figures(),
            freshness=self._delays.figures(),
            speakers=self._voices.figures(),
            entities=self._names.figures(),
            copies=self._copies.figures(),
            headlines=self.headlines.figures(),
            headlines_changed=self.headlines.counted,
            languages=tuple(sorted(self._languages.items(), key=lambda item: (-item[1], item[0])))[:LANGUAGES_SHOWN],
            advice=advice(failures, sources),
            approximate=self._approximate(),
        )

    def _period(self) -> Period:
        moments = sorted(self._runs.values())
        first, last = (moments[0], moments[-1]) if moments else (None, None)
        return Period(tuple(sorted(self._runs)), first, last, pinned=0 < len(self._runs) == self._pinned)

    def _totals(self) -> Totals:
        return Totals(**self._counts, quotations=self._voices.quotations, attributed=self._voices.attributed)

    def _approximate(self) -> tuple[str, ...]:
        short = {
            "how often somebody is quoted": self._voices.shortfall,
            "how often somebody is named": self._names.shortfall,
        }
        return tuple(f"{what}: may be too low by up to {most:,}" for what, most in short.items() if most)


def _outcomes(counts: Iterable[tuple[tuple[str, bool], int]]) -> tuple[OutcomeCount, ...]:
    """Failures last, else the most frequent first."""
    found = [OutcomeCount(outcome, ok, urls, meaning(outcome)) for (outcome, ok), urls in counts]
    return tuple(sorted(found, key=lambda each: (not each.ok, -each.urls, each.outcome)))


def meaning(outcome: str) -> str:
    """An outcome in words, without marks of Markdown; of one that this version does not know, nothing."""
    known = OutcomeKind(outcome) if outcome in set(OutcomeKind) else None
    return MEANINGS[known].replace("`", "") if known else ""
