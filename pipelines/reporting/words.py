"""Numbers, shares, durations and times as a person reads them, on the page and on the terminal."""

from __future__ import annotations

from datetime import datetime

from babel import Locale

MINUTE, HOUR, DAY = 60, 3600, 86400

UNKNOWN = "–"


def number(value: float | None) -> str:
    """A count, with commas; fractions are rounded."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """``part`` of ``whole`` in per cent."""
    if not whole:
        return UNKNOWN
    percent = 100 * part / whole
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def duration(seconds: float | None) -> str:
    """About two digits, in what a person counts in."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return "0 s"
    for unit, size, limit in (("s", 1, 100), ("min", MINUTE, HOUR), ("h", HOUR, 48 * HOUR)):
        if seconds < limit:
            return _rounded(seconds / size, unit)
    return _rounded(seconds / DAY, "d")


def _rounded(value: float, unit: str) -> str:
    digits = 1 if value < 9.95 and unit in ("h", "d") else 0
    return f"{value:.{digits}f} {unit}".replace(".0 ", " ")


def moment(when: datetime | None) -> str:
    """A time in UTC, to the minute."""
    return UNKNOWN if when is None else f"{when.day} {when:%B %Y, %H:%M} UTC"


def counted(count: int, one: str, many: str) -> str:
    """``count`` with the noun that goes with it."""
    return f"{count:,} {one if count == 1 else many}"


def language_name(code: str) -> str:
    """``German`` for ``de``, by the Unicode CLDR; what it does not know stays as it is."""
    return str(Locale("en").languages.get(code, code))
