#!/usr/bin/env python3
"""Runs a command and prints the memory of its whole process tree over time: peak, and the median of each tenth.

    python bench/memory.py -- newsbeam ingest --warc large.warc.gz --output out

Counted is the proportional set size (each page of memory shared by n processes counts for 1/n), from
/proc/PID/smaps_rollup: Linux only.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

import psutil

INTERVAL_SECONDS = 1.0
MIB = 1024 * 1024


def tree_bytes(root: psutil.Process) -> int:
    """Proportional set size of ``root`` and all below it; processes that end meanwhile count for nothing."""
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return total


def watch(command: list[str]) -> tuple[int, list[int], float]:
    """(exit status, samples in bytes, seconds) of ``command``."""
    started = time.monotonic()
    child = subprocess.Popen(command)  # noqa: S603 - running what the caller names is the purpose
    process, samples = psutil.Process(child.pid), []
    while child.poll() is None:
        try:
            samples.append(tree_bytes(process))
        except psutil.NoSuchProcess:
            break
        time.sleep(INTERVAL_SECONDS)
    return child.wait(), samples, time.monotonic() - started


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    command = [part for part in parser.parse_args().command if part != "--"]
    status, samples, seconds = watch(command)
    tenth = max(1, len(samples) // 10)
    medians = [statistics.median(samples[i : i + tenth]) / MIB for i in range(0, len(samples), tenth)]
    print(f"exit {status}, {seconds:.0f} s, peak {max(samples) / MIB:.0f} MiB, medians of each tenth:")
    print(" ".join(f"{value:.0f}" for value in medians))
    sys.exit(status)


if __name__ == "__main__":
    main()
