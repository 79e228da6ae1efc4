"""A site on loopback for tests: what it answers, and what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, Mapping[str, str], str]


@dataclass
class Site:
    """Pages by path; ``asked`` are the paths in the order in which they were asked for."""

    origin: str
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def add(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Puts a page on the air; ``{o}`` in its body is the site's origin."""
        self.pages[path] = (status, headers, body.replace("{o}", self.origin))


@contextmanager
def on_air() -> Iterator[Site]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is the base class's
            with lock:
                site.asked.append(self.path)
                site.at_once += 1
                site.most_at_once = max(site.most_at_once, site.at_once)
            status, headers, body = site.pages.get(self.path, (404, {}, "<h1>Not found</h1>"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            with lock:
                site.at_once -= 1
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
