"""A network of a test's own: a Linux namespace with a loopback interface that can be set down and up."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

CLONE_NEWNET = 0x40000000
"""Of unshare(2); Python has it by name from 3.12 on."""

Result = TypeVar("Result")


class Island:
    """What is done on it sees its network alone: sockets, threads and processes that are started there."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread

    def do(self, work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """Calls ``work`` on the island."""
        return self._thread.submit(work, *arguments, **options).result()

    def interface_up(self) -> None:
        """Packets go."""
        self._set_interface("up")

    def interface_down(self) -> None:
        """No packet goes, and nothing says so to who waits for one."""
        self._set_interface("down")

    def _set_interface(self, state: str) -> None:
        self.do(subprocess.run, ["ip", "link", "set", "lo", state], check=True)


@contextmanager
def island() -> Iterator[Island]:
    """A fresh one, whose interface was never up.  Skips where it cannot be had.

    A namespace belongs to a thread here, and to what this thread starts.
    """
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not installed")
    with ThreadPoolExecutor(1) as thread:
        if thread.submit(ctypes.CDLL(None).unshare, CLONE_NEWNET).result():
            pytest.skip("this user may not make a network namespace")
        yield Island(thread)
