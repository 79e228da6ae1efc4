"""Pages that lie as HTML files in folders.  Nothing is fetched.

As with archives there are two passes, so that no page goes through a shuffle: the first finds the address of each
file, and after one of the candidates is chosen for each page the second reads the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import apache_beam as beam

from schemas.article import Discovery, Fetch
from schemas.hops import Capture, Page, PageRequest, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.discovery import source_of
from transforms.core.identity import payload_sha256
from transforms.core.outcomes import legible
from transforms.core.saved_pages import url_of_saved_page
from transforms.filesystem import open_bytes
from transforms.outcomes import OUTCOMES, Reporter

HTML_FILE = "html_file"
"""How the records say that their page was a file."""


@dataclass(frozen=True, slots=True)
class HtmlFile:
    """A file to read.  ``url`` is what a list says of it; without one the file must tell.

    ``position`` is its place among the sources.
    """

    path: str
    position: int = 0
    url: str | None = None
    source_id: str | None = None
    source_name: str | None = None


class HtmlFiles(NamedTuple):
    """Files as captures, and what became of those that have no address or cannot be read."""

    captures: beam.PCollection
    outcomes: beam.PCollection


def capture_of(file: HtmlFile, *, now: datetime, max_bytes: int) -> Capture | Problem:
    """Where the page of a file lies.  ``now`` counts as the time of its capture: copying a file changes its own."""
    url: str | Problem | None = file.url
    if url is None:
        payload = _payload(file.path, max_bytes)
        url = payload if isinstance(payload, Problem) else url_of_saved_page(payload)
    if isinstance(url, Problem):
        return url
    source = source_of(url, file.source_id, file.source_name)
    request = PageRequest(url, source, Discovery(kind=HTML_FILE, seen_at=now), rank=(file.position, 0))
    return Capture(request, file.path, offset=0, ordinal=0, captured_at=now)


def read_html_file(path: str, captures: Iterable[Capture], max_bytes: int) -> Iterator[tuple[Capture, Page | Problem]]:
    """The page of each of ``captures``, all of one file: a list may give it several addresses."""
    payload = _payload(path, max_bytes)
    for capture in captures:
        yield capture, payload if isinstance(payload, Problem) else _page(capture, payload)


@dataclass(eq=False)
class ListHtmlFiles(beam.PTransform):
    """`HtmlFile` in, captures out."""

    run: Run
    clock: Clock
    max_bytes: int

    def expand(self, files: beam.PCollection) -> HtmlFiles:
        step = beam.ParDo(_ListHtmlFiles(self.run, self.max_bytes, Reporter(self.run, self.clock, Stage.DISCOVER)))
        return HtmlFiles(*(files | step.with_outputs(OUTCOMES, main="captures")))


class _ListHtmlFiles(beam.DoFn):
    def __init__(self, run: Run, max_bytes: int, reporter: Reporter) -> None:
        self._run = run
        self._max_bytes = max_bytes
        self._reporter = reporter

    def process(self, file: HtmlFile) -> Iterator[Any]:
        found = capture_of(file, now=self._run.now, max_bytes=self._max_bytes)
        if isinstance(found, Problem):
            yield self._reporter.tagged(found, legible(file.path), source_id=file.source_id, archive_uri=file.path)
        else:
            yield found


def _payload(path: str, max_bytes: int) -> bytes | Problem:
    try:
        with open_bytes(path) as file:
            payload = file.read(max_bytes + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        return Problem(OutcomeKind.MALFORMED, f"the file cannot be read: {reason}", error_type=type(error).__name__)
    if len(payload) > max_bytes:
        return Problem(OutcomeKind.TOO_LARGE, f"more than {max_bytes} bytes")
    return payload


def _page(capture: Capture, payload: bytes) -> Page:
    url = capture.request.url
    fetch = Fetch(
        requested_url=url,
        final_url=url,
        fetched_at=capture.captured_at,
        bytes=len(payload),
        payload_sha256=payload_sha256(payload),
        archive_uri=legible(capture.archive_uri),
    )
    return Page(capture.request, fetch, payload)
