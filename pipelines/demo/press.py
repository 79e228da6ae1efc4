"""A small threaded web server of fixed answers: validators, 304, HEAD, gzip, redirects, and one that never ends."""

from __future__ import annotations

import gzip
import hashlib
import socket
import socketserver
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self

from pipelines.demo.publishers import ServedFile

PRINTED_AT = datetime(2026, 11, 15, 20, 0, tzinfo=UTC)
"""When the edition went to press: ``Last-Modified`` of everything in it."""

TRICKLE_SECONDS = 0.2
"""Pause after each byte of a trickled body: short enough to pass for life, an hour and more for a page."""

STOP_POLL_SECONDS = 0.02
"""How often the accepting thread looks whether it should stop."""

NOT_FOUND = ServedFile(
    path="",
    name="",
    content_type="text/html; charset=utf-8",
    body=b"<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n",
    status=HTTPStatus.NOT_FOUND,
)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the press's tables, without a log line."""

    protocol_version = "HTTP/1.1"
    server_version = "newsbeam-demo"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Press

    def do_GET(self) -> None:
        """Sends the answer with its body."""
        file = self._respond()
        if file is not None:
            self._send_body(file)

    def do_HEAD(self) -> None:
        """Sends the headers that GET would send."""
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the terminal to the command that runs the press."""

    def _respond(self) -> ServedFile | None:
        """Sends status and headers; the file whose body is still to be sent, or None."""
        target = self.server.redirects.get(self.path)
        if target is not None:
            self._redirect(target)
            return None
        file = self.server.file_for(self.path)
        if file.status == HTTPStatus.OK and self._is_fresh(file):
            self._not_modified(file)
            return None
        self._headers_of(file)
        return file

    def _redirect(self, target: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", self.server.origin + target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _not_modified(self, file: ServedFile) -> None:
        self.send_response(HTTPStatus.NOT_MODIFIED)
        self._validators(file)
        self.end_headers()

    def _headers_of(self, file: ServedFile) -> None:
        self.send_response(file.status)
        self.send_header("Content-Type", file.content_type)
        self.send_header("Content-Length", str(len(self._encoded(file))))
        self.send_header("Vary", "Accept-Encoding")
        if self._is_gzipped(file):
            self.send_header("Content-Encoding", "gzip")
        if file.status == HTTPStatus.OK:
            self._validators(file)
        self.end_headers()

    def _validators(self, file: ServedFile) -> None:
        self.send_header("ETag", _etag(self._encoded(file)))
        self.send_header("Last-Modified", format_datetime(PRINTED_AT, usegmt=True))

    def _is_fresh(self, file: ServedFile) -> bool:
        # RFC 9110, section 13.2.2: If-None-Match goes before If-Modified-Since.
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return _etag(self._encoded(file)) in tags or tags.strip() == "*"
        return _not_after(PRINTED_AT, self.headers.get("If-Modified-Since"))

    def _is_gzipped(self, file: ServedFile) -> bool:
        return file.is_text and not file.trickle and "gzip" in self.headers.get("Accept-Encoding", "")

    def _encoded(self, file: ServedFile) -> bytes:
        return gzip.compress(file.body, mtime=0) if self._is_gzipped(file) else file.body

    def _send_body(self, file: ServedFile) -> None:
        if file.trickle:
            self._trickle(file.body)
        else:
            self.wfile.write(self._encoded(file))

    def _trickle(self, body: bytes) -> None:
        self.close_connection = True
        for value in body:
            self.wfile.write(bytes([value]))
            if self.server.stopping.wait(TRICKLE_SECONDS):
                return


class Press(socketserver.ThreadingMixIn, HTTPServer):
    """One publisher's server, bound on creation and silent until ``on_air``."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, host: str, port: int) -> None:
        """Binds ``host`` and ``port`` (0: any free one); raises ``OSError`` where that is impossible."""
        self.stopping = Event()
        self.files: Mapping[str, ServedFile] = {}
        self.redirects: Mapping[str, str] = {}
        self._open: set[socket.socket] = set()
        self._open_lock = Lock()
        super().__init__((host, port), _Handler)

    @property
    def origin(self) -> str:
        """Scheme, address and port."""
        return f"http://{self.server_name}:{self.server_port}"

    @contextmanager
    def on_air(self, files: Mapping[str, ServedFile], redirects: Mapping[str, str]) -> Iterator[Self]:
        """Answers with these files and redirects, both by path, until the block ends; hanging readers are cut off."""
        self.files, self.redirects = files, redirects
        accepting = Thread(target=self.serve_forever, args=(STOP_POLL_SECONDS,), daemon=True)
        accepting.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self.shutdown()
            accepting.join()
            self._hang_up()

    def file_for(self, path: str) -> ServedFile:
        """What a request target gets; a query that the edition does not know is ignored."""
        return self.files.get(path) or self.files.get(path.partition("?")[0], NOT_FOUND)

    def server_bind(self) -> None:
        """Binds without the look-up of the host's name that ``HTTPServer`` does: it can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Starts the thread of a connection and remembers the connection."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Closes a connection and forgets it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Passes over readers who hang up; anything else is a bug and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def _hang_up(self) -> None:
        with self._open_lock:
            for connection in self._open:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the reader was quicker


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


def _not_after(moment: datetime, http_date: str | None) -> bool:
    if http_date is None:
        return False
    try:
        return moment <= parsedate_to_datetime(http_date).astimezone(UTC)
    except (ValueError, OverflowError):
        return False  # RFC 9110, section 13.1.3: an invalid date is ignored
