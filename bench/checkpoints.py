#!/usr/bin/env python3
"""How large Flink's checkpoints of `newsbeam stream` grow, minute by minute, and what its TaskManager holds.

    python bench/checkpoints.py [--minutes 10] [--every 1.0] [--folder DIR] [-- more options of newsbeam stream]

One text comes every ``--every`` seconds (0: none at all), from a Pub/Sub of this process, to a cluster of this machine.
Printed are, by Flink's REST API, the number, size and duration of the newest checkpoint; the objects of the TaskManager
that are in use (`jmap -histo:live`); and the messages that are done with.  Needs what `make test-flink` needs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # not this folder: its flink.py has a package's name

from fake_pubsub import Broker, pubsub_on_air  # noqa: E402 - found by the line above
from flink.cluster import Cluster, flink_cluster, wait_until  # noqa: E402

TOPIC, SUBSCRIPTION = "projects/bench/topics/requests", "projects/bench/subscriptions/requests"

INTERVAL_MS = 10_000

FLAGS = [
    *("--streaming", f"--checkpointing_interval={INTERVAL_MS}", "--finish_bundle_before_checkpointing"),
    "--max_bundle_size=50",
]

START_SECONDS = 600.0
"""On a busy machine; a quiet one takes half a minute."""

STOP_SECONDS = 300.0

MIB = 1024 * 1024


def begin(cluster: Cluster, folder: Path, more: list[str]) -> subprocess.Popen[bytes]:
    """The stream, as a person starts it."""
    own = ["--subscription", SUBSCRIPTION, "--output", str(folder / "out"), "--processes", "1"]
    command = [sys.executable, "-m", "pipelines", "stream", *own, *cluster.flags(parallelism=2), *FLAGS, *more]
    with (folder / "stream.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command


def publish(broker: Broker, number: int) -> None:
    """One short text, as a message."""
    text = {"url": f"https://harbour.example/{number}", "text": f"Ferry {number} sailed from Port Little on Monday."}
    broker.send(TOPIC, json.dumps(text).encode())


def newest_checkpoint(cluster: Cluster) -> dict[str, Any]:
    """What Flink says of the newest checkpoint that is complete; empty where there is none yet."""
    job = next((job for job, state in cluster.jobs().items() if state == "RUNNING"), None)
    found = cluster.rest(f"/jobs/{job}/checkpoints")["latest"]["completed"] if job else None
    return dict(found or {})


def live_bytes(pid: int) -> int:
    """Bytes of the objects that a Java process can still reach."""
    said = subprocess.run(["jmap", "-histo:live", str(pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return int(said.stdout.splitlines()[-1].split()[2])


def watch(cluster: Cluster, broker: Broker, minutes: int, every: float) -> None:
    """Publishes as it goes, and prints a line for each minute."""
    print("| minute | checkpoint | bytes | ms | TaskManager, MiB in use | messages done |\n|---|---|---|---|---|---|")
    started, sent = time.monotonic(), 0
    for minute in range(minutes + 1):
        while (passed := time.monotonic() - started) < 60 * minute:
            if every and passed >= sent * every:
                publish(broker, sent)
                sent += 1
            time.sleep(0.05)
        newest, live = newest_checkpoint(cluster), live_bytes(cluster.pid("taskmanager")) / MIB
        done = sent - broker.waiting(SUBSCRIPTION)
        print(
            f"| {minute} | {newest.get('id', '')} | {newest.get('state_size', 0):,} | "
            f"{newest.get('end_to_end_duration', '')} | {live:.0f} | {done} |",
            flush=True,
        )


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--every", type=float, default=1.0)
    parser.add_argument("--folder", help="for the cluster and its logs, below which all is removed at the end")
    parser.add_argument("more", nargs="*", help="after --")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the cluster is ended too
    with pubsub_on_air() as broker, tempfile.TemporaryDirectory(dir=options.folder) as name:
        os.environ["PUBSUB_EMULATOR_HOST"] = broker.address  # before the pool is started, which hands it on
        broker.create(TOPIC, SUBSCRIPTION, ack_seconds=60)
        folder = Path(name)
        with flink_cluster(folder / "cluster") as cluster:
            stream = begin(cluster, folder, options.more)
            try:
                wait_until(
                    lambda: bool(newest_checkpoint(cluster)) or stream.poll() is not None, "a checkpoint", START_SECONDS
                )
                watch(cluster, broker, options.minutes, options.every)
                stream.send_signal(signal.SIGTERM)
                print(f"stopped: exit {stream.wait(timeout=STOP_SECONDS)}, {broker.waiting(SUBSCRIPTION)} not done")
            finally:
                stream.kill()
                stream.wait()


if __name__ == "__main__":
    main()
