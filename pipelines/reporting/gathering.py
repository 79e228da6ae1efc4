"""A report from the files of an output: every row is looked at once, and no more than the newest are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.reporting.reading import Found, Selection, earlier_headlines, find, rows
from schemas.registry import ARTICLE, OUTCOME
from transforms.core.reporting.counting import Newest
from transforms.core.reporting.figures import Figures
from transforms.core.reporting.revisions import READ_FIRST, Revisions
from transforms.core.reporting.tally import Tally
from transforms.core.reporting.view import article_view, outcome_view

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """``articles`` and ``urls`` are JSON objects: the newest stories, and of the URLs those that failed first."""

    output: str
    figures: Figures
    articles: tuple[str, ...]
    articles_in_all: int
    urls: tuple[str, ...]
    urls_in_all: int
    versions: tuple[tuple[str, str], ...]


def gather(selection: Selection, most_articles: int, most_urls: int) -> Report:
    """The report of what is selected.  Raises `UsageError` or `RunFailed` as `find` and `rows` do."""
    found = find(selection)
    revisions = Revisions()
    for row in rows(selection, found.articles, ARTICLE, only=READ_FIRST):
        revisions.add(row)
    tally = Tally(revisions)
    for manifest in found.manifests:
        tally.add_run(manifest)
    articles = _articles(selection, found, tally, most_articles)
    urls = _urls(selection, found, tally, most_urls)
    _look_back(selection, revisions, tally)
    return Report(
        selection.output,
        tally.figures(),
        tuple(articles),
        articles.offered,
        tuple(urls),
        urls.offered,
        tuple(sorted(found.manifests[-1].get("versions", {}).items())),
    )


def _articles(selection: Selection, found: Found, tally: Tally, most: int) -> Newest[str]:
    newest: Newest[str] = Newest(most)
    for row in rows(selection, found.articles, ARTICLE):
        if tally.add_article(row):
            newest.offer(_article_key(row), lambda row=row: _json(article_view(row)))  # type: ignore[misc]
    return newest


def _urls(selection: Selection, found: Found, tally: Tally, most: int) -> Newest[str]:
    newest: Newest[str] = Newest(most)
    for row in rows(selection, found.outcomes, OUTCOME):
        tally.add_outcome(row)
        key = (not row["ok"], row["at"], row["url"], row["run_id"])
        newest.offer(key, lambda row=row: _json(outcome_view(row)))  # type: ignore[misc]
    return newest


def _look_back(selection: Selection, revisions: Revisions, tally: Tally) -> None:
    """Looks for the earlier headlines of changed ones that were written before the days of the report."""
    missing = tally.headlines.missing
    waiting = [row for row in revisions.headline_changes() if row["previous_version_id"] in missing]
    if not waiting:
        return
    since = min(row["first_seen_at"] for row in waiting)
    until = max(row["ingested_at"] for row in waiting).date()
    for row in earlier_headlines(selection, since, until):
        tally.headlines.add_earlier(row)
        if not tally.headlines.missing:
            return


def _article_key(row: Row) -> tuple[Any, ...]:
    """Newest first by when it was written, then by when it was published."""
    published = row["published_at"]
    return row["ingested_at"], published.timestamp() if published else 0.0, row["version_id"]


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
