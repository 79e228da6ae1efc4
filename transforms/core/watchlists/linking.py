"""From sightings of watched names to entities that carry their URI: which entry is meant, and how sure that is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from transforms.core.entities import Cluster, Link, NameSpan
from transforms.core.entities.same import is_same_person, parts_of
from transforms.core.watchlists.matching import Entry, Sighting, Watchlist

FULL_NAME, LONG_ALIAS, SHORT_ALIAS = 0.9, 0.85, 0.65
"""Confidence in a form that one entry has: its name, an alias of several words or an acronym, an alias of one word."""

CONTEXT, NO_CONTEXT, OTHER_TYPE = 0.08, 0.2, 0.35
"""Gained where a context word stands in the document, lost where none does, lost where the document's type differs."""

LEAST, MOST = 0.5, 0.99
"""Below the first nothing is linked."""

WORD = re.compile(r"\w+")
DEFAULT_TYPE = "ORG"
"""Of an entry that names no type, where the model sees no name either."""

PLACES = frozenset({"GPE", "LOC", "FAC"})

Sightings = Mapping[str, Sequence[Sighting]]


def with_watched(
    spans: Sequence[NameSpan], sightings: Sightings, watchlist: Watchlist, sources: Mapping[str, str]
) -> list[NameSpan]:
    """``spans`` with the watched names: each replaces the spans inside it; a longer name of the document stays."""
    gone: set[NameSpan] = set()
    made = []
    for field, found in sightings.items():
        own = sorted((span for span in spans if span.field == field), key=_start)
        for sighting, over in _beside(own, found):
            if all(sighting.start <= span.start and span.end <= sighting.end for span in over):
                gone.update(over)
                text = sources[field][sighting.start : sighting.end]
                made.append(NameSpan(sighting.start, sighting.end, _type_of(sighting, watchlist, over), text, field))
    return [*(span for span in spans if span not in gone), *made]


def _start(span: NameSpan) -> int:
    return span.start


def _beside(spans: Sequence[NameSpan], found: Sequence[Sighting]) -> Iterator[tuple[Sighting, list[NameSpan]]]:
    """Each sighting with the spans that it touches; both come in order."""
    first = 0
    for sighting in found:
        while first < len(spans) and spans[first].end <= sighting.start:
            first += 1
        last = first
        while last < len(spans) and spans[last].start < sighting.end:
            last += 1
        yield sighting, list(spans[first:last])


def _type_of(sighting: Sighting, watchlist: Watchlist, over: Sequence[NameSpan]) -> str:
    """What the document says, if an entry has that type; else what the first entry says."""
    types = [watchlist.entries[number].type for number in sighting.entries]
    here = over[0].label if over else None
    if here is not None and (here in types or None in types):
        return here
    return next((label for label in types if label), here or DEFAULT_TYPE)


def linked(
    clusters: Sequence[Cluster], sightings: Sightings, watchlist: Watchlist, sources: Mapping[str, str]
) -> Iterator[Link | None]:
    """For each cluster the entry that it means, where one is the most likely by far enough."""
    if not any(sightings.values()):
        yield from (None for _ in clusters)
        return
    places = {(field, s.start, s.end): s for field, found in sightings.items() for s in found}
    words = frozenset(word.casefold() for source in sources.values() for word in WORD.findall(source))
    for cluster in clusters:
        seen = [places.get((span.field, span.start, span.end)) for span in cluster.mentions]
        numbers = Counter(number for sighting in seen if sighting for number in sighting.entries)
        yield _link(cluster, [watchlist.entries[number] for number in sorted(numbers)], words)


def _link(cluster: Cluster, entries: Sequence[Entry], words: frozenset[str]) -> Link | None:
    candidates = [entry for entry in entries if entry.uri and _may_be(entry, cluster)]
    rated = sorted(((_confidence(entry, cluster, words), entry) for entry in candidates), key=_rank)
    if not rated:
        return None
    best, entry = rated[0]
    if len(rated) > 1:
        # Two of one name: only what speaks for one and not for the other decides.
        best = best if rated[1][0] < best else 0.0
    return Link(entry.uri or "", round(best, 2)) if best >= LEAST else None


def _rank(rated: tuple[float, Entry]) -> tuple[float, str]:
    return (-rated[0], rated[1].uri or "")


def _may_be(entry: Entry, cluster: Cluster) -> bool:
    """Not where a person of the document has another full name than the entry."""
    name, full = parts_of(entry.name), parts_of(cluster.name)
    if cluster.type != "PERSON" or min(len(name), len(full)) < 2:
        return True
    forms = {parts_of(form) for form in (entry.name, *entry.aliases)}
    return full in forms or is_same_person(name, full)


def _confidence(entry: Entry, cluster: Cluster, words: frozenset[str]) -> float:
    forms = {" ".join(parts_of(mention.text)) for mention in cluster.mentions}
    if " ".join(parts_of(entry.name)) in forms:
        rating = FULL_NAME
    else:
        long_forms = [alias for alias in entry.aliases if " " in alias or alias.isupper()]
        rating = LONG_ALIAS if forms & {" ".join(parts_of(alias)) for alias in long_forms} else SHORT_ALIAS
    if entry.type is not None and entry.type != cluster.type and not {entry.type, cluster.type} <= PLACES:
        rating -= OTHER_TYPE
    if entry.context:
        rating += CONTEXT if any(_stands(word, words) for word in entry.context) else -NO_CONTEXT
    return min(rating, MOST)


def _stands(context: str, words: frozenset[str]) -> bool:
    """Whether all words of a context phrase stand somewhere in the document."""
    return all(word in words for word in WORD.findall(context.casefold()))
