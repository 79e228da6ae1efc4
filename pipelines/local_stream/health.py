"""What is known of a running stream, for those who watch over it: log lines, a file, a port."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from pipelines.errors import UsageError
from pipelines.local_stream.figures import Figures
from transforms.pubsub.client import Received
from transforms.state.agenda import Agenda

logger = logging.getLogger("newsbeam")


class Health(Protocol):
    """Is told what the stream does."""

    def beat(self, carried: Sequence[Received]) -> None:
        """The loop goes round, with messages in hand that it has ``carried`` over from the last batch."""

    def begin(self, messages: Sequence[Received]) -> None:
        """A batch of ``messages`` is in work."""

    def planned(self, agenda: Agenda) -> None:
        """What the state has planned."""

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Sequence[Received]) -> None:
        """The batch is published: its run's manifest, and how long it took."""

    def failed(self, reason: str) -> None:
        """A batch failed."""


class Reports:
    """A `Health` that keeps `Figures`, logs a line for each batch, and writes a file at each round of the loop.

    ``path`` is the file; None writes none.
    """

    def __init__(self, figures: Figures, path: Path | None = None) -> None:
        self._figures = figures
        self._path = path

    def beat(self, carried: Sequence[Received]) -> None:
        self._figures.beat(carried)
        self._write()

    def begin(self, messages: Sequence[Received]) -> None:
        self._figures.begin(messages)

    def planned(self, agenda: Agenda) -> None:
        self._figures.planned(agenda)

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Sequence[Received]) -> None:
        self._figures.published(manifest, seconds, messages)
        counts = ", ".join(f"{name} {count}" for name, count in manifest["counts"]["by_outcome"].items())
        logger.info("run %s: %.1f s, %d messages; %s", manifest["run_id"], seconds, len(messages), counts)

    def failed(self, reason: str) -> None:
        self._figures.failed(reason)
        self._write()

    def _write(self) -> None:
        """Whole or not at all; a disk that is full now says so elsewhere."""
        if self._path is None:
            return
        draft = self._path.with_name(self._path.name + ".new")
        try:
            draft.write_text(json.dumps(self._figures.health()) + "\n", encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            logger.warning("%s: the heartbeat cannot be written: %s", self._path, error)


@contextmanager
def served(figures: Figures, place: tuple[str, int] | None) -> Iterator[int | None]:
    """``/healthz`` and ``/metrics`` at ``place`` (host, port; 0 for a free one); gives the port.

    Raises `UsageError` where that is taken.
    """
    if place is None:
        yield None
        return
    try:
        server = ThreadingHTTPServer(place, _handler(figures))
    except OSError as error:
        raise UsageError(f"--health_port {place[0]}:{place[1]}: {error.strerror}") from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="newsbeam-health", daemon=True).start()
    logger.info("/healthz and /metrics at http://%s:%d", place[0], server.server_port)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _handler(figures: Figures) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0  # of one who connects and says nothing

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", figures.exposition())
            elif self.path == "/healthz":
                health = figures.health()
                status = HTTPStatus.OK if health["is_healthy"] else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, "application/json", json.dumps(health) + "\n")
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", "/healthz or /metrics\n")

        def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet: whoever watches asks every few seconds."""

    return Handler
