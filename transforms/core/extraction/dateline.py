"""The place that opens a story: ``BERLIN (dpa) - …``, ``Lagos, 3 May — …``."""

from __future__ import annotations

import re

from transforms.core.extraction.agencies import AGENCIES

MAX_PLACE = 60

_AGENCIES = AGENCIES.replace(r"\ ", r"\s")
_UPPER = r"[^\W\d_a-zß-öø-ÿ][^\W\d_a-zß-öø-ÿ.'’-]+"
_DATELINE = re.compile(
    rf"""^(?:
    (?P<upper>{_UPPER}(?:[ /]{_UPPER})*(?:,\s[\w. ]{{2,30}}?)?)(?:\s\([\w /.,-]{{2,40}}\))?\s?[—–-]{{1,2}}\s
    |(?P<agency>[^\W\d_][\w.'’ /-]{{1,40}}?)(?:,\s[\w. ]{{3,20}})?
     \s\((?:(?i:{_AGENCIES})\)\s?[—–:.-]{{0,2}}|[A-Z]{{2,5}}(?:[/-][A-Z]{{2,5}})*\)\s?[—–:-]{{1,2}})\s
    |(?P<dotted>[^\W\d_][^\W\d_a-z]+)\.\s(?=[^\W\d_])
    )""",
    re.VERBOSE,
)


def dateline_of(text: str) -> str | None:
    """The place before the dash or the agency in brackets that opens a text, or None."""
    match = _DATELINE.match(text[:200])
    if match is None:
        return None
    place = next(group for group in (match["upper"], match["agency"], match["dotted"]) if group)
    name, _, rest = place.partition(",")
    if match["agency"] is None and not name.isupper():
        return None
    place = name if any(map(str.isdigit, rest)) else place
    return place.strip() if len(place) <= MAX_PLACE else None
