"""``newsbeam stream`` on a Flink cluster, whose parts are killed while messages are in work: none is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fake_pubsub import Broker, pubsub_on_air
from flink.cluster import Cluster, flink_cluster, wait_until
from flink.jar import Missing
from publishers import Publishers
from schemas.codec import read_container
from support import Output

TOPIC, LETTERS = "projects/harbour/topics/requests", "projects/harbour/topics/letters"
SUBSCRIPTION = "projects/harbour/subscriptions/requests"
ARTICLES = "projects/harbour/topics/articles"

HOSTS = 4
PAGES = 40
"""Of each host; each is asked for by a message of its own."""

TEXTS = 60
FEED_PAGES = 8

SECONDS = 600.0
"""The most that anything may take, on a machine that does other things too."""

pytestmark = pytest.mark.timeout(3 * SECONDS)

PARAGRAPHS = (
    "The night ferry to Port Little sailed again on Monday after four months in dock, with two hundred people aboard.",
    "Its owner, the Sound and Islands Line, had put the return off three times while it waited for a new gearbox.",
)


def page(title: str) -> bytes:
    text = "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
    return f"<html><head><title>{title}</title></head><article><h1>{title}</h1>{text}</article></html>".encode()


@dataclass
class Town:
    """What is asked for, and which of it each message asks for."""

    sites: Publishers
    broker: Broker
    expected: dict[str, set[str]] = field(default_factory=dict)
    """Message id to the URLs of the outcomes that it owes."""

    def open(self) -> None:
        for number in range(HOSTS):
            pages = {f"story-{each}": _slowly(page(f"Story {each} of host {number}")) for each in range(PAGES)}
            listed = {f"listed-{each}": _slowly(page(f"Listed {each} of host {number}")) for each in range(FEED_PAGES)}
            origin = self.sites.open(f"host{number}", **pages, **listed)
            links = "".join(f"<item><title>x</title><link>{origin}/{name}</link></item>" for name in listed)
            feed = f'<rss version="2.0"><channel><title>Town</title>{links}</channel></rss>'.encode()
            self.sites.add(f"host{number}", feed=feed)

    def ask(self) -> None:
        """Publishes all requests, mixed as they come."""
        for each in range(PAGES):
            for number in range(HOSTS):
                url = f"{self.sites.urls[f'host{number}']}/story-{each}"
                self._send({"page": url}, {url})
        for number in range(HOSTS):
            origin = self.sites.urls[f"host{number}"]
            owed = {f"{origin}/feed", *(f"{origin}/listed-{each}" for each in range(FEED_PAGES))}
            self._send({"feed": f"{origin}/feed"}, owed)
        for each in range(TEXTS):
            url = f"https://harbour.example/{each}"
            self._send({"url": url, "text": f"Ferry {each} sailed from Port Little on Monday."}, {url})
        (poisoned,) = self.broker.send(TOPIC, b"\xff poison")
        self.expected[poisoned] = {f"pubsub:{SUBSCRIPTION}/{poisoned}"}

    def _send(self, request: dict[str, str], owed: set[str]) -> None:
        (message_id,) = self.broker.send(TOPIC, json.dumps(request).encode())
        self.expected[message_id] = owed

    @property
    def urls(self) -> set[str]:
        return set().union(*self.expected.values())

    def in_hand(self) -> int:
        """Messages that were pulled and are not done with."""
        pulled = {each for operation in self.broker.operations("pull") for each in operation.messages}
        return len(pulled) - (len(self.expected) - self.broker.waiting(SUBSCRIPTION))

    def done(self) -> int:
        return len(self.expected) - self.broker.waiting(SUBSCRIPTION)


def _slowly(body: bytes):
    def answer(_handler) -> bytes:
        time.sleep(0.05)
        return body

    return answer


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    sites = Publishers()
    with pubsub_on_air() as broker:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broker.address)  # before the pool is started, which hands it on
        broker.create(TOPIC, SUBSCRIPTION, ack_seconds=60)
        broker.create(LETTERS)
        broker.create(ARTICLES)
        found = Town(sites, broker)
        found.open()
        yield found
    sites.close()


@pytest.fixture
def cluster(town: Town, tmp_path: Path) -> Iterator[Cluster]:
    try:
        with flink_cluster(tmp_path / "cluster") as running:
            yield running
    except Missing as missing:
        pytest.skip(f"no Flink: {missing}")


def begin(cluster: Cluster, folder: Path) -> subprocess.Popen[bytes]:
    """The command, as a person gives it."""
    flags = [
        *("--subscription", SUBSCRIPTION, "--dead_letter_topic", LETTERS, "--output", str(folder / "out")),
        *("--sink", f"pubsub:{ARTICLES}"),
        *("--run_id", "town", "--allow_networks", "127.0.0.0/8", "--host_gap", "0.05", "--processes", "1"),
        *cluster.flags(parallelism=2),
        *("--streaming", "--checkpointing_interval=2000", "--finish_bundle_before_checkpointing"),
        *("--max_bundle_size=20", "--shutdown_sources_after_idle_ms=2000"),
    ]
    with (folder / "stream.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", "pipelines", "stream", *flags], stdout=log, stderr=log)


def test_killed_parts_lose_no_message_and_sigterm_ends_it(cluster: Cluster, town: Town, tmp_path: Path) -> None:
    stream = begin(cluster, tmp_path)

    def until(is_so: Callable[[], bool], what: str) -> None:
        wait_until(lambda: stream.poll() is not None or is_so(), what, SECONDS)
        assert stream.poll() is None, (tmp_path / "stream.log").read_text()[-4000:]

    try:
        town.ask()
        until(lambda: town.done() >= 20 and town.in_hand() >= 10, "the first messages")
        print(f"\n{town.done()} done, {town.in_hand()} in hand: the TaskManager is killed")
        cluster.kill("taskmanager")
        cluster.start("taskmanager")
        at_kill = town.done()
        until(lambda: town.done() >= at_kill + 20 and town.in_hand() >= 10, "work after the first kill")
        print(f"{town.done()} done, {town.in_hand()} in hand: a Python worker is killed")
        for worker in cluster.workers()[:1]:
            os.kill(worker.pid, signal.SIGKILL)
        until(lambda: town.broker.waiting(SUBSCRIPTION) == 0, "every message")
        stream.send_signal(signal.SIGTERM)
        assert stream.wait(timeout=SECONDS) == 0, (tmp_path / "stream.log").read_text()[-4000:]
    finally:
        stream.kill()
        stream.wait()
    assert_all_is_there(town, tmp_path / "out")


def assert_all_is_there(town: Town, output: Path) -> None:
    written: dict[str, int] = {}
    for path in output.glob("outcomes/*/*.avro"):
        with path.open("rb") as file:
            for row in read_container(file):
                moment = path.stat().st_mtime_ns
                written[row["url"]] = min(moment, written.get(row["url"], moment))
    assert town.urls - written.keys() == set()
    early = [
        (message_id, url)
        for operation in town.broker.operations("acknowledge")
        for message_id in operation.messages
        for url in town.expected[message_id]
        if written[url] > operation.at
    ]
    assert early == [], "acknowledged before they were in a file"
    rows = Output(output).rows("articles")
    articles = {row["url"] for row in rows}
    assert len(articles) == HOSTS * (PAGES + FEED_PAGES) + TEXTS
    distinct = {row["version_id"] for row in rows}
    assert len(distinct) == len(articles)
    assert town.broker.published(LETTERS)
    handed_on = {attributes["version_id"] for _, attributes, _ in town.broker.published(ARTICLES)}
    assert handed_on >= distinct
    print(f"{len(town.expected)} messages, {len(articles)} articles, {len(rows) - len(distinct)} rows that came twice")
