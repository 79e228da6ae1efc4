"""The pure half of the sink: which of several rows of one group is kept, and what becomes of the others.

Rows come sorted by key, so that the same rows give the same file whatever the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, TypeVar

from schemas.codec import to_row
from schemas.hops import EncodedRecord, Run
from schemas.outcome import OK_KINDS, Outcome, OutcomeKind, Problem, Stage
from schemas.state import ArticleState
from transforms.core.duplicates import Copy, first_copy
from transforms.core.outcomes import one_line, outcome_of
from transforms.core.secrets import masked_row, may_hold_secrets
from transforms.core.versions import DELETE, Versioned, versioned

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Merged:
    """A row to write, None where the index has its like, the outcomes that follow, and what the index remembers.

    ``may_tell`` is whether there may be secrets in the row: its addresses are as they were asked for.
    """

    row: Row | None
    outcomes: tuple[Outcome, ...]
    state: ArticleState | None
    may_tell: bool

    @property
    def published(self) -> Row | None:
        """The row as readers get it."""
        return masked_row(self.row) if self.row and self.may_tell else self.row


def merge_articles(
    rows: Iterable[tuple[EncodedRecord, Row]],
    known: Iterable[ArticleState] = (),
    copies: Iterable[Copy] = (),
    *,
    run: Run,
    at: datetime,
) -> Iterator[Merged]:
    """One row for each article: the first by key is ``written``, its copies are ``duplicate``.

    ``rows`` are sorted by key and carry their decoded form; ``known`` is the index, sorted by article.  An article
    that is there as it was is ``unchanged``.  That an article is gone counts where no copy says otherwise.
    ``copies`` says which articles are copies of others, sorted by article, several words on one together.
    """
    index, copied = _Beside(known), _Beside(_one_each(copies))
    for article_id, same_article in groupby(rows, key=lambda item: item[0].group):
        (record, first), *others = same_article
        before = index.at(article_id)
        version = versioned(_marked(first, copied.at(article_id), before), before, run.now)
        outcomes = [_of_article(first, verdict, run, at) for verdict in _verdicts(first, version)]
        outcomes += [_of_article(row, _duplicate_of(first), run, at) for _, row in others if row["action"] != DELETE]
        yield Merged(version.row, tuple(outcomes), version.state, may_hold_secrets(record.data))


def _one_each(copies: Iterable[Copy]) -> Iterator[Copy]:
    """Of several words on one article, that which names the first original."""
    return (first_copy(same_article) for _, same_article in groupby(copies, key=lambda copy: copy.article_id))


def _marked(row: Row, copy: Copy | None, known: ArticleState | None) -> Row:
    """``row`` with whose copy it is; an article that was there before its like is none."""
    if copy is None or (known is not None and known.first_seen_at <= copy.original_seen_at):
        return row
    return {**row, "duplicate": to_row(copy.duplicate)}


OfArticle = TypeVar("OfArticle", ArticleState, Copy)


class _Beside(Generic[OfArticle]):
    """What is known of articles, sorted by them and read on as it is looked up, in the same order."""

    def __init__(self, known: Iterable[OfArticle]) -> None:
        self._known: Iterator[OfArticle] = iter(known)
        self._next: OfArticle | None = next(self._known, None)

    def at(self, article_id: str) -> OfArticle | None:
        while self._next is not None and self._next.article_id < article_id:
            self._next = next(self._known, None)
        return self._next if self._next is not None and self._next.article_id == article_id else None


def _verdicts(row: Row, version: Versioned) -> Iterator[Problem]:
    """The outcome that follows; a deletion that takes nothing away has none besides that of the fetch."""
    if version.row is not None:
        yield Problem(OutcomeKind.WRITTEN, _what_is_new(version.row))
    elif version.state is not None and row["action"] != DELETE:
        yield Problem(OutcomeKind.UNCHANGED, f"as in version {version.state.version}")


def _what_is_new(row: Row) -> str:
    if row["action"] == DELETE:
        return f"version {row['version']}: the article was taken away"
    changed = ", ".join(row["changed_fields"])
    return f"version {row['version']}: {changed}" if changed else ""


def merge_outcomes(rows: Iterable[Outcome]) -> Iterator[Outcome]:
    """One row for each URL, from rows sorted by `outcome_key`: the first, with a word on the others."""
    for _, same_url in groupby(rows, key=lambda outcome: outcome.url):
        first, *others = same_url
        yield _with_note(first, others) if others else first


def outcome_key(outcome: Outcome) -> str:
    """Sorts the outcomes of a URL: written first, then those that are ok, then the failures."""
    # What was listed as a URL may hold any character: it must end where no other goes on, or rows of two would mix.
    url = outcome.url.replace("\0", "\0\1")
    return f"{url}\0\0{_precedence(outcome)} {outcome.stage} {outcome.outcome} {outcome.detail or ''}"


def _precedence(outcome: Outcome) -> int:
    kind = OutcomeKind(outcome.outcome)
    if kind is OutcomeKind.WRITTEN:
        return 0
    if kind not in OK_KINDS:
        return 3
    # That something was asked for twice does not say what became of it.
    return 2 if kind is OutcomeKind.DUPLICATE and outcome.stage == Stage.DISCOVER.value else 1


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
