"""What a publisher reserves outside of the page itself: in the headers of the answer, and in robots.txt.

Text and data mining is reserved by the header ``tdm-reservation`` (TDM Reservation Protocol, W3C Community Group
report of 2024), by ``noai`` and ``noimageai`` in ``X-Robots-Tag``, or by robots.txt rules that keep AI agents out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemas.article import Rights
from transforms.core.robots import RobotsRules

AI_DIRECTIVES = frozenset({"noai", "noimageai"})

MAX_DIRECTIVES = 30
"""More is not a list of directives."""

# A name before a colon is an agent's, unless it is that of a directive with a value.
_AGENT = re.compile(r"(?!(?:unavailable_after|max-(?:snippet|image-preview|video-preview))\s*:)[\w.-]+\s*:", re.ASCII)


def reserved_rights(fields: Iterable[tuple[str, str]], rules: RobotsRules | None, url: str) -> Rights:
    """What header ``fields`` and the robots.txt of its host (None: not known) reserve of the page at ``url``.

    Only ``tdm_reservation`` and ``meta_robots`` are set, and only where something is said.  Directives for single
    agents count like those for all.
    """
    headers = [(name.lower(), value) for name, value in fields]
    directives = tuple(_directives(value for name, value in headers if name == "x-robots-tag"))[:MAX_DIRECTIVES]
    protocol = next((value.strip() for name, value in headers if name == "tdm-reservation"), None)
    by_rules = rules is not None and rules.reserves_from_ai(url)
    if by_rules or protocol == "1" or not AI_DIRECTIVES.isdisjoint(directives):
        return Rights(tdm_reservation=True, meta_robots=directives)
    return Rights(tdm_reservation=False if protocol == "0" else None, meta_robots=directives)


def with_reservations(said: Rights, reserved: Rights) -> Rights:
    """``said`` by the page, with what is ``reserved`` outside of it.  One reservation stands against any denial."""
    words = {said.tdm_reservation, reserved.tdm_reservation}
    return replace(
        said,
        tdm_reservation=True if True in words else False if False in words else None,
        meta_robots=tuple(dict.fromkeys((*said.meta_robots, *reserved.meta_robots))),
    )


def _directives(values: Iterable[str]) -> Iterator[str]:
    """Each directive once, in lower case and without its agent."""
    parts = (part.strip().lower() for value in values for part in value.split(","))
    bare = (_AGENT.sub("", part, count=1).strip() if _AGENT.match(part) else part for part in parts)
    return iter(dict.fromkeys(part for part in bare if part))
