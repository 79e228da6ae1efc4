"""A stream that is killed again and again: each request has its outcome and its article, and none has two.

`make chaos` runs this, against the fake of these tests and, where Go is installed, against Google's own.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from google.cloud import pubsub_v1

from fake_pubsub import pubsub_on_air
from streams import body
from support import Output
from transforms.core.layout import WORK_FOLDER
from transforms.pubsub.client import Outgoing, Publisher

TOPIC, SUBSCRIPTION = "projects/p/topics/requests", "projects/p/subscriptions/requests"
REQUESTS = int(os.environ.get("CHAOS_REQUESTS", "5000"))
BATCH = max(1, REQUESTS // 25)
"""Messages of a batch: more batches than kills, so that each kill meets work."""

WAITING = 4 * BATCH
"""Requests that were published and are not done with, at most."""

KILLS = 10
SEED = 20261116
LONGEST_LIFE_SECONDS = 20.0
"""Of a process that is killed, from the first trace of its work."""

PATIENCE_SECONDS = 3600.0


@contextmanager
def fake() -> Iterator[str]:
    with pubsub_on_air() as broker:
        yield broker.address


@contextmanager
def googles_fake(folder: Path) -> Iterator[str]:
    """Built by Go from what the module proxy has."""
    shutil.copytree(Path(__file__).parent / "pstest", folder, dirs_exist_ok=True)
    for command in (["mod", "init", "pstest"], ["mod", "tidy"], ["build"]):
        subprocess.run(["go", *command], cwd=folder, check=True, capture_output=True, timeout=600)  # noqa: S607
    with subprocess.Popen([folder / "pstest"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@pytest.mark.chaos
@pytest.mark.timeout(PATIENCE_SECONDS)
@pytest.mark.parametrize("kind", ["fake", "google"])
def test_killed_at_random_moments(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "google" and not shutil.which("go"):
        pytest.skip("Go is not installed")
    with fake() if kind == "fake" else googles_fake(tmp_path / "pstest") as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        dice = random.Random(SEED)  # noqa: S311 - the same moments each time
        with published(REQUESTS, tmp_path):
            for _ in range(KILLS):
                kill_after(dice.uniform(0.0, LONGEST_LIFE_SECONDS), tmp_path)
            finish(tmp_path)
    check(Output(tmp_path / "out"), kind)
    assert not list(tmp_path.glob(f"out/{WORK_FOLDER}/*"))


@contextmanager
def published(requests: int, folder: Path) -> Iterator[None]:
    """Publishes the requests, as they are done: Google's fake drops what has waited for ten minutes."""
    with pubsub_v1.SubscriberClient() as subscriber:
        pubsub_v1.PublisherClient().create_topic(name=TOPIC)
        subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC, ack_deadline_seconds=10)
    ended = Event()

    def keep_some_waiting() -> None:
        publisher, sent = Publisher(TOPIC), 0
        while sent < requests and not ended.wait(0.2):
            due = min(requests, done(folder) + WAITING)
            publisher.publish(Outgoing(request(number), {}) for number in range(sent, due))
            sent = max(sent, due)
        publisher.close()

    sender = Thread(target=keep_some_waiting)
    sender.start()
    try:
        yield
    finally:
        ended.set()
        sender.join()


def done(folder: Path) -> int:
    """Articles of runs that were published."""
    return sum(json.loads(path.read_text())["articles"] for path in folder.glob("out/runs/*.json"))


def request(number: int) -> bytes:
    text = f"Ines Calder spoke of letter {number}. “We have read it,” she said."
    return body(url=url(number), text=text, id=str(number))


def url(number: int) -> str:
    return f"https://harbour.example/letters/{number}"


def started(folder: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-m", "pipelines", "stream", "--subscription", SUBSCRIPTION]
    argv += ["--output", str(folder / "out"), "--state", str(folder / "state"), "--max_batch", str(BATCH)]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([*argv, "--max_wait", "1s"], stderr=log)


def kill_after(seconds: float, folder: Path) -> None:
    """Starts the stream and kills it ``seconds`` after the first trace of its work."""
    runs = len(list(folder.glob("out/runs/*.json")))
    stale = {path.name for path in folder.glob(f"out/{WORK_FOLDER}/*")}

    def has_begun() -> bool:
        work = {path.name for path in folder.glob(f"out/{WORK_FOLDER}/*")}
        return bool(work - stale) or len(list(folder.glob("out/runs/*.json"))) > runs

    with started(folder) as running:
        wait_for(has_begun, running, folder)
        time.sleep(seconds)
        assert running.poll() is None, (folder / "log").read_text()
        running.send_signal(signal.SIGKILL)


def finish(folder: Path) -> None:
    """Lets the stream work until every request has an outcome, then stops it."""
    with started(folder) as running:
        wanted = {url(number) for number in range(REQUESTS)}
        output = Output(folder / "out")
        wait_for(lambda: wanted <= {row["url"] for row in output.rows("outcomes")}, running, folder, every=2.0)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=PATIENCE_SECONDS) == 0, (folder / "log").read_text()


def check(output: Output, kind: str) -> None:
    """Nothing lost, and nothing twice after the rule for consumers: one row for each version of an article."""
    outcomes = [row for row in output.rows("outcomes") if row["url"].startswith("https://")]
    assert {row["url"] for row in outcomes} == {url(number) for number in range(REQUESTS)}
    assert {row["outcome"] for row in outcomes} <= {"written", "unchanged", "duplicate"}
    rows = output.rows("articles")
    kept = {(row["version_id"], row["version"], row["action"]): row for row in rows}
    assert sorted(row["url"] for row in kept.values()) == sorted(url(number) for number in range(REQUESTS))
    again = sum(row["outcome"] == "unchanged" for row in outcomes)
    print(f"{kind}: {KILLS} kills, {len(rows)} rows for {REQUESTS} requests, {again} delivered again and found done")


def wait_for(
    is_there: Callable[[], bool], running: subprocess.Popen[bytes], folder: Path, *, every: float = 0.01
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        assert running.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(every)
