"""`make audit`: what is known of pinned versions, and what could not be asked."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PINS = {"harbour": Version("2.0.6"), "quay": Version("1.0")}


@pytest.fixture(scope="module")
def audit() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("audit", ROOT / "deploy/audit/audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def advisory(folder: Path, name: str = "harbour", *, modified: str = "2024-10-10T17:35:05.1Z", **affected: Any) -> Path:
    """A clone of advisories with one in it."""
    record = {"id": "PYSEC-2031-1", "modified": modified, "aliases": ["CVE-2031-1"]}
    record["affected"] = [{"package": {"ecosystem": "PyPI", "name": name}, **affected}]
    path = folder / "vulns" / name / "PYSEC-2031-1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(record, sort_keys=False))
    return folder


def ranged(*events: tuple[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{name: at} for name, at in events]}]}


def test_every_line_of_the_constraints_is_an_exact_version(audit: ModuleType) -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert len(audit.read_pins(text)) == len([line for line in text.splitlines() if line[:1] not in ("", "#")])


@pytest.mark.parametrize(
    "affected",
    [
        {"versions": ["2.0.5", "2.0.6"]},
        {"versions": ["2.0.06"]},
        ranged(("introduced", "0"), ("fixed", "2.0.7")),
        ranged(("introduced", "2.0.0"), ("fixed", "2.0.7"), ("introduced", "0"), ("fixed", "1.26.18")),
        ranged(("introduced", "2.0.6")),
        ranged(("introduced", "0"), ("last_affected", "2.0.6")),
    ],
)
def test_a_version_that_an_advisory_names_is_found(audit: ModuleType, affected: dict[str, Any], tmp_path: Path) -> None:
    lines = audit.from_folder(PINS, advisory(tmp_path, **affected))
    assert lines[0] == "FAILED   harbour 2.0.6: PYSEC-2031-1 (CVE-2031-1)"


@pytest.mark.parametrize(
    "affected",
    [
        {"versions": ["2.0.5", "2.0.7", "no version"]},
        ranged(("introduced", "0"), ("fixed", "2.0.6")),
        ranged(("introduced", "2.0.7")),
        ranged(("introduced", "0"), ("last_affected", "2.0.5")),
        {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
        {},
    ],
)
def test_other_versions_are_not(audit: ModuleType, affected: dict[str, Any], tmp_path: Path) -> None:
    assert audit.from_folder(PINS, advisory(tmp_path, **affected))[0].startswith("ok ")


def test_an_old_copy_is_called_old(audit: ModuleType, tmp_path: Path) -> None:
    first, second = audit.from_folder(PINS, advisory(tmp_path))
    assert "2 packages, the newest of 2024-10-10: none known" in first
    assert second.startswith("old ")


def test_a_folder_without_advisories_is_no_answer(audit: ModuleType, tmp_path: Path) -> None:
    (line,) = audit.from_folder(PINS, tmp_path)
    assert line.startswith("skipped ")


def test_a_service_that_knows_nothing_is_no_answer(audit: ModuleType) -> None:
    """pip-audit 2.10.1 calls this "No known vulnerabilities found", and ends with 0."""
    skipped = [{"name": name, "skip_reason": "Dependency not found on PyPI"} for name in PINS]
    assert audit.from_service(PINS, json.dumps({"dependencies": skipped})) == [
        "skipped  advisories of the index: it knows none of 2 packages"
    ]


def test_a_service_that_cannot_be_reached_is_no_answer(audit: ModuleType) -> None:
    assert audit.from_service(PINS, "ConnectionError: no route") == [
        "skipped  advisories of the index: ConnectionError: no route"
    ]


def test_what_a_service_tells(audit: ModuleType) -> None:
    told = [
        {"name": "Harbour", "version": "2.0.6", "vulns": [{"id": "PYSEC-2031-1"}]},
        {"name": "quay", "skip_reason": "Dependency not found on PyPI"},
    ]
    assert audit.from_service(PINS, json.dumps({"dependencies": told})) == [
        "FAILED   Harbour 2.0.6: PYSEC-2031-1",
        "skipped  quay: the index does not know it",
    ]
