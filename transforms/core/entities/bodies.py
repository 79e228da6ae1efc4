"""Mentions of bodies, places and the rest gathered: by name, by country, by acronym, by a short form of a company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from transforms.core.entities.gazetteer import prior
from transforms.core.entities.hints import BODY, PLACES
from transforms.core.entities.names import NameSpan
from transforms.core.entities.same import Parts, is_acronym, parts_of
from transforms.core.geography import country_of

OPEN_BRACKET = " ("
NAMES_OF_MANY = frozenset(
    {"national", "royal", "university", "bank", "new", "north", "south", "east", "west", "united"}
)
"""First words that a body shares with too many others to be its short form."""


def body_groups(spans: Sequence[NameSpan], sources: Mapping[str, str]) -> Iterator[list[NameSpan]]:
    """``spans``, given in order, gathered by what they name."""
    groups: defaultdict[Parts, list[NameSpan]] = defaultdict(list)
    for span in spans:
        groups[_key(span)].append(span)
    long_names = _by_first_letter(key for key in groups if len(key) > 1)
    defined = dict(_defined(spans, sources))
    homes = {key: _home(key, groups, long_names, defined) for key in groups}
    joined: defaultdict[Parts, list[NameSpan]] = defaultdict(list)
    for key, members in groups.items():
        joined[homes[key]] += members
    yield from joined.values()


def _key(span: NameSpan) -> Parts:
    country = country_of(span.text) if span.label in (*PLACES, "NORP") else None
    if country is not None:
        return ("iso3166", country.kind, country.code)
    parts = parts_of(span.text)
    return tuple(part.replace(".", "") for part in parts) if len(parts) == 1 else parts


def _by_first_letter(keys: Iterator[Parts]) -> Mapping[str, list[Parts]]:
    found: defaultdict[str, list[Parts]] = defaultdict(list)
    for key in keys:
        found[key[0][0]].append(key)
    return found


def _defined(spans: Sequence[NameSpan], sources: Mapping[str, str]) -> Iterator[tuple[Parts, Parts]]:
    """(short form, long form) where one stands in brackets behind the other."""
    for long_span, short in pairwise(spans):
        between = sources[long_span.field][long_span.end : short.start]
        is_alike = (long_span.field, long_span.label) == (short.field, short.label)
        if is_alike and between == OPEN_BRACKET and " " in long_span.text and " " not in short.text:
            yield _key(short), _key(long_span)


def _home(
    key: Parts,
    groups: Mapping[Parts, list[NameSpan]],
    long_names: Mapping[str, list[Parts]],
    defined: Mapping[Parts, Parts],
) -> Parts:
    """The group that ``key`` joins: its own, or that of the long form."""
    if key in defined:
        return defined[key]
    if key[0] == "iso3166":
        return key
    near = long_names.get(key[0][0], [])
    is_capitals = groups[key][0].text.replace(".", "").isupper()
    acronyms = [full for full in near if is_capitals and full[0] != "iso3166" and is_acronym(key, full)]
    if acronyms:
        return acronyms[0]
    longer = [full for full in near if _is_short_form(key, full, groups)]
    return longer[0] if len(longer) == 1 else key


def _is_short_form(key: Parts, full: Parts, groups: Mapping[Parts, list[NameSpan]]) -> bool:
    """Whether ``key`` is the beginning of a body's name, the rest of which says what kind of body it is."""
    if len(full) <= len(key) or full[: len(key)] != key or key[0] in NAMES_OF_MANY:
        return False
    both_bodies = groups[key][0].label == groups[full][0].label == "ORG"
    return both_bodies and full[-1] in BODY and prior(groups[key][0].text) is None
