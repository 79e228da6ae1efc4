"""Corrections, updates and editor's notes that are printed with a story."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from schemas.article import Correction
from transforms.core.extraction.moments import read_moment

MAX_TEXT = 1500

_KINDS = (
    ("retraction", r"retract(?:ion|ed)\b|(?:this|the) (?:story|article) has been (?:retracted|withdrawn)"),
    ("clarification", r"clarification\b|precisi(?:sazione|ón)\b|klarstellung\b|förtydligande\b|уточнение\b"),
    (
        "correction",
        r"corrections?\b\s*(?:[:(–—-]|appended)|erratum\b|an earlier version|a previous version|(?:this"
        r"|the) (?:story|article|headline|post)"
        r" (?:has been|was) (?:corrected|amended)|korrektur\b|berichtigung\b|in einer früheren (?:version|fassung)"
        r"|rectificati(?:f|on)\b"
        r"|une version précédente|fe de errat?a?s\b|fe de errores\b|corrección\s*:|correção\s*:|errata corrige"
        r"|rättelse\b|rettelse\b|oikaisu\b"
        r"|sprostowanie\b|исправление\b|düzeltme\s*:|訂正|【訂正|更正|정정",
    ),
    (
        "editor_note",
        r"editor.?s?.? note\b|note (?:from the editor|to readers)|anm(?:erkung|\.) d(?:er|\.) red"
        r"|hinweis der redaktion|nota del? (?:editor|redac)"
        r"|nota da redação|ndlr\b|note de la rédaction|nota della redazione|redaktionens (?:anmärkning|notat)"
        r"|от редакции|편집자주|編集部注|编者按",
    ),
    (
        "update",
        r"update[ds]?\s*(?:[:(–—-]|\d)|this (?:story|article|post) (?:has been|was|will be) updated"
        r"|diese[rs]? (?:artikel|meldung|text) wurde"
        r" (?:aktualisiert|ergänzt)|actualizaci[óo]n\s*:|mise à jour\s*:|aggiornamento\s*:|uppdatering\s*:"
        r"|oppdatering\s*:",
    ),
)
_PATTERNS = [(kind, re.compile(rf"^[\s*_\[(•–—-]*(?:{pattern})", re.IGNORECASE)) for kind, pattern in _KINDS]
_DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\w+\.? \d{1,2},? \d{4}|\d{1,2} \w+ \d{4}|\d{4}-\d{2}-\d{2}")


def notices(lines: Iterable[str]) -> tuple[Correction, ...]:
    """The notices among some lines, in order."""
    found = ((kind_of(line), line) for line in dict.fromkeys(lines))
    return tuple(Correction(kind, line[:MAX_TEXT], _time_in(line)) for kind, line in found if kind is not None)


def kind_of(line: str) -> str | None:
    """What kind of notice a line is by its first words, or None."""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(line)), None)


def _time_in(line: str) -> datetime | None:
    match = _DATE.search(line[:200])
    moment = read_moment(match.group(0)) if match else None
    return moment.at if moment else None
