"""Source lists as golden files: ``tests/data/sources/NAME`` and, beside it, ``NAME.expected.json``.

The expectation holds the ``sources`` without what is absent, the ``warnings``, or the ``errors`` as they print.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from transforms.core.sources import SourceError, SourceList, SourceSpec, read_source_list

CASES = Path(__file__).parent / "data" / "sources"
LISTS = sorted(path for path in CASES.iterdir() if not path.name.endswith(".expected.json"))


def outcome_of(path: Path) -> dict[str, Any]:
    result = read_source_list(path.read_bytes(), name=path.name)
    if isinstance(result, SourceList):
        found = {"sources": [as_json(spec) for spec in result.sources], "warnings": printed(result.warnings)}
        return {key: value for key, value in found.items() if value}
    return {"errors": printed(result)}


def as_json(spec: SourceSpec) -> dict[str, Any]:
    fields = dataclasses.asdict(spec) | {"tags": list(spec.tags)}
    return {name: value for name, value in fields.items() if value not in (None, [])}


def printed(errors: tuple[SourceError, ...] | list[SourceError]) -> list[str]:
    return [str(error) for error in errors]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_golden_list(path: Path) -> None:
    expectation = path.with_name(f"{path.name}.expected.json")
    assert outcome_of(path) == json.loads(expectation.read_text(encoding="utf-8"))
