"""Whose turn it is at which host: shared by the pools that must not ask one host at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from transforms.core.pacing import HostTimes


@dataclass(frozen=True, slots=True)
class Turns:
    """When hosts may be asked, and the lock to hold while looking."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    times: HostTimes = field(default_factory=HostTimes)
