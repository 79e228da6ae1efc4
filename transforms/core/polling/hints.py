"""What servers and feeds say of when to come back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.hops import PollingHints

MAX_CACHE_SECONDS = 24 * 3600.0
"""A server that calls a feed fresh for longer has its cache set for pictures."""

HEAD_BYTES = 16 * 1024
"""The channel's own elements stand before its first entry."""

MAX_TTL_MINUTES = 7 * 24 * 60

PERIOD_SECONDS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""sy:updatePeriod (web.resource.org/rss/1.0/modules/syndication)."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MAX_AGE = re.compile(r"(?:^|[\s,])(s-maxage|max-age)\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_FIRST_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod>\s*(\w+)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency>\s*(\d{1,4})\s*<", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours>(.*?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(rb"<skipDays>(.*?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(rb"<day>\s*(\w+)\s*</day>", re.IGNORECASE)


def polling_hints(body: bytes) -> PollingHints:
    """What the feed ``body`` (XML, in an encoding that contains ASCII) says of when to come back.

    RSS 2.0: ``ttl`` in minutes, ``skipHours``, ``skipDays``; the syndication module: a period parted by a frequency.
    """
    start = _FIRST_ENTRY.search(body)
    head = body[: min(start.start() if start else HEAD_BYTES, HEAD_BYTES)]
    return PollingHints(_update_seconds(head), _skip_hours(head), _skip_days(head))


def cache_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the answer is fresh by its headers (RFC 9111 §4.2.1), at most ``MAX_CACHE_SECONDS``; None if unsaid.

    ``max-age`` comes before ``Expires``, which is read against the server's own ``Date``: clocks may be years off.
    """
    control = headers.get("cache-control") or ""
    if re.search(r"\bno-(?:store|cache)\b", control, re.IGNORECASE):
        return 0.0
    ages = {name.lower(): float(seconds) for name, seconds in _MAX_AGE.findall(control)}
    fresh = ages.get("max-age", ages.get("s-maxage"))
    if fresh is not None:
        fresh -= _number(headers.get("age"))
    else:
        fresh = _until_expiry(headers, now)
    return None if fresh is None else min(max(fresh, 0.0), MAX_CACHE_SECONDS)


def _update_seconds(head: bytes) -> int | None:
    if ttl := _TTL.search(head):
        return min(int(ttl[1]), MAX_TTL_MINUTES) * 60 or None
    period = _PERIOD.search(head)
    seconds = PERIOD_SECONDS.get(period[1].decode("ascii", "replace").lower()) if period else None
    if seconds is None:
        return None
    frequency = _FREQUENCY.search(head)
    return seconds // max(int(frequency[1]) if frequency else 1, 1)


def _skip_hours(head: bytes) -> tuple[int, ...]:
    listed = _SKIP_HOURS.search(head)
    hours = {int(hour) % 24 for hour in _HOUR.findall(listed[1])} if listed else set()
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _skip_days(head: bytes) -> tuple[int, ...]:
    listed = _SKIP_DAYS.search(head)
    names = [day.decode("ascii", "replace").lower() for day in _DAY.findall(listed[1])] if listed else []
    days = {WEEKDAYS.index(name) for name in names if name in WEEKDAYS}
    return tuple(sorted(days)) if len(days) < len(WEEKDAYS) else ()


def _until_expiry(headers: Mapping[str, str], now: datetime) -> float | None:
    expires = _moment(headers.get("expires"))
    if expires is None:
        return 0.0 if headers.get("expires") else None  # "0" and other ill-formed dates mean: expired (RFC 9111 §5.3)
    return (expires - (_moment(headers.get("date")) or now)).total_seconds()


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: str | None) -> float:
    return float(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else 0.0
