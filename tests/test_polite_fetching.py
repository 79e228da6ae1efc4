"""What publishers that lead into each other are asked, and when."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from publishers import Publishers
from schemas.article import Rights
from schemas.hops import FeedRequest, Run
from schemas.outcome import OutcomeKind, Stage
from transforms.clock import Clock
from transforms.core.addresses import parse_networks
from transforms.core.discovery import listed_page
from transforms.fetch import Fetching, Politeness
from transforms.fetch_feeds import _FetchFeeds
from transforms.fetch_pages import _FetchPages
from transforms.fetcher import FetcherConfig, FetchLimits, FetchProblem
from transforms.outages import MAX_IN_A_ROW
from transforms.outcomes import Reporter

NOW = datetime(2026, 11, 15, 21, 0, tzinfo=UTC)
LIMITS = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=3)
CONFIG = FetcherConfig(LIMITS, parse_networks(["127.0.0.0/8"]))
GAP = 0.05


@pytest.fixture
def publishers():
    publishers = Publishers()
    yield publishers
    publishers.close()


def results_of(kind, requests, **politeness):
    """What a fetching step makes of ``requests``: URL to page, feed or outcome."""
    stage = Stage.FETCH_FEED if kind is _FetchFeeds else Stage.FETCH_PAGE
    reporter = Reporter(Run("test", NOW, "0"), Clock(NOW), stage)
    step = kind(CONFIG, Politeness(**{"gap_seconds": GAP, "threads": 8} | politeness), reporter)
    step.setup()
    try:
        for request in requests:
            step.submit(request, None)
        return {asked.request.url: result for asked, result in step._pool.drain()}
    finally:
        step.teardown()


def pages(*urls):
    return [listed_page(url, position=number, now=NOW) for number, url in enumerate(urls)]


def problem_kind(result):
    return result.kind if isinstance(result, FetchProblem) else None


def moved(target):
    return (302, {"Location": target})


def test_pages_that_lead_to_each_others_hosts_meet_nowhere(publishers):
    """Every page of each of five hosts leads on to the next host, which is asked for pages of its own meanwhile."""
    names = ["one", "two", "three", "four", "five"]
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        site = {f"leads-{number}": moved(f"{{{following}}}/story-{number}") for number in range(4)}
        publishers.open(name, **site, **{f"story-{number}": b"<p>News." for number in range(4)})
    urls = [f"{publishers.urls[name]}/leads-{number}" for number in range(4) for name in names]
    results = results_of(_FetchPages, pages(*urls))
    assert [problem_kind(result) for result in results.values()] == [None] * 20
    publishers.assert_polite(GAP)
    for name in names:
        assert publishers.paths(name)[0] == "/robots.txt"
        assert sorted(publishers.paths(name)) == sorted(
            ["/robots.txt", *(f"/leads-{number}" for number in range(4)), *(f"/story-{number}" for number in range(4))]
        )


def test_the_robots_of_every_host_on_the_way_counts(publishers):
    closed = publishers.open("closed", **{"robots.txt": b"User-agent: *\nDisallow: /\n", "story": b"<p>Not for us."})
    half = publishers.open("half", **{"robots.txt": b"User-agent: *\nDisallow: /in\n", "out": moved("/in"), "in": b""})
    start = publishers.open("start", a=moved("{closed}/story"), b=moved("{half}/out"), c=b"<p>News.")
    results = results_of(_FetchPages, pages(*(f"{start}/{name}" for name in "abc")))
    kinds = {url.removeprefix(start): problem_kind(result) for url, result in results.items()}
    assert kinds == {"/a": OutcomeKind.DISALLOWED, "/b": OutcomeKind.DISALLOWED, "/c": None}
    assert results[f"{start}/a"].detail == "redirected: robots.txt disallows it"
    assert publishers.paths("closed") == ["/robots.txt"]
    assert publishers.paths("half") == ["/robots.txt", "/out"]
    assert (closed, half) == (publishers.urls["closed"], publishers.urls["half"])


def test_a_robots_file_that_lies_elsewhere_is_asked_for_in_that_hosts_turn(publishers):
    shared = publishers.open("shared", **{"robots.txt": b"", "rules": b"User-agent: *\nDisallow: /no\n", "own": b"<p>"})
    sites = [publishers.open(f"site{number}", **{"robots.txt": moved("{shared}/rules"), "yes": b"<p>", "no": b"<p>"})
             for number in range(4)]  # fmt: skip
    urls = [*(f"{site}/yes" for site in sites), *(f"{site}/no" for site in sites), f"{shared}/own"]
    results = results_of(_FetchPages, pages(*urls))
    assert [problem_kind(results[f"{site}/yes"]) for site in sites] == [None] * 4
    assert [problem_kind(results[f"{site}/no"]) for site in sites] == [OutcomeKind.DISALLOWED] * 4
    publishers.assert_polite(GAP)


def test_a_crawl_delay_lies_between_robots_and_the_first_page_too(publishers):
    slow = publishers.open("slow", **{"robots.txt": b"User-agent: *\nCrawl-delay: 0.4\n", "a": b"<p>", "b": b"<p>"})
    results_of(_FetchPages, pages(f"{slow}/a", f"{slow}/b"))
    assert publishers.paths("slow") == ["/robots.txt", "/a", "/b"]
    publishers.assert_polite(0.4)


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_silence_gets_it_for_all_its_pages(publishers, status):
    busy = publishers.open("busy", **{f"story-{number}": (status, {"Retry-After": "600"}) for number in range(6)})
    other = publishers.open("other", **{f"story-{number}": b"<p>News." for number in range(6)})
    urls = [f"{host}/story-{number}" for number in range(6) for host in (busy, other)]
    results = results_of(_FetchPages, pages(*urls))
    assert publishers.paths("busy") == ["/robots.txt", "/story-0"]
    assert results[f"{busy}/story-0"].status == status
    assert {problem_kind(results[f"{busy}/story-{number}"]) for number in range(1, 6)} == {OutcomeKind.UNREACHABLE}
    assert {problem_kind(results[f"{other}/story-{number}"]) for number in range(6)} == {None}


def test_a_short_silence_is_waited_for(publishers):
    answers = iter([(503, {"Retry-After": "1"}), b"<p>News."])
    busy = publishers.open("busy", a=lambda _: next(answers), b=lambda _: next(answers))
    results = results_of(_FetchPages, pages(f"{busy}/a", f"{busy}/b"))
    assert [problem_kind(results[f"{busy}/{name}"]) for name in "ab"] == [OutcomeKind.HTTP_ERROR, None]
    (_, _), (_, end), (start, _) = next(iter(publishers.spans().values()))
    assert start - end >= 1.0


def test_robots_that_wants_silence_silences_its_host(publishers):
    busy = publishers.open("busy", **{"robots.txt": (429, {"Retry-After": "600"}), "a": b"<p>", "b": b"<p>"})
    results = results_of(_FetchPages, pages(f"{busy}/a", f"{busy}/b"))
    assert publishers.paths("busy") == ["/robots.txt"]
    assert results[f"{busy}/a"].detail == "robots.txt: HTTP 429"
    assert problem_kind(results[f"{busy}/b"]) is OutcomeKind.UNREACHABLE


def test_a_slow_publisher_holds_up_no_other(publishers):
    released = threading.Event()
    slow = publishers.open("slow", **{"robots.txt": b"", "a": lambda _: released.wait(20) and b"<p>", "b": b"<p>"})
    quick = publishers.open("quick", **{f"story-{number}": b"<p>News." for number in range(10)})
    before = []

    class Watched(_FetchPages):
        def get(self, request):
            result = yield from super().get(request)
            before.append(request.url)
            if sum(url.startswith(quick) for url in before) == 10:
                released.set()
            return result

    urls = [f"{slow}/a", f"{slow}/b", *(f"{quick}/story-{number}" for number in range(10))]
    results = results_of(Watched, pages(*urls), threads=2)
    assert released.is_set()
    assert [url for url in before if url.startswith(slow)] == before[-2:]
    assert len(results) == 12


def test_a_host_that_does_not_answer_is_not_asked_for_each_of_its_pages(publishers):
    def hang_up(handler):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    dead = publishers.open("dead", **{"robots.txt": b"", **{f"story-{number}": hang_up for number in range(12)}})
    results = results_of(_FetchPages, pages(*(f"{dead}/story-{number}" for number in range(12))))
    assert {problem_kind(result) for result in results.values()} == {OutcomeKind.UNREACHABLE}
    # The first used the connection that robots.txt had come by: it was asked for again, in a turn of its own.
    asked = ["/story-0", *(f"/story-{number}" for number in range(MAX_IN_A_ROW))]
    assert publishers.paths("dead") == ["/robots.txt", *asked]
    publishers.assert_polite(GAP)


def test_feeds_ask_no_robots_unless_told_to(publishers):
    closed = publishers.open("closed", **{"robots.txt": b"User-agent: *\nDisallow: /\n", "feed": b"<rss/>"})
    (result,) = results_of(_FetchFeeds, [FeedRequest(f"{closed}/feed")]).values()
    assert result.body == b"<rss/>"
    assert publishers.paths("closed") == ["/feed"]
    (result,) = results_of(_FetchFeeds, [FeedRequest(f"{closed}/feed")], feeds_obey_robots=True).values()
    assert problem_kind(result) is OutcomeKind.DISALLOWED
    assert publishers.paths("closed") == ["/feed", "/robots.txt"]


def test_steps_of_one_run_share_what_robots_says(publishers):
    site = publishers.open("site", **{"robots.txt": b"", "feed": b"<rss/>", "story": b"<p>"})
    results_of(_FetchFeeds, [FeedRequest(f"{site}/feed")], feeds_obey_robots=True, key="another run")
    results_of(_FetchPages, pages(f"{site}/story"), key="another run")
    assert publishers.paths("site") == ["/robots.txt", "/feed", "/story"]
    publishers.assert_polite(GAP)


def test_the_pages_of_a_host_are_limited_and_nothing_else(publishers):
    start = publishers.open("start", a=moved("/b"), b=b"<p>", c=b"<p>", d=b"<p>")
    results = results_of(_FetchPages, pages(*(f"{start}/{name}" for name in "acd")), max_pages_per_host=2)
    assert [problem_kind(results[f"{start}/{name}"]) for name in "acd"] == [None, None, OutcomeKind.FILTERED]
    assert publishers.paths("start") == ["/robots.txt", "/a", "/b", "/c"]


def test_steps_of_one_run_share_the_turns_of_hosts(publishers):
    site = publishers.open("site", **{f"story-{number}": b"<p>" for number in range(6)}, feed=b"<rss/>")
    found = {}

    def run(kind, requests):
        found[kind] = results_of(kind, requests, key="a run")

    threads = [
        threading.Thread(target=run, args=(_FetchFeeds, [FeedRequest(f"{site}/feed?{number}") for number in range(6)])),
        threading.Thread(target=run, args=(_FetchPages, pages(*(f"{site}/story-{number}" for number in range(6))))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(results) for results in found.values()] == [6, 6]
    assert len(publishers.log) == 13
    publishers.assert_polite(GAP)


def test_reservations_of_the_final_host_come_with_the_page(publishers):
    publishers.open("closed", **{"robots.txt": b"User-agent: GPTBot\nDisallow: /\n", "story": b"<p>News."})
    tags = {"X-Robots-Tag": "noindex", "TDM-Reservation": "0"}
    start = publishers.open("start", a=moved("{closed}/story"), b=(200, tags), c=b"<p>News.")
    results = results_of(_FetchPages, pages(*(f"{start}/{name}" for name in "abc")))
    rights = [results[f"{start}/{name}"].rights for name in "abc"]
    assert rights == [Rights(tdm_reservation=True), Rights(tdm_reservation=False, meta_robots=("noindex",)), Rights()]
    (ignorant,) = results_of(_FetchPages, pages(f"{start}/a"), obeys_robots=False).values()
    assert ignorant.rights == Rights()


def test_every_step_says_whether_robots_counts():
    with pytest.raises(NotImplementedError):
        Fetching.obeys_robots(None)
