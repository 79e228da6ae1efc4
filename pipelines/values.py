"""Values of options as they are written on a command line: what is wrong with one costs a line, before any work."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Of a pinned clock: runs look back by months and ahead by days, and the calendar must not end there."""

MAX_SECONDS = 3650 * 86_400.0
"""Ten years."""


def moment(text: str) -> datetime:
    """A time with a zone, in UTC; one without is taken as UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as 2026-11-15T06:00:00Z") from None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"'{text}' is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def place(text: str) -> str:
    """The name of a place.  An empty one is a variable of a shell that was never set: it must not pass for ``/``."""
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty: name a place")
    if found := re.search(r"[*?\[\]]", text):
        raise argparse.ArgumentTypeError(f"'{text}': '{found[0]}' stands for other names in file patterns; use another")
    return text


def run_id(text: str) -> str:
    """An id that can be part of a file name."""
    if not RUN_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}': letters, digits, '.', '_' and '-' only, at most 100")
    return text


def network(text: str) -> str:
    """A network in CIDR form."""
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"'{text}' is not a network such as 127.0.0.0/8: {error}") from None


def model(text: str) -> tuple[str, str]:
    """(language, package)."""
    language, sign, name = text.partition("=")
    if not (language and sign and name):
        raise argparse.ArgumentTypeError(f"'{text}' is not LANG=NAME, for instance en=en_core_web_lg")
    return language, name


def positive_int(text: str) -> int:
    """A whole number from 1."""
    return int(_number(text, int, 1))


def positive_float(text: str) -> float:
    """A number above 0."""
    return _number(text, float, 1e-9)


def not_negative_float(text: str) -> float:
    """A number from 0."""
    return _number(text, float, 0)


def duration(text: str) -> timedelta:
    """A time above 0: ``90``, ``90s``, ``10m``, ``2h``, ``1d``."""
    number, unit = re.fullmatch(r"(.*?)([smhd]?)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    seconds = positive_float(number) * UNITS[unit or "s"]
    if seconds > MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"'{text}' is too long")
    return timedelta(seconds=seconds)


def _number(text: str, kind: type[int] | type[float], least: float) -> float:
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is too small or too large")
    return value
