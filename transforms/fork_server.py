"""The process that those of `transforms.cpu_pool` are forked from.

It has one thread and nothing of a pipeline: forking it is safe, where a fork of a process with the threads of Beam and
gRPC can deadlock.  It has loaded what the work takes, so that a process is there within milliseconds, also in place of
one that was killed, and shares that memory.

This module imports little, so that the server can be started before Beam is imported: the two take about as long, and
go on side by side.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext

PRELOADED = ["transforms.preloaded"]
"""Where it cannot be imported the server starts without it, and each process imports what it needs by itself."""

BLAS_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def start() -> BaseContext:
    """Starts the server, if this Python process has none yet, and gives the context that forks from it.

    Returns at once: what is forked waits until the server has loaded everything.  Where there can be no server, since
    it needs a Unix socket whose path, below TMPDIR, has room for 108 bytes, processes are spawned: they take longer.
    """
    for name in BLAS_THREADS:
        # Inherited, since a process reads it when it loads BLAS, before any function of ours runs.  Threads of BLAS
        # that fight over the cores cost a third of the throughput; they could not be forked either.
        os.environ.setdefault(name, "1")
    multiprocessing.set_forkserver_preload(PRELOADED)
    resource_tracker.ensure_running()  # the server would start it, which unblocks the signal
    try:
        with _without_interrupt():
            forkserver.ensure_running()
    except OSError:
        return multiprocessing.get_context("spawn")
    return multiprocessing.get_context("forkserver")


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """What is started here is not interrupted by ^C, which a terminal sends to all processes: the server ignores it
    only once it has loaded everything, and would end with a traceback before."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
