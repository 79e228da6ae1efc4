"""Fetching pages, by the rules of each host's robots.txt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.article import Fetch, Rights
from schemas.hops import Page, PageRequest, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.identity import payload_sha256
from transforms.core.pacing import Pace
from transforms.core.reservations import reserved_rights
from transforms.core.revisits import REMEMBERED_RANK, PageNote
from transforms.core.urls import url_key
from transforms.core.withdrawals import is_withdrawn, withdrawn_article
from transforms.feed_texts import STAND_INS, stand_in
from transforms.fetch import ByDomain, Fetching, Politeness
from transforms.fetcher import ACCEPT_PAGES, FetcherConfig, FetchProblem, Response
from transforms.fetching.courses import Course
from transforms.outcomes import OUTCOMES, Reporter
from transforms.parts import withdrawal_record

WITHDRAWN = "withdrawn"
"""The name of an output: rows that take articles back."""

NOTES = "notes"
"""The name of the third output: what the state is to remember of a fetch."""

UNCHANGED = Problem(OutcomeKind.NOT_MODIFIED, "the page is as it was when it was last read")


class FetchedPages(NamedTuple):
    """Pages as they came, what became of those that did not or are as they were, notes on all that came, what feeds
    say in place of those that did not, and rows that take articles back whose pages are gone."""

    pages: beam.PCollection
    outcomes: beam.PCollection
    notes: beam.PCollection
    stand_ins: beam.PCollection
    withdrawn: beam.PCollection


class PageAnswer(NamedTuple):
    """What the server answered, and what it and its robots.txt reserve."""

    response: Response
    rights: Rights


@dataclass(eq=False)
class FetchPages(beam.PTransform):
    """Page requests in, pages out."""

    run: Run
    clock: Clock
    fetcher: FetcherConfig
    politeness: Politeness

    def work(self) -> _FetchPages:
        """What a worker does."""
        return _FetchPages(self.fetcher, self.politeness, Reporter(self.run, self.clock, Stage.FETCH_PAGE))

    def expand(self, requests: beam.PCollection) -> FetchedPages:
        outputs = beam.ParDo(self.work()).with_outputs(OUTCOMES, NOTES, STAND_INS, WITHDRAWN, main="pages")
        return FetchedPages(*(requests | ByDomain(_FetchPages.what) | "Fetch" >> outputs))


class _FetchPages(Fetching):
    accept = ACCEPT_PAGES
    what = "pages fetched"

    def pace(self) -> Pace:
        return Pace(self._politeness.gap_seconds, max_pages_per_host=self._politeness.max_pages_per_host)

    def obeys_robots(self) -> bool:
        return self._politeness.obeys_robots

    def source_id(self, request: PageRequest) -> str | None:
        return request.source.id

    def get(self, request: PageRequest) -> Course[Any]:
        """Asks with the validators of the last answer, if there was one."""
        known = request.known
        answer = yield from self.ask(
            request.url, etag=known.etag if known else None, last_modified=known.last_modified if known else None
        )
        return answer if isinstance(answer, FetchProblem) else PageAnswer(answer, self._reserved(answer))

    def weight(self, result: PageAnswer | FetchProblem) -> int:
        """Bytes that the result of ``get`` holds."""
        return super().weight(result if isinstance(result, FetchProblem) else result.response)

    def _reserved(self, response: Response) -> Rights:
        rules = self._gate.rules(response.final_url)
        return reserved_rights(response.headers.fields, rules, response.final_url)

    def put_off(self, request: PageRequest) -> Iterator[Any]:
        """A page that nothing lists in this run was due before it and is after it: nothing is to be said of it, else a
        host with thousands of pages to catch up on would have a row for each in every run."""
        if request.rank != REMEMBERED_RANK:
            yield from super().put_off(request)

    def failed(self, request: PageRequest, problem: FetchProblem) -> Iterator[Any]:
        yield from super().failed(request, problem)
        yield from (beam.pvalue.TaggedOutput(STAND_INS, page) for page in stand_in(request, problem))
        if request.known and request.known.article_id and is_withdrawn(request, problem):
            row = withdrawn_article(request, request.known.article_id, problem.status, self._reporter.run)
            yield beam.pvalue.TaggedOutput(WITHDRAWN, withdrawal_record(row))

    def fetched(self, request: PageRequest, answer: PageAnswer) -> Iterator[Any]:
        response, rights = answer
        fetch = self._fetch_of(request, response)
        yield beam.pvalue.TaggedOutput(NOTES, PageNote(url_key(request.url), fetched=fetch))
        if _is_unchanged(request, fetch):
            details = {"source_id": request.source.id, "duration_ms": fetch.duration_ms}
            yield self._reporter.tagged(replace(UNCHANGED, status=response.status), request.url, **details)
        else:
            yield Page(replace(request, known=None), fetch, response.body, rights)

    def _fetch_of(self, request: PageRequest, response: Response) -> Fetch:
        return Fetch(
            requested_url=request.url,
            final_url=response.final_url,
            redirects=response.redirects,
            status=response.status,
            fetched_at=self._reporter.clock.now(),
            duration_ms=self.milliseconds(response),
            content_type=response.headers.get("content-type"),
            bytes=len(response.body),
            payload_sha256=payload_sha256(response.body) if response.body else None,
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            robots="allowed" if self._politeness.obeys_robots else "ignored",
        )


def _is_unchanged(request: PageRequest, fetch: Fetch) -> bool:
    """Whether the page is as it was: 304, or the very bytes that led to an article, whatever the validators say."""
    known = request.known
    if known is None:
        return False
    return fetch.status == HTTPStatus.NOT_MODIFIED or (
        known.article_id is not None and fetch.payload_sha256 == known.payload_sha256
    )
