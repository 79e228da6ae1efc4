"""The source of the stream: what it pulls, keeps, gives back, and when it ends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.io.restriction_trackers import OffsetRange
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.utils.timestamp import Timestamp

from fake_pubsub import Broker, pubsub_on_air
from pipelines.beam_options import beam_options
from pipelines.stream_pipeline import StreamPlan, build, ending_of
from pipelines.ways import Way
from schemas.codec import read_container
from schemas.hops import Run
from schemas.outcome import OutcomeKind, Problem
from support import Output
from transforms.clock import Clock
from transforms.core.manifest import RunFacts
from transforms.core.requests import Message
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetcher import FetcherConfig
from transforms.pubsub.client import PubsubAway
from transforms.streaming import mailbox as desks
from transforms.streaming.ending import Ending
from transforms.streaming.mailbox import Mailbox
from transforms.streaming.pulses import _Pull
from transforms.streaming.read import LAST, _EndlessTracker, _ReadShard
from transforms.streaming.tally import in_hand
from transforms.streaming.work import DeadLetter, Delivery
from transforms.write import Sink

NOON = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
TOPIC, SUBSCRIPTION, LETTERS = "projects/p/topics/t", "projects/p/subscriptions/s", "projects/p/topics/letters"
SHARD = (SUBSCRIPTION, 0)


def delivery(number: int) -> Delivery:
    return Delivery(Message(b"{}", f"m/{number}", str(number), NOON), f"r{number}")


@dataclass
class Desk:
    """Gives what it was told to give, and notes what comes back."""

    batches: list[list[Delivery]]
    returned: list[str] = field(default_factory=list)

    def desk(self) -> Desk:
        return self

    def pull(self, most: int) -> list[Delivery]:
        return self.batches.pop(0)

    def give_back(self, receipts: list[str]) -> None:
        self.returned += receipts


class Tracker(_EndlessTracker):
    """Notes what was deferred; ``claims`` is how many positions can be had."""

    def __init__(self, claims: int = 1000) -> None:
        super().__init__(OffsetRange(0, LAST + 1))
        self.claims = claims
        self.deferred: list[float] = []
        self.claimed: list[int] = []

    def try_claim(self, position: int) -> bool:
        if len(self.claimed) == self.claims:
            return False
        self.claimed.append(position)
        return bool(super().try_claim(position))

    def defer_remainder(self, pause: Any) -> None:
        self.deferred.append(pause.micros / 1e6)


@pytest.fixture
def ending(tmp_path: Path) -> Ending:
    return Ending(str(tmp_path / "work" / "stop"))


def read_once(desk: Desk, ending: Ending, tracker: Tracker, now: datetime = NOON) -> tuple[list[Any], Timestamp | None]:
    """(what one call of the source yields, its watermark afterwards)."""
    step = _ReadShard(desk, ending, Clock(now))  # type: ignore[arg-type]
    step.setup()
    watermark = ManualWatermarkEstimator(None)
    return list(step.process(SHARD, tracker, watermark)), watermark.current_watermark()


def test_one_pull_then_the_rest_is_deferred(ending: Ending) -> None:
    tracker = Tracker()
    found, watermark = read_once(Desk([[delivery(1), delivery(2)]]), ending, tracker)
    assert [each.value.receipt for each in found] == ["r1", "r2"]
    assert {each.timestamp for each in found} == {Timestamp.from_utc_datetime(NOON)}
    assert watermark == Timestamp.from_utc_datetime(NOON)
    assert tracker.deferred == [0.0]


def test_an_idle_shard_holds_nothing_up_and_asks_again_later(ending: Ending) -> None:
    tracker = Tracker()
    found, watermark = read_once(Desk([[]]), ending, tracker)
    assert found == []
    assert watermark == Timestamp.from_utc_datetime(NOON)
    assert tracker.deferred == [1.0]


def test_what_cannot_be_claimed_is_given_back_at_once(ending: Ending) -> None:
    desk, tracker = Desk([[delivery(1), delivery(2), delivery(3)]]), Tracker(claims=1)
    found, _ = read_once(desk, ending, tracker)
    assert [each.value.receipt for each in found] == ["r1"]
    assert desk.returned == ["r2", "r3"]
    assert tracker.deferred == []


def test_a_clock_that_goes_back_makes_nothing_late(ending: Ending) -> None:
    step = _ReadShard(Desk([[delivery(1)]]), ending, Clock(NOON - timedelta(hours=1)))  # type: ignore[arg-type]
    step.setup()
    watermark = ManualWatermarkEstimator(Timestamp.from_utc_datetime(NOON))
    (found,) = step.process(SHARD, Tracker(), watermark)
    assert found.timestamp == Timestamp.from_utc_datetime(NOON)


@pytest.mark.parametrize("how", ["by its mark", "by its time"])
def test_a_source_ends_and_leaves_the_rest_where_it_is(ending: Ending, how: str) -> None:
    if how == "by its mark":
        ending.call()
    else:
        ending = replace(ending, until=NOON)
    desk, tracker = Desk([[delivery(1)]]), Tracker()
    found, _ = read_once(desk, ending, tracker)
    assert found == []
    assert len(desk.batches) == 1
    tracker.check_done()


# --- on Flink


def pull_once(desk: Desk, ending: Ending) -> list[Any]:
    step = _Pull(desk, ending, Clock(NOON))  # type: ignore[arg-type]
    step.setup()
    return list(step.process(b"1"))


def test_a_pulse_is_a_pull(ending: Ending) -> None:
    desk = Desk([[delivery(1), delivery(2)], [delivery(3)]])
    found = pull_once(desk, ending)
    assert [each.value.receipt for each in found] == ["r1", "r2"]
    assert {each.timestamp for each in found} == {Timestamp.from_utc_datetime(NOON)}
    assert len(desk.batches) == 1


def test_after_the_ending_pulses_do_nothing(ending: Ending) -> None:
    desk = Desk([[delivery(1)]])
    ending.call()
    assert pull_once(desk, ending) == []
    assert len(desk.batches) == 1


# --- against a server


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as broker:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broker.address)
        broker.create(TOPIC, SUBSCRIPTION, ack_seconds=60)
        broker.create(LETTERS)
        yield broker


def mailbox(broker: Broker, **settings: Any) -> Mailbox:
    """Of its own for each test: a process keeps its desks."""
    return Mailbox(SUBSCRIPTION, f"run {broker.address}", LETTERS, **settings)


def test_what_is_pulled_is_kept_until_it_is_acknowledged(broker: Broker) -> None:
    broker.send(TOPIC, b"one", b"two")
    desk = mailbox(broker, lease_seconds=60, extend_every_seconds=0.05).desk()
    deliveries = desk.pull(10)
    assert sorted(each.message.data for each in deliveries) == [b"one", b"two"]
    receipts = [each.receipt for each in deliveries if each.receipt]
    wait_until(lambda: len(broker.operations("extend")) >= 3)
    desk.acknowledge(receipts)
    assert broker.waiting(SUBSCRIPTION) == 0


def test_threads_that_ask_at_once_share_a_desk(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowlyMade(desks.Desk):
        def __init__(self, mailbox: Mailbox) -> None:
            time.sleep(0.1)
            super().__init__(mailbox)

    monkeypatch.setattr(desks, "Desk", SlowlyMade)
    asked = mailbox(broker)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: asked.desk(), range(4)))
    assert len(set(map(id, found))) == 1


def test_another_process_may_acknowledge_what_this_one_pulled(broker: Broker) -> None:
    broker.send(TOPIC, b"one")
    (pulled,) = mailbox(broker).desk().pull(10)
    other = mailbox(broker, hold_seconds=1000.0).desk()
    assert pulled.receipt
    other.acknowledge([pulled.receipt])
    assert broker.waiting(SUBSCRIPTION) == 0


def test_what_is_held_for_too_long_comes_again(broker: Broker) -> None:
    broker.send(TOPIC, b"one")
    desk = mailbox(broker, queue_seconds=0.0, lease_seconds=1).desk()
    assert desk.pull(10)
    wait_until(lambda: bool(desk.pull(10)))


def test_a_worker_keeps_what_another_process_pulled_and_forgot(broker: Broker) -> None:
    broker.send(TOPIC, b"one")
    reader = mailbox(broker, queue_seconds=0.0, lease_seconds=1, extend_every_seconds=0.1).desk()
    worker = mailbox(broker, lease_seconds=1, extend_every_seconds=0.1).desk()
    (pulled,) = reader.pull(10)
    assert pulled.receipt
    worker.hold([pulled.receipt])
    before = len(broker.operations("extend"))
    assert reader.pull(10) == []
    wait_until(lambda: len(broker.operations("extend")) >= before + 5)
    worker.acknowledge([pulled.receipt])
    assert broker.waiting(SUBSCRIPTION) == 0


def test_a_service_that_is_away_is_waited_for(ending: Ending, caplog: pytest.LogCaptureFixture) -> None:
    class Away(Desk):
        def pull(self, most: int) -> list[Delivery]:
            raise PubsubAway("no answer")

    tracker = Tracker()
    found, _ = read_once(Away([]), ending, tracker)
    assert found == []
    assert tracker.deferred == [1.0]
    assert "nothing was pulled" in caplog.text


def test_processes_tell_what_they_have_in_hand_once_the_ending_has_come(broker: Broker, ending: Ending) -> None:
    """One pulls, the other acknowledges, as on a cluster: only both together know that nothing is left."""
    broker.send(TOPIC, b"one", b"two", b"three")
    reader = mailbox(broker, ending=ending).desk()
    worker = mailbox(broker, ending=ending, hold_seconds=1000.0).desk()
    receipts = [each.receipt for each in reader.pull(10) if each.receipt]
    worker.acknowledge(receipts[:1])
    assert in_hand(ending) == 0, "nobody has told anything yet"
    ending.call()
    wait_until(lambda: in_hand(ending) == 2)
    worker.acknowledge(receipts[1:2])
    reader.give_back(receipts[2:])
    wait_until(lambda: in_hand(ending) == 0)


def test_dead_letters_carry_the_bytes_and_the_reason(broker: Broker) -> None:
    message = Message(b"\xff", "m", "7", NOON, (("desk", "city"),))
    mailbox(broker).desk().bury([DeadLetter(message, Problem(OutcomeKind.MALFORMED, "not UTF-8"))])
    ((data, attributes, _),) = broker.published(LETTERS)
    assert data == b"\xff"
    assert attributes["desk"] == "city"
    assert attributes["newsbeam_reason"] == "not UTF-8"


def plan_of(folder: Path, mailbox: Mailbox) -> StreamPlan:
    facts = RunFacts("s", NOON, "system", {}, {"newsbeam": "0"}, {})
    sink = Sink(str(folder), Run("s", NOON, "0"), Clock())
    return StreamPlan(
        sink, facts, PoolConfig(processes=1), FetcherConfig(), Politeness(), mailbox, ending_of(sink), readers=3
    )


def test_the_whole_stream_from_a_subscription_to_files(broker: Broker, tmp_path: Path) -> None:
    """On this runner the sink works when the source has ended; on others while it goes on: see tests/streaming."""
    broker.send(TOPIC, *(request(number) for number in range(40)), b"poison")
    plan = plan_of(tmp_path / "out", mailbox(broker))
    pulled = lambda: {each for op in broker.operations("pull") for each in op.messages}  # noqa: E731
    watch = threading.Thread(target=lambda: (wait_until(lambda: len(pulled()) == 41), plan.ending.call()))
    watch.start()
    pipeline = beam.Pipeline(options=beam_options([], []))
    build(pipeline, plan, Way.OWN_SOURCE)
    pipeline.run().wait_until_finish()
    watch.join()
    assert broker.waiting(SUBSCRIPTION) == 0
    assert len(broker.published(LETTERS)) == 1
    output = Output(tmp_path / "out")
    assert {row["url"] for row in output.rows("articles")} == {f"https://harbour.example/{n}" for n in range(40)}
    assert len(output.rows("outcomes")) == 41
    assert_written_before_acknowledged(broker, tmp_path / "out")


def assert_written_before_acknowledged(broker: Broker, output: Path) -> None:
    """Message n of the broker asks for page n - 1; the last was poison."""
    written = {}
    for path in output.glob("outcomes/*/*.avro"):
        with path.open("rb") as file:
            written |= {row["url"].rpartition("/")[2]: path.stat().st_mtime_ns for row in read_container(file)}
    acknowledged = [(each, op.at) for op in broker.operations("acknowledge") for each in op.messages]
    assert len(acknowledged) == 41
    for message_id, at in acknowledged:
        assert written[message_id if message_id == "41" else str(int(message_id) - 1)] <= at


def request(number: int) -> bytes:
    url = f"https://harbour.example/{number}"
    return json.dumps({"url": url, "text": f"Ferry {number} sailed from Port Little on Monday."}).encode()


def wait_until(true: Any) -> None:
    """Generous: a machine may be busy."""
    limit = time.monotonic() + 60
    while not true():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)
