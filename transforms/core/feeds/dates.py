"""Dates as feeds print them, in UTC: what feedparser reads wrongly is refused, what it cannot read is tried here.

``published_raw`` keeps the printed form, so a None loses nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web: anything older is an error of the publisher's software."""

FUTURE = timedelta(hours=48)
"""Clock skew, time zones and embargoed entries stay inside two days."""

MAX_RAW_CHARACTERS = 100
"""A date is no longer; feedparser's own patterns are run over the raw text before we see it."""

MAX_OFFSET = timedelta(hours=14)
"""UTC+14 (Kiribati) is the furthest zone in use."""

_MONTH_PREFIXES = {
    1: "jan janv gen ene sty oca янв січ",
    2: "feb fev fevr lut sub şub фев лют",
    3: "mar mars marz maart mrt märz мар бер",
    4: "apr avr abr kwi nis апр кві",
    5: "may mai maj mag mei мая май тра",
    6: "jun juin giu cze haz июн чер",
    7: "jul juil lug lip tem июл лип",
    8: "aug août aou ago agu sie ağu авг сер",
    9: "sep set wrz eyl сен вер",
    10: "oct okt out ott paz eki окт жов",
    11: "nov lis kas ноя лис",
    12: "dec dez des dic gru ara дек гру",
}
"""Beginnings of month names: English, German, French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Turkish,
Indonesian, Russian, Ukrainian.  Compared without accents; the longest that fits wins."""

_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "cest": 120,
    "mest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "trt": 180, "sast": 120, "ist": 330,
    "pkt": 300, "wib": 420, "ict": 420, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660,
    "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "ast": -240, "adt": -180, "est": -300, "edt": -240,
    "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "et": -300, "ct": -360, "mt": -420,
    "pt": -480,
}  # fmt: skip
"""Minutes east of UTC.  CST is North America's, as in RFC 822; IST is India's and BST Britain's, who print them."""

_EPOCH = re.compile(r"\s*([0-9]{9,10})([0-9]{3})?\s*")
_LONG_YEAR = re.compile(r"\s*[0-9]{5,}-|(?:^|\s)0[0-9]{3}(?:\s|-|$)")
_TAIL = re.compile(r"[0-9]{1,2}[:h][0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(.*?)(?:\s+(?:19|20)[0-9]{2})?\s*$")
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])([0-9]{1,2}):?([0-9]{2})?\s*(?:\([^()]*\))?", re.IGNORECASE)
_WORDED = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?"  # day name
    r"([0-9]{1,2})(?:\.|er|º|ª)?(?:\s+de)?[\s-]+([^\W\d_]{3,})\.?(?:\s+de)?[\s,-]+([0-9]{4})"
    r"(?:,?\s+(?:à|at|um|às|kl\.?)?\s*([0-9]{1,2})[:h]([0-9]{2})(?::([0-9]{2}))?)?"
    r"(.*)"
)


def entry_time(raw: str | None, parsed: Sequence[int] | None, now: datetime) -> datetime | None:
    """The time that ``raw`` means, in UTC and whole seconds.

    None where it is unreadable, doubtful, or outside 1990 … ``now`` + 48 hours.
    ``parsed`` is feedparser's reading as a UTC 9-tuple, or None.
    """
    if not raw or len(raw) > MAX_RAW_CHARACTERS:
        return None
    moment = _read(raw, parsed)
    return moment.replace(microsecond=0) if moment and OLDEST <= moment <= now + FUTURE else None


def _read(raw: str, parsed: Sequence[int] | None) -> datetime | None:
    if epoch := _EPOCH.fullmatch(raw):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    if _LONG_YEAR.search(raw):
        return None
    zone = _printed_zone(raw)
    if zone is not None and zone_offset(zone) is None:
        return None
    return _own_reading(raw) or (_from_tuple(parsed) if parsed else None)


def _printed_zone(raw: str) -> str | None:
    """What stands behind the time of day, None where nothing does."""
    tail = _TAIL.search(raw)
    return tail[1].strip() or None if tail else None


def zone_offset(zone: str) -> timezone | None:
    """``+0200``, ``GMT+2``, ``CEST`` … as a time zone; None for one that nobody knows."""
    name = zone.strip().casefold().removeprefix("etc/")
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name]))
    offset = _OFFSET.fullmatch(zone.strip())
    if not offset:
        return None
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    distance = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or distance > MAX_OFFSET:
        return None
    return timezone(-distance if offset[1] == "-" else distance)


def _own_reading(raw: str) -> datetime | None:
    return _from_iso(raw) or _from_words(raw)


def _from_iso(raw: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(raw.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _from_words(raw: str) -> datetime | None:
    """``Seg, 24 Set 2018 19:42:40 -0300`` and its kin; without a zone UTC, as feedparser takes it."""
    match = _WORDED.fullmatch(raw.strip())
    if not match or not (month := _month(match[2])):
        return None
    zone = zone_offset(match[7]) if match[7].strip() else UTC
    if zone is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(4, 5, 6))
    try:
        return datetime(int(match[3]), month, int(match[1]), hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _bare(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_MONTHS = {_bare(prefix): month for month, prefixes in _MONTH_PREFIXES.items() for prefix in prefixes.split()}


def _month(name: str) -> int | None:
    bare = _bare(name)
    fitting = [prefix for prefix in _MONTHS if bare.startswith(prefix)]
    return _MONTHS[max(fitting, key=len)] if fitting else None


def _from_tuple(parsed: Sequence[int]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
