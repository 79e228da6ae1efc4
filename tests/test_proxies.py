"""Fetching through a proxy: what it is asked for, and what it is never asked for."""

import contextlib
import socket
import threading
from pathlib import Path

import pytest

from certificates import certificate
from schemas.outcome import OutcomeKind
from transforms.core.addresses import parse_networks
from transforms.core.proxies import Proxies, Proxy, local_name, proxies_of
from transforms.fetcher import Fetcher, FetcherConfig, FetchLimits, FetchProblem

LIMITS = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=4)
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext"


class ProxyServer:
    """Answers for every host itself; ``tls`` is the context with which it speaks inside tunnels."""

    def __init__(self, tls=None, tunnel=b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", page=PAGE):
        self.tls, self.tunnel, self.page = tls, tunnel, page
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            head = self.read_head(connection)
            if head.startswith("CONNECT"):
                connection.sendall(self.tunnel)
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.read_head(connection)
            connection.sendall(self.page)

    def read_head(self, connection):
        head = b""
        while not head.endswith(b"\r\n\r\n") and (piece := connection.recv(1)):
            head += piece
        self.heads.append(head.decode("latin-1"))
        return self.heads[-1]


@pytest.fixture
def through():
    """A fetcher behind a proxy server."""
    servers = []

    def start(server=None, user=None, bypass=(), **settings):
        servers.append(server or ProxyServer())
        proxy = Proxy("127.0.0.1", servers[-1].port, user)
        return Fetcher(FetcherConfig(LIMITS, proxies=Proxies(proxy, proxy, bypass), **settings)), servers[-1]

    yield start
    for server in servers:
        server.listener.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "news.test")


def test_plain_requests_are_passed_on_whole(through):
    fetcher, server = through(user="ada:s3cret")
    assert fetcher.get("http://news.test/story?id=1").body == b"text"
    lines = server.heads[0].split("\r\n")
    assert lines[0] == "GET http://news.test/story?id=1 HTTP/1.1"
    assert "Host: news.test" in lines
    assert "Proxy-Authorization: Basic YWRhOnMzY3JldA==" in lines


def test_tls_goes_through_a_tunnel_and_its_certificate_is_checked(through, tls):
    context, ca_file = tls
    fetcher, server = through(ProxyServer(context), user="ada:s3cret", ca_file=ca_file)
    assert fetcher.get("https://news.test/story").body == b"text"
    assert server.heads[0].startswith("CONNECT news.test:443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic" in server.heads[0]
    assert server.heads[1].startswith("GET /story HTTP/1.1\r\n")
    assert "Proxy-Authorization" not in server.heads[1]
    problem = fetcher.get("https://other.test/story")
    assert problem.kind is OutcomeKind.UNREACHABLE
    assert "certificate" in problem.detail.lower()


@pytest.mark.parametrize(
    ("tunnel", "detail"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"),
        (b"HTTP/1.1 407\r\nProxy-Authenticate: Basic\r\n\r\n", "407"),
        (b"SSH-2.0\r\n\r\n", "something else"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", "no answer"),
        (b"", ""),
    ],
)
def test_a_proxy_that_makes_no_tunnel(through, tls, tunnel, detail):
    fetcher, _ = through(ProxyServer(tls[0], tunnel))
    problem = fetcher.get("https://news.test/")
    assert problem.kind in (OutcomeKind.UNREACHABLE, OutcomeKind.TIMEOUT)
    assert detail in problem.detail


def test_a_proxy_that_is_not_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy("127.0.0.1", listener.getsockname()[1])
    problem = Fetcher(FetcherConfig(LIMITS, proxies=Proxies(proxy, proxy))).get("http://news.test/")
    assert problem.kind is OutcomeKind.UNREACHABLE


def denied_hosts():
    lines = (Path(__file__).parent / "data" / "addresses" / "denied_hosts.txt").read_text(encoding="utf-8").splitlines()
    hosts = [line.partition("  ")[0] for line in lines if line and not line.startswith("#")]
    return [host for host in hosts if not host.endswith(".test")]  # where these lead only a resolver knows


@pytest.mark.parametrize(
    "host", [*denied_hosts(), "intranet", "printer.local", "metadata.google.internal", "db.corp", "a.localhost"]
)
def test_a_proxy_is_never_asked_for_what_is_private_by_name(through, host):
    fetcher, server = through()
    for url in (f"http://{host}/", f"https://{host}/latest/meta-data/"):
        assert fetcher.get(url).kind in (OutcomeKind.BLOCKED_ADDRESS, OutcomeKind.MALFORMED), url
    assert server.heads == []


def test_a_redirect_through_a_proxy_passes_the_same_checks(through):
    page = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://169.254.169.254/latest/\r\n\r\n"
    fetcher, server = through(ProxyServer(page=page))
    assert fetcher.get("http://news.test/").kind is OutcomeKind.BLOCKED_ADDRESS
    assert len(server.heads) == 1


def test_what_bypasses_the_proxy_is_dialled_and_checked(through):
    fetcher, server = through(bypass=("127.0.0.1",))
    assert fetcher.get(f"http://127.0.0.1:{server.port}/").kind is OutcomeKind.BLOCKED_ADDRESS
    fetcher, server = through(bypass=("127.0.0.1",), allowed_networks=parse_networks(["127.0.0.0/8"]))
    assert fetcher.get(f"http://127.0.0.1:{server.port}/direct").body == b"text"
    assert server.heads[0].startswith("GET /direct HTTP/1.1")


def test_an_allowed_network_is_allowed_behind_a_proxy_too(through):
    fetcher, server = through(allowed_networks=parse_networks(["10.0.0.0/24"]))
    assert fetcher.get("http://10.0.0.7:8081/").body == b"text"
    assert isinstance(fetcher.get("http://10.0.1.7:8081/"), FetchProblem)
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    ("setting", "environment", "proxies"),
    [
        ("http://proxy.example:3128", {"http_proxy": "http://b:1"}, Proxies(*[Proxy("proxy.example", 3128)] * 2)),
        ("proxy.example:3128", {}, Proxies(*[Proxy("proxy.example", 3128)] * 2)),
        ("http://a%40b:c%3Ad@p.example", {}, Proxies(*[Proxy("p.example", 80, "a@b:c:d")] * 2)),
        ("http://[::1]:8080", {}, Proxies(*[Proxy("::1", 8080)] * 2)),
        ("env", {}, Proxies()),
        ("env", {"HTTP_PROXY": "http://a:1", "http_proxy": "http://b:2"}, Proxies(Proxy("b", 2))),
        ("env", {"ALL_PROXY": "http://a:1", "HTTPS_PROXY": "http://c:3"}, Proxies(Proxy("a", 1), Proxy("c", 3))),
        ("env", {"no_proxy": " .Example.org, 10.0.0.7,,"}, Proxies(bypass=("example.org", "10.0.0.7"))),
    ],
)
def test_settings_are_read(setting, environment, proxies):
    assert proxies_of(setting, environment) == proxies


@pytest.mark.parametrize(
    "url", ["https://p.example", "socks5://p.example", "http://", "http://p:port", "http://[::1", ""]
)
def test_what_is_no_proxy_is_refused(url):
    with pytest.raises(ValueError, match="a proxy is given as http://host:port"):
        proxies_of(url, {})


@pytest.mark.parametrize(
    ("host", "is_bypassed"),
    [("example.org", True), ("www.example.org", True), ("badexample.org", False), ("10.0.0.7", True), ("[::1]", True)],
)
def test_hosts_that_bypass(host, is_bypassed):
    proxies = Proxies(Proxy("a", 1), Proxy("b", 2), ("example.org", "10.0.0.7", "::1"))
    assert (proxies.of("http", host) is None) == is_bypassed
    assert (proxies.of("https", host) is None) == is_bypassed
    assert Proxies(Proxy("a", 1), None, ("*",)).of("http", host) is None


def test_names_of_one_network():
    for name in ("localhost", "LOCALHOST.", "nas", "nas.lan", "a.b.Internal", "7.0.0.10.in-addr.arpa"):
        assert local_name(name), name
    for name in ("news.example", "www.example.co.uk.", "lan.example"):
        assert local_name(name) is None, name


def test_a_password_is_not_shown():
    assert "s3cret" not in repr(FetcherConfig(proxies=proxies_of("http://ada:s3cret@p.example", {})))
