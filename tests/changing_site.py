"""A publisher on loopback whose feed and pages a test can change, and who remembers what was asked of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

STORY = """<html lang="en"><head><title>{headline}</title><meta property="og:type" content="article"></head><body>
<article><h1>{headline}</h1>
<p>{first}</p>
<p>The harbour board met on Tuesday evening in the old customs house, where forty people had come to listen. The
chair, Ines Calder, read out a letter from the ministry and said that the works would begin before the winter.</p>
<p>“Nobody here has forgotten the storm,” said Ines Calder, who has led the board for six years. “We owe the crews a
quay that holds.”</p></article></body></html>"""


@dataclass
class Asked:
    """One request as it came."""

    path: str
    if_none_match: str | None
    if_modified_since: str | None
    status: int = 0


@dataclass
class ChangingSite:
    """The publisher.  ``stories`` maps paths to (headline, first paragraph, date as RSS prints it)."""

    origin: str = ""
    stories: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    answers: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    feed_headers: dict[str, str] = field(default_factory=dict)
    channel: str = ""
    has_etags: bool = True
    seconds_each: float = 0.0
    asked: list[Asked] = field(default_factory=list)

    @property
    def feed_url(self) -> str:
        """Where the feed is."""
        return f"{self.origin}/feed.xml"

    def headlines(self) -> set[str]:
        """What an output should hold at the end."""
        return {headline for headline, _, _ in self.stories.values()}

    def publish(self, path: str, headline: str, first: str, date: str) -> None:
        """Puts a story on the site and into its feed."""
        self.stories[path] = (headline, first, date)

    def feed(self) -> bytes:
        """The feed as it stands."""
        items = "".join(
            f"<item><title>{headline}</title><link>{self.origin}{path}</link><guid>{path}</guid>"
            f"<pubDate>{date}</pubDate></item>"
            for path, (headline, _, date) in self.stories.items()
            if path not in self.unlisted
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>{self.channel}{items}'
            "</channel></rss>"
        ).encode()

    def answer(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body for a path."""
        if path in self.answers:
            return self.answers[path]
        if path == "/feed.xml":
            return 200, {"Content-Type": "application/rss+xml", **self.feed_headers}, self.feed()
        if path not in self.stories:
            return 404, {"Content-Type": "text/html"}, b"<p>No such page."
        headline, first, _ = self.stories[path]
        return 200, {"Content-Type": "text/html; charset=utf-8"}, STORY.format(headline=headline, first=first).encode()

    def paths(self) -> list[str]:
        """What was asked for since the last call, robots.txt apart, in order of the paths."""
        paths = sorted(asked.path for asked in self.asked if asked.path != "/robots.txt")
        self.asked.clear()
        return paths


@contextmanager
def changing_site() -> Iterator[ChangingSite]:
    """The publisher on the air, at a free port of 127.0.0.1."""
    site, lock = ChangingSite(), Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(site.seconds_each)
            asked = Asked(self.path, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since"))
            status, headers, body = site.answer(self.path)
            etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
            if site.has_etags and status == 200:
                headers = {**headers, "ETag": etag}
                if asked.if_none_match == etag:
                    status, body = 304, b""
            asked.status = status
            with lock:
                site.asked.append(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
