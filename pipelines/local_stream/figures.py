"""The figures of a running stream, and how Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from transforms.core.discovery import source_of
from transforms.pubsub.client import Received
from transforms.state.agenda import NEVER, Agenda

SILENT_SECONDS = 1800.0
"""A loop that did not go round for so long hangs: the slowest batches, whole feeds of slow sites, take minutes."""

FAILING = 3
"""Batches in a row that failed: more than a network that was away for a moment."""

Sample = tuple[Mapping[str, str], float]


class Figures:
    """Counts what the stream does.  A `Health`; threads may share it.  ``clock`` tells the time, UTC."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last_round = clock()
        self._in_hand: Sequence[Received] = ()
        self._agenda = Agenda((), {})
        self._outcomes: Counter[str] = Counter()
        self._articles = 0
        self._messages = 0
        self._batches = 0
        self._batch_seconds = 0.0
        self._last_seconds = 0.0
        self._last_latency = 0.0
        self._failures = 0
        self._failed_in_a_row = 0
        self._last_failure: str | None = None

    def beat(self, carried: Sequence[Received]) -> None:
        with self._lock:
            self._last_round = self._clock()
            self._in_hand = tuple(carried)

    def begin(self, messages: Sequence[Received]) -> None:
        with self._lock:
            self._in_hand = tuple(messages)

    def planned(self, agenda: Agenda) -> None:
        with self._lock:
            self._agenda = agenda

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Sequence[Received]) -> None:
        with self._lock:
            self._outcomes.update(manifest["counts"]["by_stage_and_outcome"])
            self._articles += manifest["articles"]
            self._messages += len(messages)
            self._batches += 1
            self._batch_seconds += seconds
            self._last_seconds = seconds
            self._last_latency = _oldest(messages, self._clock())
            self._failed_in_a_row = 0

    def failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            self._failed_in_a_row += 1
            self._last_failure = reason

    def health(self) -> dict[str, Any]:
        """Whether all is well, and what a person wants to know first."""
        with self._lock:
            silent = (self._clock() - self._last_round).total_seconds()
            return {
                "is_healthy": silent < SILENT_SECONDS and self._failed_in_a_row < FAILING,
                "seconds_since_last_round": round(silent),
                "failed_in_a_row": self._failed_in_a_row,
                "last_failure": self._last_failure,
                "batches": self._batches,
                "messages_in_work": len(self._in_hand),
            }

    def exposition(self) -> str:
        """The figures in the text format of Prometheus, version 0.0.4."""
        with self._lock:
            return "".join(_family(*family) for family in self._families())

    def _families(self) -> Iterator[tuple[str, str, str, Iterable[Sample]]]:
        now = self._clock()
        for name, kind, meaning, value in self._single(now):
            yield name, kind, meaning, [({}, value)]
        split = [(name.split("/", 1), count) for name, count in sorted(self._outcomes.items())]
        outcomes = [({"stage": stage, "outcome": outcome}, float(count)) for (stage, outcome), count in split]
        yield "newsbeam_outcomes_total", "counter", "Rows of outcomes, by stage and outcome", outcomes
        fresh = [({"source": source}, at.timestamp()) for source, at in sorted(_freshness(self._agenda).items())]
        meaning = "When a feed of the source last answered without an error"
        yield "newsbeam_source_last_success_timestamp_seconds", "gauge", meaning, fresh

    def _single(self, now: datetime) -> Iterator[tuple[str, str, str, float]]:
        yield "newsbeam_batches_total", "counter", "Runs that were published", self._batches
        yield "newsbeam_batch_seconds_total", "counter", "Seconds that they took together", self._batch_seconds
        yield "newsbeam_batch_last_seconds", "gauge", "Seconds that the last of them took", self._last_seconds
        yield "newsbeam_batch_failures_total", "counter", "Batches that failed and were given back", self._failures
        yield "newsbeam_batch_failures_in_a_row", "gauge", "Of these, since the last success", self._failed_in_a_row
        yield "newsbeam_articles_total", "counter", "Rows of articles that were published", self._articles
        yield "newsbeam_messages_total", "counter", "Messages whose work was published", self._messages
        yield "newsbeam_messages_in_work", "gauge", "Messages in hand", len(self._in_hand)
        meaning = "Age of the oldest message in hand"
        yield "newsbeam_oldest_unacknowledged_seconds", "gauge", meaning, _oldest(self._in_hand, now)
        meaning = "From publication to acknowledgement, of the oldest message of the last batch"
        yield "newsbeam_message_latency_seconds", "gauge", meaning, self._last_latency
        due = self._agenda.due_feeds(now)
        yield "newsbeam_feeds", "gauge", "Feeds that are polled", len(self._agenda.feeds)
        yield "newsbeam_feeds_due", "gauge", "Of these, due now", len(due)
        yield "newsbeam_feeds_lag_seconds", "gauge", "How late the latest of these is", _lag(self._agenda, now)
        yield (
            "newsbeam_last_round_timestamp_seconds",
            "gauge",
            "When the loop last went round",
            _stamp(self._last_round),
        )


def _oldest(messages: Sequence[Received], now: datetime) -> float:
    ages = ((now - each.message.published_at).total_seconds() for each in messages)
    return max(0.0, *ages) if messages else 0.0


def _lag(agenda: Agenda, now: datetime) -> float:
    """Seconds; a feed that was never asked is not late."""
    dues = [times.due_from for times in agenda.times.values() if times.due_from != NEVER]
    return max(0.0, (now - min(dues)).total_seconds()) if dues else 0.0


def _freshness(agenda: Agenda) -> dict[str, datetime]:
    """By source, when one of its feeds last worked."""
    found: dict[str, datetime] = {}
    for feed in agenda.feeds:
        times = agenda.times.get(feed.url)
        if times and times.last_ok_at:
            source = source_of(feed.url, feed.source_id).id
            found[source] = max(times.last_ok_at, found.get(source, times.last_ok_at))
    return found


def _stamp(moment: datetime) -> float:
    return moment.timestamp()


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {value!r}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{shown}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
