"""Names of countries and of their people to ISO 3166-1 alpha-2.

Names of countries in each language are those of CLDR, through Babel; further English names and the English demonyms
are in ``countries.txt``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from babel import Locale, UnknownLocaleError

COUNTRY, PEOPLE = "country", "people"
NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Two-letter codes of CLDR that are no countries: unions, outlying places, pseudo-accents."""

SURE = 0.95
"""Confidence of a name that means one country; the rest is for people and streets that are called like one."""

LESS_SURE = MappingProxyType({"georgia": 0.6, "jordan": 0.8, "chad": 0.8, "america": 0.9, "st. vincent": 0.6})
"""Names that a state of the US, a person or a hospital has too."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country that a name means: ``code`` is ISO 3166-1 alpha-2, ``confidence`` 0 to 1.

    ``kind`` is ``country`` for its own name and ``people`` for a demonym ("French").
    """

    code: str
    kind: str
    confidence: float = SURE

    @property
    def uri(self) -> str:
        """The form in which an entity carries it."""
        return country_uri(self.code)


def country_uri(code: str) -> str:
    """``iso3166:FR`` for FR."""
    return f"iso3166:{code}"


def country_of(name: str, language: str = "en") -> Country | None:
    """The country that ``name`` is the name or the English demonym of, or None.

    ``language`` is the text's, a BCP 47 tag; its names for countries count beside the English ones.
    """
    key = _key(name)
    for table in (_listed(), _of_locale("en"), _of_locale(language.replace("_", "-").split("-")[0].lower() or "en")):
        if key in table:
            return table[key]
    return None


@cache
def country_names() -> frozenset[str]:
    """Every English name of a country, as it is written."""
    lines = [line.split("|") for line in _lines()]
    further = {name.strip() for _, names, _ in lines for name in names.split(",") if name.strip()}
    return frozenset({*further, *(str(Locale("en").territories[code.strip()]) for code, _, _ in lines)})


def _lines() -> list[str]:
    lines = files("transforms.core.geography").joinpath("countries.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def _key(name: str) -> str:
    key = name.casefold().replace("’", "'")
    return key.removeprefix("the ")


@cache
def _listed() -> Mapping[str, Country]:
    return MappingProxyType(dict(pair for line in _lines() for pair in _line(line)))


def _line(line: str) -> Iterator[tuple[str, Country]]:
    code, names, demonyms = (part.strip() for part in line.split("|"))
    for demonym in demonyms.split():
        yield _key(demonym.replace("-", " ")), Country(code, PEOPLE)
    for name in filter(None, (part.strip() for part in names.split(","))):
        yield _key(name), Country(code, COUNTRY, LESS_SURE.get(_key(name), SURE))


@cache
def _of_locale(language: str) -> Mapping[str, Country]:
    """Country names of CLDR in one language; none for a language that it has not."""
    try:
        territories = Locale(language).territories
    except (UnknownLocaleError, ValueError):
        return MappingProxyType({})
    return MappingProxyType(
        {
            _key(name): Country(code, COUNTRY, LESS_SURE.get(_key(name), SURE))
            for code, name in territories.items()
            if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY
        }
    )
