"""Publishers on loopback addresses of their own, which may lead into each other, and a log of what they were asked."""

import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import urlsplit

from faults import reset


class Publishers:
    """Publisher n answers on 127.0.5.n; all share a log of (host, path, start, end of the answer)."""

    def __init__(self):
        self.log = []
        self.sites = {}
        self.urls = {}
        self.servers = {}

    def open(self, name, *, tls=None, **site):
        """A site; ``site`` maps a path to a body, to (status, {header: value}), or to a function.

        The function is given the handler of the request, and returns one of these, or None where it has answered.
        ``tls`` is the server's side of TLS.
        """
        host = f"127.0.5.{len(self.sites) + 1}"
        self.sites[host] = {}
        port = self._listen(host, 0, tls)
        self.urls[name] = f"{'https' if tls else 'http'}://{host}:{port}"
        self.add(name, **site)
        return self.urls[name]

    def _listen(self, host, port, tls=None):
        publishers = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if host in publishers.servers:
                    publishers.answer(self, host, time.monotonic())
                else:
                    reset(self)

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer((host, port), Handler)
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.servers[host] = server
        return server.server_port

    def vanish(self, name):
        """Nothing listens there any more, and what was connected is reset."""
        server = self.servers.pop(urlsplit(self.urls[name]).hostname)
        server.shutdown()
        server.server_close()

    def come_back(self, name, tls=None):
        """The same site at the same address."""
        where = urlsplit(self.urls[name])
        self._listen(where.hostname, where.port, tls)

    def add(self, name, **site):
        """More of a site that is open already."""
        self.sites[urlsplit(self.urls[name]).hostname].update({f"/{path}": answer for path, answer in site.items()})

    def answer(self, handler, host, start):
        found = self.sites[host].get(handler.path, (404, {}))
        answer = found(handler) if callable(found) else found
        if answer is None:
            self.note(handler, host, start)
            return
        status, fields = (200, {}) if isinstance(answer, bytes) else answer
        body = answer if isinstance(answer, bytes) else b""
        handler.send_response(status)
        for name, value in fields.items():
            handler.send_header(name, value.format(**self.urls))
        handler.send_header("Content-Length", str(len(body)))
        self.note(handler, host, start)
        handler.end_headers()
        handler.wfile.write(body)

    def note(self, handler, host, start):
        """Before the last bytes leave: what comes after them may be late, but never this."""
        self.log.append((host, handler.path, start, time.monotonic()))

    def paths(self, name):
        host = urlsplit(self.urls[name]).hostname
        return [path for where, path, _, _ in sorted(self.log, key=lambda entry: entry[2]) if where == host]

    def spans(self):
        """For each host the (start, end) of what it was asked, in order."""
        found = defaultdict(list)
        for host, _, start, end in self.log:
            found[host].append((start, end))
        return {host: sorted(spans) for host, spans in found.items()}

    def close(self):
        for server in self.servers.values():
            server.shutdown()
            server.server_close()

    def assert_polite(self, gap):
        """No host was asked twice at once, nor before its gap had passed."""
        for host, spans in self.spans().items():
            for (_, end), (start, _) in pairwise(spans):
                assert start - end >= gap, f"{host}: {start - end:.3f} s between two requests"
