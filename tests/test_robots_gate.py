import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from schemas.outcome import OutcomeKind
from transforms.core.addresses import parse_networks
from transforms.fetcher import Fetcher, FetcherConfig, FetchLimits
from transforms.robots_gate import RobotsGate, Verdict

LIMITS = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=4)


class Host:
    """A site on loopback whose robots.txt is ``body`` with ``status``; counts what is asked for."""

    def __init__(self, status=200, body=b"", location=None):
        host = self
        self.asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.asked.append((self.path, self.headers["User-Agent"]))
                self.send_response(status)
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


@pytest.fixture
def gate():
    fetcher = Fetcher(FetcherConfig(LIMITS, parse_networks(["127.0.0.0/8"])))
    yield RobotsGate(fetcher)
    fetcher.close()


RULES = (
    b"User-agent: *\nDisallow: /private\nCrawl-delay: 3\n\nUser-agent: newsbeam\nDisallow: /drafts\nCrawl-delay: 1.5\n"
)


def test_what_is_not_disallowed_is_allowed_with_its_delay(gate, serve):
    host = serve(body=RULES)
    assert gate.verdict(f"{host.url}/news") == Verdict("allowed", 1.5)


def test_the_rules_are_those_for_our_name(gate, serve):
    host = serve(body=RULES)
    assert gate.verdict(f"{host.url}/private/x").robots == "allowed"
    verdict = gate.verdict(f"{host.url}/drafts/x?y=1")
    assert (verdict.robots, verdict.problem.kind) == ("disallowed", OutcomeKind.DISALLOWED)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_a_host_without_the_file_allows_everything(gate, serve, status):
    host = serve(status, b"User-agent: *\nDisallow: /")
    assert gate.verdict(f"{host.url}/news") == Verdict("allowed")


@pytest.mark.parametrize("status", [500, 503, 599])
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
    verdict = RobotsGate(fetcher).verdict(f"{host.url}/news")
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
