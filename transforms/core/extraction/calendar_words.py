"""Printed dates in the languages of many newsrooms: month names, characters, slashes by the habit of a place."""

from __future__ import annotations

import re

from transforms.core.extraction.moments import Moment, read_moment

_NAMES = (
    "jan|ene|gen|янв|січ|sty|led|oca|ιαν|يناير|जनवरी|мкр",
    "feb|fév|fev|фев|лют|lut|úno|unor|şub|φεβ|فبراير|फ़रवरी|फरवरी|helmi",
    "mar|mär|maar|mrt|мар|бер|brez|břez|μαρ|مارس|मार्च|maalis",
    "apr|avr|abr|апр|кві|kwi|dub|nis|απρ|أبريل|ابريل|अप्रैल|huhti",
    "may|mai|mag|maj|mei|май|мая|тра|kvě|máj|μαΐ|μάι|مايو|मई|touko",
    "jun|juin|giu|июн|чер|cze|červn|haz|ιουν|يونيو|जून|kesä",
    "jul|juil|lug|июл|лип|lip|červen|tem|ιουλ|يوليو|जुलाई|heinä",
    "aug|aoû|aou|ago|авг|сер|sie|srp|ağu|αυγ|أغسطس|अगस्त|elo|agus",
    "sep|set|сен|вер|wrz|zář|eyl|σεπ|سبتمبر|सितंबर|syys",
    "oct|okt|out|ott|окт|жов|paź|říj|eki|οκτ|أكتوبر|अक्टूबर|loka",
    "nov|ноя|лис|list|kas|νοε|نوفمبر|नवंबर|marras",
    "dec|dez|déc|dic|дек|гру|gru|pros|ara|δεκ|ديسمبر|दिसंबर|joulu|des",
)
"""How month names begin, January first; the longest beginning that fits decides ("mar", "marras")."""

_MONTH_OF = {start: number for number, names in enumerate(_NAMES, 1) for start in names.split("|")}
_STARTS = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_TIME = r"(?:\D{1,14}?(?P<H>\d{1,2})\s?[:.h時시点]\s?(?P<M>\d{2})(?!\d))?"
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:\.|er|º|ος)?\s+(?:de\s+|d[’'])?(?P<mon>{_STARTS})[^\W\d]*\.?,?\s+"
    rf"(?:de[l]?\s+)?(?P<y>\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<!\w)(?P<mon>{_STARTS})[^\W\d]*\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}", re.IGNORECASE
)
_DAY_ALONE = re.compile(rf"\d{{1,2}}\.?\s+(?:de\s+)?(?:{_STARTS})[^\W\d]*\.?", re.IGNORECASE)
_CHARACTERS = re.compile(
    r"(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]"
    + _TIME.replace(r"\D{1,14}?", r"\D{0,12}?")
)
_THANG = re.compile(r"(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2}),?\s+(?:năm\s+)?(?P<y>\d{4})" + _TIME, re.IGNORECASE)
_NUMERIC = re.compile(
    r"(?<!\d)(?P<y>\d{4})[-./]\s?(?P<m>\d{1,2})[-./]\s?(?P<d>\d{1,2})(?!\d)" + _TIME.replace(r"\D{1,14}?", r"\D{1,8}?")
)
_SLASHED = re.compile(r"(?<!\d)(?P<a>\d{1,2})[/-](?P<b>\d{1,2})[/-](?P<y>\d{4})(?!\d)" + _TIME)
_HALF_DAY = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_MONTH_FIRST = frozenset({"en-US", "en-PH", "fil-PH", "es-PA"})
"""Places that write the month first (CLDR); everybody else with slashes writes the day first."""


def is_day(text: str) -> bool:
    """Whether a text is a day and a month and nothing else."""
    return _DAY_ALONE.fullmatch(text) is not None


def printed_moment(line: str, language: str | None) -> Moment | None:
    """The time in a printed line, or None; ``language`` (BCP 47) decides about 3/4/2031 where the day is no help."""
    if _HALF_DAY.search(line):
        return read_moment(line)
    for pattern in (_CHARACTERS, _THANG, _NUMERIC, _DAY_MONTH, _MONTH_DAY):
        match = pattern.search(line)
        if match is not None:
            return _moment(match, _month(match), match["d"])
    match = _SLASHED.search(line)
    return _slashed(match, language) if match is not None else read_moment(line)


def _month(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return groups.get("m") or str(_MONTH_OF[match["mon"].lower()])


def _slashed(match: re.Match[str], language: str | None) -> Moment | None:
    first, second = int(match["a"]), int(match["b"])
    is_month_first = second > 12 or (first <= 12 and (language in _MONTH_FIRST))
    if language == "en" and first <= 12 and second <= 12:
        return None  # English of nowhere: nobody can tell
    return _moment(match, str(first if is_month_first else second), str(second if is_month_first else first))


def _moment(match: re.Match[str], month: str, day: str) -> Moment | None:
    stamp = f"{match['y']}-{int(month):02}-{int(day):02}"
    if match["H"] is not None:
        stamp += f"T{int(match['H']):02}:{match['M']}"
    return read_moment(stamp) or read_moment(stamp[:10])
