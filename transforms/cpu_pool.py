"""Processes for the CPU work on strangers' input: parsing, extraction and annotation.

A page can make a parser loop for minutes, crash in C code or eat all memory.  So that work runs in processes of its
own with a deadline and a memory limit for each task; what goes wrong there comes back as a `Problem`.  The processes
also use every core under runners that have one Python process, and keep trafilatura and spaCy single-threaded.

An exception of our own code is no `Problem`: it is raised where the result is taken, and fails the run.
"""

from __future__ import annotations

import atexit
import functools
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.outcome import OutcomeKind, Problem
from transforms import fork_server, tasks
from transforms.filesystem import open_bytes

QUEUED_PER_PROCESS = 3
"""Tasks in flight for each process: one in work, one on the way, one waiting.  More only holds more pages in memory."""


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """How the CPU work is done.

    ``models`` pairs language codes with spaCy packages.  ``processes`` 0 means one for each core.  ``task_seconds`` is
    the deadline of one page, from when its work begins.  ``memory_bytes`` bounds the address space of one process.
    """

    models: tuple[tuple[str, str], ...] = ()
    processes: int = 0
    task_seconds: float = 60.0
    memory_bytes: int = 4 * 1024**3
    watchlist: tasks.WatchlistFile | None = None
    site_rules: tasks.SiteRulesFile | None = None

    @property
    def tools(self) -> tasks.Tools:
        """What each process loads."""
        return tasks.Tools(self.models, self.watchlist, self.site_rules)

    @property
    def size(self) -> int:
        """Processes that the pool will have."""
        return self.processes or _usable_cores()


def _usable_cores() -> int:
    """Cores that this process may use, which a container can set below those of the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _local(watchlist: tasks.WatchlistFile | None) -> tasks.WatchlistFile | None:
    """The watchlist as a file of this machine: the processes read no other filesystem."""
    if watchlist is None or "://" not in watchlist.path:
        return watchlist
    with (
        open_bytes(watchlist.path) as remote,
        tempfile.NamedTemporaryFile(
            prefix="newsbeam-watchlist-", suffix=PurePosixPath(watchlist.path).suffix, delete=False
        ) as copy,
    ):
        shutil.copyfileobj(remote, copy)
    atexit.register(os.unlink, copy.name)
    return replace(watchlist, path=copy.name)


class CpuPool:
    """Warm processes that run functions of `transforms.tasks`; shared by every step of a Python process."""

    def __init__(self, config: PoolConfig) -> None:
        self.config = config = replace(config, watchlist=_local(config.watchlist))
        self._pool = ProcessPool(
            max_workers=config.size,
            context=fork_server.start(),
            initializer=tasks.start,
            initargs=(config.memory_bytes,),
        )

    def wait_until_warm(self) -> None:
        """Returns when a process is ready; the others follow within moments.

        Raises what stands in the way, for instance OSError for a missing model.
        """
        self._pool.schedule(tasks.ready, args=(self.config.tools,)).result()

    def run(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Schedules one task with the pool's deadline."""
        return self._pool.schedule(function, args=args, timeout=self.config.task_seconds)

    def close(self) -> None:
        """Ends the processes, also those in work."""
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
        self._pool.join()


_MAKING = threading.Lock()


@functools.lru_cache(maxsize=4)
def _pool_of(config: PoolConfig, pid: int) -> CpuPool:  # noqa: ARG001 - a forked child must not use its parent's pool
    pool = CpuPool(config)
    atexit.register(pool.close)
    return pool


def shared_pool(config: PoolConfig) -> CpuPool:
    """The pool for ``config`` in this Python process: loading the models takes seconds, so every step shares it.

    A worker of a cluster sets up several steps at once, in threads; the first makes the pool and the others wait.
    """
    with _MAKING:
        return _pool_of(config, os.getpid())


Tag = TypeVar("Tag")


class TaskWindow(Generic[Tag]):
    """The tasks that one step has in flight: bounded, so that pages do not pile up in memory.

    A step calls `submit` for each element and `drain` at the end of a bundle; both yield (tag, result or Problem) of
    tasks that have ended, in the order in which they ended.
    """

    def __init__(self, pool: CpuPool) -> None:
        self._pool = pool
        self._limit = pool.config.size * QUEUED_PER_PROCESS
        self._ended: queue.SimpleQueue[tuple[Tag, Future[Any]]] = queue.SimpleQueue()
        self._in_flight = 0

    def submit(self, tag: Tag, function: Callable[..., Any], *args: Any) -> Iterator[tuple[Tag, Any]]:
        """Schedules ``function(*args)``; waits for a place where the window is full."""
        while self._in_flight >= self._limit:
            yield self._take()
        future = self._pool.run(function, *args)
        self._in_flight += 1
        future.add_done_callback(lambda ended: self._ended.put((tag, ended)))
        while not self._ended.empty():
            yield self._take()

    def drain(self) -> Iterator[tuple[Tag, Any]]:
        """Waits for all that is in flight."""
        while self._in_flight:
            yield self._take()

    def _take(self) -> tuple[Tag, Any]:
        tag, future = self._ended.get()
        self._in_flight -= 1
        return tag, _result_of(future, self._pool.config)


def _result_of(future: Future[Any], config: PoolConfig) -> Any:
    """What the task returned, or why its process had to be ended.  Other exceptions are bugs and are raised."""
    try:
        return future.result()
    except FutureTimeout:
        return Problem(OutcomeKind.TIMEOUT, f"the work took more than {config.task_seconds:g} s", error_type="Timeout")
    except ProcessExpired as error:
        return Problem(OutcomeKind.CRASHED, f"its process died: {error}", error_type="ProcessExpired")
    except MemoryError:
        limit = config.memory_bytes // 1024**2
        return Problem(OutcomeKind.CRASHED, f"the work needed more than {limit} MiB", error_type="MemoryError")
