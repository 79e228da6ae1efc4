#!/usr/bin/env python3
"""Times `newsbeam ingest` over an archive on a Flink cluster of this machine, with one and with two Python workers.

    python bench/copies.py pages.warc.gz 5 large.warc.gz
    python bench/flink.py large.warc.gz

Each worker has one process for the CPU work.  Printed are the seconds of the whole command; the start-up cost, which is
the same command over one page; and the peak memory of each process, as proportional set size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # not this folder, where this file has the same name

from flink.cluster import Cluster, flink_cluster  # noqa: E402 - found by the line above

NOW = "2026-11-15T21:00:00Z"

SAMPLE_SECONDS = 1.0

MIB = 1024 * 1024


def parts_of(cluster: Cluster, client: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes, by what they are."""
    named = ("jobmanager", "taskmanager", "jobserver", "pool")
    found = {name: [psutil.Process(cluster.pid(name))] for name in named}
    workers = cluster.workers()
    found["Python worker"] = workers
    found["its process for CPU work"] = [child for worker in workers for child in worker.children(recursive=True)]
    return {**found, "newsbeam ingest": [client]}


def sample(cluster: Cluster, client: psutil.Process, peaks: dict[str, int]) -> None:
    """Raises each peak to the largest process of its kind, where that is larger."""
    for name, processes in parts_of(cluster, client).items():
        for process in processes:
            try:
                peaks[name] = max(peaks[name], process.memory_full_info().pss)
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue


def run(cluster: Cluster, archive: Path, workers: int, *more: str) -> tuple[float, dict[str, int]]:
    """(seconds, peaks in bytes) of one run."""
    peaks: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as output:
        command = [
            *(sys.executable, "-m", "pipelines", "ingest", "--warc", str(archive), "--output", output, "--now", NOW),
            *(
                "--processes",
                "1",
                "--environment_cache_millis=5000",
                *cluster.flags(parallelism=workers, workers=workers),
                *more,
            ),
        ]
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        client = psutil.Process(child.pid)
        while child.poll() is None:
            sample(cluster, client, peaks)
            time.sleep(SAMPLE_SECONDS)
        if child.returncode:
            sys.exit(f"the run failed with {child.returncode}; logs are in {cluster.folder}")
        return time.monotonic() - started, peaks


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    archive = parser.parse_args().archive
    with tempfile.TemporaryDirectory() as folder, flink_cluster(Path(folder)) as cluster:
        empty, _ = run(cluster, archive, 1, "--limit", "1")
        print(f"one page: {empty:.0f} s", flush=True)
        seconds = {}
        for workers in (1, 2):
            seconds[workers], peaks = run(cluster, archive, workers)
            print(f"{workers} worker(s): {seconds[workers]:.0f} s", flush=True)
            for name, peak in peaks.items():
                print(f"  {name:<26}{peak / MIB:>7.0f} MiB", flush=True)
        print(f"ratio {seconds[1] / seconds[2]:.2f}")


if __name__ == "__main__":
    main()
