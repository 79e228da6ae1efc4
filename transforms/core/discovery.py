"""From what was listed to what is asked for: entries to page requests, one request for each page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.article import Discovery, Source
from schemas.codec import from_json, to_json
from schemas.hops import Capture, Feed, FeedEntry, FeedRequest, PageRequest
from schemas.outcome import OutcomeKind, Problem
from transforms.core.sitemaps import SitemapIndex
from transforms.core.urls import registrable_domain

Candidate = PageRequest | Capture
"""A page to ask for, or one that lies in an archive."""

_CAPTURE, _REQUEST = b"c", b"r"


@dataclass(frozen=True, slots=True)
class Passed:
    """A URL that was listed and is not asked for, with the reason."""

    url: str
    source_id: str
    problem: Problem


def page_requests(feed: Feed, request: FeedRequest, *, feed_url: str, now: datetime) -> Iterator[PageRequest]:
    """A request for each entry of ``feed``, in the feed's order."""
    for place, entry in enumerate(feed.entries):
        yield PageRequest(
            url=entry.url,
            source=source_of(entry.url, request.source_id, request.source_name),
            discovery=_discovery_of(entry, "sitemap" if feed.format.endswith("sitemap") else "feed", feed_url, now),
            rank=(request.position, place),
        )


def child_requests(index: SitemapIndex, request: FeedRequest) -> Iterator[FeedRequest]:
    """A request for each sitemap that ``index`` lists, for the source of ``request``, which led to it."""
    for entry in index.entries:
        yield replace(request, url=entry.url, known=None)


def listed_page(url: str, *, position: int, now: datetime) -> PageRequest:
    """A request for a page that a person listed."""
    return PageRequest(url, source_of(url), Discovery(kind="url_list", seen_at=now), rank=(position, 0))


def source_of(url: str, source_id: str | None = None, name: str | None = None) -> Source:
    """The publisher of the page at ``url``: as the source list has it, else its registrable domain."""
    domain = registrable_domain(url)
    return Source(id=source_id or domain, domain=domain, name=name)


def request_of(candidate: Candidate) -> PageRequest:
    """The request behind a candidate."""
    return candidate.request if isinstance(candidate, Capture) else candidate


def candidate_to_bytes(candidate: Candidate) -> bytes:
    """``candidate`` as it waits on disk for the others that list its page."""
    return (_CAPTURE if isinstance(candidate, Capture) else _REQUEST) + to_json(candidate)


def candidate_from_bytes(data: bytes) -> Candidate:
    """What `candidate_to_bytes` made ``data`` from."""
    kind: type[Candidate] = Capture if data.startswith(_CAPTURE) else PageRequest
    return from_json(kind, data[1:])


def choose_candidate(candidates: Iterable[Candidate]) -> tuple[Candidate, list[Passed]]:
    """The one candidate that is taken of several for one page, and a word on each other URL.

    An archived page needs no request, so it wins, the newest first; a capture without a page comes last.  Between
    requests the source listed first wins.
    """
    chosen, *others = sorted(candidates, key=_preference)
    url = request_of(chosen).url
    passed = {
        request_of(other).url: Passed(
            request_of(other).url,
            request_of(other).source.id,
            Problem(OutcomeKind.DUPLICATE, f"the same page as {url}, which was taken"),
        )
        for other in others
        if request_of(other).url != url
    }
    return chosen, list(passed.values())


def candidate_order(candidate: Candidate) -> tuple[tuple[int, int], str]:
    """Sorts candidates as they were listed; what ``--limit`` counts by."""
    request = request_of(candidate)
    return request.rank, request.url


def _preference(candidate: Candidate) -> tuple[int, float, tuple[int, int], str, str]:
    """Sorts candidates, the best first; the last part only keeps the choice free of the order of arrival."""
    request = request_of(candidate)
    place = request.rank, request.url, repr(candidate)
    if isinstance(candidate, PageRequest):
        return 1, 0.0, *place
    return 0 if candidate.usable else 2, -candidate.captured_at.timestamp(), *place


def _discovery_of(entry: FeedEntry, kind: str, feed_url: str, now: datetime) -> Discovery:
    return Discovery(
        kind=kind,
        seen_at=now,
        feed_url=feed_url,
        entry_id=entry.entry_id,
        entry_title=entry.title,
        entry_published_at=entry.published_at,
        entry_updated_at=entry.updated_at,
        entry_summary=entry.summary,
        entry_categories=entry.categories,
    )
