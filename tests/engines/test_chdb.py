"""ClickHouse, as chdb has it: the tables, the views and the questions on what a run and a change stream wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chdb.session import Session

from schemas.ddl.script import Script, script
from schemas.registry import ARTICLE, OUTCOME
from schemas.released import golden_file
from support import Output
from transforms.sinks.parquet import write_parquet
from warehouse import LATEST, QUESTIONS, STREAM, VIEWS, outcome, write_day


class Warehouse:
    """A database with the tables, the files and the views."""

    def __init__(self, session: Session, name: str, output: Path) -> None:
        self.session = session
        self.made: Script = script("clickhouse", output=str(output))
        session.query(f"CREATE DATABASE {name}")
        session.query(f"USE {name}")
        for statement in (*self.made.tables, *self.made.loads, *self.made.views):
            session.query(statement)

    def rows(self, query: str) -> list[dict[str, Any]]:
        lines = str(self.session.query(query, "JSONEachRow")).splitlines()
        return [json.loads(line) for line in lines]

    def count(self, relation: str) -> int:
        return int(self.rows(f"SELECT COUNT(*) AS n FROM {relation}")[0]["n"])  # noqa: S608


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One for all tests: chdb has one server in a process."""
    made = Session(str(tmp_path_factory.mktemp("chdb")))
    yield made
    made.close()


@pytest.fixture
def edition(session: Session, edition_output: Output, request: pytest.FixtureRequest) -> Warehouse:
    return Warehouse(session, request.node.name, edition_output.folder)


def test_the_edition_is_all_there(edition: Warehouse, edition_output: Output) -> None:
    rows = edition_output.rows("articles")
    assert edition.count("articles_latest") == len(rows)
    assert edition.count("quotations") == sum(len(row["quotations"]) for row in rows)
    mentions = sum(len(entity["mentions"]) for row in rows for entity in row["entities"])
    assert edition.count("entity_mentions") == mentions
    assert all(edition.count(view) for view in VIEWS)


def test_times_are_utc(edition: Warehouse) -> None:
    at = "toUnixTimestamp64Micro(assumeNotNull(published_at))"
    bridge = "articles_latest WHERE url LIKE '%/harbour-bridge%'"
    (row,) = edition.rows(f"SELECT {at} AS at, publication_date AS day FROM {bridge}")  # noqa: S608
    assert int(row["at"]) == int(datetime(2026, 11, 14, 6, 30, tzinfo=UTC).timestamp()) * 10**6
    assert row["day"] == "2026-11-14"


def test_a_record_that_is_null_has_null_fields(edition: Warehouse, edition_output: Output) -> None:
    copies = [row for row in edition_output.rows("articles") if row["duplicate"]]
    assert edition.count("articles WHERE duplicate.kind IS NOT NULL") == len(copies)


def test_the_questions_run(edition: Warehouse) -> None:
    empty = [query for query in QUESTIONS if not edition.rows(query)]
    assert all("LAG(headline)" in query or "NOT ok" in query for query in empty), empty


def test_the_change_stream_is_read_right(session: Session, tmp_path: Path) -> None:
    write_day(tmp_path, ARTICLE, "a", STREAM)
    write_day(tmp_path, OUTCOME, "o", [outcome("u", "written")])
    stream = Warehouse(session, "stream", tmp_path)
    for _ in range(2):
        found = {(row["article_id"], row["version_id"]) for row in stream.rows("SELECT * FROM articles_latest")}
        assert found == LATEST
        assert stream.count("article_versions") == len(STREAM)
        assert stream.count("articles_unique") == len(LATEST) - 1
        for statement in stream.made.loads:
            session.query(statement)


def test_the_same_rows_in_columns(session: Session, edition: Warehouse, edition_output: Output, tmp_path: Path) -> None:
    """As ``--sink parquet`` writes them."""
    with (tmp_path / "articles.parquet").open("wb") as file:
        write_parquet(file, ARTICLE, edition_output.rows("articles"))
    named = (
        "version_id, toUnixTimestamp64Micro(ingested_at) AS at, length(quotations) AS quotes, source.domain AS domain"
    )
    columns = edition.rows(f"SELECT {named} FROM file('{tmp_path}/articles.parquet') ORDER BY 1")  # noqa: S608
    assert columns == edition.rows(f"SELECT {named} FROM articles ORDER BY 1")  # noqa: S608
    kind = f"SELECT toTypeName(published_at) AS kind FROM file('{tmp_path}/articles.parquet') LIMIT 1"  # noqa: S608
    assert edition.rows(kind) == [{"kind": "Nullable(DateTime64(6, 'UTC'))"}]


def test_golden_files_load(session: Session, tmp_path: Path) -> None:
    for name, folder in ((ARTICLE, "articles"), (OUTCOME, "outcomes")):
        path = tmp_path / folder / "date=2026-03-01" / "golden.avro"
        path.parent.mkdir(parents=True)
        path.write_bytes(golden_file("1.0", name))
    golden = Warehouse(session, "golden", tmp_path)
    filled = "articles WHERE version = 1 AND notEmpty(quotations)"
    (row,) = golden.rows(f"SELECT quotations[2].text AS words, published_at AS at FROM {filled}")  # noqa: S608
    assert row == {"words": "text 1 𝄞", "at": "2026-03-01 07:30:15.123456"}
    assert golden.count("articles") == 3
