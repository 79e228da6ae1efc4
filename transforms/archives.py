"""Pages out of web archives (.warc, .warc.gz with a member for each record).

Two passes, so that no page goes through a shuffle: the first lists where each page stands, and after the choice of one
capture for each page the second reads just those.  Between the two captures wait in part files, as candidates do before
the choice (`transforms.choose`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

import apache_beam as beam
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from schemas.article import Discovery, Fetch
from schemas.codec import from_json, to_json
from schemas.hops import Capture, EncodedRecord, Page, PageRequest, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.discovery import source_of
from transforms.core.identity import payload_sha256
from transforms.core.reservations import reserved_rights
from transforms.core.urls import ANY_PORT, check_url
from transforms.expected import Expected
from transforms.filesystem import open_bytes
from transforms.html_files import HTML_FILE, read_html_file
from transforms.outcomes import OUTCOMES, Reporter
from transforms.parts import AppendToParts, Shard, read_parts

CAPTURES_PER_READ = 64
"""Neighbouring captures that are read together: a seek and an opened file for each costs more than a page."""

SHARDS = 64
"""Among so many tasks the reading, and the work on what is read, is dealt out on a cluster."""

CAPTURE = "capture"
"""What records of this kind are called among the parts."""

PAGE_RECORDS = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.revisit


CHANGED = Problem(OutcomeKind.MALFORMED, "the archive is another than it was when it was listed")


class Captures(NamedTuple):
    """What an archive holds."""

    captures: beam.PCollection
    outcomes: beam.PCollection


class Pages(NamedTuple):
    """Pages, and what became of the URLs that gave none."""

    pages: beam.PCollection
    outcomes: beam.PCollection


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with an archive, or with the record of ``url`` in it."""

    url: str
    problem: Problem


def list_captures(uri: str, position: int, now: datetime) -> Iterator[Capture | Damage]:
    """Where the pages of an archive stand.  A broken archive gives what stands before the damage, and the damage.

    ``position`` is the archive's place among the sources, ``now`` what counts as the time of discovery.
    """
    try:
        with open_bytes(uri) as file:
            for ordinal, record in enumerate(ArchiveIterator(file, record_types=PAGE_RECORDS)):
                capture = _capture_of(record, uri, ordinal, position, now)
                if isinstance(capture, Damage):
                    yield capture
                elif capture:
                    yield from _if_whole(capture, record)
    except OSError as error:
        yield Damage(uri, _damaged(error))


def read_captures(uri: str, captures: Iterable[Capture], max_bytes: int) -> Iterator[tuple[Capture, Page | Problem]]:
    """The pages of ``captures``, all of one archive, each with at most ``max_bytes`` of decoded body."""
    wanted = {capture.offset: capture for capture in captures}
    try:
        with open_bytes(uri) as file:
            file.seek(min(wanted))
            for record in ArchiveIterator(file, record_types=PAGE_RECORDS, auto_decode="all"):
                if capture := wanted.get(record.stream_pos):
                    page = _page_of(capture, record, max_bytes)
                    del wanted[record.stream_pos]  # not before: where the reading breaks off it is owed an outcome
                    yield capture, page
                if not wanted:
                    return
        yield from ((capture, CHANGED) for capture in wanted.values())
    except OSError as error:
        yield from ((capture, _damaged(error)) for capture in wanted.values())


@dataclass(eq=False)
class ListCaptures(beam.PTransform):
    """(position, archive URI) in, captures out."""

    run: Run
    clock: Clock

    def expand(self, archives: beam.PCollection) -> Captures:
        step = beam.ParDo(_ListCaptures(self.run, Reporter(self.run, self.clock, Stage.DISCOVER)))
        captures, outcomes = archives | step.with_outputs(OUTCOMES, main="captures")
        return Captures(captures, outcomes)


@dataclass(eq=False)
class ReadCaptures(beam.PTransform):
    """Captures in, pages out; captures may also be HTML files.  ``folder`` is where they wait for their neighbours."""

    run: Run
    clock: Clock
    max_bytes: int
    folder: str

    def expand(self, captures: beam.PCollection) -> Pages:
        step = beam.ParDo(_ReadCaptures(self.max_bytes, Reporter(self.run, self.clock, Stage.FETCH_PAGE)))
        pages, outcomes = (
            captures
            | "Expect pages" >> beam.ParDo(Expected("pages read")).with_output_types(Capture)
            | "Encode" >> beam.Map(capture_record).with_output_types(EncodedRecord)
            | "Keep captures" >> AppendToParts(self.folder, SHARDS)
            | "Gather captures" >> beam.GroupByKey()
            | "Read" >> step.with_outputs(OUTCOMES, main="pages")
        )
        return Pages(pages, outcomes)


class _ListCaptures(beam.DoFn):
    def __init__(self, run: Run, reporter: Reporter) -> None:
        self._run = run
        self._reporter = reporter

    def process(self, archive: tuple[int, str]) -> Iterator[Any]:
        position, uri = archive
        for found in list_captures(uri, position, self._run.now):
            if isinstance(found, Damage):
                yield self._reporter.tagged(found.problem, found.url, archive_uri=uri)
            else:
                yield found


class _ReadCaptures(beam.DoFn):
    def __init__(self, max_bytes: int, reporter: Reporter) -> None:
        self._max_bytes = max_bytes
        self._reporter = reporter

    def process(self, shard: tuple[Shard, Iterable[str]]) -> Iterator[Any]:
        for _, records in groupby(read_parts(shard[1]), key=lambda record: record.group):
            yield from self._read([from_json(Capture, record.data) for record in records])

    def _read(self, neighbours: list[Capture]) -> Iterator[Any]:
        first = neighbours[0]
        read = read_html_file if first.request.discovery.kind == HTML_FILE else read_captures
        for capture, page in read(first.archive_uri, neighbours, self._max_bytes):
            yield self._reported(capture, page) if isinstance(page, Problem) else page

    def _reported(self, capture: Capture, problem: Problem) -> beam.pvalue.TaggedOutput:
        return self._reporter.tagged(
            problem,
            capture.request.url,
            source_id=capture.request.source.id,
            archive_uri=capture.archive_uri,
            archive_offset=capture.offset,
        )


def _if_whole(capture: Capture, record: WarcRecord) -> Iterator[Capture | Damage]:
    """The capture, unless the file ends inside its record: fastwarc gives such a record without a word."""
    length = record.content_length
    if record.reader.consume() >= length:
        yield capture
        return
    url = capture.request.url
    yield Damage(url, Problem(OutcomeKind.MALFORMED, f"{capture.archive_uri} ends inside this record"))
    yield Damage(capture.archive_uri, Problem(OutcomeKind.MALFORMED, f"the archive ends inside the record of {url}"))


def _damaged(error: OSError) -> Problem:
    return Problem(OutcomeKind.MALFORMED, f"the archive is damaged: {error}", error_type=type(error).__name__)


def capture_record(capture: Capture) -> EncodedRecord:
    """``capture`` on its way to its neighbours: they are of one group."""
    archive = payload_sha256(capture.archive_uri.encode("utf-8", "surrogatepass"))  # a file may have any name
    place = f"{archive} {capture.ordinal // CAPTURES_PER_READ:08}"
    return EncodedRecord(CAPTURE, place, place, to_json(capture))


def _capture_of(record: WarcRecord, uri: str, ordinal: int, position: int, now: datetime) -> Capture | Damage | None:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")  # WARC/1.0 writers put it in angle brackets
    if not url.startswith(("http://", "https://")):
        return None  # Heritrix archives DNS answers too
    if problem := check_url(url, ANY_PORT):
        return Damage(url, problem)
    request = PageRequest(url, source_of(url), Discovery(kind="warc", seen_at=now), rank=(position, ordinal))
    return Capture(request, uri, record.stream_pos, ordinal, _captured_at(record, now), _holds_page(record))


def _holds_page(record: WarcRecord) -> bool:
    return record.record_type != WarcRecordType.revisit and not _status_problem(_status_of(record), record)


def _status_of(record: WarcRecord) -> int | None:
    return record.http_headers.status_code if record.http_headers else None


def _captured_at(record: WarcRecord, now: datetime) -> datetime:
    captured = record.record_date
    try:
        return captured.astimezone(UTC) if captured else now
    except OverflowError:  # year 1 in a zone east of Greenwich
        return now


def _page_of(capture: Capture, record: WarcRecord, max_bytes: int) -> Page | Problem:
    if record.record_type == WarcRecordType.revisit:
        return Problem(OutcomeKind.NOT_MODIFIED, "a revisit record: the page is as an earlier capture has it")
    status = _status_of(record)
    if problem := _status_problem(status, record):
        return problem
    payload = record.reader.read(max_bytes + 1)
    if len(payload) > max_bytes:
        return Problem(OutcomeKind.TOO_LARGE, f"more than {max_bytes} bytes", status=status)
    rights = reserved_rights(list(record.http_headers or ()), None, capture.request.url)
    return Page(capture.request, _fetch_of(capture, record, status, payload), payload, rights)


def _status_problem(status: int | None, record: WarcRecord) -> Problem | None:
    if status is None or 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Problem(OutcomeKind.REDIRECTED, f"to {record.http_headers.get('Location')}", status=status)
    return Problem(OutcomeKind.HTTP_ERROR, f"the server answered {status}", status=status)


def _fetch_of(capture: Capture, record: WarcRecord, status: int | None, payload: bytes) -> Fetch:
    headers: Any = record.http_headers or {}
    return Fetch(
        requested_url=capture.request.url,
        final_url=capture.request.url,
        status=status,
        fetched_at=capture.captured_at,
        content_type=headers.get("Content-Type") or record.headers.get("Content-Type"),
        bytes=len(payload),
        payload_sha256=payload_sha256(payload),
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        archive_uri=capture.archive_uri,
        archive_offset=capture.offset,
    )
