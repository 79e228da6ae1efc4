"""Looking names up within a time limit.

The resolver of the system takes as long as it likes: with two servers that are silent, some 20 s a name, and nothing
ends it from outside.  So it runs in a thread of its own, which is left to itself when the time is up.
"""

from __future__ import annotations

import queue
import socket
import threading
from typing import Any

SocketAddress = tuple[Any, ...]

Answers = list[tuple[int, SocketAddress]]
"""(address family, socket address) pairs."""


def look_up(name: str, port: int, seconds: float) -> Answers:
    """The addresses of ``name``, an address itself or a name, for streams.

    Raises:
        TimeoutError: there was no answer in ``seconds``.
        OSError, UnicodeError: what the resolver raises; UnicodeError for a label that the idna codec cannot take.
    """
    answer: queue.SimpleQueue[Answers | Exception] = queue.SimpleQueue()
    thread = threading.Thread(target=_look_up, args=(name, port, answer), name="look-up", daemon=True)
    thread.start()
    try:
        found = answer.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"looking up {name} took too long") from None
    if isinstance(found, Exception):
        raise found
    return found


def _look_up(name: str, port: int, answer: queue.SimpleQueue[Answers | Exception]) -> None:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
        answer.put(error)
        return
    answer.put([(family, address) for family, _, _, _, address in found])
