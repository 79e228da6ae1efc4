"""Failed work that is worth doing again: which rows of ``outcomes`` are chosen, and in which way each is run.

Reading and fetching are the shell's; here are the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.article import Discovery, Fetch
from schemas.hops import FeedRequest, Page, PageRequest
from schemas.outcome import OutcomeKind, Stage
from transforms.core.discovery import source_of
from transforms.core.identity import payload_sha256
from transforms.core.outcomes import MAX_PAYLOAD
from transforms.core.secrets import MASK

REPLAY = "replay"
"""How the records say that their page was listed by a replay: what had led to it first is not in the row."""

UNDECIDED = frozenset({OutcomeKind.NOT_DUE, OutcomeKind.FILTERED})
"""Outcomes that leave open what would become of a URL: a row before them still counts."""


class Way(StrEnum):
    """How a failed row is run again."""

    STORED = "stored"
    """The page is in the row: it is read from there, nothing is fetched."""
    PAGE = "page"
    """The page is asked for again."""
    FEED = "feed"
    """The feed is asked for again, and with it what it lists."""
    NOT = "not"
    """It cannot be run from the row; ``reason`` says what can be done."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a row of ``outcomes`` says, without its payload.

    ``path`` and ``place`` tell where the row stands: the file, and how many rows come before it.  ``payload_bytes`` is
    the length of the payload as stored, 0 where there is none.
    """

    url: str
    stage: str
    outcome: str
    ok: bool
    retryable: bool
    at: datetime
    run_id: str
    path: str
    place: int
    source_id: str | None = None
    payload_bytes: int = 0
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A row to run again, and how; ``reason`` is there where it cannot be."""

    failure: Failure
    way: Way
    reason: str | None = None


def failure_of(row: Mapping[str, Any], path: str, place: int) -> Failure:
    """The facts of a row.  Raises KeyError or TypeError where it is no row of outcomes."""
    return Failure(
        url=row["url"],
        stage=row["stage"],
        outcome=row["outcome"],
        ok=row["ok"],
        retryable=row["retryable"],
        at=row["at"],
        run_id=row["run_id"],
        path=path,
        place=place,
        source_id=row["source_id"],
        payload_bytes=len(row["payload"] or b""),
        is_archived=row["archive_uri"] is not None,
    )


def last_words(rows: Iterable[Failure]) -> list[Failure]:
    """The newest row of each URL, by URL: a failure that a later run made good is no failure any more."""
    last: dict[str, Failure] = {}
    for row in rows:
        known = last.get(row.url)
        if row.outcome not in UNDECIDED and (known is None or _age(known) < _age(row)):
            last[row.url] = row
    return [last[url] for url in sorted(last)]


def choose(rows: Iterable[Failure], *, outcomes: Iterable[str] = (), stages: Iterable[str] = ()) -> list[Choice]:
    """The failures to run again, by URL.

    Without ``outcomes`` and ``stages`` these are the ones that may come out otherwise: what may pass by itself, and
    pages that are stored.  With them, all failures that they name.
    """
    kinds, steps = frozenset(outcomes), frozenset(stages)
    chosen = []
    for row in last_words(rows):
        choice = way_of(row)
        named = (not kinds or row.outcome in kinds) and (not steps or row.stage in steps)
        hopeful = bool(kinds or steps) or row.retryable or choice.way is Way.STORED
        if not row.ok and named and hopeful:
            chosen.append(choice)
    return chosen


def way_of(row: Failure) -> Choice:
    """How ``row`` is run again."""
    if row.stage == Stage.EXTRACT and 0 < row.payload_bytes < MAX_PAYLOAD:
        return Choice(row, Way.STORED)
    if row.is_archived:
        return Choice(row, Way.NOT, "its page was cut: read its file or archive again with newsbeam ingest")
    if row.stage in {Stage.FETCH_FEED, Stage.PARSE_FEED}:
        return _asked_again(row, Way.FEED)
    if row.stage in {Stage.FETCH_PAGE, Stage.EXTRACT}:
        return _asked_again(row, Way.PAGE)
    if row.stage == Stage.ENRICH:
        return Choice(row, Way.NOT, "its text came from a file: run newsbeam enrich on that again")
    return Choice(row, Way.NOT, "nothing that can be asked for")


def stored_page(row: Mapping[str, Any], *, now: datetime) -> Page:
    """The page that a row carries, as it came then: ``fetched_at`` is the time of the row."""
    request = _page_request(row["url"], row["source_id"], now)
    fetch = Fetch(
        requested_url=row["url"],
        final_url=row["url"],
        status=row["status"],
        fetched_at=row["at"],
        bytes=len(row["payload"]),
        payload_sha256=payload_sha256(row["payload"]),
        archive_uri=row["archive_uri"],
        archive_offset=row["archive_offset"],
    )
    return Page(request, fetch, row["payload"])


def page_request(failure: Failure, place: int, *, now: datetime) -> PageRequest:
    """A request for the page of a failure."""
    return replace(_page_request(failure.url, failure.source_id, now), rank=(place, 0))


def feed_request(failure: Failure, place: int) -> FeedRequest:
    """A request for the feed of a failure; what it is, a feed or a sitemap, its own text tells."""
    return FeedRequest(failure.url, place, source_id=failure.source_id)


def _page_request(url: str, source_id: str | None, now: datetime) -> PageRequest:
    return PageRequest(url, source_of(url, source_id), Discovery(kind=REPLAY, seen_at=now))


def _asked_again(row: Failure, way: Way) -> Choice:
    if MASK in row.url:
        return Choice(row, Way.NOT, "its address holds a key, which rows do not tell: list it yourself")
    if not row.url.startswith(("http://", "https://")):
        return Choice(row, Way.NOT, "nothing that can be asked for")
    return Choice(row, way)


def _age(row: Failure) -> tuple[datetime, str, str, int]:
    return row.at, row.run_id, row.path, row.place
