"""Towns that play: in a result or a score, a town's name means its team; a country's name stays the country."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

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
WINDOW = 30
OFTEN = 2
"""Results of a town from which all its mentions mean the team, but for those behind "in" and the like."""


def with_teams(spans: Sequence[NameSpan], sources: Sources) -> list[NameSpan]:
    """``spans`` with the towns of results as ORG."""
    playing = {span for span in spans if span.label == "GPE" and _plays(span, sources[span.field])}
    results = Counter(form_of(span.text) for span in playing)
    return [_team(span, playing, results, sources[span.field]) for span in spans]


def _plays(span: NameSpan, source: str) -> bool:
    if country_of(span.text) is not None:
        return False
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
