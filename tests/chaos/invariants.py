"""What must hold of an output and a state whatever happened to the runs, checked from the files alone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from schemas.codec import read_container
from support import Output
from transforms.core.layout import WORK_FOLDER
from transforms.core.snapshot import ARTICLES

Rows = list[dict[str, Any]]


def check_output(output: Path) -> None:
    """Each URL has one outcome a run, each article its versions once, and the manifests say what the files hold."""
    _check_manifests(output)
    found = Output(output)
    _check_rows(found.rows("articles"), found.rows("outcomes"))


def check_at_rest(output: Path) -> None:
    """The same, and nothing lies about that a run has not published."""
    check_output(output)
    published = {entry["path"] for entry in _entries(output)}
    there = {str(path.relative_to(output)) for path in output.rglob("*.avro") if WORK_FOLDER not in path.parts}
    assert there == published
    assert not [path for path in output.rglob("*") if path.is_file() and WORK_FOLDER in path.parts]


def check_state(state: Path, output: Path) -> None:
    """The state speaks of no version of an article that readers cannot find."""
    if not (state / "manifest.json").exists():
        return
    manifest = json.loads((state / "manifest.json").read_bytes())
    versions = {row["version_id"] for row in Output(output).rows("articles")}
    for file in manifest["files"]:
        rows = _whole_rows(state / file["path"], file["records"], file["sha256"])
        if file["kind"] == ARTICLES:
            assert {row["version_id"] for row in rows} <= versions


def _entries(output: Path) -> Rows:
    return [entry for path in output.glob("runs/*.json") for entry in json.loads(path.read_bytes())["files"]]


def _check_manifests(output: Path) -> None:
    for entry in _entries(output):
        _whole_rows(output / entry["path"], entry["records"], entry["sha256"])


def _whole_rows(path: Path, records: int, sha256: str) -> Rows:
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, path
    with path.open("rb") as file:
        rows = list(read_container(file))
    assert len(rows) == records, path
    return rows


def _check_rows(articles: Rows, outcomes: Rows) -> None:
    assert _repeated((row["run_id"], row["url"]) for row in outcomes) == []
    assert _repeated(row["version_id"] for row in articles) == []
    assert _repeated((row["article_id"], row["version"]) for row in articles) == []
    written = {(row["run_id"], row["article_id"]) for row in outcomes if row["outcome"] == "written"}
    assert written <= {(row["run_id"], row["article_id"]) for row in articles}


def _repeated(keys: Any) -> list[Any]:
    return [key for key, count in Counter(keys).items() if count > 1]
