"""Golden cases of entities: a file under tests/data/entities is a phenomenon, each case carries its expectation.

A case reads as those of quotations, with rows ``TYPE | name | alias, alias`` each of which must be found; a fourth
cell is the uri, ``-`` for none.  A row ``! text`` says that no mention may read so.  A case without rows must give no
entity at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from transforms.core.annotation import Annotator, installed_models

FOLDER = Path(__file__).parent / "data" / "entities"
Row = tuple[str, str, frozenset[str]]
NO_URI = "-"


@dataclass(frozen=True)
class Case:
    """One text with the entities that it must give, the uris that they must have and mentions that it must not give."""

    name: str
    headline: str | None
    text: str
    rows: frozenset[Row]
    uris: tuple[tuple[str, str], ...]
    absent: frozenset[str]


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
    lines = [line for line in expected.splitlines() if line.strip()]
    cells = [[part.strip() for part in line.split("|")] for line in lines if not line.startswith("! ")]
    shown = text[headline.end() :] if headline else text
    return Case(
        f"{phenomenon}: {title}",
        headline.group(1) if headline else None,
        shown.removesuffix("---"),
        frozenset(_row(*parts[:3]) for parts in cells),
        tuple((parts[1], parts[3]) for parts in cells if len(parts) > 3),
        frozenset(line[2:].strip() for line in lines if line.startswith("! ")),
    )


def _row(label: str, name: str, aliases: str) -> Row:
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
    mentions = {mention.text for entity in found for mention in entity.mentions}
    assert case.rows <= rows if case.rows or case.absent else not rows, rows
    assert not case.absent & mentions
    uris = {entity.name: entity.uri for entity in found}
    assert [(name, uris[name] or NO_URI) for name, _ in case.uris] == list(case.uris)


def test_there_are_enough_cases() -> None:
    assert len(_cases()) >= 150
