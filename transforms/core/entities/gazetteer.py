"""Places and bodies that the news names every day: a prior for the type of a name, and names that a model misses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from transforms.core.entities.trie import alternatives
from transforms.core.entities.wordlist import words
from transforms.core.geography import country_of
from transforms.core.geography.countries import country_names

AMBIGUOUS = frozenset(
    words(
        "us who fed sec queens rangers patriots cowboys atlantic pacific regina split boulder flint sofia charlotte "
        "helena chad jordan devon java buffalo durham arsenal celtic stanford harvard intel labour odessa halifax "
        "kingston plymouth turkey georgia america somerset norfolk split eta ira icc fia gm un"
    )
)
"""Listed names that are words, people or other bodies as often: never found by themselves."""


@cache
def listed() -> Mapping[str, str]:
    """Every listed name as it is written, with its type; countries among them."""
    lines = files("transforms.core.entities").joinpath("gazetteer.txt").read_text(encoding="utf-8").splitlines()
    pairs = dict(pair for line in lines if line and not line.startswith("#") for pair in _line(line))
    return MappingProxyType({**dict.fromkeys(country_names(), "GPE"), **pairs})


def _line(line: str) -> Iterator[tuple[str, str]]:
    label, _, names = line.partition(":")
    yield from ((name.strip(), label) for name in names.split(", "))


@cache
def _folded() -> Mapping[str, str]:
    return MappingProxyType({name.casefold(): label for name, label in listed().items()})


def prior(name: str) -> str | None:
    """The type that ``name`` has by the lists: GPE, LOC, FAC, ORG, or NORP for a demonym."""
    found = _folded().get(name.casefold().replace("’", "'"))
    if found is not None:
        return found
    country = country_of(name)
    return None if country is None else "NORP" if country.kind == "people" else "GPE"


@cache
def finder() -> re.Pattern[str]:
    """Finds listed names as they are written or all in capitals, the longest at each place."""
    forms = {form for name in listed() if name.casefold() not in AMBIGUOUS for form in (name, name.upper())}
    return re.compile(rf"(?<![\w@#.&-])(?=[A-ZÀ-Þa])(?:{alternatives(forms)})(?![\w@&-])")
