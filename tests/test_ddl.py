"""Tables and views: made from the schemas, whole for every engine, right on DuckDB."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

from pipelines import schema as command
from pipelines.errors import UsageError
from schemas.ddl.columns import columns_of, walk
from schemas.ddl.script import ENGINES, Names, Script, script, script_from, tables_of
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import golden_file, released_schema, released_versions
from support import Output
from warehouse import DAY, FAQ, LATEST, QUESTIONS, STREAM, VIEWS, article, duck, outcome, write_day


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [ARTICLE, OUTCOME])
def test_a_table_has_every_column(engine: str, name: str) -> None:
    table = script(engine).tables[[ARTICLE, OUTCOME].index(name)]
    columns = columns_of(schema_source(name))
    for path, column in walk(columns):
        if engine != "snowflake" or column in columns:  # whose nested fields have no columns
            assert re.search(rf"[`\" ]{column.name}\b", table, re.IGNORECASE), path


@pytest.mark.parametrize("engine", ENGINES)
def test_the_views_give_every_field_of_a_quotation(engine: str) -> None:
    quotations = next(column for column in columns_of(schema_source(ARTICLE)) if column.name == "quotations")
    (view,) = (view for view in script(engine).views if "one row a quotation" in view)
    for field in quotations.fields:
        assert re.search(rf"AS [`\"]?(quotation_)?{field.name}\b", view), field.name


@pytest.mark.parametrize("engine", ENGINES)
def test_a_parser_of_the_engine_s_sql_reads_the_script(engine: str) -> None:
    text = str(script(engine, Names(dataset="news"), "gs://bucket/out"))
    statements = [each for each in sqlglot.parse(text.replace("MSCK REPAIR", "-- MSCK REPAIR"), read=engine) if each]
    views = [each for each in statements if isinstance(each, sqlglot.exp.Create) and each.kind == "VIEW"]
    assert not [each for each in statements if isinstance(each, sqlglot.exp.Command)]
    assert [view.this.name for view in views] == list(VIEWS)


def test_the_script_is_the_same_every_time() -> None:
    assert str(script("bigquery")) == str(script("bigquery"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_of_an_earlier_release_gets_what_came_since(engine: str) -> None:
    made = script_from("1.0", engine, Names(dataset="news"))
    (statement,) = [each for each in made.tables if "wire_origin" in each]
    (parsed,) = sqlglot.parse(statement, read=engine)
    assert isinstance(parsed, sqlglot.exp.Alter)
    assert parsed.this.name == "articles"
    assert made.views == script(engine, Names(dataset="news")).views
    assert script_from(released_versions()[-1], engine).tables == ()


def test_old_rows_stay_and_new_ones_come(tmp_path: Path) -> None:
    connection, dialect = duck(), ENGINES["duckdb"]()
    for version in ("1.0", released_versions()[-1]):
        for schema, folder in ((ARTICLE, "articles"), (OUTCOME, "outcomes")):
            path = tmp_path / version / folder / "date=2026-03-01" / "golden.avro"
            path.parent.mkdir(parents=True)
            path.write_bytes(golden_file(version, schema))
    for table in tables_of(Names(), source=partial(released_schema, "1.0")):
        connection.execute(dialect.table(table))
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT wire_origin FROM articles")
    for _ in range(2):  # to do it twice does no harm
        followed = script_from("1.0", "duckdb")
        for statement in (*followed.tables, *followed.views):
            connection.execute(statement)
    for version in ("1.0", released_versions()[-1]):
        for statement in script("duckdb", output=str(tmp_path / version)).loads:
            connection.execute(statement)
    found = connection.execute("SELECT COUNT(*), COUNT(wire_origin) FROM articles").fetchone()
    assert found == (6, 1)  # of the newer file only the row with every field filled has one


def test_what_is_new_inside_a_record_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_speakers(version: str, name: str) -> dict[str, Any]:
        schema = released_schema(version, name)
        for field in schema["fields"]:
            if field["name"] == "quotations":
                inner = field["type"]["items"]
                inner["fields"] = [each for each in inner["fields"] if each["name"] != "speaker_name"]
        return schema

    monkeypatch.setattr("schemas.ddl.script.released_schema", without_speakers)
    made = script_from(released_versions()[-1], "clickhouse")
    assert made.tables == ()
    assert [line for line in made.preamble if "quotations[].speaker_name is new inside a record" in line]


def test_the_command_follows_a_release(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["ddl", "--engine", "bigquery", "--dataset", "p.news", "--from", "1.0"])
    printed = capsys.readouterr().out
    assert "ALTER TABLE `p.news.articles` ADD COLUMN IF NOT EXISTS `wire_origin` STRING" in printed
    assert "CREATE TABLE" not in printed
    for wrong in (["--from", "0.9"], ["--from", "1.0", "--output", "out"]):
        with pytest.raises(UsageError, match="--from"):
            command.main(["ddl", "--engine", "bigquery", *wrong])


def load(output: Path) -> tuple[duckdb.DuckDBPyConnection, Script]:
    made = script("duckdb", output=str(output))
    connection = duck()
    for statement in (*made.tables, *made.loads, *made.views):
        connection.execute(statement)
    return connection, made


def counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return {view: connection.execute(f"SELECT COUNT(*) FROM {view}").fetchall()[0][0] for view in VIEWS}  # noqa: S608


@pytest.fixture(scope="module")
def edition(edition_output: Output) -> duckdb.DuckDBPyConnection:
    return load(edition_output.folder)[0]


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    write_day(tmp_path, ARTICLE, "a", STREAM[::2])
    write_day(tmp_path, ARTICLE, "b", STREAM[1::2])
    failed = {"ok": False, "source_id": "harbour"}
    rows = [outcome("u1", "written", ok=True), outcome("u2", "timeout", **failed), outcome("u3", "timeout", **failed)]
    write_day(tmp_path, OUTCOME, "o", rows)
    return tmp_path


def test_the_edition_is_all_there(edition: duckdb.DuckDBPyConnection, edition_output: Output) -> None:
    rows = edition_output.rows("articles")
    entities = [entity for row in rows for entity in row["entities"]]
    assert counts(edition) == {
        "article_versions": len(rows),
        "articles_latest": len(rows),
        "articles_unique": sum(row["duplicate"] is None for row in rows),
        "quotations": sum(len(row["quotations"]) for row in rows),
        "entities": len(entities),
        "entity_mentions": sum(len(entity["mentions"]) for entity in entities),
        "outcomes_daily": len({row["source_id"] for row in edition_output.rows("outcomes")}),
    }


def test_times_are_utc_and_days_are_days(edition: duckdb.DuckDBPyConnection) -> None:
    edition.execute("SET TimeZone = 'Pacific/Auckland'")
    bridge = "SELECT published_at, publication_date FROM articles_latest WHERE url LIKE '%/harbour-bridge%'"
    assert edition.execute(bridge).fetchall() == [(datetime(2026, 11, 14, 6, 30), date(2026, 11, 14))]
    (day,) = edition.execute("SELECT DISTINCT day FROM outcomes_daily").fetchall()
    assert day == (date(2026, 11, 15),)


def test_offsets_of_a_quotation_index_the_text(edition: duckdb.DuckDBPyConnection) -> None:
    cut = "substring(a.text, q.start_char + 1, q.end_char - q.start_char)"
    query = f"SELECT COUNT(*) FROM quotations q JOIN articles_latest a USING (version_id) WHERE {cut} <> q.text"  # noqa: S608
    assert edition.execute(query).fetchall() == [(0,)]


def test_a_golden_file_loads(tmp_path: Path) -> None:
    for name, folder in ((ARTICLE, "articles"), (OUTCOME, "outcomes")):
        path = tmp_path / folder / "date=2026-03-01" / "golden.avro"
        path.parent.mkdir(parents=True)
        path.write_bytes(golden_file("1.0", name))
    connection, _ = load(tmp_path)
    nested = 'SELECT quotations[2]."text", "fetch".etag FROM articles WHERE version = 1 AND "fetch" IS NOT NULL'
    assert connection.execute(nested).fetchall() == [("text 1 𝄞", "etag 0 𝄞")]
    first = connection.execute("SELECT MIN(published_at), COUNT(*) FROM articles").fetchall()
    assert first == [(datetime(2026, 3, 1, 7, 30, 15, 123456), 3)]


def test_the_latest_version_is_shown_and_what_is_gone_is_not(stream: Path) -> None:
    connection, _ = load(stream)
    assert set(connection.execute("SELECT article_id, version_id FROM articles_latest").fetchall()) == LATEST
    unique = connection.execute("SELECT article_id FROM articles_unique").fetchall()
    assert {key for (key,) in unique} == {"edited", "restored", "back"}


def test_every_version_is_in_the_stream_once(stream: Path) -> None:
    connection, _ = load(stream)
    found = connection.execute("SELECT article_id, version, version_id FROM article_versions").fetchall()
    assert sorted(found) == sorted((row["article_id"], row["version"], row["version_id"]) for row in STREAM)


def test_files_that_are_loaded_twice_change_nothing(stream: Path) -> None:
    connection, made = load(stream)
    before = counts(connection)
    for statement in made.loads:
        connection.execute(statement)
    assert connection.execute("SELECT COUNT(*) FROM articles").fetchall() == [(2 * len(STREAM),)]
    assert counts(connection) == before


def test_outcomes_are_counted_by_source_and_day(stream: Path) -> None:
    connection, _ = load(stream)
    found = connection.execute("SELECT source_id, outcome, day, urls FROM outcomes_daily ORDER BY urls").fetchall()
    assert found == [(None, "written", DAY.date(), 1), ("harbour", "timeout", DAY.date(), 2)]


def test_the_script_can_be_run_again(stream: Path) -> None:
    connection, made = load(stream)
    before = counts(connection)
    for statement in (*made.tables, *made.views):
        connection.execute(statement)
    assert counts(connection) == before


# The questions in the documentation.


def ask(connection: duckdb.DuckDBPyConnection, words: str) -> list[tuple[object, ...]]:
    (query,) = (query for query in QUESTIONS if words in query)
    return connection.execute(query).fetchall()


def test_every_question_has_an_answer_in_the_edition(edition: duckdb.DuckDBPyConnection) -> None:
    empty = [query for query in QUESTIONS if not edition.execute(query).fetchall()]
    assert len(QUESTIONS) == 6
    assert all("LAG(headline)" in query or "NOT ok" in query for query in empty), "one run changes no headline"


def test_the_answer_to_a_missing_article_is_found(tmp_path: Path) -> None:
    write_day(tmp_path, OUTCOME, "o", [outcome("https://harbour.example/harbour-bridge", "timeout", detail="late")])
    write_day(tmp_path, ARTICLE, "a", STREAM)
    (query,) = FAQ
    connection, _ = load(tmp_path)
    assert connection.execute(query).fetchall() == [("timeout", "late", DAY.replace(tzinfo=None))]


def test_who_was_quoted_most(edition: duckdb.DuckDBPyConnection, edition_output: Output) -> None:
    week = (date(2026, 11, 9), date(2026, 11, 15))
    counted: Counter[str] = Counter()
    for row in edition_output.rows("articles"):
        people = {entity["id"] for entity in row["entities"] if entity["type"] == "PERSON"}
        counts_here = row["duplicate"] is None and week[0] <= (row["publication_date"] or date.min) <= week[1]
        quotes = row["quotations"] if counts_here else []
        counted.update(quote["speaker_name"] for quote in quotes if quote["speaker_entity_id"] in people)
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:10]
    assert [(name, times) for name, times, _ in ask(edition, "AS outlets")] == most


def test_who_is_named_where(edition: duckdb.DuckDBPyConnection) -> None:
    found = ask(edition, "name = 'Dorothea Flint'")
    assert any("bridge to close" in row[2] for row in found)


def test_headlines_that_changed(stream: Path) -> None:
    connection, _ = load(stream)
    changes = [(row[1], row[2]) for row in ask(connection, "LAG(headline)")]
    assert set(changes) == {("e1", "e2"), ("r1", "r2"), ("b1", "b3"), ("r2", "r1")}


def test_sources_that_failed(stream: Path) -> None:
    connection, _ = load(stream)
    query = next(query for query in QUESTIONS if "NOT ok" in query).replace("2026-11-15", "2026-11-10")
    assert connection.execute(query).fetchall() == [("harbour", "timeout", 2)]


def test_speakers_without_a_name(tmp_path: Path) -> None:
    said = {"text": "a", "start_char": 0, "end_char": 1, "kind": "direct"}
    spoken = [
        {**said, "id": "q1", "speaker_entity_id": "e1"},
        {**said, "id": "q2"},
        {**said, "id": "q3", "kind": "mixed"},
    ]
    rows = [article("one", "v1", quotations=spoken, source={"id": "s", "domain": "outlet.example"})]
    write_day(tmp_path, ARTICLE, "a", rows)
    write_day(tmp_path, OUTCOME, "o", [outcome("u", "written")])
    connection, _ = load(tmp_path)
    assert ask(connection, "AS unnamed") == [("outlet.example", 2, 1)]


def test_a_share_by_gender(edition: duckdb.DuckDBPyConnection) -> None:
    assert {row[0] for row in ask(edition, "p.gender")} >= {"woman"}


# The command.


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    command.main(["ddl", *argv])
    return capsys.readouterr().out


def test_the_command_prints_a_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--engine", "duckdb", "--output", "out/") == str(script("duckdb", output="out"))
    assert printed(capsys, "--engine", "spark", "--output", "s3://b/o") == str(script("spark", output="s3://b/o"))


def test_spark_gets_a_whole_path(capsys: pytest.CaptureFixture[str]) -> None:
    here = Path("out").absolute()
    assert f"LOCATION '{here}/articles'" in printed(capsys, "--engine", "spark", "--output", "out")


def test_names_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--engine", "bigquery", "--dataset", "my-project.news", "--articles_table", "stories")
    assert "CREATE TABLE IF NOT EXISTS `my-project.news.stories`" in text
    assert "CREATE OR REPLACE VIEW `my-project.news.quotations`" in text


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--engine", "abacus"],
        ["article", "--engine", "duckdb"],
        ["--engine", "duckdb", "--articles_table", "quotations"],
        ["--engine", "duckdb", "--articles_table", "a; DROP TABLE b"],
        ["--engine", "duckdb", "--dataset", 'a"'],
    ],
    ids=range(6),
)
def test_a_wrong_call_is_said_in_a_line(argv: list[str]) -> None:
    with pytest.raises(UsageError):
        command.main(["ddl", *argv])


def test_a_quote_in_a_place_stays_inside_its_string(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    write_day(folder, ARTICLE, "a", STREAM)
    write_day(folder, OUTCOME, "o", [outcome("u", "written")])
    connection, _ = load(folder)
    assert connection.execute("SELECT COUNT(*) FROM articles").fetchall() == [(len(STREAM),)]
