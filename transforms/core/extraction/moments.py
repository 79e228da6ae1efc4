"""Dates as pages write them, read with their time, zone and precision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(?P<y>\d{4})(?P<sep>[-/.]?)(?P<m>\d{2})(?P=sep)(?P<d>\d{2})"
    r"(?:[T ,]+(?:um |at )?(?P<H>\d{1,2})[:.]?(?P<M>\d{2})(?:[:.]?(?P<S>\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+\-−]\d{2}:?\d{2}|[+\-−]\d{2}(?!\d))?",
    re.IGNORECASE,
)
_DOTTED = re.compile(
    r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?:\D{1,8}(?P<H>\d{1,2})[:.h](?P<M>\d{2})(?::(?P<S>\d{2}))?)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ENGLISH = re.compile(
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?\s+)?(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+"
    r"(?:(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<y>\d{4})"
    r"(?:\D{1,12}(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?\s*(?P<ap>[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_RFC = re.compile(r"[A-Za-z]{3,9},? \d{1,2} [A-Za-z]{3,9} \d{4} \d{1,2}:\d{2}")
_SCRIPTED = re.compile(
    r"[A-Z][a-z]{2} (?P<mon>[A-Z][a-z]{2}) (?P<d>\d{1,2}) (?:(?P<y>\d{4}) )?(?P<time>\d{2}:\d{2}:\d{2}) "
    r"(?:(?:GMT|UTC)(?=[+-]))?(?P<zone>[+-]\d{4}|[A-Z]{2,5})(?: (?P<later>\d{4}))?"
)
"""How JavaScript and Java print a date where nobody has told them otherwise."""

_AFTERNOON = re.compile(r"\s?p\.?m\b", re.IGNORECASE)
_MIDNIGHT = time(0)
MAX_RAW = 120


@dataclass(frozen=True, slots=True)
class Moment:
    """A time; ``precision`` is second, minute or day.  ``has_zone`` is false where UTC had to be assumed."""

    at: datetime
    precision: str
    has_zone: bool


def read_moment(raw: str) -> Moment | None:
    """The time that a page's date stands for, or None where it cannot be read for certain.

    Numeric dates are read only in year-first and in dotted day-first order: with slashes nobody can tell.
    """
    text = " ".join(raw.split())[:MAX_RAW]
    for reader in (_iso, _rfc, _scripted, _epoch, _dotted, _english):
        try:
            moment = reader(text)
        except (ValueError, OverflowError):  # a 30 February, an hour 25: no date
            continue
        if moment is not None:
            return moment
    return None


def assume_zone(moment: Moment, others: list[Moment], raws: list[str]) -> Moment:
    """A time without a zone, put into the zone in which the page gives its other times."""
    if moment.has_zone or moment.precision == "day":
        return moment
    offset = next((zone for raw in raws if (zone := _offset_in(raw)) is not None), None)
    if offset is None:
        near = [one for one in others if one.has_zone and abs(one.at - moment.at) <= timedelta(hours=14)]
        same = [one for one in near if (one.at - moment.at).total_seconds() % 900 == 0]
        return same[0] if same else moment
    return Moment(moment.at - offset, moment.precision, True)


def _offset_in(raw: str) -> timedelta | None:
    match = _ISO.match(raw.strip())
    zone = match.group("zone") if match else None
    offset = _zone(zone).utcoffset(None) if zone and zone.upper() not in ("Z", "UTC", "GMT") else None
    return offset if offset else None


def _iso(text: str) -> Moment | None:
    match = _ISO.match(text)
    if match is None:
        return None
    found = _moment(match, int(match["m"]), int(match["d"]), match.group("zone"))
    if match["H"] and int(match["H"]) < 12 and _AFTERNOON.match(text, match.end()):
        return Moment(found.at + timedelta(hours=12), found.precision, found.has_zone)
    return found


def _dotted(text: str) -> Moment | None:
    match = _DOTTED.search(text)
    return _moment(match, int(match["m"]), int(match["d"]), None) if match else None


def _english(text: str) -> Moment | None:
    match = _ENGLISH.search(text)
    day = (match["d1"] or match["d2"]) if match else None
    if match is None or day is None:
        return None
    half = (match["ap"] or "")[:1].lower()
    hours = {"p": 12, "a": -12}.get(half, 0) if half and (int(match["H"]) < 12) == (half == "p") else 0
    found = _moment(match, _MONTHS.index(match["mon"].lower()) + 1, int(day), None)
    return Moment(found.at + timedelta(hours=hours), found.precision, False)


def _rfc(text: str) -> Moment | None:
    if not _RFC.match(text):
        return None
    at = parsedate_to_datetime(text)
    return Moment((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), "second", at.tzinfo is not None)


def _scripted(text: str) -> Moment | None:
    match = _SCRIPTED.match(text)
    if match is None:
        return None
    return _rfc(f"Xxx, {match['d']} {match['mon']} {match['y'] or match['later']} {match['time']} {match['zone']}")


def _epoch(text: str) -> Moment | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = int(text) / (1000 if len(text) == 13 else 1)
    return Moment(datetime.fromtimestamp(int(seconds), UTC), "second", True)


def _moment(match: re.Match[str], month: int, day: int, zone: str | None) -> Moment:
    hour, minute, second = match["H"], match["M"], match["S"]
    at = datetime(int(match["y"]), month, day, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    if hour is None:
        return Moment(at, "day", False)
    if at.time() == _MIDNIGHT:  # a date that a system printed as a time
        return Moment(at, "day", False)
    at = at.replace(tzinfo=_zone(zone)).astimezone(UTC) if zone else at
    return Moment(at, "second" if second else "minute", zone is not None)


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] in "-−" else offset)
