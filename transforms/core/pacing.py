"""Politeness: when a host may be asked again.

One request at a time to a host, a gap after each answer, longer where robots.txt or the host itself asks for it.  The
clock is a parameter everywhere: seconds of any monotonic clock.  ``host_queue`` decides who is asked next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0
"""No host is believed that asks for more than a week."""

LOOK_AGAIN_SECONDS = 0.05
"""How soon to look again at a host that is being asked on behalf of another queue."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How politely hosts are asked.

    ``gap_seconds`` pass between an answer and the next request to its host.  A crawl delay counts up to
    ``max_crawl_delay`` seconds, what Common Crawl's news crawler grants too.  A host that wants more silence than
    ``patience_seconds`` (Retry-After), at once or with several answers in a row, is given up until then: a scheduled
    run cannot wait for it, the next run can.
    ``max_pages_per_host`` bounds what one host gets in the life of a queue.
    """

    gap_seconds: float = 1.0
    max_crawl_delay: float = 120.0
    patience_seconds: float = 60.0
    max_pages_per_host: int | None = None


@dataclass(slots=True)
class _Times:
    free_at: float
    crawl_delay: float = 0.0
    is_asked: bool = False
    silent_until: float = -math.inf
    silence_in_a_row: float = 0.0


class HostTimes:
    """When each host may be asked.  Several queues may share one, and a lock: then no two of them ask a host at once.

    Of a host that is free, and asked for nothing special, nothing is remembered.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, _Times] = {}

    def __len__(self) -> int:
        """Of how many hosts something is remembered."""
        return len(self._hosts)

    def turn(self, host: str, now: float) -> float:
        """When ``host`` may be asked, or looked at again: ``now`` where it is free."""
        times = self._hosts.get(host)
        if times is None:
            return now
        return max(times.free_at, now + LOOK_AGAIN_SECONDS if times.is_asked else now)

    def silence(self, host: str, now: float) -> float:
        """Seconds for which ``host`` wants to be left alone and is given up; 0 where there are none."""
        times = self._hosts.get(host)
        return 0.0 if times is None else max(times.silent_until - now, 0.0)

    def started(self, host: str, now: float) -> None:
        """A request to ``host`` is under way."""
        self._of(host, now).is_asked = True

    def returned(self, host: str, now: float) -> None:
        """``host`` was not asked after all: its next request need not wait."""
        self._of(host, now).is_asked = False

    def finished(self, host: str, now: float, pace: Pace, retry_after: float | None = None) -> None:
        """``host`` has answered, and wants ``retry_after`` seconds of silence where it says so."""
        times = self._of(host, now)
        times.is_asked = False
        silence = min(retry_after or 0.0, MAX_RETRY_AFTER_SECONDS)
        times.free_at = now + max(pace.gap_seconds, times.crawl_delay, silence)
        times.silence_in_a_row = times.silence_in_a_row + silence if silence else 0.0
        if times.silence_in_a_row > pace.patience_seconds:
            times.silent_until = times.free_at

    def slow_down(self, host: str, crawl_delay: float, now: float, pace: Pace) -> None:
        """Widen the gap of ``host`` to the seconds that a robots.txt asks for, as far as ``pace`` grants them.

        Of several files for one host (it may stand for all names of a domain) the one that asks for most counts.
        """
        granted = min(crawl_delay, pace.max_crawl_delay)
        if granted > pace.gap_seconds:
            times = self._of(host, now)
            times.crawl_delay = max(times.crawl_delay, granted)

    def forget(self, host: str, now: float) -> None:
        """Drop what need not be remembered, so that memory does not grow with every host seen."""
        times = self._hosts.get(host)
        if times and times.free_at <= now and not (times.is_asked or times.crawl_delay or times.silence_in_a_row):
            del self._hosts[host]

    def _of(self, host: str, now: float) -> _Times:
        return self._hosts.setdefault(host, _Times(free_at=now))


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or a date (RFC 9110 §10.2.3), as seconds from ``now`` (aware, UTC).

    ``now`` should be the Date of the same answer where it has one: a date is then as far off as its server meant,
    whatever its clock shows.  Clamped to 0 and ``MAX_RETRY_AFTER_SECONDS``; None where it is neither.
    """
    text = value.strip()
    seconds = float(text[:12]) if text.isascii() and text.isdigit() else _seconds_until(text, now)
    return None if seconds is None else min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def http_date(value: str) -> datetime | None:
    """Read a date as HTTP headers have it, without a zone as GMT; None where it is none."""
    try:
        moment = parsedate_to_datetime(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _seconds_until(date: str, now: datetime) -> float | None:
    moment = http_date(date)
    return None if moment is None else (moment - now).total_seconds()
