import itertools
from datetime import UTC, datetime, timedelta

import pytest

from schemas.article import Discovery, Source
from schemas.hops import Capture, Feed, FeedEntry, FeedRequest, PageRequest, StoredText
from schemas.outcome import OutcomeKind
from schemas.state import PageState
from transforms.core.discovery import (
    candidate_from_bytes,
    candidate_order,
    candidate_to_bytes,
    choose_candidate,
    listed_page,
    page_requests,
    request_of,
    source_of,
)

NOW = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
URL = "https://news.example.com/bridge"


def request(url=URL, position=0, place=0, source="harbour"):
    return PageRequest(url, Source(source, "example.com"), Discovery("feed", NOW), (position, place))


def capture(url=URL, hours=0, usable=True, position=0, offset=0):
    at = NOW + timedelta(hours=hours)
    return Capture(request(url, position), "a.warc.gz", offset, 0, at, usable)


# --- entries to requests


def test_each_entry_is_a_request_with_all_that_the_feed_said():
    entry = FeedEntry(
        url=URL,
        entry_id="guid-1",
        title="Bridge",
        published_at=NOW,
        updated_at=NOW + timedelta(hours=1),
        summary="It opened",
        categories=("local",),
    )
    feed = Feed("rss20", entries=(FeedEntry("https://news.example.com/ferry"), entry))
    asked = FeedRequest("https://harbour.example/feed", 4, "hp", "Harbour Post")
    ferry, bridge = page_requests(feed, asked, feed_url="https://harbour.example/feed.xml", now=NOW)
    assert [ferry.url, bridge.url] == ["https://news.example.com/ferry", URL]
    assert [ferry.rank, bridge.rank] == [(4, 0), (4, 1)]
    assert bridge.source == Source("hp", "example.com", "Harbour Post")
    assert bridge.discovery == Discovery(
        "feed",
        NOW,
        "https://harbour.example/feed.xml",
        "guid-1",
        "Bridge",
        NOW,
        NOW + timedelta(hours=1),
        "It opened",
        ("local",),
    )


def test_a_feed_without_entries_asks_for_nothing():
    assert list(page_requests(Feed("rss20"), FeedRequest("u"), feed_url="u", now=NOW)) == []


def test_a_page_that_a_person_listed():
    page = listed_page(URL, position=3, now=NOW)
    assert (page.url, page.rank, page.discovery) == (URL, (3, 0), Discovery("url_list", NOW))


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        (URL, "example.com"),
        ("https://a.b.harbour.co.uk/x", "harbour.co.uk"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
    ],
)
def test_the_publisher_is_the_registrable_domain_unless_the_list_names_it(url, domain):
    assert source_of(url) == Source(domain, domain)
    assert source_of(url, "hp", "Harbour Post") == Source("hp", domain, "Harbour Post")


# --- one candidate for each page

OTHER = URL + "?by=mail"

PREFERENCES = {
    "the source listed first": (request(position=0, place=9), request(OTHER, position=1, place=0)),
    "the place in the source": (request(OTHER, place=1), request(place=2)),
    "the address, at the same place": (request(), request(OTHER)),
    "an archived page before a request": (capture(OTHER, position=9), request(position=0)),
    "the newest archived page": (capture(OTHER, hours=2, position=9), capture(hours=1)),
    "an archived page before a newer capture without one": (capture(OTHER), capture(hours=5, usable=False)),
    "a request before a capture without a page": (request(OTHER, position=9), capture(hours=5, usable=False)),
    "the newest of captures without a page": (
        capture(OTHER, hours=2, usable=False),
        capture(hours=1, usable=False),
    ),
}


@pytest.mark.parametrize(("better", "worse"), PREFERENCES.values(), ids=PREFERENCES.keys())
def test_which_candidate_is_taken(better, worse):
    for candidates in ([better, worse], [worse, better]):
        chosen, passed = choose_candidate(candidates)
        assert chosen == better
        assert [each.url for each in passed] == [request_of(worse).url]


def test_a_candidate_alone_is_taken():
    assert choose_candidate([capture(usable=False)]) == (capture(usable=False), [])


def test_each_other_url_is_passed_once_and_the_one_taken_never():
    candidates = [request(), request(position=1), request(OTHER, 2), request(OTHER, 3, source="mail"), capture()]
    chosen, passed = choose_candidate(candidates)
    assert chosen == capture()
    (other,) = passed
    assert (other.url, other.problem.kind) == (OTHER, OutcomeKind.DUPLICATE)
    assert URL in other.problem.detail


def test_the_order_of_candidates_does_not_matter():
    candidates = [
        request(),
        request(OTHER, 0, 0),
        request(OTHER, 0, 0, source="mail"),
        capture(OTHER, hours=1, usable=False),
        request(URL + "#x", 2),
    ]
    results = {repr(choose_candidate(order)) for order in itertools.permutations(candidates)}
    assert len(results) == 1


def test_captures_of_the_same_second_are_told_apart_by_their_place():
    candidates = [capture(offset=0), capture(offset=500), capture(offset=9000)]
    assert {repr(choose_candidate(order)[0]) for order in itertools.permutations(candidates)} == {
        repr(choose_candidate(candidates)[0])
    }


def test_requests_that_differ_in_what_their_source_said_are_told_apart():
    candidates = [
        request(OTHER, source="b"),
        request(OTHER, source="a"),
        request(OTHER, source="c"),
    ]
    assert {choose_candidate(order)[0].source.id for order in itertools.permutations(candidates)} == {"a"}


def test_the_limit_counts_as_listed():
    candidates = [request(OTHER, 1, 0), capture(position=0), request(URL + "/z", 0, 1), request(URL + "/a", 0, 1)]
    assert [request_of(each).url for each in sorted(candidates, key=candidate_order)] == [
        URL,
        URL + "/a",
        URL + "/z",
        OTHER,
    ]


# --- what waits on disk

HALF_A_CHARACTER = "\ud83d"

EVERYTHING = PageRequest(
    URL,
    Source("harbour", "example.com", "Harbour Post"),
    Discovery("feed", NOW, URL, HALF_A_CHARACTER, "Brücke\n", NOW, NOW - timedelta(microseconds=1), "", ("a", "b")),
    rank=(3, 4),
    known=PageState(URL, URL, Source("h", "example.com"), Discovery("feed", NOW), NOW, NOW, ("f:e",), None, NOW),
    feed_text=StoredText("/nowhere/t.texts", 7),
    is_urgent=True,
)


@pytest.mark.parametrize(
    "candidate",
    [
        request(),
        EVERYTHING,
        capture(),
        Capture(EVERYTHING, "gs://bucket/" + HALF_A_CHARACTER, 2**40, 9, NOW, False),
    ],
)
def test_a_candidate_is_the_same_after_it_waited(candidate):
    data = candidate_to_bytes(candidate)
    assert candidate_from_bytes(data) == candidate
    assert data.isascii()
