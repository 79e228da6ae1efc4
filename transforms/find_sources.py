"""Asks a site where its feeds and news sitemaps are, politely, and reads what it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.hops import Feed
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds import parse_feed
from transforms.core.finding import (
    Clue,
    Found,
    LeftOut,
    Why,
    choose_sources,
    declared_feeds,
    found_source,
    guessed_feeds,
    guessed_sitemaps,
    linked_feeds,
    looks_like_feed,
    named_sitemaps,
)
from transforms.core.page_links import PageLinks, read_page_links
from transforms.core.robots import DISALLOW_ALL, Robots, RobotsRules, robots_url
from transforms.core.site_feeds import SitemapRules, feed_of_sitemap, period_in_name
from transforms.core.sitemaps import SitemapIndex, is_sitemap
from transforms.core.sources import SourceSpec
from transforms.core.urls import normalise_url, registrable_domain, split_url
from transforms.fetcher import ACCEPT_FEEDS, ACCEPT_PAGES, Fetcher, FetchProblem, Response
from transforms.robots_gate import AGENT

MAX_REQUESTS = 80
"""To one site: what is not found by then is well hidden."""

MAX_CRAWL_DELAY = 30.0
"""Seconds of a robots.txt's crawl delay that are granted; a person is waiting."""

CHILDREN = 3
"""Sitemaps of one index that are looked at; in a thorough search all that are fresh."""

Answer = Feed | SitemapIndex | PageLinks | Problem
"""What a place turns out to be."""

Reads = Callable[[bytes, str, dict[str, str], datetime], Answer]

_HOPELESS = (OutcomeKind.UNREACHABLE, OutcomeKind.TIMEOUT, OutcomeKind.BLOCKED_ADDRESS, OutcomeKind.MALFORMED)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a site has; ``problem`` says what stood in the way of its page, also where something was found elsewhere."""

    sources: tuple[SourceSpec, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    problem: str | None = None


def read_answer(body: bytes, url: str, headers: dict[str, str], now: datetime) -> Answer:
    """What ``body`` is: a feed, a sitemap as a feed, an index, or a page.  Runs in the pool: it is strangers' input."""
    if is_sitemap(body):
        return feed_of_sitemap(body, url=url, now=now, rules=SitemapRules(fresh_days=None))
    feed = parse_feed(body, url=url, headers=headers, now=now)
    if isinstance(feed, Feed):
        return feed
    page = read_page_links(body, url=url, content_type=headers.get("content-type"))
    return feed if isinstance(page, Problem) else page


class PoliteAsker:
    """Asks one thing at a time of a domain, with a gap after each answer, and no more of one that wants silence.

    Threads share it; each waits for its turn.
    """

    def __init__(self, fetcher: Fetcher, gap_seconds: float) -> None:
        self._fetcher = fetcher
        self._gap_seconds = gap_seconds
        self._lock = threading.Lock()
        self._turns: dict[str, _Turn] = {}
        self._closed = threading.Event()

    def close(self) -> None:
        """From now on nothing is asked, nor waited for."""
        self._closed.set()

    def get(self, url: str, accept: str = ACCEPT_PAGES) -> Response | FetchProblem:
        """As `Fetcher.get`, when the domain's turn has come."""
        with self._lock:
            turn = self._turns.setdefault(registrable_domain(url), _Turn(self._gap_seconds))
        with turn.lock:
            if turn.wants_silence:
                return FetchProblem(OutcomeKind.UNREACHABLE, "not asked: the host wants silence")
            if self._closed.wait(max(0.0, turn.free_at - time.monotonic())):
                return FetchProblem(OutcomeKind.UNREACHABLE, "not asked: stopped")
            answer = self._fetcher.get(url, accept=accept)
            turn.free_at = time.monotonic() + turn.gap_seconds
            turn.wants_silence = isinstance(answer, FetchProblem) and answer.status in (429, 503)
            return answer

    def slow_down(self, url: str, crawl_delay: float) -> None:
        """Widens the gap of the domain to what its robots.txt asks for, within reason."""
        with self._lock:
            turn = self._turns.setdefault(registrable_domain(url), _Turn(self._gap_seconds))
        turn.gap_seconds = max(turn.gap_seconds, min(crawl_delay, MAX_CRAWL_DELAY))


@dataclass(slots=True)
class _Turn:
    gap_seconds: float
    free_at: float = 0.0
    wants_silence: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class SearchRules:
    """How far a search goes.

    Well-known places are tried where the page names no feed, or in a thorough search, which also lists comments and
    plain sitemaps.  robots.txt is obeyed for all but feeds that the page or a person names, and sitemaps that
    robots.txt itself names.
    """

    is_thorough: bool = False
    obeys_robots: bool = True


def find_sources(
    url: str, *, asker: PoliteAsker, read: Reads, now: datetime, rules: SearchRules | None = None
) -> Findings:
    """The feeds and news sitemaps of the site with the page ``url``; without ids, which belong to a whole list."""
    return _Search(asker, read, now, rules or SearchRules()).run(url)


class _Search:
    """The search of one site: what was asked and found so far."""

    def __init__(self, asker: PoliteAsker, read: Reads, now: datetime, rules: SearchRules) -> None:
        self._asker = asker
        self._read = read
        self._now = now
        self._is_thorough = rules.is_thorough
        self._obeys_robots = rules.obeys_robots
        self._asked: set[str] = set()
        self._robots: dict[str, RobotsRules] = {}
        self._found: list[Found] = []
        self._plain: list[Found] = []
        self._page: PageLinks | None = None
        self._base: str | None = None
        self._problem: FetchProblem | None = None

    def run(self, url: str) -> Findings:
        start = Clue(url, Why.GIVEN)
        lives_at, answer = self._ask(start)
        if isinstance(answer, FetchProblem):
            self._problem = self._problem or answer
        self._take(start, lives_at, answer)
        if not self._is_done():
            base = self._base or url
            self._look_for_feeds(base)
            self._look_for_sitemaps(base)
        return self._findings()

    def _is_done(self) -> bool:
        """A feed needs no further search, and a site that cannot be reached allows none."""
        is_hopeless = self._problem is not None and self._problem.kind in _HOPELESS
        return is_hopeless or (bool(self._found) and not self._is_thorough)

    def _findings(self) -> Findings:
        found = self._found if self._found and not self._is_thorough else [*self._found, *self._plain]
        sources, left_out = choose_sources(found, thorough=self._is_thorough)
        problem = self._problem.detail if self._problem else None
        return Findings(tuple(sources), tuple(left_out), problem)

    def _look_for_feeds(self, url: str) -> None:
        if self._page:
            self._follow([*declared_feeds(self._page), *linked_feeds(self._page, url)])
        if self._is_thorough or not self._has_feed():
            for clue in guessed_feeds(url):
                self._follow([clue])
                if self._has_feed() and not self._is_thorough:
                    return

    def _has_feed(self) -> bool:
        return any(not one.is_comments for one in self._found)

    def _look_for_sitemaps(self, url: str) -> None:
        before = len(self._found)
        self._follow(named_sitemaps(self._rules(url).sitemaps)[: MAX_REQUESTS if self._is_thorough else 2 * CHILDREN])
        for clue in guessed_sitemaps(url):
            if len(self._found) > before and not self._is_thorough:
                return
            self._follow([clue])

    def _follow(self, clues: Iterable[Clue]) -> None:
        for clue in clues:
            lives_at, answer = self._ask(clue)
            self._take(clue, lives_at, answer)
            if isinstance(answer, PageLinks) and clue.why is Why.LINKED:
                self._follow_listing(answer, lives_at)

    def _follow_listing(self, page: PageLinks, url: str) -> None:
        """Feeds on a page that lists feeds; pages that it leads to are not read on."""
        for clue in (*declared_feeds(page), *linked_feeds(page, url)):
            self._take(clue, *self._ask(clue))

    def _take(self, clue: Clue, url: str, answer: Answer) -> None:
        if isinstance(answer, Feed):
            one = found_source(clue, url, answer, self._page)
            (self._plain if answer.format == "sitemap" and clue.why is not Why.GIVEN else self._found).append(one)
        elif isinstance(answer, SitemapIndex):
            self._take_index(clue, url, answer)
        elif isinstance(answer, PageLinks) and clue.why is Why.GIVEN:
            self._page = answer

    def _take_index(self, clue: Clue, url: str, index: SitemapIndex) -> None:
        """The sitemaps of an index; the index itself in place of those that have a date for a name, and end with it."""
        before = len(self._found)
        for child in index.entries if self._is_thorough else index.entries[:CHILDREN]:
            below = Clue(child.url, clue.why)
            lives_at, answer = self._ask(below)
            if isinstance(answer, Feed):  # an index in an index is not followed
                self._take(below, lives_at, answer)
        dated = [one for one in self._found[before:] if period_in_name(one.spec.url)]
        if dated:
            lasting = replace(dated[0], spec=replace(dated[0].spec, url=url))
            self._found[before:] = [one for one in self._found[before:] if one not in dated] + [lasting]

    def _ask(self, clue: Clue) -> tuple[str, Answer]:
        """Where to find again what answered, and what it is; a place that was asked before is a problem too.

        A feed is listed by the address that named it, which only a permanent move changes.
        """
        try:
            key = normalise_url(clue.url)
        except ValueError as error:
            return clue.url, FetchProblem(OutcomeKind.MALFORMED, f"not a URL to ask for: {error}")
        if key in self._asked or len(self._asked) >= MAX_REQUESTS:
            return clue.url, Problem(OutcomeKind.DUPLICATE, "asked before")
        self._asked.add(key)
        if not self._may_ask(clue):
            return clue.url, FetchProblem(OutcomeKind.DISALLOWED, "robots.txt disallows it, or cannot be had")
        response = self._asker.get(clue.url, ACCEPT_PAGES if clue.why is Why.GIVEN else ACCEPT_FEEDS)
        if isinstance(response, FetchProblem):
            return clue.url, response
        self._asked.add(normalise_url(response.final_url))
        if clue.why is Why.GIVEN:
            self._base = response.final_url
        answer = self._read(response.body, response.final_url, dict(response.headers), self._now)
        return response.moved_to or clue.url, answer

    def _may_ask(self, clue: Clue) -> bool:
        is_named = clue.why in (Why.DECLARED, Why.ROBOTS) or (clue.why is Why.GIVEN and looks_like_feed(clue.url))
        return is_named or not self._obeys_robots or self._rules(clue.url).allows(clue.url, AGENT)

    def _rules(self, url: str) -> RobotsRules:
        origin = split_url(url).origin
        if origin not in self._robots:
            self._robots[origin] = self._ask_robots(origin)
            if delay := self._robots[origin].crawl_delay(AGENT):
                self._asker.slow_down(origin, delay)
        return self._robots[origin]

    def _ask_robots(self, origin: str) -> RobotsRules:
        answer = self._asker.get(robots_url(origin), "text/plain, */*;q=0.5")
        if isinstance(answer, FetchProblem) and answer.kind is not OutcomeKind.HTTP_ERROR:
            self._problem = self._problem or answer
            return DISALLOW_ALL
        return Robots.parse(answer.body if isinstance(answer, Response) else b"", answer.status)
