"""Towns that play: in a result or a score, a town's name means its team; a country's name stays the country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from transforms.core.entities.extend import touching
from transforms.core.entities.names import NameSpan
from transforms.core.entities.votes import Sources, form_of
from transforms.core.geography import country_of

SCORE = re.compile(r"\b\d{1,3}\s?[-–:]\s?\d{1,3}\b|\b[A-Z]\w+ \d{1,3},? [A-Z][\w. ]+ \d{1,3}\b")
PLAYS = re.compile(
    r"\s(?:\d{1,3}(?:[\s,;.)]|\Z)|(?:beat|defeated|drew|thrashed|edged|downed|routed|crushed|won|lost|scored|led|trailed"
    r"|advanced|equali[sz]ed|kicked off)\b)"
)
PLAYED = re.compile(
    r"\b(?:beat|beating|defeat(?:ed|ing)?|against|v\.?|vs\.?|versus|over|past|thrashed|edged|downed)\s\Z"
)
STAYS = re.compile(r"\b(?:in|near|from|outside|of)\s\Z")
TEAM = r"[A-ZÀ-Þ][\w.'’-]*(?: [A-ZÀ-Þ][\w.'’-]*){0,3}"
TABLE = re.compile(
    rf"(?m)^(?:(?P<home>{TEAM}) \d{{1,3}},? (?P<guest>{TEAM}) \d{{1,3}}"
    rf"|(?P<away>{TEAM}) AT (?P<host>{TEAM})"
    rf"|(?P<ranked>{TEAM}) \d{{1,3}} \d{{1,3}} (?:\.\d{{3}}|\d{{1,3}} \d{{1,3}})\b.*)\s*$"
)
"""Lines of results, fixtures and standings: "Larkfield 2 Leeds 1", "CHICAGO AT TORONTO", "SEATTLE 71 50 .587"."""

WINDOW = 30
OFTEN = 2
"""Results of a town from which all its mentions mean the team, but for those behind "in" and the like."""


def with_teams(spans: Sequence[NameSpan], sources: Sources) -> list[NameSpan]:
    """``spans`` with the towns of results as ORG."""
    in_tables = {
        (field, match.start(group))
        for field, source in sources.items()
        for match in TABLE.finditer(source)
        for group in match.groupdict()
    }
    towns = [span for span in spans if span.label in ("GPE", "PERSON") and country_of(span.text) is None]
    playing = {
        span
        for span in towns
        if (span.field, span.start) in in_tables or (span.label == "GPE" and _plays(span, sources[span.field]))
    }
    results = Counter(form_of(span.text) for span in playing)
    return [_team(span, playing, results, sources[span.field]) for span in spans]


def with_tables(spans: Sequence[NameSpan], source: str, field: str) -> list[NameSpan]:
    """``spans`` of one field with the teams of results, fixtures and standings that stand on a line of their own."""
    made = [
        NameSpan(*match.span(group), "GPE" if country_of(name) else "ORG", name, field)
        for match in TABLE.finditer(source)
        for group, name in match.groupdict().items()
        if name is not None
    ]
    gone = {span for new in made for span in touching(spans, new.start, new.end)}
    return sorted([*(span for span in spans if span not in gone), *made], key=_place)


def _place(span: NameSpan) -> tuple[int, int]:
    return (span.start, span.end)


def _plays(span: NameSpan, source: str) -> bool:
    before, after = source[max(0, span.start - WINDOW) : span.start], source[span.end : span.end + WINDOW]
    if not (PLAYS.match(after) or PLAYED.search(before)):
        return False
    line_start = source.rfind("\n", 0, span.start) + 1
    line_end = source.find("\n", span.end)
    return SCORE.search(source, line_start, line_end if line_end >= 0 else len(source)) is not None


def _team(span: NameSpan, playing: set[NameSpan], results: Counter[str], source: str) -> NameSpan:
    often = results[form_of(span.text)] >= OFTEN and span.label == "GPE"
    stays = STAYS.search(source[max(0, span.start - WINDOW) : span.start])
    return replace(span, label="ORG") if span in playing or (often and not stays) else span
