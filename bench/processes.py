"""Runs a command and counts what its whole process tree takes: seconds, CPU seconds, memory.  Linux only."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

MIB = 1024 * 1024
PR_SET_CHILD_SUBREAPER = 36

KEPT_MODULES = {"PYTHONDONTWRITEBYTECODE": ""}
"""Python keeps what it has compiled, as it does unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run: seconds on the clock, CPU seconds (user and system), highest memory in MiB.

    Memory is the proportional set size: what n processes share counts for 1/n in each.
    """

    seconds: float
    cpu: float
    peak_mib: float


def run(
    command: Sequence[str],
    *,
    cores: int | None = None,
    interval: float = 0.5,
) -> Cost:
    """The cost of ``command``, whose own output is dropped, on the first ``cores`` cores (None: all).

    Raises CalledProcessError where it fails.
    """
    # Grandchildren whose parent ends first are handed to this process, so that their CPU time is counted too.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, started = _children_cpu(), time.monotonic()
    pinned = ["taskset", "-c", f"0-{cores - 1}"] if cores else []
    child = subprocess.Popen(  # noqa: S603 - running what the caller names is the purpose
        [*pinned, *command],
        env={**os.environ, **KEPT_MODULES},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak, tree, status = 0, psutil.Process(child.pid), None
    while status is None:
        peak = max(peak, tree_bytes(tree))
        with suppress(subprocess.TimeoutExpired):
            status = child.wait(interval)
    seconds = time.monotonic() - started
    _reap()
    if status:
        raise subprocess.CalledProcessError(status, list(command))
    return Cost(seconds, _children_cpu() - before, peak / MIB)


def tree_bytes(root: psutil.Process) -> int:
    """Proportional set size of ``root`` and all below it; processes that end meanwhile count for nothing."""
    total = 0
    try:
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return total


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> None:
    """Waits for processes that the command has left behind."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return
