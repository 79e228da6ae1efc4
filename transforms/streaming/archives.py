"""Archives that messages ask for: all pages of one are what came of one message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

import apache_beam as beam

from schemas.hops import Capture, Page, Run
from schemas.outcome import Outcome, OutcomeKind, Problem, Stage
from transforms.archives import Damage, list_captures, read_captures
from transforms.clock import Clock
from transforms.core.discovery import choose_candidate
from transforms.core.requests import Message
from transforms.core.urls import url_key
from transforms.outcomes import Reporter
from transforms.streaming.work import DeadLetter, Work

MOST_CAPTURES = 1_000
"""Of one archive: at ten pages a second on two cores (docs/performance.md) not two minutes of work, in which a
checkpoint waits for the bundle and the message is kept.  Larger ones are what ``newsbeam ingest --warc`` is for."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive at ``uri``, and the message that asks for it."""

    uri: str
    message: Message


@dataclass(eq=False)
class ReadArchives(beam.PTransform):
    """`Work` in, `Work` out: an `Archive` becomes its pages and the outcomes of what holds none, others pass.

    The archive is read twice, as a run reads it: to choose one capture for each page, and then page by page, so that
    no more of them are in memory than are worked on.  Of a page at most ``max_bytes`` are read, of an archive at most
    ``most`` captures: one that holds more leaves an outcome, ``filtered``, and a dead letter.
    """

    run: Run
    clock: Clock
    max_bytes: int
    most: int = MOST_CAPTURES

    def expand(self, works: beam.PCollection) -> beam.PCollection:
        step = beam.ParDo(_ReadArchives(Reporter(self.run, self.clock, Stage.DISCOVER), self.max_bytes, self.most))
        return works | step.with_output_types(Work)


class _ReadArchives(beam.DoFn):
    def __init__(self, reporter: Reporter, max_bytes: int, most: int) -> None:
        self._listing = reporter
        self._reading = replace(reporter, stage=Stage.FETCH_PAGE)
        self._max_bytes = max_bytes
        self._most = most

    def process(self, work: Work) -> Iterator[Work]:
        archive = work.item
        if not isinstance(archive, Archive):
            yield work
            return
        now = self._listing.clock.now().replace(microsecond=0)
        found = list(islice(list_captures(archive.uri, 0, now), self._most + 1))
        if len(found) > self._most:
            yield from work.becoming(self._refused(archive))
            return
        chosen, said = self._choose(archive, found)
        count = len(chosen) + len(said)
        yield from work.parted(self._all_of(archive, chosen, said), count) if count else work.becoming([])

    def _refused(self, archive: Archive) -> Sequence[Outcome | DeadLetter]:
        reason = f"more than {self._most} captures: a stream on a cluster reads smaller archives, newsbeam ingest any"
        problem = Problem(OutcomeKind.FILTERED, reason)
        return self._listing.outcome(problem, archive.uri), DeadLetter(archive.message, problem)

    def _choose(self, archive: Archive, found: Sequence[Capture | Damage]) -> tuple[list[Capture], list[Outcome]]:
        """(one capture for each page, what is said of all else)."""
        by_page: dict[str, list[Capture]] = defaultdict(list)
        said: list[Outcome] = []
        chosen: list[Capture] = []
        for each in found:
            if isinstance(each, Damage):
                said.append(self._listing.outcome(each.problem, each.url, archive_uri=archive.uri))
            else:
                by_page[url_key(each.request.url)].append(each)
        for captures in by_page.values():
            taken, passed = choose_candidate(captures)
            chosen.append(cast("Capture", taken))  # of captures alone, which it is given
            said += [self._listing.outcome(each.problem, each.url, source_id=each.source_id) for each in passed]
        return chosen, said

    def _all_of(self, archive: Archive, chosen: Sequence[Capture], said: Sequence[Outcome]) -> Iterator[Page | Outcome]:
        yield from said
        if chosen:
            for capture, page in read_captures(archive.uri, chosen, self._max_bytes):
                yield page if isinstance(page, Page) else self._unread(capture, page)

    def _unread(self, capture: Capture, problem: Problem) -> Outcome:
        return self._reading.outcome(
            problem,
            capture.request.url,
            source_id=capture.request.source.id,
            archive_uri=capture.archive_uri,
            archive_offset=capture.offset,
        )
