"""Feeds as golden files: ``tests/data/feeds/NAME.*`` and, beside it, what must come out in ``NAME.expected.json``.

The expectation holds ``feed`` or ``problem`` in full, without what is empty or by default, and may say under ``given``
the ``url``, ``headers`` and ``now`` that differ from those below.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.outcome import Problem
from transforms.core.feeds import parse_feed

CASES = Path(__file__).parent / "data" / "feeds"
EXPECTATIONS = sorted(CASES.glob("*.expected.json"))
URL = "https://herald.example/feed.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def read_case(expectation: Path) -> tuple[bytes, Mapping[str, Any]]:
    name = expectation.name.removesuffix(".expected.json")
    (source,) = (path for path in CASES.glob(f"{name}.*") if path != expectation and path.stem == name)
    return source.read_bytes(), json.loads(expectation.read_text(encoding="utf-8"))


def outcome_of(body: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    now = datetime.fromisoformat(given["now"]) if "now" in given else NOW
    result = parse_feed(body, url=given.get("url", URL), headers=given.get("headers", {}), now=now)
    return {"problem" if isinstance(result, Problem) else "feed": as_json(result)}


def as_json(value: Any) -> Any:
    """Records as dictionaries without what is empty or by default, times in ISO 8601."""
    if dataclasses.is_dataclass(value):
        given = {field.name: (getattr(value, field.name), field.default) for field in dataclasses.fields(value)}
        fields = {name: as_json(each) for name, (each, default) in given.items() if each != default}
        return {name: field for name, field in fields.items() if field not in (None, [])}
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_golden_feed(expectation: Path) -> None:
    body, expected = read_case(expectation)
    got = outcome_of(body, expected.get("given", {}))
    assert got == {key: value for key, value in expected.items() if key != "given"}


def test_every_feed_has_an_expectation() -> None:
    inputs = {path.stem for path in CASES.iterdir() if not path.name.endswith(".expected.json")}
    assert inputs == {path.name.removesuffix(".expected.json") for path in EXPECTATIONS}
    assert len(inputs) >= 30
