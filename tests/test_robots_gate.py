import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from schemas.outcome import OutcomeKind
from transforms.core.addresses import parse_networks
from transforms.fetcher import Fetcher, FetcherConfig, FetchLimits, FetchProblem
from transforms.fetching.courses import run_at_once
from transforms.robots_cache import MAX_KEPT_BYTES, RobotsCache
from transforms.robots_gate import MAX_KEPT_SECONDS, MIN_KEPT_SECONDS, RETRY_SECONDS, RobotsGate

LIMITS = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=4)


class Host:
    """A site on loopback whose robots.txt is ``body`` with ``status``; counts what is asked for."""

    def __init__(self, status=200, body=b"", location=None, **fields):
        host = self
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.asked.append((self.path, self.headers["User-Agent"]))
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name.replace("_", "-"), value)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def serve():
    hosts = []

    def start(*arguments, **settings):
        hosts.append(Host(*arguments, **settings))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()


class Gate:
    """A gate with a clock that the test sets; nobody else asks, so that no turn is waited for."""

    def __init__(self, fetcher):
        self.now = 0.0
        self.cache = RobotsCache(lambda: self.now)
        self.gate = RobotsGate(fetcher, self.cache)

    def verdict(self, url):
        return run_at_once(self.gate.verdict(url))


@pytest.fixture
def gate():
    fetcher = Fetcher(FetcherConfig(LIMITS, parse_networks(["127.0.0.0/8"])))
    yield Gate(fetcher)
    fetcher.close()


def delay_of(verdict):
    assert verdict.robots == "allowed"
    assert verdict.problem is None
    return verdict.crawl_delay


RULES = (
    b"User-agent: *\nDisallow: /private\nCrawl-delay: 3\n\nUser-agent: newsbeam\nDisallow: /drafts\nCrawl-delay: 1.5\n"
)


def test_what_is_not_disallowed_is_allowed_with_its_delay(gate, serve):
    host = serve(body=RULES)
    assert delay_of(gate.verdict(f"{host.url}/news")) == 1.5


def test_the_rules_are_those_for_our_name(gate, serve):
    host = serve(body=RULES)
    assert gate.verdict(f"{host.url}/private/x").robots == "allowed"
    verdict = gate.verdict(f"{host.url}/drafts/x?y=1")
    assert (verdict.robots, verdict.problem.kind) == ("disallowed", OutcomeKind.DISALLOWED)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_host_without_the_file_allows_everything(gate, serve, status):
    host = serve(status, b"User-agent: *\nDisallow: /")
    assert delay_of(gate.verdict(f"{host.url}/news")) is None


@pytest.mark.parametrize("status", [429, 500, 503, 599])
def test_a_host_in_trouble_allows_nothing_for_now(gate, serve, status):
    host = serve(status)
    verdict = gate.verdict(f"{host.url}/news")
    assert verdict.robots == "unavailable"
    assert (verdict.problem.kind, verdict.problem.status) == (OutcomeKind.HTTP_ERROR, status)
    assert verdict.problem.detail.startswith("robots.txt: ")


def test_a_host_that_refuses_connections_allows_nothing(gate):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    verdict = gate.verdict(f"http://127.0.0.1:{port}/news")
    assert (verdict.robots, verdict.problem.kind) == ("unavailable", OutcomeKind.UNREACHABLE)
    assert verdict.problem.detail.startswith("robots.txt: ")


def test_a_host_that_may_not_be_dialled_allows_nothing(serve):
    host = serve(body=RULES)
    fetcher = Fetcher(FetcherConfig(LIMITS, parse_networks(["127.0.0.2/32"])))
    verdict = Gate(fetcher).verdict(f"{host.url}/news")
    fetcher.close()
    assert (verdict.robots, verdict.problem.kind) == ("unavailable", OutcomeKind.BLOCKED_ADDRESS)
    assert host.asked == []


def test_redirects_that_lead_nowhere_allow_everything(gate, serve):
    host = serve(302, location="/robots.txt")
    assert gate.verdict(f"{host.url}/news").robots == "allowed"


def test_a_file_elsewhere_is_followed(gate, serve):
    other = serve(body=b"User-agent: *\nDisallow: /")
    host = serve(301, location=f"{other.url}/rules.txt")
    assert gate.verdict(f"{host.url}/news").robots == "disallowed"
    assert [path for path, _ in other.asked] == ["/rules.txt"]


@pytest.mark.parametrize("host_settings", [{"body": RULES}, {"status": 404}, {"status": 503}])
def test_a_host_is_asked_once_whatever_it_answered(gate, serve, host_settings):
    host = serve(**host_settings)
    first = [gate.verdict(f"{host.url}/news/{number}") for number in range(5)]
    assert len({verdict.robots for verdict in first}) == 1
    assert [path for path, _ in host.asked] == ["/robots.txt"]
    assert host.asked[0][1].startswith("newsbeam/")


def test_each_port_is_a_host_of_its_own(gate, serve):
    open_host, closed_host = serve(body=b""), serve(body=b"User-agent: *\nDisallow: /")
    assert gate.verdict(f"{open_host.url}/news").robots == "allowed"
    assert gate.verdict(f"{closed_host.url}/news").robots == "disallowed"


HOUR = 3_600.0


@pytest.mark.parametrize(
    ("host_settings", "seconds"),
    [
        ({"body": RULES}, MAX_KEPT_SECONDS),
        ({"status": 404}, MAX_KEPT_SECONDS),
        ({"body": RULES, "Cache_Control": "public, max-age=7200, must-revalidate"}, 2 * HOUR),
        ({"body": RULES, "Cache_Control": 'Max-Age="7200"'}, 2 * HOUR),
        ({"status": 404, "Cache_Control": "max-age=7200"}, 2 * HOUR),
        ({"body": RULES, "Cache_Control": "max-age=999999999"}, MAX_KEPT_SECONDS),
        ({"body": RULES, "Cache_Control": "no-store, max-age=0"}, MIN_KEPT_SECONDS),
        ({"body": RULES, "Cache_Control": "s-maxage=60, max-age=soon"}, MAX_KEPT_SECONDS),
        ({"status": 503}, RETRY_SECONDS),
        ({"status": 503, "Retry_After": "86400"}, RETRY_SECONDS),
        ({"status": 503, "Retry_After": "0"}, RETRY_SECONDS),
        ({"status": 429, "Retry_After": "20"}, 20.0),
    ],
)
def test_an_answer_expires(gate, serve, host_settings, seconds):
    host = serve(**host_settings)
    for now, times_asked in ((0.0, 1), (seconds - 0.1, 1), (seconds, 2), (2 * seconds - 0.1, 2)):
        gate.now = now
        gate.verdict(f"{host.url}/news")
        assert len(host.asked) == times_asked, now


def test_silence_is_asked_for_once(gate, serve):
    """What is remembered has no Retry-After: else each page that it forbids would silence the host anew."""
    host = serve(503, Retry_After="86400")
    first, later = (gate.verdict(f"{host.url}/news/{number}").problem for number in range(2))
    assert first.retry_after == "86400"
    assert later.retry_after is None
    assert (later.kind, later.status, later.detail) == (first.kind, first.status, first.detail)


def test_what_is_kept_is_bounded_and_the_oldest_goes_first(gate, serve):
    long = b"# " + b"x" * (MAX_KEPT_BYTES // 2 - 100) + b"\nUser-agent: *\nDisallow:\n"
    hosts = [serve(body=long) for _ in range(3)]
    for host in (*hosts[:2], hosts[0], hosts[2]):
        gate.verdict(f"{host.url}/news")
    assert gate.cache.kept_bytes <= MAX_KEPT_BYTES
    for host in (hosts[0], hosts[2], hosts[1]):
        gate.verdict(f"{host.url}/news")
    assert [len(host.asked) for host in hosts] == [1, 2, 1]


def test_two_that_wait_for_the_same_file_ask_once(gate, serve):
    """One found the file unknown and waited for its turn; when the turn came, the other had asked."""
    host = serve(body=RULES)
    waiting = gate.gate.verdict(f"{host.url}/news")
    assert next(waiting) == f"{host.url}/robots.txt"
    assert gate.verdict(f"{host.url}/drafts/").robots == "disallowed"
    with pytest.raises(StopIteration) as end:
        waiting.send(None)
    assert end.value.value.robots == "allowed"
    assert len(host.asked) == 1


def test_a_file_that_may_not_be_asked_for_now_is_unavailable(gate, serve):
    host = serve(body=RULES)
    course = gate.gate.verdict(f"{host.url}/news")
    next(course)
    with pytest.raises(StopIteration) as end:
        course.send(FetchProblem(OutcomeKind.UNREACHABLE, "not asked: the host wants silence"))
    assert end.value.value.robots == "unavailable"
    assert end.value.value.problem.detail == "robots.txt: not asked: the host wants silence"
    assert host.asked == []


def test_rules_that_were_read_are_known_and_others_not(gate, serve):
    closed, broken = serve(body=b"User-agent: GPTBot\nDisallow: /\n"), serve(503)
    assert gate.gate.rules(f"{closed.url}/news") is None
    for host in (closed, broken):
        gate.verdict(f"{host.url}/news")
    gate.now = 2 * MAX_KEPT_SECONDS
    assert gate.gate.rules(f"{closed.url}/news").reserves_from_ai(f"{closed.url}/news")
    assert gate.gate.rules(f"{broken.url}/news") is None
    assert len(closed.asked) == 1
