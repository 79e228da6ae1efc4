"""What the tests of the tables and views share: DuckDB with its Avro reader, a change stream, the questions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_avro

from schemas.codec import write_container
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.samples import sample_rows

VIEWS = (
    "article_versions",
    "articles_latest",
    "articles_unique",
    "quotations",
    "entities",
    "entity_mentions",
    "outcomes_daily",
)

QUESTIONS = re.findall(
    r"```sql\n(.+?)\n```", (Path(__file__).parent.parent / "docs" / "questions.md").read_text("utf-8"), re.DOTALL
)

FAQ = re.findall(
    r"^ {4}(SELECT .+)$", (Path(__file__).parent.parent / "docs" / "faq.md").read_text("utf-8"), re.MULTILINE
)

DAY = datetime(2026, 11, 10, 8, tzinfo=UTC)


def duck() -> duckdb.DuckDBPyConnection:
    """A database in memory that reads Avro without asking the network."""
    (extension,) = Path(duckdb_extension_avro.__file__).parent.rglob("*.duckdb_extension")
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute(f"LOAD '{extension}'")
    return connection


def write_day(output: Path, schema: str, name: str, rows: Iterable[dict[str, Any]]) -> Path:
    """A file of ``rows`` below ``output``, where a run would put it."""
    folder = {ARTICLE: "articles", OUTCOME: "outcomes"}[schema]
    path = output / folder / "date=2026-11-10" / f"{name}.avro"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_container(file, schema, rows)
    return path


def article(article_id: str, version_id: str, version: int = 1, action: str = "ADD", **more: Any) -> dict[str, Any]:
    """A row with what the schema asks for."""
    (_, plain) = sample_rows(schema_source(ARTICLE), 2)
    ids = {"article_id": article_id, "version_id": version_id, "version": version, "action": action}
    return {**plain, **ids, "ingested_at": DAY + timedelta(hours=version), "headline": version_id, **more}


def outcome(url: str, kind: str, **more: Any) -> dict[str, Any]:
    """A row of outcomes."""
    (_, plain) = sample_rows(schema_source(OUTCOME), 2)
    return {**plain, "url": url, "outcome": kind, "run_id": "r1", "at": DAY, **more}


STREAM = [
    article("edited", "e1"),
    article("edited", "e2", 2, "REPLACE"),
    article("restored", "r1"),
    article("restored", "r2", 2, "REPLACE"),
    article("restored", "r1", 3, "REPLACE"),
    article("gone", "g1"),
    article("gone", "g2", 2, "DELETE", text=None),
    article("back", "b1"),
    article("back", "b2", 2, "DELETE"),
    article("back", "b3", 3, "ADD"),
    article("copy", "c1", duplicate={"kind": "near", "of": "edited", "similarity": 0.9, "origin": None}),
]
"""An edit, an edit taken back, a deletion, a deletion taken back, a copy."""

LATEST = {("edited", "e2"), ("restored", "r1"), ("back", "b3"), ("copy", "c1")}
