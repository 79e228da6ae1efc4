#!/usr/bin/env python3
"""Times `newsbeam ingest` over an archive on a Flink cluster of this machine, with one and with two Python workers.

    python bench/flink.py [--pages 2000] [--workers 1 2] [--without_start] [--warc PAGES.warc.gz]

The pages are distinct copies of the English pages of the demo edition, or of a WARC.  Each worker has one process for
the CPU work.  Printed are the seconds of the whole command; the start-up cost, which is the same command over one page,
once the cluster has had a first job; and of each kind of process the CPU seconds of all, and the peak memory of the
largest, as proportional set size.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HERE = Path(__file__).parent
sys.path[0] = str(HERE.parent / "tests")

from flink.cluster import Cluster, flink_cluster  # noqa: E402 - found by the line above

sys.path.append(str(HERE))  # not before: this file has the name of the package above

from material import demo_archive, english_archive, repeated  # noqa: E402 - found by the line above

NOW = "2026-11-15T21:00:00Z"

SAMPLE_SECONDS = 1.0

MIB = 1024 * 1024


@dataclass
class Cost:
    """Of one run: ``cpu`` by process, ``kinds`` of these, and the peak of each kind in bytes."""

    seconds: float = 0.0
    cpu: dict[int, float] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def sample(self, processes: dict[str, list[psutil.Process]], before: dict[int, float]) -> None:
        """Counts what the processes have used since ``before``."""
        for kind, found in processes.items():
            for process in found:
                try:
                    self.peaks[kind] = max(self.peaks[kind], process.memory_full_info().pss)
                    self.cpu[process.pid] = cpu_of(process) - before.get(process.pid, 0.0)
                    self.kinds[process.pid] = kind
                except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                    continue

    def table(self) -> str:
        """A line for each kind of process."""
        used: dict[str, float] = defaultdict(float)
        for pid, kind in self.kinds.items():
            used[kind] += self.cpu[pid]
        return "\n".join(
            f"  {kind:<26}{used[kind]:>7.1f} CPU s{peak / MIB:>7.0f} MiB" for kind, peak in self.peaks.items()
        )


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process since it began."""
    used = process.cpu_times()
    return float(used.user + used.system)


def parts_of(cluster: Cluster) -> dict[str, list[psutil.Process]]:
    """The processes of the cluster, by what they are."""
    found = {name: [psutil.Process(cluster.pid(name))] for name in ("jobmanager", "taskmanager", "jobserver", "pool")}
    workers = cluster.workers()
    return {
        **found,
        "Python worker": workers,
        "its processes for CPU work": [each for one in workers for each in below(one)],
    }


def below(process: psutil.Process) -> list[psutil.Process]:
    """What a process has started, at any depth; nothing where it has ended."""
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def run(cluster: Cluster, archive: Path, workers: int) -> Cost:
    """One run."""
    cost = Cost()
    before = {each.pid: cpu_of(each) for found in parts_of(cluster).values() for each in found}
    with tempfile.TemporaryDirectory() as output:
        own = [
            "--warc",
            str(archive),
            "--output",
            output,
            "--now",
            NOW,
            "--processes",
            "1",
            "--environment_cache_millis=5000",
        ]
        command = [
            sys.executable,
            "-m",
            "pipelines",
            "ingest",
            *own,
            *cluster.flags(parallelism=workers, workers=workers),
        ]
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
        while child.poll() is None:
            cost.sample({**parts_of(cluster), "newsbeam ingest": [psutil.Process(child.pid)]}, before)
            time.sleep(SAMPLE_SECONDS)
        cost.seconds = time.monotonic() - started
    if child.returncode:
        sys.exit(f"the run failed with {child.returncode}; logs are in {cluster.folder}")
    return cost


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--warc", type=Path)
    parser.add_argument("--without_start", action="store_true", help="leave out the runs over one page")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the cluster is ended too
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, words = english_archive(options.warc, folder) if options.warc else demo_archive(folder)
        _, one = repeated(source, 1, folder / "one.warc.gz")
        _, archive = repeated(source, options.pages, folder / "pages.warc.gz")
        print(f"{options.pages} pages of {words:.0f} words")
        seconds = {}
        for workers in options.workers:
            with flink_cluster(folder / f"cluster-{workers}") as cluster:
                if not options.without_start:
                    first, again = (run(cluster, one, workers).seconds for _ in range(2))
                    print(f"{workers} worker(s), one page: {again:.0f} s, as the first job {first:.0f} s", flush=True)
                cost = run(cluster, archive, workers)
            seconds[workers] = cost.seconds
            print(f"{workers} worker(s): {cost.seconds:.0f} s")
            print(cost.table(), flush=True)
        if {1, 2} <= seconds.keys():
            print(f"ratio {seconds[1] / seconds[2]:.2f}")


if __name__ == "__main__":
    main()
