import contextlib
import gzip
import ipaddress
import os
import pickle
import socket
import struct
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import brotli
import pytest
from urllib3.response import HAS_ZSTD

from certificates import certificate
from schemas.outcome import OutcomeKind
from transforms.core.addresses import parse_networks
from transforms.fetcher import Fetcher, FetcherConfig, FetchLimits, FetchProblem, Headers, Response
from transforms.fetching import dialling
from transforms.fetching.budget import BudgetedSocket
from transforms.fetching.courses import run_at_once
from transforms.fetching.reading import DECODABLE
from transforms.fetching.records import ERROR_BODY_BYTES

DATA = Path(__file__).parent / "data" / "addresses"
LOOPBACK = parse_networks(["127.0.0.0/8", "::1/128"])
LIMITS = FetchLimits(
    connect_seconds=2, read_seconds=2, total_seconds=5, max_bytes=1_000_000, max_raw_bytes=1_000_000, max_redirects=3
)
SLACK_SECONDS = 2.5
"""How late a deadline may be noticed on a busy machine; without one these requests would never end."""


# --- a server that says exactly what it is told to


class Server:
    """Answers on loopback.  ``answer(connection, path)`` writes what it likes; true keeps the connection open."""

    def __init__(self, answer, tls=None, host="127.0.0.1"):
        self.answer = answer
        self.tls = tls
        self.heads = []
        self.connections = 0
        self.listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ValueError):  # the client hung up, as many of these tests want
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as lines:
                while head := self.read_head(lines):
                    self.heads.append(head)
                    if not self.answer(connection, head.split(" ")[1]):
                        break

    def read_head(self, lines):
        head = b""
        while (line := lines.readline()) not in (b"\r\n", b""):
            head += line
        return head.decode("latin-1")

    def paths(self):
        return [head.split(" ")[1] for head in self.heads]


@pytest.fixture
def serve():
    servers = []

    def start(answer, **options):
        script = answer if callable(answer) else lambda connection, _: connection.sendall(answer)
        servers.append(Server(script, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.listener.close()


@pytest.fixture
def fetcher():
    fetcher = Fetcher(FetcherConfig(LIMITS, LOOPBACK, contact="desk@example.org"))
    yield fetcher
    fetcher.close()


def answer_of(body=b"", status="200 OK", *fields, length=None):
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *fields]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def with_limits(**changes):
    settings = {name: getattr(LIMITS, name) for name in LIMITS.__dataclass_fields__} | changes
    return Fetcher(FetcherConfig(FetchLimits(**settings), LOOPBACK))


def problem_of(result, kind):
    assert isinstance(result, FetchProblem), result
    assert result.kind == kind, result
    assert result.detail
    assert "\n" not in result.detail
    return result


# --- good answers


def test_a_page_comes_with_everything_known_of_it(serve, fetcher):
    server = serve(answer_of(b"<p>Hello", "200 OK", 'ETag: "a"', "X-Name: J\xf6rg", "Via: one", "via: two"))
    response = fetcher.get(server.url + "/story?id=1#part")
    assert isinstance(response, Response)
    assert (response.status, response.body, response.redirects) == (200, b"<p>Hello", ())
    assert response.requested_url == server.url + "/story?id=1#part"
    assert response.final_url == server.url + "/story?id=1"
    assert response.headers["etag"] == response.headers["ETag"] == '"a"'
    assert response.headers["X-NAME"] == "J\xf6rg"
    assert response.headers["Via"] == "one, two"
    assert response.headers.get("absent") is None
    assert 0 < response.elapsed < SLACK_SECONDS
    assert server.paths() == ["/story?id=1"]
    assert pickle.loads(pickle.dumps(response)) == response  # noqa: S301 - made here


def test_the_request_says_who_asks_and_nothing_else(serve, fetcher, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = serve(answer_of(b"ok", "302 Found", "Set-Cookie: a=b; Path=/", "Location: /next"))
    fetcher.get(server.url, etag='W/"x"', last_modified="Mon, 01 Jan 2031 00:00:00 GMT")
    names = [[line.partition(":")[0].lower() for line in head.splitlines()[1:]] for head in server.heads]
    wanted = ["host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"]
    assert [sorted(sent) for sent in names] == [sorted(wanted)] * 2
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.heads[0]
    assert "(+desk@example.org)" in server.heads[0]
    assert 'If-None-Match: W/"x"\r\n' in server.heads[0]
    assert "If-Modified-Since: Mon, 01 Jan 2031 00:00:00 GMT\r\n" in server.heads[0]
    assert "gzip" in server.heads[0]
    assert "br" in server.heads[0]


def test_validators_go_back_byte_for_byte_or_not_at_all(serve, fetcher):
    server = serve(answer_of())
    fetcher.get(server.url, etag='"J\xf6rg"', last_modified="a\r\nEvil: yes")
    assert '"J\xf6rg"' in server.heads[0]
    assert "Evil" not in server.heads[0]
    fetcher.get(server.url, etag='"\u20ac"')
    assert "If-None-Match" not in server.heads[1]


def test_not_modified_is_an_answer(serve, fetcher):
    server = serve(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
    response = fetcher.get(server.url, etag='"a"')
    assert (response.status, response.body) == (304, b"")


@pytest.mark.parametrize("unsendable", [None, '"\u20ac"', "a\r\nb"])
def test_not_modified_without_validators_is_a_problem(serve, fetcher, unsendable):
    server = serve(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
    problem = problem_of(fetcher.get(server.url, etag=unsendable), OutcomeKind.HTTP_ERROR)
    assert problem.status == 304
    assert "no validators were sent" in problem.detail
    assert isinstance(fetcher.get(server.url, last_modified="Mon, 01 Jan 2031 00:00:00 GMT"), Response)


def test_an_error_keeps_the_start_of_its_page(serve, fetcher):
    page = b"gone " * 100_000
    server = serve(answer_of(page, "503 Service Unavailable", "Retry-After: 120"))
    problem = problem_of(fetcher.get(server.url), OutcomeKind.HTTP_ERROR)
    assert problem.status == 503
    assert problem.payload == page[:ERROR_BODY_BYTES]
    assert problem.retry_after == "120"
    assert problem.response.headers["retry-after"] == "120"


@pytest.mark.parametrize("status", ["300 Multiple Choices", "302 Found", "404 Not Found", "410 Gone", "999 Denied"])
def test_other_statuses_are_problems(serve, fetcher, status):
    problem = problem_of(fetcher.get(serve(answer_of(b"no", status)).url), OutcomeKind.HTTP_ERROR)
    assert problem.status == int(status[:3])
    assert problem.payload == b"no"


def test_connections_are_used_again_and_closed_ones_replaced(serve, fetcher, monkeypatch):
    def answer(connection, path):
        connection.sendall(answer_of(b"ok"))
        return path != "/last"

    server = serve(answer)
    assert [fetcher.get(server.url + path).body for path in ("/a", "/b", "/last")] == [b"ok"] * 3
    assert server.connections == 1
    # The server hangs up just after the look whether it has: the request meets a dead connection.
    monkeypatch.setattr("urllib3.connectionpool.is_connection_dropped", lambda _: False)
    assert fetcher.get(server.url + "/c").body == b"ok"
    assert server.connections == 2


def test_a_connection_that_breaks_inside_an_answer_is_not_tried_again(serve, fetcher):
    def answer(connection, path):
        if path == "/b":
            return reset(connection, path)
        connection.sendall(answer_of(b"ok"))
        return True

    server = serve(answer)
    assert fetcher.get(server.url + "/a").body == b"ok"
    problem_of(fetcher.get(server.url + "/b"), OutcomeKind.UNREACHABLE)
    assert server.paths() == ["/a", "/b"]


def test_a_server_that_never_answers_is_not_asked_again(serve, fetcher):
    server = serve(lambda *_: None)
    problem_of(fetcher.get(server.url), OutcomeKind.UNREACHABLE)
    assert len(server.heads) == 1


def test_threads_share_a_fetcher(serve, fetcher):
    server = serve(lambda connection, path: connection.sendall(answer_of(path.encode())) or True)
    bodies = {}

    def ask(number):
        bodies[number] = fetcher.get(f"{server.url}/{number}").body

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == {number: f"/{number}".encode() for number in range(40)}


def test_a_forked_child_makes_connections_of_its_own(serve, fetcher):
    server = serve(lambda connection, path: connection.sendall(answer_of(path.encode())) or True)
    assert fetcher.get(server.url + "/parent").body == b"/parent"
    child = os.fork()
    if child == 0:
        os._exit(0 if fetcher.get(server.url + "/child").body == b"/child" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert fetcher.get(server.url + "/parent").body == b"/parent"
    assert server.connections == 2


def test_the_config_travels_to_workers():
    config = FetcherConfig(LIMITS, LOOPBACK, "desk@example.org")
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 - made here


@pytest.mark.parametrize("contact", ["", "a)b", "a\r\nHost: b", "J\xf6rg", " a"])
def test_a_contact_that_breaks_the_header_is_refused(contact):
    with pytest.raises(ValueError, match="contact"):
        FetcherConfig(contact=contact)


def test_without_a_contact_the_agent_is_still_named():
    assert FetcherConfig().user_agent.startswith("newsbeam/")


def test_headers_are_a_mapping():
    headers = Headers((("A", "1"), ("b", "2"), ("a", "3")))
    assert dict(headers) == {"a": "1, 3", "b": "2"}
    assert len(headers) == 2
    assert "B" in headers


# --- where a request may go


PUBLIC = "93.184.215.14"
NAMES = {
    "public.test": [PUBLIC],
    "private.test": ["10.0.0.7"],
    "mixed.test": ["10.0.0.7", PUBLIC],
    "mixed-last.test": [*(f"93.184.215.{number}" for number in range(20)), "169.254.169.254"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "scoped.test": ["fe80::1%lo"],
    "public6.test": ["2606:4700:4700::1111"],
    "many.test": [f"93.184.215.{number}" for number in range(200)],
    "both.test": ["2606:4700:4700::1", "2606:4700:4700::2", "2606:4700:4700::3", "2606:4700:4700::4", PUBLIC],
}


class Network:
    """Stands in for resolver and network: answers for NAMES, and notes every address dialled."""

    def __init__(self, monkeypatch):
        self.dialled = []
        self.asked = []
        self.names = dict(NAMES)
        self.resolve_literally = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(BudgetedSocket, "connect", self.connect)

    def getaddrinfo(self, host, port, *arguments, **options):
        self.asked.append(host)
        name = host.rstrip(".").lower()
        if name == "localhost" or name not in self.names:
            return self.resolve_literally(host, port, *arguments, **options)
        answers = self.names[name]
        addresses = answers.pop(0) if isinstance(answers[0], list) else answers
        return [self.answer(ip, port) for ip in addresses]

    def answer(self, ip, port):
        if ":" in ip:
            return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
        return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))

    def connect(self, address):
        self.dialled.append(address[0])
        raise ConnectionRefusedError(111, "this network leads nowhere")


@pytest.fixture
def network(monkeypatch):
    return Network(monkeypatch)


def denied_hosts():
    lines = (DATA / "denied_hosts.txt").read_text(encoding="utf-8").splitlines()
    return [line.partition("  ")[0] for line in lines if line and not line.startswith("#")]


REFUSALS = {OutcomeKind.BLOCKED_ADDRESS, OutcomeKind.MALFORMED}


def test_there_are_enough_spellings():
    assert len(set(denied_hosts())) >= 60


@pytest.mark.parametrize("host", denied_hosts())
def test_no_spelling_of_a_denied_host_is_dialled(network, host):
    for url in (f"http://{host}/", f"https://{host}/latest/meta-data/"):
        result = Fetcher().get(url)
        assert isinstance(result, FetchProblem)
        assert result.kind in REFUSALS or (result.kind == OutcomeKind.UNREACHABLE and network.asked), result
    assert network.dialled == []


@pytest.mark.parametrize(("name", "ips"), [("public.test", [PUBLIC]), ("public6.test", NAMES["public6.test"])])
def test_public_names_are_dialled(network, name, ips):
    problem_of(Fetcher().get(f"http://{name}/"), OutcomeKind.UNREACHABLE)
    assert network.dialled == ips
    assert network.asked == [f"{name}."]


def test_a_denied_address_is_called_blocked(network):
    problem = problem_of(Fetcher().get("http://mixed.test/"), OutcomeKind.BLOCKED_ADDRESS)
    assert "10.0.0.7" in problem.detail


def test_the_answer_that_was_checked_is_the_one_dialled(network):
    network.names["turning.test"] = [[PUBLIC], ["127.0.0.1"]]
    fetcher = Fetcher()
    problem_of(fetcher.get("http://turning.test/"), OutcomeKind.UNREACHABLE)
    problem_of(fetcher.get("http://turning.test/"), OutcomeKind.BLOCKED_ADDRESS)
    assert network.dialled == [PUBLIC]


def test_few_addresses_of_many_are_tried(network):
    problem_of(Fetcher().get("http://many.test/"), OutcomeKind.UNREACHABLE)
    assert network.dialled == NAMES["many.test"][: dialling.MAX_ADDRESSES_TRIED]


def test_both_families_get_a_turn(network):
    problem_of(Fetcher().get("http://both.test/"), OutcomeKind.UNREACHABLE)
    assert network.dialled == ["2606:4700:4700::1", PUBLIC, "2606:4700:4700::2"]


def test_a_peer_that_is_not_the_address_dialled_is_refused(monkeypatch, network):
    monkeypatch.setattr(BudgetedSocket, "connect", lambda *_: None)
    monkeypatch.setattr(BudgetedSocket, "getpeername", lambda _: ("127.0.0.1", 80))
    problem_of(Fetcher().get("http://public.test/"), OutcomeKind.BLOCKED_ADDRESS)


def test_an_opened_network_opens_its_ports_and_no_others(network):
    fetcher = Fetcher(FetcherConfig(allowed_networks=parse_networks(["10.0.0.0/24"])))
    problem_of(fetcher.get("http://private.test:8081/"), OutcomeKind.UNREACHABLE)
    assert network.dialled == ["10.0.0.7"]
    for url in ("http://127.0.0.1/", "http://10.0.1.1/", "http://public.test:8081/"):
        problem_of(fetcher.get(url), OutcomeKind.BLOCKED_ADDRESS)
    assert network.dialled == ["10.0.0.7"]


def test_a_name_without_an_address_is_unreachable(network, monkeypatch):
    def nothing_found(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    network.resolve_literally = nothing_found
    problem_of(Fetcher().get("http://absent.test/"), OutcomeKind.UNREACHABLE)
    network.names["empty.test"] = []
    network.resolve_literally = lambda *_, **__: []
    problem_of(Fetcher().get("http://absent.test/"), OutcomeKind.UNREACHABLE)


def test_a_resolver_that_does_not_answer_ends_at_the_deadline(network, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(20) and [])
    started = time.monotonic()
    problem = problem_of(with_limits(total_seconds=0.2).get("http://public.test/"), OutcomeKind.TIMEOUT)
    released.set()
    assert time.monotonic() - started < 0.2 + SLACK_SECONDS
    assert "looking up public.test" in problem.detail
    assert network.dialled == []


LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_nothing_reaches_a_server_on_loopback(serve, monkeypatch, host):
    canary = serve(answer_of(b"secret"), host="::1" if host == "[::1]" else "127.0.0.1")
    for module in ("transforms.fetcher", "transforms.fetching.dialling"):
        monkeypatch.setattr(f"{module}.WEB_PORTS", {canary.port})
    problem_of(Fetcher().get(f"http://{host}:{canary.port}/"), OutcomeKind.BLOCKED_ADDRESS)
    assert canary.connections == 0
    open_fetcher = Fetcher(FetcherConfig(LIMITS, (*LOOPBACK, ipaddress.ip_network("0.0.0.0/32"))))
    assert open_fetcher.get(f"http://{host}:{canary.port}/").body == b"secret"


# --- redirects


def redirecting(**targets):
    def answer(connection, path):
        target = targets.get(path.strip("/").partition("?")[0])
        fields = [] if target is None else [f"Location: {target}"]
        connection.sendall(answer_of(b"" if target else b"end", "302 Found" if target else "200 OK", *fields))
        return True

    return answer


def test_redirects_are_followed_and_told(serve, fetcher):
    server = serve(redirecting(a="/b", b="c?d", c="/end#part"))
    response = fetcher.get(server.url + "/a")
    assert response.body == b"end"
    assert response.redirects == (server.url + "/b", server.url + "/c?d")
    assert response.final_url == server.url + "/end"
    assert server.connections == 1
    assert not response.left_tls


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_kind_of_redirect_is_followed(serve, fetcher, status):
    def answer(connection, path):
        connection.sendall(answer_of(b"end") if path == "/b" else answer_of(b"", f"{status} Moved", "Location: /b"))

    assert fetcher.get(serve(answer).url).body == b"end"


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([200], None),
        ([302, 200], None),
        ([302, 301, 200], None),
        ([301, 200], "/1"),
        ([308, 301, 200], "/2"),
        ([301, 302, 301, 200], "/1"),
        ([301, 308, 307, 200], "/2"),
        ([301, 404], "/1"),
        ([301, 301], "/1"),
        ([301], None),
    ],
)
def test_permanent_redirects_are_told_up_to_the_first_break(serve, fetcher, statuses, moved_to):
    """The last answer leads nowhere, whatever its status."""

    def answer(connection, path):
        here = int(path.strip("/"))
        fields = [f"Location: /{here + 1}#part"] if here + 1 < len(statuses) else []
        connection.sendall(answer_of(b"", f"{statuses[here]} Said", *fields))

    server = serve(answer)
    result = fetcher.get(server.url + "/0")
    response = result.response if isinstance(result, FetchProblem) else result
    assert response.moved_to == (moved_to and server.url + moved_to)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/caf\xc3\xa9", "/caf%C3%A9"),
        (b"/caf\xe9", "/caf%C3%A9"),
        (b"/a b", "/a%20b"),
        (b"?page=2", "/start?page=2"),
        (b"./next", "/next"),
        (b"  /next ", "/next"),
        (b"/100%", "/100%25"),
    ],
)
def test_locations_are_read_as_browsers_do(serve, fetcher, location, path):
    def answer(connection, path):
        if path == "/start":
            connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
        else:
            connection.sendall(answer_of(b"end"))

    server = serve(answer)
    assert fetcher.get(server.url + "/start").body == b"end"
    assert server.paths() == ["/start", path]


def test_circles_and_long_chains_end(serve, fetcher):
    server = serve(redirecting(a="/b", b="/a"))
    problem = problem_of(fetcher.get(server.url + "/a"), OutcomeKind.HTTP_ERROR)
    assert "circle" in problem.detail
    assert server.paths() == ["/a", "/b"]
    chain = serve(lambda connection, path: connection.sendall(answer_of(b"", "302 Found", f"Location: {path}x")))
    problem = problem_of(fetcher.get(chain.url + "/"), OutcomeKind.HTTP_ERROR)
    assert problem.status == 302
    assert len(chain.heads) == LIMITS.max_redirects + 1


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://10.0.0.1/", OutcomeKind.BLOCKED_ADDRESS),
        ("//169.254.169.254/latest/", OutcomeKind.BLOCKED_ADDRESS),
        ("http://private.test/", OutcomeKind.BLOCKED_ADDRESS),
        ("http://[::ffff:10.0.0.1]/", OutcomeKind.BLOCKED_ADDRESS),
        ("file:///etc/passwd", OutcomeKind.MALFORMED),
        ("gopher://127.0.0.1/", OutcomeKind.MALFORMED),
        ("javascript:alert(1)", OutcomeKind.MALFORMED),
        ("http://a@public.test/", OutcomeKind.MALFORMED),
        ("http://public.test\\@10.0.0.1/", OutcomeKind.MALFORMED),
        ("http://[::1", OutcomeKind.MALFORMED),
        ("/" + "a" * 5_000, OutcomeKind.MALFORMED),
    ],
)
def test_redirects_pass_the_same_checks(serve, fetcher, monkeypatch, location, kind):
    server = serve(redirecting(start=location))
    real_connect = BudgetedSocket.connect
    network = Network(monkeypatch)

    def connect(sock, address):
        return real_connect(sock, address) if address[1] == server.port else network.connect(address)

    monkeypatch.setattr(BudgetedSocket, "connect", connect)
    problem_of(fetcher.get(server.url + "/start"), kind)
    assert network.dialled == []
    assert server.paths() == ["/start"]


# --- courses


def refusing(*refused):
    """A guard that refuses these paths, and the URLs that it was asked about."""
    asked = []

    def guard(url):
        asked.append(url)
        yield f"http://rules.test/{len(asked)}"
        return FetchProblem(OutcomeKind.DISALLOWED, "not there") if url.endswith(refused) else None

    return guard, asked


def test_a_course_gives_way_before_each_request(serve, fetcher):
    other = serve(answer_of(b"end"))
    server = serve(redirecting(a="/b", b=other.url + "/end#part"))
    course = fetcher.course(server.url + "/a")
    assert course.send(None) == server.url + "/a"
    assert server.heads == []
    assert course.send(None) == server.url + "/b"
    assert server.paths() == ["/a"]
    assert course.send(None) == other.url + "/end"
    assert other.heads == []
    with pytest.raises(StopIteration) as end:
        course.send(None)
    assert end.value.value.body == b"end"


def test_a_course_that_is_refused_its_turn_ends(serve, fetcher):
    server = serve(redirecting(a="/b"))
    refusal = FetchProblem(OutcomeKind.UNREACHABLE, "not now")
    for turns, detail in ((0, "not now"), (1, "redirected: not now")):
        course = fetcher.course(server.url + "/a")
        for _ in range(turns + 1):
            next(course)
        with pytest.raises(StopIteration) as end:
            course.send(refusal)
        assert problem_of(end.value.value, OutcomeKind.UNREACHABLE).detail == detail
    assert server.paths() == ["/a"]


def test_a_guard_is_asked_about_every_url_on_the_way(serve, fetcher):
    other = serve(answer_of(b"end"))
    server = serve(redirecting(a="/b", b=other.url + "/end"))
    guard, asked = refusing("/never")
    response = run_at_once(fetcher.course(server.url + "/a", guard=guard))
    assert response.body == b"end"
    assert asked == [server.url + "/a", server.url + "/b", other.url + "/end"]


@pytest.mark.parametrize(
    ("refused", "detail", "paths"),
    [("/a", "not there", []), ("/b", "redirected: not there", ["/a"]), ("/end", "redirected: not there", ["/a", "/b"])],
)
def test_what_a_guard_refuses_is_not_requested(serve, fetcher, refused, detail, paths):
    other = serve(answer_of(b"end"))
    server = serve(redirecting(a="/b", b=other.url + "/end"))
    guard, _ = refusing(refused)
    problem = problem_of(run_at_once(fetcher.course(server.url + "/a", guard=guard)), OutcomeKind.DISALLOWED)
    assert problem.detail == detail
    assert server.paths() == paths
    assert other.heads == []


def test_a_guard_sees_no_url_that_may_not_be_followed(serve, fetcher):
    server = serve(redirecting(a="file:///etc/passwd"))
    guard, asked = refusing("/never")
    problem_of(run_at_once(fetcher.course("ftp://public.test/", guard=guard)), OutcomeKind.MALFORMED)
    problem_of(run_at_once(fetcher.course(server.url + "/a", guard=guard)), OutcomeKind.MALFORMED)
    assert asked == [server.url + "/a"]


def test_waiting_between_requests_does_not_count(serve):
    server = serve(redirecting(a="/b"))
    course = with_limits(total_seconds=1.0).course(server.url + "/a")
    next(course)
    next(course)
    time.sleep(1.1)
    with pytest.raises(StopIteration) as end:
        next(course)
    assert end.value.value.body == b"end"
    assert end.value.value.elapsed < 1.0


# --- time


def drip(start, piece):
    """Say ``start``, then ``piece`` again and again for ever, slowly."""

    def answer(connection, path):
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    return answer


SLOW = {
    "status line": drip(b"", b"H"),
    "header": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "many headers": drip(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"a"),
    "body without length": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
    "chunks": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "chunk size": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    "chunk extension": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"),
    "trailer": drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
    "error body": drip(b"HTTP/1.1 404 Not Found\r\n\r\n", b"a"),
    "redirect body": drip(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 9000\r\n\r\n", b"a"),
    "gzip": drip(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"")),
    "nothing": drip(b"", b""),
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW.keys())
def test_a_slow_server_ends_at_the_deadline(serve, script):
    started = time.monotonic()
    result = with_limits(total_seconds=0.25, read_seconds=0.2).get(serve(script).url + "/start")
    problem_of(result, OutcomeKind.TIMEOUT)
    assert time.monotonic() - started < 0.25 + SLACK_SECONDS


def test_a_silent_server_ends_at_the_read_limit(serve):
    started = time.monotonic()
    server = serve(lambda *_: time.sleep(0.5))
    problem_of(with_limits(read_seconds=0.1, total_seconds=60).get(server.url), OutcomeKind.TIMEOUT)
    assert time.monotonic() - started < 0.1 + SLACK_SECONDS


def test_redirects_share_one_deadline(serve):
    def answer(connection, path):
        time.sleep(0.1)
        connection.sendall(answer_of(b"", "302 Found", f"Location: {path}x"))

    server = serve(answer)
    problem_of(with_limits(total_seconds=0.35, max_redirects=50).get(server.url), OutcomeKind.TIMEOUT)
    assert len(server.heads) <= 4


def test_a_connection_that_is_not_taken_ends_at_its_limit(monkeypatch):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        queued = [socket.socket() for _ in range(4)]
        for client in queued:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        result = with_limits(connect_seconds=0.2).get(f"http://127.0.0.1:{port}/")
        problem_of(result, OutcomeKind.TIMEOUT)
        assert time.monotonic() - started < 0.2 + SLACK_SECONDS
        for client in queued:
            client.close()


# --- bytes


def zeros_packed(pack, finish, mebibytes):
    piece = bytes(1024 * 1024)
    return b"".join(pack(piece) for _ in range(mebibytes)) + finish()


def gzip_bomb(mebibytes=100):
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return zeros_packed(packer.compress, packer.flush, mebibytes)


def deflate_bomb(mebibytes=100):
    packer = zlib.compressobj(1)
    return zeros_packed(packer.compress, packer.flush, mebibytes)


def brotli_bomb(mebibytes=100):
    packer = brotli.Compressor(quality=1)
    return zeros_packed(packer.process, packer.finish, mebibytes)


def zstd_bomb(mebibytes=100):
    # One frame: magic number, no content size, a window of 1 MiB, then blocks that repeat one byte 128 KiB times.
    block = struct.pack("<I", (131_072 << 3) | (1 << 1))[:3] + b"\0"
    last = struct.pack("<I", (1 << 3) | (1 << 1) | 1)[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([10 << 3]) + block * (8 * mebibytes) + last


def zstd_frame(body, window_log=20):
    # One frame with one raw block: magic number, no content size, the size of its window.
    return b"\x28\xb5\x2f\xfd\x00" + bytes([(window_log - 10) << 3]) + struct.pack("<I", len(body) << 3 | 1)[:3] + body


BOMBS = {
    "gzip": ("gzip", gzip_bomb()),
    "x-gzip": ("X-GZip", gzip_bomb()),
    "deflate": ("deflate", deflate_bomb()),
    "br": ("br", brotli_bomb()),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip_bomb(), 1)),
    "zstd": ("zstd", zstd_bomb()),
    "zstd in gzip": ("zstd, gzip", gzip.compress(zstd_bomb(), 1)),
    "br in gzip": ("br, gzip", gzip.compress(brotli_bomb(), 1)),
}


def chunked(body):
    return b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


def framed(framing, coding, body):
    if framing == "length":
        return answer_of(body, "200 OK", f"Content-Encoding: {coding}")
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {coding}\r\n\r\n"
    return head.encode() + chunked(body)


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize(("coding", "bomb"), BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_stopped_early(serve, fetcher, coding, bomb, framing):
    assert len(bomb) < LIMITS.max_raw_bytes
    server = serve(framed(framing, coding, bomb))
    tracemalloc.start()
    try:
        problem_of(fetcher.get(server.url), OutcomeKind.TOO_LARGE)
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMITS.max_bytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_zstd_is_read(serve, fetcher, framing):
    assert HAS_ZSTD, "urllib3 decodes it only where backports.zstd is installed"
    server = serve(framed(framing, "zstd", zstd_frame(b"text")))
    assert fetcher.get(server.url).body == b"text"
    assert "zstd" in server.heads[0]


def test_zstd_is_refused_where_it_cannot_be_read(serve, fetcher, monkeypatch):
    monkeypatch.setattr("transforms.fetching.reading.DECODABLE", DECODABLE - {"zstd"})
    monkeypatch.setattr("transforms.fetching.reading._UNREADABLE_CODINGS", frozenset({"zstd"}))
    server = serve(framed("length", "zstd", zstd_frame(b"text")))
    assert "was not asked for" in problem_of(fetcher.get(server.url), OutcomeKind.MALFORMED).detail


def test_zstd_with_a_window_of_gigabytes_is_refused(serve, fetcher):
    """Six bytes may ask for one; memory would be set aside for it at once."""
    frame = zstd_frame(b"text", window_log=31)
    problem_of(fetcher.get(serve(framed("length", "zstd", frame)).url), OutcomeKind.MALFORMED)


PACKED = {
    "gzip": ("gzip", gzip.compress(b"text")),
    "upper case": ("GZIP", gzip.compress(b"text")),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(b"text"))),
    "deflate": ("deflate", zlib.compress(b"text")),
    "raw deflate": ("deflate", zlib.compress(b"text")[2:-4]),
    "br": ("br", brotli.compress(b"text")),
    "identity": ("identity", b"text"),
    "identity and gzip": ("identity, gzip", gzip.compress(b"text")),
    "a charset by mistake": ("utf-8", b"text"),
    "empty": ("", b"text"),
    "members": ("gzip", gzip.compress(b"te") + gzip.compress(b"xt")),
    "garbage behind": ("gzip", gzip.compress(b"text") + b"\0\0\0"),
}


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize(("coding", "body"), PACKED.values(), ids=PACKED.keys())
def test_bodies_are_unpacked(serve, fetcher, coding, body, framing):
    server = serve(framed(framing, coding, body))
    response = fetcher.get(server.url)
    assert response.body == b"text"
    assert response.headers["Content-Encoding"] == coding


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"<p>not packed"),
        ("deflate", b"\xff<p>not packed"),
        ("br", b"<p>not packed"),
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(b"text")))),
        ("compress", b"text"),
    ],
)
def test_bodies_that_cannot_be_unpacked_are_malformed(serve, fetcher, coding, body):
    server = serve(answer_of(body, "200 OK", f"Content-Encoding: {coding}"))
    problem_of(fetcher.get(server.url), OutcomeKind.MALFORMED)


def pour(start, piece, most):
    """Say ``start``, then up to ``most`` bytes of ``piece``, as fast as they are taken."""

    def answer(connection, path):
        connection.sendall(start)
        for _ in range(most // len(piece)):
            connection.sendall(piece)

    return answer


FIFTY_MB = 50_000_000
FLOODS = {
    "announced": pour(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n", b"a" * 65_536, FIFTY_MB),
    "not announced": pour(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65_536, FIFTY_MB),
    "chunked": pour(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked(b"a" * 65_536)[:-5], FIFTY_MB),
    "one chunk": pour(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n", b"a" * 65_536, FIFTY_MB),
    "extensions": pour(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 60_000 + b"\r\na\r\n", FIFTY_MB
    ),
    "trailers": pour(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"A: " + b"a" * 60_000 + b"\r\n", FIFTY_MB
    ),
    "empty gzip members": pour(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1_000, FIFTY_MB
    ),
    "continue": pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000, FIFTY_MB),
    "continue with headers": pour(b"", b"HTTP/1.1 100 Continue\r\n" + b"A: b\r\n" * 90 + b"\r\n", FIFTY_MB),
    "long headers": pour(b"HTTP/1.1 200 OK\r\n", b"A: " + b"a" * 30_000 + b"\r\n", FIFTY_MB),
}


@pytest.mark.parametrize("script", FLOODS.values(), ids=FLOODS.keys())
def test_floods_are_stopped_early(serve, script):
    started = time.monotonic()
    problem_of(with_limits(total_seconds=30).get(serve(script).url), OutcomeKind.TOO_LARGE)
    assert time.monotonic() - started < SLACK_SECONDS


def test_a_header_has_a_limit_of_its_own(serve):
    server = serve(answer_of(b"ok", "200 OK", "X-Long: " + "a" * 20_000))
    assert with_limits(max_header_bytes=21_000).get(server.url).body == b"ok"
    problem = problem_of(with_limits(max_header_bytes=2_000).get(server.url), OutcomeKind.TOO_LARGE)
    assert "header" in problem.detail


def test_limits_are_met_exactly(serve, fetcher):
    exact = bytes(LIMITS.max_bytes)
    assert len(fetcher.get(serve(answer_of(exact)).url).body) == LIMITS.max_bytes
    problem_of(fetcher.get(serve(answer_of(exact + b"x")).url), OutcomeKind.TOO_LARGE)
    assert len(fetcher.get(serve(b"HTTP/1.0 200 OK\r\n\r\n" + exact).url).body) == LIMITS.max_bytes
    problem_of(fetcher.get(serve(b"HTTP/1.0 200 OK\r\n\r\n" + exact + b"x").url), OutcomeKind.TOO_LARGE)


# --- broken HTTP


def reset(connection, path):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    time.sleep(0.05)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "short body": (answer_of(b"short", length=100), OutcomeKind.UNREACHABLE),
    "reset": (reset, OutcomeKind.UNREACHABLE),
    "nothing": (b"", OutcomeKind.UNREACHABLE),
    "status line cut": (b"HTTP/1.1 200", OutcomeKind.UNREACHABLE),
    "header cut": (b"HTTP/1.1 200 OK\r\nContent-Le", OutcomeKind.UNREACHABLE),
    "header without an end": (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", OutcomeKind.UNREACHABLE),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.9\r\n", OutcomeKind.MALFORMED),
    "version": (b"HTTP/9.9 200 OK\r\n\r\n", OutcomeKind.MALFORMED),
    "status of letters": (b"HTTP/1.1 two OK\r\n\r\n", OutcomeKind.MALFORMED),
    "status of six digits": (b"HTTP/1.1 200200 OK\r\n\r\n", OutcomeKind.MALFORMED),
    "status of 5,000 digits": (b"HTTP/1.1 " + b"2" * 5_000 + b" OK\r\n\r\n", OutcomeKind.MALFORMED),
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OutcomeKind.MALFORMED),
    "switching": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", OutcomeKind.MALFORMED),
    "200 headers": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", OutcomeKind.MALFORMED),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab", OutcomeKind.MALFORMED),
    "chunk size": (CHUNKS + b"zz\r\nab\r\n0\r\n\r\n", OutcomeKind.MALFORMED),
    "negative chunk": (CHUNKS + b"-5\r\nab\r\n0\r\n\r\n", OutcomeKind.MALFORMED),
    "chunk of 5,000 digits": (CHUNKS + b"5" * 5_000 + b"\r\nab\r\n", OutcomeKind.UNREACHABLE),
    "chunk cut": (CHUNKS + b"9\r\nab", OutcomeKind.UNREACHABLE),
    "chunks cut": (CHUNKS + b"2\r\nab\r\n", OutcomeKind.UNREACHABLE),
}


@pytest.mark.parametrize(("script", "kind"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_http_is_a_typed_problem(serve, fetcher, script, kind):
    problem_of(fetcher.get(serve(script).url), kind)


ODD = {
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\ntext",
    "length of letters": b"HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\ntext",
    "length of 5,000 digits": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"4" * 5_000 + b"\r\n\r\ntext",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\ntext\r\n0\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\ntext",
    "line feeds": b"HTTP/1.1 200 OK\nContent-Length: 4\n\ntext",
    "folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 4\r\n\r\ntext",
    "header without colon": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nnonsense\r\n\r\ntext",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 4\r\n\r\ntext",
    "continue first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext",
}


@pytest.mark.parametrize("script", ODD.values(), ids=ODD.keys())
def test_odd_http_is_read(serve, fetcher, script):
    result = fetcher.get(serve(script).url)
    assert isinstance(result, Response), result
    assert result.body == b"text"


def test_what_is_behind_an_answer_is_not_taken_for_the_next(serve, fetcher):
    def answer(connection, path):
        connection.sendall(answer_of(path.encode()) + (answer_of(b"forged") if path == "/first" else b""))
        return True

    server = serve(answer)
    assert fetcher.get(server.url + "/first").body == b"/first"
    assert fetcher.get(server.url + "/second").body == b"/second"


def test_a_bug_is_not_a_problem(serve, fetcher, monkeypatch):
    def broken(*arguments):
        raise KeyError("a bug")

    monkeypatch.setattr("transforms.fetcher.read_hop", broken)
    with pytest.raises(KeyError):
        fetcher.get(serve(answer_of()).url)


# --- TLS


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1", "news.test")


def trusting(ca_file, **changes):
    settings = {name: getattr(LIMITS, name) for name in LIMITS.__dataclass_fields__} | changes
    return Fetcher(FetcherConfig(FetchLimits(**settings), LOOPBACK, ca_file=ca_file))


def test_a_self_signed_certificate_is_refused(serve, fetcher, tls):
    server = serve(answer_of(b"text"), tls=tls[0])
    problem = problem_of(fetcher.get(server.url), OutcomeKind.UNREACHABLE)
    assert "certificate" in problem.detail.lower()
    assert server.heads == []


def test_a_trusted_certificate_is_accepted_and_its_name_checked(serve, tls, monkeypatch):
    context, ca_file = tls
    asked = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    server = serve(lambda connection, _: connection.sendall(answer_of(b"text")) or True, tls=context)
    network = Network(monkeypatch)
    monkeypatch.undo()
    network.names.update({"news.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})
    monkeypatch.setattr(socket, "getaddrinfo", network.getaddrinfo)
    fetcher = trusting(ca_file)
    assert fetcher.get(server.url).body == b"text"
    assert fetcher.get(f"https://news.test:{server.port}/").body == b"text"
    assert fetcher.get(f"https://news.test.:{server.port}/a").body == b"text"
    assert server.connections == 2
    assert f"Host: news.test:{server.port}\r\n" in server.heads[1]
    problem = problem_of(fetcher.get(f"https://other.test:{server.port}/"), OutcomeKind.UNREACHABLE)
    assert "certificate" in problem.detail.lower()
    assert asked == [None, "news.test", "other.test"]
    assert len(server.heads) == 3
    context.sni_callback = None


def test_plain_http_where_tls_is_wanted_is_unreachable(fetcher):
    def answer_at_once(listener):
        connection, _ = listener.accept()
        connection.sendall(answer_of(b"speak TLS", "400 Bad Request"))
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_at_once, args=(listener,), daemon=True).start()
        problem_of(fetcher.get(f"https://127.0.0.1:{listener.getsockname()[1]}/"), OutcomeKind.UNREACHABLE)


@pytest.mark.parametrize("name", ["header", "body", "chunk extension", "nothing"])
def test_a_slow_server_ends_at_the_deadline_over_tls_too(serve, tls, name):
    context, ca_file = tls
    server = serve(SLOW[name], tls=context)
    started = time.monotonic()
    problem_of(trusting(ca_file, total_seconds=0.4).get(server.url), OutcomeKind.TIMEOUT)
    assert time.monotonic() - started < 0.4 + SLACK_SECONDS
    assert len(server.heads) == 1


def test_a_handshake_that_stalls_ends_at_its_limit():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        problem_of(with_limits(connect_seconds=0.2).get(url), OutcomeKind.TIMEOUT)
        assert time.monotonic() - started < 0.2 + SLACK_SECONDS


def test_floods_over_tls_are_stopped(serve, tls):
    context, ca_file = tls
    problem_of(trusting(ca_file).get(serve(FLOODS["not announced"], tls=context).url), OutcomeKind.TOO_LARGE)


def test_leaving_tls_is_followed_and_told(serve, tls):
    context, ca_file = tls
    plain = serve(answer_of(b"text"))
    server = serve(redirecting(start=plain.url + "/story"), tls=context)
    response = trusting(ca_file).get(server.url + "/start")
    assert response.body == b"text"
    assert response.left_tls
