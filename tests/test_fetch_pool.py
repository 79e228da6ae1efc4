import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from schemas.outcome import OutcomeKind
from transforms.core.pacing import Pace
from transforms.fetch_pool import FetchPool
from transforms.fetcher import FetchProblem, Headers, Response
from transforms.fetching.steps import PUT_OFF
from transforms.fetching.turns import Turns


def host_of(item):
    return item.partition("/")[0]


def pool_of(fetch, **settings):
    """A pool whose items are URLs, each got by one request; ``fetch`` makes it."""

    def course(url):
        refusal = yield url
        return refusal or fetch(url)

    return FetchPool(course, str, **settings)


def items_of(hosts, pages):
    return [f"host{host}/{page}" for page in range(pages) for host in range(hosts)]


def test_every_item_comes_back_once_with_its_result():
    items = items_of(20, 5)
    with pool_of(str.upper, threads=8, gap_seconds=0.001) as pool:
        for item in items:
            pool.submit(item)
        results = pool.ready() + list(pool.drain())
    assert sorted(results) == sorted((item, item.upper()) for item in items)


def test_nothing_submitted_is_nothing_to_drain():
    with pool_of(str.upper) as pool:
        assert pool.ready() == []
        assert list(pool.drain()) == []


def test_a_pool_serves_several_rounds():
    with pool_of(str.upper, threads=2, gap_seconds=0.001) as pool:
        for round_ in range(3):
            pool.submit(f"a/{round_}")
            pool.submit(f"b/{round_}")
            assert len(list(pool.drain())) == 2
        assert pool.ready() == []


class Watch:
    """A fetch that notes when each host was asked."""

    def __init__(self, seconds=0.01):
        self.seconds = seconds
        self.lock = threading.Lock()
        self.spans = []
        self.under_way = Counter()
        self.most = 0

    def __call__(self, item):
        host, start = host_of(item), time.monotonic()
        with self.lock:
            self.under_way[host] += 1
            self.most = max(self.most, self.under_way.total())
            assert self.under_way[host] == 1
        time.sleep(self.seconds)
        with self.lock:
            self.under_way[host] -= 1
            self.spans.append((host, start, time.monotonic()))
        return item


def test_hosts_are_asked_one_at_a_time_with_a_gap_and_many_at_once():
    watch = Watch()
    with pool_of(watch, threads=8, gap_seconds=0.05) as pool:
        for item in items_of(6, 4):
            pool.submit(item)
        assert len(list(pool.drain())) == 24
    assert watch.most > 1
    for host in {host for host, _, _ in watch.spans}:
        spans = sorted((start, end) for name, start, end in watch.spans if name == host)
        assert all(later[0] - earlier[1] >= 0.05 for earlier, later in pairwise(spans))


def test_a_slow_host_does_not_hold_others():
    released = threading.Event()

    def fetch(item):
        if item.startswith("slow"):
            assert released.wait(10)
        return item

    with pool_of(fetch, threads=2, gap_seconds=0.001) as pool:
        for item in ["slow/1", "slow/2", "slow/3", *items_of(5, 5)]:
            pool.submit(item)
        first = []
        for item, _ in pool.drain():
            first.append(item)
            if len(first) == 25:
                released.set()
    assert not any(item.startswith("slow") for item in first[:25])
    assert len(first) == 28


def test_results_in_memory_are_bounded():
    finished = []

    def fetch(item):
        finished.append(item)
        return item

    with pool_of(fetch, threads=3, gap_seconds=0.0, buffer=4) as pool:
        for item in items_of(100, 1):
            pool.submit(item)
        time.sleep(0.3)
        assert len(finished) <= 3 + 4
        assert len(list(pool.drain())) == 100


@pytest.mark.parametrize(("size", "begun"), [(10, 3), (4, 6), (1, 21)])
def test_bytes_in_memory_are_bounded(size, begun):
    """Three threads, ten bytes at the most for a result: none is begun that could be the thirty-first byte."""
    finished = []

    def fetch(item):
        finished.append(item)
        return bytes(size)

    with pool_of(fetch, threads=3, gap_seconds=0.0, buffer=20, largest=10, weigh=len) as pool:
        for item in items_of(100, 1):
            pool.submit(item)
        time.sleep(0.3)
        assert len(finished) == begun
        assert len(list(pool.drain())) == 100
        assert pool.ready() == []


def test_a_bug_is_raised_where_the_results_are_taken():
    def fetch(item):
        if item == "host3/0":
            raise KeyError("a bug")
        return item

    with pool_of(fetch, threads=4, gap_seconds=0.001) as pool:
        for item in items_of(10, 50):
            pool.submit(item)
        with pytest.raises(KeyError, match="a bug"):
            list(pool.drain())
        with pytest.raises(KeyError, match="a bug"):
            pool.ready()


def test_a_bug_in_naming_the_host_is_raised_at_once():
    with FetchPool(str.upper, {}.__getitem__) as pool, pytest.raises(KeyError):
        pool.submit("a")


def fetching_threads():
    """Those of this kind only: other tests leave threads that end when they please."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("fetch-")}


def test_closing_ends_all_threads_and_drops_what_waits():
    before = fetching_threads()
    watch = Watch()
    pool = pool_of(watch, threads=4, gap_seconds=0.001, buffer=2)
    for item in items_of(4, 50):
        pool.submit(item)
    time.sleep(0.1)
    pool.close()
    assert not fetching_threads() - before
    assert len(watch.spans) < 200
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit("host1/1")
    pool.close()


def test_no_more_threads_than_items():
    with pool_of(str.upper, threads=50) as pool:
        before = fetching_threads()
        pool.submit("a/1")
        pool.submit("b/1")
        assert len(fetching_threads() - before) <= 2
        assert len(list(pool.drain())) == 2


def refusal(retry_after, *fields):
    headers = Headers((("Retry-After", retry_after), *fields))
    response = Response("http://a/", "http://a/", (), 429, headers, b"", 0.0)
    return FetchProblem(OutcomeKind.HTTP_ERROR, "HTTP 429", status=429, response=response)


def test_retry_after_of_an_answer_counts_for_the_host():
    asked = []

    def fetch(item):
        asked.append(item)
        return refusal("3600") if item == "a/1" else item

    with pool_of(fetch, threads=4, gap_seconds=0.001) as pool:
        for item in ("a/1", "a/2", "a/3", "b/1"):
            pool.submit(item)
        results = dict(pool.drain())
    assert sorted(asked) == ["a/1", "b/1"]
    assert results["a/1"].status == 429
    for item in ("a/2", "a/3"):
        assert results[item].kind == OutcomeKind.UNREACHABLE
        assert results[item].payload is None


NOW = datetime(2031, 5, 7, 12, 0, tzinfo=UTC)
A_YEAR_AGO = ("Date", "Tue, 07 May 2030 12:00:00 GMT")
IN_A_YEAR = ("Date", "Fri, 07 May 2032 12:00:00 GMT")


@pytest.mark.parametrize(
    ("retry_after", "fields", "seconds"),
    [
        ("90", [], 90.0),
        ("90", [A_YEAR_AGO], 90.0),
        ("Wed, 07 May 2031 12:01:30 GMT", [], 90.0),
        ("Tue, 07 May 2030 12:01:30 GMT", [A_YEAR_AGO], 90.0),
        ("Fri, 07 May 2032 12:01:30 GMT", [IN_A_YEAR], 90.0),
        ("Fri, 07 May 2032 12:01:30 GMT", [], 604_800.0),
        ("Wed, 07 May 2031 12:01:30 GMT", [("Date", "today")], 90.0),
        ("soon", [A_YEAR_AGO], None),
    ],
)
def test_a_date_to_come_back_is_read_by_the_clock_of_its_server(retry_after, fields, seconds):
    assert refusal(retry_after, *fields).retry_after_seconds(NOW) == seconds


def test_a_problem_without_an_answer_asks_for_no_silence():
    assert FetchProblem(OutcomeKind.TIMEOUT, "too slow").retry_after_seconds(NOW) is None


def test_a_crawl_delay_can_be_set_while_fetching():
    times = []

    def fetch(item):
        pool.slow_down(item, 0.2)
        times.append(time.monotonic())

    pool = pool_of(fetch, threads=2, gap_seconds=0.0)
    with pool:
        pool.submit("a/1")
        pool.submit("a/2")
        list(pool.drain())
    assert times[1] - times[0] >= 0.2


def test_a_pace_may_be_given_whole():
    with pool_of(str.upper, pace=Pace(gap_seconds=0.0, max_pages_per_host=1)) as pool:
        pool.submit("a/1")
        pool.submit("a/2")
        results = dict(pool.drain())
    assert results["a/1"] == "A/1"
    assert results["a/2"].kind == OutcomeKind.FILTERED


def test_a_long_wait_of_one_host_does_not_delay_a_shorter_one():
    """The alarm is set for the earliest hour, also when that hour becomes known later."""
    seen = {}
    started = time.monotonic()

    def fetch(item):
        seen[item] = time.monotonic() - started
        pool.slow_down(item, 5.0 if item.startswith("late") else 0.1)
        return item

    pool = pool_of(fetch, threads=4, gap_seconds=0.0)
    with pool:
        for item in ("late/1", "late/2", "soon/1"):
            pool.submit(item)
        time.sleep(0.05)
        pool.submit("soon/2")
        for item, _ in pool.drain():
            if item == "soon/2":
                break
    assert seen["soon/2"] < 2.0
    assert "late/2" not in seen


# --- courses: fetches of several requests


class Hosts:
    """Where courses make their requests; fails where a host is asked twice at once or before its gap has passed."""

    def __init__(self, gap=0.0, seconds=0.002):
        self.gap = gap
        self.seconds = seconds
        self.lock = threading.Lock()
        self.under_way = Counter()
        self.free_at = {}
        self.asked = []
        self.offences = []

    def ask(self, url):
        host = host_of(url)
        with self.lock:
            if self.under_way[host] or time.monotonic() < self.free_at.get(host, 0.0):
                self.offences.append(url)
            self.under_way[host] += 1
            self.asked.append(url)
        time.sleep(self.seconds)
        with self.lock:
            self.under_way[host] -= 1
            self.free_at[host] = time.monotonic() + self.gap
        return url

    def course(self, urls):
        """Asks for ``urls`` one after the other."""
        for url in urls:
            if refusal := (yield url):
                return refusal
            self.ask(url)
        return urls[-1]


def walks(count, hosts, steps, seed=1):
    """Random walks over hosts that cross each other in every direction."""
    source = random.Random(seed)  # noqa: S311 - a course of events, not a secret
    return [
        tuple(f"host{source.randrange(hosts)}/{number}-{step}" for step in range(source.randint(1, steps)))
        for number in range(count)
    ]


def first_of(urls):
    return urls[0]


def test_courses_that_cross_each_other_all_end_and_never_meet_at_a_host():
    hosts, items = Hosts(gap=0.005), walks(120, hosts=6, steps=5)
    with FetchPool(hosts.course, first_of, threads=16, gap_seconds=0.005) as pool:
        for item in items:
            pool.submit(item)
        results = dict(pool.drain())
    assert results == {item: item[-1] for item in items}
    assert sorted(hosts.asked) == sorted(url for item in items for url in item)
    assert hosts.offences == []


def test_pools_that_share_their_turns_never_meet_at_a_host():
    hosts, turns = Hosts(gap=0.005), Turns()
    pools = [FetchPool(hosts.course, first_of, threads=6, gap_seconds=0.005, turns=turns) for _ in range(3)]
    items = [walks(40, hosts=4, steps=3, seed=seed) for seed in range(3)]
    for pool, mine in zip(pools, items, strict=True):
        for item in mine:
            pool.submit(item)
    for pool, mine in zip(pools, items, strict=True):
        assert dict(pool.drain()) == {item: item[-1] for item in mine}
        pool.close()
    assert hosts.offences == []


def test_a_course_that_waits_for_a_busy_host_holds_no_thread():
    hosts = Hosts()
    pool = FetchPool(hosts.course, first_of, threads=1, gap_seconds=0.0)
    with pool:
        pool.slow_down("busy/", 100.0)
        pool.submit(("busy/0",))
        for number in range(5):
            pool.submit((f"host{number}/a", f"busy/{number}"))
        for number in range(20):
            pool.submit((f"host{number}/b",))
        done = []
        for item, _ in pool.drain():
            done.append(item)
            if len(done) == 21:
                break
    assert sum(url.startswith("busy") for url in hosts.asked) == 1
    assert ("host19/b",) in done


def test_a_course_that_takes_no_request_takes_no_gap():
    def course(item):
        if item == "a/needed":
            yield item
        return item

    started = time.monotonic()
    with FetchPool(course, str, threads=2, gap_seconds=20.0) as pool:
        for item in [*(f"a/{number}" for number in range(50)), "a/needed"]:
            pool.submit(item)
        assert len(list(pool.drain())) == 51
    assert time.monotonic() - started < 10


def test_the_gap_passes_inside_a_course_too():
    hosts = Hosts(gap=0.1)
    with FetchPool(hosts.course, first_of, threads=4, gap_seconds=0.1) as pool:
        pool.submit(("a/robots.txt", "a/page", "a/moved"))
        assert [result for _, result in pool.drain()] == ["a/moved"]
    assert hosts.offences == []


def test_what_goes_on_is_no_page_of_its_host():
    hosts = Hosts()
    with FetchPool(hosts.course, first_of, pace=Pace(gap_seconds=0.0, max_pages_per_host=1)) as pool:
        pool.submit(("a/robots.txt", "a/1", "b/1", "a/2"))
        pool.submit(("b/2",))
        pool.submit(("b/3",))
        results = dict(pool.drain())
    assert results[("a/robots.txt", "a/1", "b/1", "a/2")] == "a/2"
    assert results[("b/2",)] == "b/2"
    assert results[("b/3",)].kind == OutcomeKind.FILTERED


def test_a_course_is_told_that_its_host_wants_silence():
    told = []

    def course(item):
        if item == "busy/1":
            yield item
            return refusal("3600")
        yield item
        silent.wait(10)
        told.append((yield "busy/2"))
        return "given up"

    silent = threading.Event()
    with FetchPool(course, str, threads=4, gap_seconds=0.001) as pool:
        pool.submit("busy/1")
        list(pool.drain())
        pool.submit("a/1")
        silent.set()
        assert list(pool.drain()) == [("a/1", "given up")]
    assert told[0].kind == OutcomeKind.UNREACHABLE
    assert "silence" in told[0].detail


def test_a_bug_leaves_no_host_taken():
    turns = Turns()

    def broken(item):
        yield item
        raise KeyError("a bug")

    with FetchPool(broken, str, gap_seconds=0.0, turns=turns) as pool:
        pool.submit("a/1")
        with pytest.raises(KeyError):
            list(pool.drain())
    with FetchPool(Hosts().course, first_of, gap_seconds=0.0, turns=turns) as pool:
        pool.submit(("a/2",))
        assert list(pool.drain()) == [(("a/2",), "a/2")]


def test_all_names_of_a_domain_are_one_host():
    under_way, offences = Counter(), []

    def course(url):
        yield url
        under_way["domain"] += 1
        if under_way["domain"] > 1:
            offences.append(url)
        time.sleep(0.005)
        under_way["domain"] -= 1

    names = ["news.example.co.uk", "example.co.uk", "www.example.co.uk:8443"]
    with FetchPool(course, str, threads=6, gap_seconds=0.0) as pool:
        for number in range(6):
            for name in names:
                pool.submit(f"https://{name}/{number}")
        assert len(list(pool.drain())) == 18
    assert offences == []


def test_when_its_time_is_over_what_waits_is_put_off_and_what_is_under_way_is_waited_for():
    watch = Watch(seconds=0.2)
    started = time.monotonic()
    with pool_of(watch, threads=4, gap_seconds=0.0, seconds=0.5) as pool:
        for item in [*(f"slow/{page}" for page in range(50)), "a/0", "b/0"]:
            pool.submit(item)
        results = dict(pool.drain())
    assert time.monotonic() - started < 50 * 0.2
    assert results["a/0"] == "a/0"
    assert results["b/0"] == "b/0"
    made = {item for item in results if results[item] is not PUT_OFF}
    assert len(results) == 52
    assert 3 <= len(made) <= 10
    assert len(watch.spans) == len(made)


def test_a_course_that_has_to_ask_once_more_is_closed_when_the_time_is_over():
    closed = []

    def course(url):
        try:
            for _ in range(50):
                yield url
                time.sleep(0.1)
        finally:
            closed.append(url)
        return "done"

    with FetchPool(course, str, threads=2, gap_seconds=0.0, seconds=0.3) as pool:
        pool.submit("a/0")
        pool.submit("a/1")
        assert sorted(pool.drain()) == [("a/0", PUT_OFF), ("a/1", PUT_OFF)]
    assert "a/0" in closed


def test_each_batch_has_its_own_time():
    with pool_of(str.upper, threads=2, gap_seconds=0.0, seconds=0.2) as pool:
        for _ in range(2):
            pool.submit("a/0")
            assert list(pool.drain()) == [("a/0", "A/0")]
            time.sleep(0.3)
