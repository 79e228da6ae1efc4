"""Countries and demonyms to ISO 3166, in several languages."""

from __future__ import annotations

import pytest
from babel import Locale

from transforms.core.geography import country_of
from transforms.core.geography.countries import NO_COUNTRY, _listed


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("France", "en", "FR"),
        ("the Netherlands", "en", "NL"),
        ("U.S.", "en", "US"),
        ("US", "en", "US"),
        ("United States", "en", "US"),
        ("UK", "en", "GB"),
        ("Britain", "en", "GB"),
        ("Ivory Coast", "en", "CI"),
        ("Côte d’Ivoire", "en", "CI"),
        ("Czech Republic", "en", "CZ"),
        ("Burma", "en", "MM"),
        ("FRANCE", "en", "FR"),
        ("Allemagne", "fr", "DE"),
        ("États-Unis", "fr", "US"),
        ("Alemania", "es", "DE"),
        ("Deutschland", "de-AT", "DE"),
        ("Україна", "uk", "UA"),
        ("Germany", "fr", "DE"),
        ("Japan", "xx", "JP"),
    ],
)
def test_country(name: str, language: str, code: str) -> None:
    found = country_of(name, language)
    assert found is not None
    assert (found.code, found.kind, found.uri) == (code, "country", f"iso3166:{code}")


@pytest.mark.parametrize(
    ("name", "code"),
    [("French", "FR"), ("Americans", "US"), ("South Korean", "KR"), ("New Zealander", "NZ"), ("Dane", "DK")],
)
def test_demonym(name: str, code: str) -> None:
    found = country_of(name)
    assert found is not None
    assert (found.code, found.kind) == (code, "people")


@pytest.mark.parametrize("name", ["", "Congolese", "Dominican", "Lindow", "European Union", "Paris", "in"])
def test_no_country(name: str) -> None:
    assert country_of(name) is None


def test_name_of_another_language_is_not_taken() -> None:
    assert country_of("Alemania", "en") is None


def test_name_of_a_state_too_is_less_sure() -> None:
    georgia, france = country_of("Georgia"), country_of("France")
    assert georgia is not None
    assert france is not None
    assert georgia.confidence < france.confidence


def test_every_listed_code_is_one_of_cldr() -> None:
    codes = {country.code for country in _listed().values()}
    assert codes <= set(Locale("en").territories) - NO_COUNTRY
