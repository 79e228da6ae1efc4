"""The parts of the stream by themselves: batches, intake, agenda, figures, and how it is asked to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from argparse import ArgumentTypeError
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest

from pipelines.errors import UsageError
from pipelines.local_stream.batches import batch_of
from pipelines.local_stream.figures import SILENT_SECONDS, Figures
from pipelines.local_stream.health import Reports, served
from pipelines.local_stream.intake import MAX_BATCH_BYTES, Subscription
from pipelines.local_stream.stopping import Asked, asked_by_signals
from pipelines.signals import Stopped
from pipelines.stream_options import host_and_port
from pipelines.values import duration
from schemas.hops import FeedRequest, Run
from schemas.state import FeedState
from streams import body
from transforms.core.requests import Message
from transforms.core.snapshot import FEEDS, StateFile, StateManifest
from transforms.pubsub.client import Received
from transforms.pubsub.leases import Leases
from transforms.state.agenda import NEVER, Agenda, FeedTimes, Planner
from transforms.state.shards import StateConfig, write_shard

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
ROOT = Path(__file__).parent.parent


def received(number: int, data: bytes = b"", age: float = 0.0) -> Received:
    message = Message(data, f"pubsub:s/{number}", str(number), AT - timedelta(seconds=age))
    return Received(f"ack-{number}", message)


# --- intake


@dataclass
class Source:
    """Gives messages, as many as asked for."""

    waiting: list[Received]
    asked: list[int] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)

    def pull(self, most: int, wait_seconds: float) -> list[Received]:
        assert wait_seconds > 0
        self.asked.append(most)
        taken, self.waiting = self.waiting[: min(most, 3)], self.waiting[min(most, 3) :]
        return taken

    def extend(self, ack_ids, seconds: int) -> None:
        self.extended += ack_ids

    def nack(self, ack_ids) -> None:
        self.given_back += ack_ids

    def acknowledge(self, ack_ids) -> None:
        raise AssertionError


@pytest.fixture
def source() -> Source:
    return Source([received(number) for number in range(7)])


def intake(source: Source, **settings) -> Subscription:
    return Subscription(source, Leases(source), **{"max_batch": 5, "max_wait": 0.2, **settings})


def test_no_more_is_pulled_than_makes_a_batch(source):
    found = intake(source).gather(5.0, Asked())
    assert [each.ack_id for each in found] == [f"ack-{number}" for number in range(5)]
    assert source.asked == [5, 2]
    assert source.extended == [each.ack_id for each in found]


def test_a_batch_is_closed_a_while_after_its_first_message(source):
    assert 3 <= len(intake(source, max_batch=100).gather(60.0, Asked())) <= 7


def test_a_batch_ends_where_it_has_enough_bytes():
    source = Source([received(number, bytes(MAX_BATCH_BYTES // 3)) for number in range(9)])
    assert len(intake(source, max_batch=100).gather(60.0, Asked())) == 6


def test_what_was_gathered_when_the_order_to_stop_came_is_given_back(source):
    stop = Asked()
    source.pull = lambda *_: (stop.ask(), [received(1)])[1]
    assert intake(source).gather(5.0, stop) == []
    assert source.given_back == ["ack-1"]


def test_nothing_comes_of_waiting_in_vain():
    assert intake(Source([])).gather(0.01, Asked()) == []


# --- batches


def test_messages_are_sorted_out():
    page, again = (received(number, body(page="https://a.example/1"), age=9 - number) for number in (1, 2))
    batch = batch_of([page, received(3, b"{"), again], [])
    assert [request.message.message_id for request in batch.requests] == ["2"]
    assert [request.message.message_id for request, _ in batch.passed] == ["1"]
    assert [refused.received.ack_id for refused in batch.refused] == ["ack-3"]


# --- agenda


def feed_state(number: int, due: datetime, **more) -> FeedState:
    return FeedState(f"https://a.example/{number}", AT, AT, due, 3600, "", last_ok_at=AT, **more)


def test_the_agenda_reads_each_file_once_and_knows_what_is_due(tmp_path, monkeypatch):
    from schemas.codec import to_row
    from transforms.state import agenda as module

    config = StateConfig(str(tmp_path), Run("r", AT, "1"), "out", None, shards=1)
    later = AT + timedelta(hours=1)
    rows = [feed_state(1, later), feed_state(2, AT), feed_state(3, AT, stopped_at=AT), feed_state(4, AT)]
    file = write_shard(config, FEEDS, 0, (to_row(row) for row in rows))
    held = StateConfig(str(tmp_path), config.run, "out", manifest_of(file), shards=1)
    reads = []
    read = module.read_shard
    monkeypatch.setattr(module, "read_shard", lambda *args: (reads.append(args[1:]), read(*args))[1])
    planner = Planner([FeedRequest(f"https://a.example/{number}") for number in (1, 2, 3, 9)])
    for _ in range(2):
        found = planner.agenda(held)
        assert [feed.url[-1] for feed in found.due_feeds(AT)] == ["2", "9"]
        assert found.is_due(AT)
    assert reads == [(FEEDS, 0)]
    assert found.next_at(AT) == AT - timedelta(seconds=30)
    only_first = Planner([FeedRequest("https://a.example/1")]).agenda(held)
    assert (only_first.is_due(AT), only_first.next_at(AT)) == (False, later - timedelta(seconds=30))
    assert Planner([FeedRequest("https://a.example/3")]).agenda(held).next_at(AT) == NEVER


def manifest_of(*files: StateFile) -> StateManifest:
    return StateManifest(1, "r", "out", AT.isoformat(), 1, files)


# --- figures


@pytest.fixture
def now() -> list[datetime]:
    return [AT]


@pytest.fixture
def figures(now) -> Figures:
    return Figures(lambda: now[0])


MANIFEST = {
    "run_id": "r-1",
    "articles": 2,
    "counts": {"by_outcome": {"written": 2}, "by_stage_and_outcome": {"write/written": 2}},
}


def samples(figures: Figures) -> dict[str, float]:
    lines = [line for line in figures.exposition().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_figures_as_prometheus_reads_them(figures, now):
    feeds = [FeedRequest("https://a.example/rss", source_id='say "a"'), FeedRequest("https://b.example/rss")]
    figures.planned(Agenda(feeds, {feeds[0].url: FeedTimes(AT - timedelta(seconds=90), AT)}))
    figures.begin([received(1, age=10), received(2)])
    now[0] = AT + timedelta(seconds=5)
    in_work = samples(figures)
    assert in_work["newsbeam_messages_in_work"] == 2
    assert in_work["newsbeam_oldest_unacknowledged_seconds"] == 15
    figures.published(MANIFEST, 3.5, [received(1, age=10), received(2)])
    figures.beat([])
    found = samples(figures)
    assert found["newsbeam_messages_in_work"] == 0
    assert found["newsbeam_message_latency_seconds"] == 15
    assert found['newsbeam_outcomes_total{stage="write",outcome="written"}'] == 2
    assert (found["newsbeam_articles_total"], found["newsbeam_batch_last_seconds"]) == (2, 3.5)
    assert (found["newsbeam_feeds"], found["newsbeam_feeds_due"]) == (2, 2)
    assert found["newsbeam_feeds_lag_seconds"] == 95
    stamp = 'newsbeam_source_last_success_timestamp_seconds{source="say \\"a\\""}'
    assert found[stamp] == AT.timestamp()
    for line in figures.exposition().splitlines():
        assert line.startswith(("# HELP newsbeam_", "# TYPE newsbeam_", "newsbeam_"))


def test_a_stream_is_ill_that_fails_again_and_again_or_says_nothing(figures, now):
    assert figures.health()["is_healthy"]
    for _ in range(3):
        figures.failed("Pub/Sub does not answer")
    assert (figures.health()["is_healthy"], figures.health()["last_failure"]) == (False, "Pub/Sub does not answer")
    figures.published(MANIFEST, 1.0, [])
    assert figures.health()["is_healthy"]
    now[0] = AT + timedelta(seconds=SILENT_SECONDS)
    assert not figures.health()["is_healthy"]


def test_health_over_http_and_in_a_file(figures, tmp_path):
    path = tmp_path / "alive"
    Reports(figures, path).beat([])
    assert json.loads(path.read_text())["is_healthy"]
    with served(figures, ("127.0.0.1", 0)) as port:
        assert answer(port, "/healthz")[0] == 200
        status, kind, text = answer(port, "/metrics")
        assert (status, kind.split(";")[0]) == (200, "text/plain")
        assert text == figures.exposition()
        assert answer(port, "/")[0] == 404
        for _ in range(3):
            figures.failed("no")
        assert answer(port, "/healthz")[0] == 503
        with pytest.raises(UsageError, match="in use"), served(figures, ("127.0.0.1", port or 0)):
            pass


def answer(port: int | None, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as found:
            return found.status, found.headers["Content-Type"], found.read().decode()
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def test_a_heartbeat_that_cannot_be_written_stops_nothing(figures, tmp_path):
    reports = Reports(figures, tmp_path / "missing/alive")
    reports.beat([])
    reports.published(MANIFEST, 1.0, [])


# --- options


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("10m", 600), ("2h", 7200), ("1d", 86400)]
)
def test_durations(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "s", "0", "-1m", "10 minutes", "nan", "inf", "99999999d"])
def test_durations_that_are_none(text):
    with pytest.raises(ArgumentTypeError):
        duration(text)


def test_places():
    assert host_and_port("9000") == ("127.0.0.1", 9000)
    assert host_and_port("0.0.0.0:9000") == ("0.0.0.0", 9000)
    with pytest.raises(ArgumentTypeError):
        host_and_port("health")


# --- stopping


def test_the_first_signal_asks():
    before = signal.getsignal(signal.SIGTERM)
    with asked_by_signals(60) as stop:
        assert not stop.is_asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(10)
    assert signal.getsignal(signal.SIGTERM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_drain_that_takes_too_long_is_broken_off():
    def drain() -> None:
        with asked_by_signals(1):
            os.kill(os.getpid(), signal.SIGINT)
            Asked().wait(60)

    with pytest.raises(Stopped, match=r"SIGINT, and what was in work took longer than 1 s"):
        drain()


def test_the_second_signal_ends_the_process_at_once():
    code = (
        "import os, signal, time; from pipelines.local_stream.stopping import asked_by_signals\n"
        "with asked_by_signals(60):\n"
        "    for _ in range(2): os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(60)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=100, check=False
    )
    assert ran.returncode == 1
    assert "done again by the next start" in ran.stderr
