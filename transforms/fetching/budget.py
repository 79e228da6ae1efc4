"""What one request may still spend: seconds until its deadline and bytes off the wire.

Timeouts of sockets and of urllib3 bound one silence, not the sum of them: a server that sends a byte now and then
holds a client for ever, in the header, the body or the extension of a chunk.  So every read of a guarded socket asks
the budget of the request that runs in its thread.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

READ_AHEAD_BYTES = 8192
"""What the buffered reader of http.client takes at most beyond the header, in one read."""


class TooMuchReceived(Exception):
    """More bytes came off the wire than the request may spend.

    Not an ``OSError``: urllib3 must let it pass unchanged.
    """


@dataclass(slots=True)
class Budget:
    """The spending of one request.  Monotonic seconds; bytes as they leave the socket."""

    deadline: float
    read_seconds: float
    max_header_bytes: int
    max_raw_bytes: int
    received: int = 0
    in_header: bool = True

    def seconds_left(self) -> float:
        """Seconds until the deadline.

        Raises:
            TimeoutError: it has passed.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the total time is used up")
        return left

    def seconds_for_a_read(self) -> float:
        """How long the next read may stay silent.

        Raises:
            TimeoutError: the deadline has passed.
        """
        return min(self.read_seconds, self.seconds_left())

    def spend(self, received: int) -> None:
        """Count bytes that came.

        Raises:
            TooMuchReceived: they are more than the header, or the whole response, may have.
            ConnectionResetError: the other side hung up inside the header, which http.client takes for its end.
        """
        if received == 0 and self.received and self.in_header:
            raise ConnectionResetError("the connection ended inside the header")
        self.received += received
        if self.in_header and self.received > self.max_header_bytes + READ_AHEAD_BYTES:
            raise TooMuchReceived(f"a header of more than {self.max_header_bytes} bytes")
        if self.received > self.max_header_bytes + self.max_raw_bytes:
            raise TooMuchReceived(f"more than {self.max_raw_bytes} bytes as sent")


CURRENT_BUDGET: ContextVar[Budget] = ContextVar("current_budget")
"""The budget of the request that runs in this thread.  A pooled socket serves many requests, so it cannot hold one."""


class BudgetedSocket(socket.socket):
    """A TCP socket whose reads and writes end at the deadline of the running request."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        budget = CURRENT_BUDGET.get()
        self.settimeout(budget.seconds_for_a_read())
        received = super().recv_into(*args, **kwargs)
        budget.spend(received)
        return received

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(CURRENT_BUDGET.get().seconds_for_a_read())
        super().sendall(*args, **kwargs)


class BudgetedSSLSocket(ssl.SSLSocket):
    """The same for TLS; bytes count after decryption.  The handshake obeys the timeout set before it, as a whole."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        budget = CURRENT_BUDGET.get()
        self.settimeout(budget.seconds_for_a_read())
        received = super().recv_into(*args, **kwargs)
        budget.spend(received)
        return received

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(CURRENT_BUDGET.get().seconds_for_a_read())
        super().sendall(*args, **kwargs)
