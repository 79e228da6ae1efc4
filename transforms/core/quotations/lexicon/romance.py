"""Verb forms of French and Spanish as the press uses them: third person, participle, gerund."""

from __future__ import annotations

from collections.abc import Iterable

FRENCH_ER = ("er", "e", "ent", "é", "ée", "és", "ant", "ait", "aient", "a", "èrent", "era")
SPANISH_AR = ("ar", "a", "an", "ó", "aron", "ado", "ando", "aba", "aban", "ará")
SPANISH_ER = ("er", "e", "en", "ió", "ieron", "ido", "iendo", "ía", "ían")
SPANISH_IR = ("ir", "e", "en", "ió", "ieron", "ido", "iendo", "ía", "ían")


def french_forms(stems: Iterable[str]) -> frozenset[str]:
    """Forms of regular verbs in -er, given without the ending."""
    return frozenset(_softened(stem, ending) for stem in stems for ending in FRENCH_ER)


def _softened(stem: str, ending: str) -> str:
    if ending[0] in "aâ" and stem.endswith("c"):
        return f"{stem[:-1]}ç{ending}"
    return f"{stem}e{ending}" if ending[0] in "aâ" and stem.endswith("g") else stem + ending


def spanish_forms(verbs: Iterable[str]) -> frozenset[str]:
    """Forms of regular verbs, given in the infinitive."""
    endings = {"ar": SPANISH_AR, "er": SPANISH_ER, "ir": SPANISH_IR}
    return frozenset(verb[:-2] + ending for verb in verbs for ending in endings[verb[-2:]])
