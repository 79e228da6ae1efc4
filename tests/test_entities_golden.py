"""Golden cases of entities: a file under tests/data/entities is a phenomenon, each case carries its expectation.

A case reads as those of quotations, with rows ``TYPE | name | alias, alias`` each of which must be found; a
case without rows must give no entity at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from transforms.core.annotation import Annotator, installed_models

FOLDER = Path(__file__).parent / "data" / "entities"
Row = tuple[str, str, frozenset[str]]


@dataclass(frozen=True)
class Case:
    """One text with the entities that it must give."""

    name: str
    headline: str | None
    text: str
    rows: frozenset[Row]


def _cases() -> list[Case]:
    return [
        _case(path.stem, block)
        for path in sorted(FOLDER.glob("*.txt"))
        for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]
    ]


def _case(phenomenon: str, block: str) -> Case:
    title, _, body = block.partition("\n")
    text, _, expected = body.partition("\n---\n")
    headline = re.match(r"# (.*)\n", text)
    rows = frozenset(_row(line) for line in expected.splitlines() if line.strip())
    shown = text[headline.end() :] if headline else text
    return Case(f"{phenomenon}: {title}", headline.group(1) if headline else None, shown.removesuffix("---"), rows)


def _row(line: str) -> Row:
    label, name, aliases = (part.strip() for part in line.split("|"))
    return label, name, frozenset(alias.strip() for alias in aliases.split(",") if alias.strip())


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    if "en" not in installed_models():
        pytest.skip("no English model is installed")
    return Annotator(installed_models())


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_case(case: Case, annotator: Annotator) -> None:
    found = annotator.annotate(case.text, headline=case.headline).entities
    rows = {(entity.type, entity.name, frozenset(entity.aliases)) for entity in found}
    assert case.rows <= rows if case.rows else not rows, rows
