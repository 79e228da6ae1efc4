"""Which version of an article is the newest, and which versions changed a headline: looked up before rows are counted.

Only articles with several versions take memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transforms.core.reporting.counting import Newest
from transforms.core.reporting.figures import HeadlineChange

MOST_HEADLINES = 200
"""Changed headlines that are shown, the newest."""

READ_FIRST = (
    "article_id",
    "version_id",
    "version",
    "action",
    "previous_version_id",
    "changed_fields",
    "ingested_at",
    "first_seen_at",
)
"""The fields that `Revisions` looks at."""


class Revisions:
    """Told of every row before any is counted."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._headlines: Newest[Mapping[str, Any]] = Newest(MOST_HEADLINES)

    def add(self, row: Mapping[str, Any]) -> None:
        """A row with at least `READ_FIRST`."""
        if row["version"] > 1:
            self._newest[row["article_id"]] = max(row["version"], self._newest.get(row["article_id"], 0))
        if changes_headline(row):
            self._headlines.offer((row["ingested_at"], row["version_id"]), lambda: dict(row))

    def is_newest(self, row: Mapping[str, Any]) -> bool:
        """Whether no later version of the article was among the rows."""
        return bool(row["version"] >= self._newest.get(row["article_id"], 0))

    def headline_changes(self) -> list[Mapping[str, Any]]:
        """The rows that changed a headline, the newest first, at most `MOST_HEADLINES`."""
        return list(self._headlines)


def changes_headline(row: Mapping[str, Any]) -> bool:
    """Whether the version has another headline than the one before it."""
    replaced = row["action"] != "DELETE" and row["previous_version_id"] is not None
    return replaced and "headline" in row["changed_fields"]


class Headlines:
    """Both headlines of the versions that changed one."""

    def __init__(self, changes: list[Mapping[str, Any]]) -> None:
        self._before: dict[str, str | None] = {row["previous_version_id"]: None for row in changes}
        self._missing = set(self._before)
        self._after: dict[str, Mapping[str, Any] | None] = {row["version_id"]: None for row in changes}
        self.counted = 0

    @property
    def missing(self) -> frozenset[str]:
        """Ids of earlier versions that no row had yet."""
        return frozenset(self._missing)

    def add(self, row: Mapping[str, Any]) -> None:
        """A row of the report, once."""
        self.counted += changes_headline(row)
        if row["version_id"] in self._after:
            kept = ("ingested_at", "canonical_url", "headline", "previous_version_id")
            self._after[row["version_id"]] = {**{name: row[name] for name in kept}, "source": row["source"]["id"]}
        self.add_earlier(row)

    def add_earlier(self, row: Mapping[str, Any]) -> None:
        """A row that may be an earlier version: ``version_id`` and ``headline`` are enough."""
        if row["version_id"] in self._missing:
            self._before[row["version_id"]] = row["headline"]
            self._missing.discard(row["version_id"])

    def figures(self) -> tuple[HeadlineChange, ...]:
        """The newest first."""
        return tuple(
            HeadlineChange(
                row["ingested_at"],
                row["source"],
                row["canonical_url"],
                self._before[row["previous_version_id"]],
                row["headline"] or "",
            )
            for row in self._after.values()
            if row is not None
        )
