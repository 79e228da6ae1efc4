"""A town with much to ask for, and its stream on a Flink cluster, which is begun, disturbed and begun again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fake_pubsub import Broker
from flink.cluster import Cluster, wait_until
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

    def ask_for_pages(self) -> None:
        """Publishes a request for each page, mixed as they come."""
        for each in range(PAGES):
            for number in range(HOSTS):
                url = f"{self.sites.urls[f'host{number}']}/story-{each}"
                self._send({"page": url}, {url})

    def ask_for_the_rest(self) -> None:
        """Feeds, texts, and a message that asks for nothing that can be done."""
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


class TownStream:
    """``newsbeam stream`` over a town, begun as often as a test likes, always into the same output."""

    def __init__(self, cluster: Cluster, town: Town, folder: Path) -> None:
        self.output = folder / "out"
        self._cluster = cluster
        self._town = town
        self._log = folder / "stream.log"
        self._command: subprocess.Popen[bytes] | None = None

    def begin(self, *more: str) -> None:
        """The command, as a person gives it, with ``more`` options."""
        flags = [
            *("--subscription", SUBSCRIPTION, "--dead_letter_topic", LETTERS, "--output", str(self.output)),
            *("--sink", f"pubsub:{ARTICLES}"),
            *("--run_id", "town", "--allow_networks", "127.0.0.0/8", "--host_gap", "0.05", "--processes", "1"),
            *self._cluster.flags(parallelism=2),
            *("--streaming", "--checkpointing_interval=2000", "--finish_bundle_before_checkpointing"),
            "--max_bundle_size=20",
        ]
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "pipelines", "stream", *flags, *more]
            self._command = subprocess.Popen(command, stdout=log, stderr=log)

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Waits while the stream runs; its end is a failure."""
        command = self._running()
        wait_until(lambda: command.poll() is not None or is_so(), what, SECONDS)
        assert command.poll() is None, self.said()

    def until_busy(self, more: int = 20) -> None:
        """Until ``more`` messages are done, and ten are in hand: what is killed then has something to lose."""
        enough = self._town.done() + more
        self.until(lambda: self._town.done() >= enough and self._town.in_hand() >= 10, "messages in work")

    def until_all_is_done(self) -> None:
        """Until the subscription is empty."""
        self.until(lambda: self._town.broker.waiting(SUBSCRIPTION) == 0, "every message")

    def end(self) -> None:
        """SIGTERM, and an end that must be a good one."""
        self._running().send_signal(signal.SIGTERM)
        assert self.wait() == 0, self.said()

    def wait(self) -> int:
        """The exit status, when the command has ended by itself."""
        return self._running().wait(timeout=SECONDS)

    def kill(self) -> None:
        """The command alone; its job is the cluster's."""
        if self._command is not None:
            self._command.kill()
            self._command.wait()

    def said(self) -> str:
        """The end of what all of its commands have said."""
        return self._log.read_text()[-4000:]

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._command is not None
        return self._command


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
