"""The pure half of the sink: which of several rows of one group is kept, and what becomes of the others.

Rows come sorted by key, so that the same rows give the same file whatever the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from schemas.hops import EncodedRecord, Run
from schemas.outcome import OK_KINDS, Outcome, OutcomeKind, Problem, Stage
from transforms.core.outcomes import one_line, outcome_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """A row to write, and the outcomes that follow from writing it."""

    row: Row
    outcomes: tuple[Outcome, ...] = ()


def merge_articles(rows: Iterable[tuple[EncodedRecord, Row]], *, run: Run, at: datetime) -> Iterator[Merged]:
    """One row for each article: the first by key is ``written``, its copies are ``duplicate``.

    ``rows`` are sorted by key and carry their decoded form.
    """
    for _, copies in groupby(rows, key=lambda item: item[0].group):
        first, *others = (row for _, row in copies)
        outcomes = [_of_article(first, Problem(OutcomeKind.WRITTEN, ""), run, at)]
        outcomes += [_of_article(row, _duplicate_of(first), run, at) for row in others]
        yield Merged(first, tuple(outcomes))


def merge_outcomes(rows: Iterable[Outcome]) -> Iterator[Outcome]:
    """One row for each URL, from rows sorted by `outcome_key`: the first, with a word on the others."""
    for _, same_url in groupby(rows, key=lambda outcome: outcome.url):
        first, *others = same_url
        yield _with_note(first, others) if others else first


def outcome_key(outcome: Outcome) -> str:
    """Sorts the outcomes of a URL: written first, then those that are ok, then the failures."""
    kind = OutcomeKind(outcome.outcome)
    precedence = 0 if kind is OutcomeKind.WRITTEN else 1 if kind in OK_KINDS else 2
    # What was listed as a URL may hold any character: it must end where no other goes on, or rows of two would mix.
    url = outcome.url.replace("\0", "\0\1")
    return f"{url}\0\0{precedence} {outcome.stage} {outcome.outcome} {outcome.detail or ''}"


def _with_note(first: Outcome, others: list[Outcome]) -> Outcome:
    also = ", ".join(dict.fromkeys(f"{other.stage}/{other.outcome}" for other in others))
    note = f"came {len(others) + 1} times in this run; also {also}"
    return replace(first, detail=one_line(f"{first.detail}; {note}" if first.detail else note))


def _duplicate_of(row: Row) -> Problem:
    return Problem(OutcomeKind.DUPLICATE, f"the same article as {row['url']}")


def _of_article(row: Row, verdict: Problem, run: Run, at: datetime) -> Outcome:
    fetch = row["fetch"] or {}
    return outcome_of(
        replace(verdict, status=fetch.get("status")),
        run=run,
        stage=Stage.WRITE,
        url=fetch.get("requested_url") or row["url"],
        at=at,
        source_id=row["source"]["id"],
        article_id=row["article_id"],
        duration_ms=fetch.get("duration_ms"),
        archive_uri=fetch.get("archive_uri"),
        archive_offset=fetch.get("archive_offset"),
    )
