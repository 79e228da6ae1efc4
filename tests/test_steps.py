"""The composites one by one, each as an expression: what goes in, results and outcomes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any

import apache_beam as beam
import pytest

from schemas.article import Discovery
from schemas.hops import Capture as CaptureRecord
from schemas.hops import Document, FeedAnswer, FeedRequest, FetchedFeed, Page, PageRequest, Run
from support import Capture
from transforms.archives import Damage, ListCaptures, ReadCaptures, list_captures
from transforms.articles import AnnotateDocuments, MakeArticles, ParseFeeds
from transforms.choose import ChoosePages, Chosen, LimitPages
from transforms.clock import Clock
from transforms.core.annotation import installed_models
from transforms.core.discovery import listed_page, source_of
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetch_feeds import FetchFeeds
from transforms.fetch_pages import FetchPages
from transforms.fetcher import FetcherConfig, FetchLimits

NOW = datetime(2026, 11, 15, 21, 0, tzinfo=UTC)
RUN = Run("test", NOW, "0")
CLOCK = Clock(NOW)
POOL = PoolConfig(models=tuple(sorted(installed_models().items())), task_seconds=20.0)
FETCHER = FetcherConfig(FetchLimits(total_seconds=2.0), (ip_network("127.0.0.0/8"),))
ANSWER = FeedAnswer(NOW, 200)
POLITE = Politeness(gap_seconds=0.0, threads=4)


def run_step(elements: list[Any], step: beam.PTransform) -> list[list[Any]]:
    """Runs a step over ``elements``; gives what came out of each of its outputs."""
    collected: list[list[Any]] = []
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        outputs = pipeline | beam.Create(elements) | step
        for number, name in enumerate(outputs._fields):
            collected.append(_Collected.fresh(f"{id(collected)}-{number}"))
            outputs[number] | f"Collect {name}" >> beam.ParDo(_Collected(f"{id(collected)}-{number}"))
    return collected


class _Collected(beam.DoFn):
    """Keeps elements in this process, which is where the local runner works."""

    found: dict[str, list[Any]] = {}  # noqa: RUF012 - shared on purpose: DoFns are pickled

    def __init__(self, key: str) -> None:
        self._key = key

    @classmethod
    def fresh(cls, key: str) -> list[Any]:
        cls.found[key] = []
        return cls.found[key]

    def process(self, element: Any) -> None:
        self.found[self._key].append(element)


class Site(BaseHTTPRequestHandler):
    """A small publisher."""

    answers: dict[str, tuple[int, str, bytes]] = {}  # noqa: RUF012 - fixed

    def do_GET(self) -> None:
        status, kind, body = self.answers.get(self.path, (404, "text/html", b"<p>No such page."))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"one"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet."""


@contextmanager
def site(**answers: tuple[int, str, bytes]) -> Iterator[str]:
    handler = type("Handler", (Site,), {"answers": {f"/{name}": answer for name, answer in answers.items()}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


RSS = b"""<rss version="2.0"><channel><title>T</title>
<item><title>One</title><link>https://a.example/1</link><pubDate>Sun, 15 Nov 2026 10:00:00 GMT</pubDate></item>
<item><title>Two</title><link>javascript:alert(1)</link></item></channel></rss>"""
STORY = (
    b"<html><body><article><h1>Ferry returns</h1><p>The ferry came back to Port Little on Monday after four months in "
    b"dock, and two hundred people stood on the quay to see it.</p><p>\xe2\x80\x9cIt is a relief,\xe2\x80\x9d said Ada "
    b"Penn, who runs the bakery by the harbour and has lost a third of her trade.</p></article></body></html>"
)


def test_fetch_feeds() -> None:
    with site(good=(200, "application/rss+xml", RSS), broken=(503, "text/html", b"busy")) as origin:
        requests = [FeedRequest(f"{origin}/good", 0, "good"), FeedRequest(f"{origin}/broken", 1)]
        feeds, outcomes, states = run_step(requests, FetchFeeds(RUN, CLOCK, FETCHER, POLITE))
    assert [(feed.request.source_id, feed.body, feed.answer.status) for feed in feeds] == [("good", RSS, 200)]
    assert [(state.url, state.error_streak, state.last_outcome) for state in states] == [
        (f"{origin}/broken", 1, "http_error")
    ]
    (failed,) = outcomes
    assert (failed.stage, failed.outcome, failed.status, failed.payload) == ("fetch_feed", "http_error", 503, b"busy")
    assert failed.retryable


def test_fetch_pages_obeys_robots() -> None:
    robots = b"User-agent: *\nDisallow: /private\n"
    answers = {"page": (200, "text/html", STORY), "private": (200, "text/html", STORY)}
    with site(**answers, **{"robots.txt": (200, "text/plain", robots)}) as origin:
        requests = [listed_page(f"{origin}/{name}", position=0, now=NOW) for name in ("page", "private", "gone")]
        pages, outcomes, notes, *_ = run_step(requests, FetchPages(RUN, CLOCK, FETCHER, POLITE))
        (page,) = pages
        (note,) = notes
    assert note.fetched == page.fetch
    assert page.payload == STORY
    assert (page.fetch.etag, page.fetch.fetched_at, page.fetch.robots) == ('"one"', NOW, "allowed")
    assert page.fetch.duration_ms is None  # the clock is pinned
    assert {(row.url.rsplit("/", 1)[1], row.outcome) for row in outcomes} == {
        ("private", "disallowed"),
        ("gone", "http_error"),
    }


def test_fetch_pages_reaches_nothing_private() -> None:
    requests = [listed_page("http://127.0.0.1:9/", position=0, now=NOW)]
    pages, outcomes, *_ = run_step(requests, FetchPages(RUN, CLOCK, FetcherConfig(), POLITE))
    assert pages == []
    assert [row.outcome for row in outcomes] in (["blocked_address"], ["malformed"])


def test_parse_feeds(tmp_path: Path) -> None:
    request = FeedRequest("https://a.example/feed", 3, "a", "The A")
    feeds = [
        FetchedFeed(request, request.url, RSS, ANSWER),
        FetchedFeed(FeedRequest("https://b.example/"), "https://b.example/", b"<html><p>Hello</p></html>", ANSWER),
    ]
    requests, outcomes, states, children = run_step(feeds, ParseFeeds(RUN, CLOCK, POOL, str(tmp_path)))
    (found,) = requests
    assert {state.url: state.last_outcome for state in states} == {
        "https://a.example/feed": "parsed",
        "https://b.example/": "not_a_feed",
    }
    assert children == []
    assert (found.url, found.source.id, found.source.name, found.rank) == ("https://a.example/1", "a", "The A", (3, 0))
    assert found.discovery.entry_published_at == datetime(2026, 11, 15, 10, 0, tzinfo=UTC)
    assert {(row.url, row.stage, row.outcome) for row in outcomes} == {
        ("https://a.example/feed", "parse_feed", "parsed"),
        ("https://b.example/", "parse_feed", "not_a_feed"),
        ("javascript:alert(1)", "parse_feed", "malformed"),
    }


INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://a.example/news-1.xml</loc><lastmod>2026-11-15</lastmod></sitemap></sitemapindex>"""


def test_a_sitemap_index_leads_to_sitemaps(tmp_path: Path) -> None:
    request = FeedRequest("https://a.example/sitemap.xml", 3, "a", kind="sitemap")
    fetched = FetchedFeed(request, request.url, INDEX, ANSWER)
    requests, outcomes, states, children = run_step([fetched], ParseFeeds(RUN, CLOCK, POOL, str(tmp_path)))
    assert requests == []
    assert [(child.url, child.kind, child.source_id) for child in children] == [
        ("https://a.example/news-1.xml", "sitemap", "a")
    ]
    assert [row.outcome for row in outcomes] == ["parsed"]
    assert [state.last_outcome for state in states] == ["parsed"]


def page_of(body: bytes, name: str = "story") -> Page:
    from schemas.article import Fetch

    url = f"https://a.example/{name}"
    request = PageRequest(url, source_of(url), Discovery(kind="url_list", seen_at=NOW))
    return Page(request, Fetch(url, url, status=200, content_type="text/html; charset=utf-8"), body)


def test_make_articles() -> None:
    pages = [page_of(STORY), page_of(b"<html><body></body></html>", "empty")]
    records, outcomes, *_ = run_step(pages, MakeArticles(RUN, CLOCK, POOL))
    assert [record.schema for record in records] == ["article"]
    (failed,) = outcomes
    assert (failed.stage, failed.outcome, failed.status) == ("extract", "no_text", 200)
    assert failed.payload == b"<html><body></body></html>"


def test_a_page_over_its_deadline_is_an_outcome() -> None:
    slow = PoolConfig(models=POOL.models, task_seconds=0.001)
    records, outcomes, *_ = run_step([page_of(STORY)], MakeArticles(RUN, CLOCK, slow))
    assert records == []
    assert [row.outcome for row in outcomes] == ["timeout"]


def test_annotate_documents() -> None:
    documents = [
        Document("https://a.example/1", "Ada Penn said: “It is a relief.”"),
        Document("https://a.example/2", "lone \ud800 surrogate"),
    ]
    records, outcomes = run_step(documents, AnnotateDocuments(RUN, CLOCK, POOL))
    assert len(records) == 1
    assert [(row.stage, row.outcome) for row in outcomes] == [("enrich", "invalid_record")]


def test_choose_pages(tmp_path: Path) -> None:
    pages = [
        listed_page("https://a.example/x?utm_source=mail", position=1, now=NOW),
        listed_page("https://a.example/x", position=0, now=NOW),
        listed_page("https://a.example/y", position=2, now=NOW),
    ]
    chosen, captures, outcomes = _chosen(pages, None, tmp_path)
    assert sorted(request.url for request in chosen) == ["https://a.example/x", "https://a.example/y"]
    assert captures == []
    assert [(row.url, row.outcome) for row in outcomes] == [("https://a.example/x?utm_source=mail", "duplicate")]
    assert [request.url for request in _chosen(pages, 1, tmp_path)[0]] == ["https://a.example/x"]


def _chosen(pages: list[PageRequest], limit: int | None, folder: Path) -> list[list[Any]]:
    class Step(beam.PTransform):
        def expand(self, listed: beam.PCollection) -> Any:
            chosen = (listed,) | ChoosePages(RUN, CLOCK, str(folder))
            limited = (chosen.requests, chosen.captures) | LimitPages(limit)
            return Chosen(*limited, chosen.outcomes)

    return run_step(pages, Step())


def test_captures_are_listed_and_read(captures: list[Capture], archive: Path, tmp_path: Path) -> None:
    found, outcomes = run_step([(0, str(archive))], ListCaptures(RUN, CLOCK))
    assert [capture.request.url for capture in found] == [url for url, _, _ in captures]
    assert outcomes == []
    some = [capture for capture in found if capture.ordinal % 3 == 0]
    pages, outcomes = run_step(some, ReadCaptures(RUN, CLOCK, 10**7, str(tmp_path)))
    assert {page.request.url: page.payload for page in pages} == {
        url: body for number, (url, body, _) in enumerate(captures) if number % 3 == 0
    }
    assert outcomes == []


@pytest.mark.parametrize("name", ["plain.warc", "members.warc.gz"])
def test_captures_too_large_or_gone(
    name: str, captures: list[Capture], write_archive: Callable[..., Path], tmp_path: Path
) -> None:
    uri = str(write_archive(tmp_path / name, captures[:2]))
    found, _ = run_step([(0, uri)], ListCaptures(RUN, CLOCK))
    pages, outcomes = run_step(found, ReadCaptures(RUN, CLOCK, 100, str(tmp_path)))
    assert pages == []
    assert [row.outcome for row in outcomes] == ["too_large", "too_large"]
    (tmp_path / name).unlink()
    gone = CaptureRecord(found[0].request, uri, 0, 0, NOW)
    _, outcomes = run_step([gone], ReadCaptures(RUN, CLOCK, 100, str(tmp_path)))
    assert [(row.outcome, row.archive_uri) for row in outcomes] == [("malformed", uri)]


def test_a_capture_before_all_time_is_one_of_now(tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>The ferry.</p>"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0>\r\nWARC-Target-URI: https://a.example/x\r\n"
        "WARC-Date: 0001-01-01T00:00:00+14:00\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(page)}\r\n\r\n"
    )
    path = tmp_path / "old.warc"
    path.write_bytes(head.encode() + page + b"\r\n\r\n")
    (capture,) = list_captures(str(path), 0, NOW)
    assert not isinstance(capture, Damage)
    assert capture.captured_at == NOW
