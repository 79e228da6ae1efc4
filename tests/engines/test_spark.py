"""Spark with spark-avro from Maven Central: tables over the files where they lie, the views and the questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyspark
import pytest
from pyspark.sql import Row, SparkSession

from schemas.ddl.script import script
from schemas.registry import ARTICLE, OUTCOME
from schemas.released import golden_file
from support import Output
from transforms.sinks.parquet import write_parquet
from warehouse import LATEST, QUESTIONS, STREAM, VIEWS, outcome, write_day

PACKAGE = f"org.apache.spark:spark-avro_2.13:{pyspark.__version__}"

SETTINGS = {
    "spark.jars.packages": PACKAGE,
    "spark.sql.session.timeZone": "Asia/Tokyo",  # far from UTC, so that a shifted time shows
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[1]")
    for key, value in {**SETTINGS, "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("spark"))}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


class Warehouse:
    """A database with the tables over ``output`` and the views."""

    def __init__(self, spark: SparkSession, name: str, output: Path) -> None:
        self.spark = spark
        spark.sql(f"CREATE DATABASE IF NOT EXISTS {name}")
        spark.sql(f"USE {name}")
        made = script("spark", output=str(output))
        for statement in (*made.tables, *made.loads, *made.views):
            spark.sql(statement.removesuffix(";"))

    def rows(self, query: str) -> list[Row]:
        return list(self.spark.sql(query).collect())

    def count(self, relation: str) -> Any:
        return self.rows(f"SELECT COUNT(*) FROM {relation}")[0][0]  # noqa: S608


@pytest.fixture(scope="module")
def edition(spark: SparkSession, edition_output: Output) -> Warehouse:
    return Warehouse(spark, "edition", edition_output.folder)


def test_the_edition_is_all_there(edition: Warehouse, edition_output: Output) -> None:
    edition.spark.sql("USE edition")
    rows = edition_output.rows("articles")
    assert edition.count("articles_latest") == len(rows)
    assert edition.count("quotations") == sum(len(row["quotations"]) for row in rows)
    mentions = sum(len(entity["mentions"]) for row in rows for entity in row["entities"])
    assert edition.count("entity_mentions") == mentions
    assert all(edition.count(view) for view in VIEWS)


def test_times_are_instants_and_days_are_utc(edition: Warehouse) -> None:
    edition.spark.sql("USE edition")
    bridge = "articles_latest WHERE url LIKE '%/harbour-bridge%'"
    (row,) = edition.rows(f"SELECT unix_micros(published_at) AS at, publication_date FROM {bridge}")  # noqa: S608
    assert row["at"] == int(datetime(2026, 11, 14, 6, 30, tzinfo=UTC).timestamp()) * 10**6
    assert row["publication_date"].isoformat() == "2026-11-14"
    assert {row["day"].isoformat() for row in edition.rows("SELECT day FROM outcomes_daily")} == {"2026-11-15"}


def test_the_questions_run(edition: Warehouse) -> None:
    edition.spark.sql("USE edition")
    empty = [query for query in QUESTIONS if not edition.rows(query)]
    assert all("LAG(headline)" in query or "NOT ok" in query for query in empty), empty


def test_the_change_stream_is_read_right(spark: SparkSession, tmp_path: Path) -> None:
    write_day(tmp_path, ARTICLE, "a", STREAM)
    write_day(tmp_path, OUTCOME, "o", [outcome("u", "written")])
    stream = Warehouse(spark, "stream", tmp_path)
    assert {(row["article_id"], row["version_id"]) for row in stream.rows("SELECT * FROM articles_latest")} == LATEST
    assert stream.count("article_versions") == len(STREAM)
    assert stream.count("articles_unique") == len(LATEST) - 1


def test_the_same_rows_in_columns(edition: Warehouse, edition_output: Output, tmp_path: Path) -> None:
    """As ``--sink parquet`` writes them."""
    edition.spark.sql("USE edition")
    with (tmp_path / "articles.parquet").open("wb") as file:
        write_parquet(file, ARTICLE, edition_output.rows("articles"))
    edition.spark.read.parquet(str(tmp_path / "articles.parquet")).createOrReplaceTempView("columns_of_articles")
    named = "version_id, published_at, size(quotations), quotations.text, source.domain, publication_date"
    in_columns = edition.rows(f"SELECT {named} FROM columns_of_articles ORDER BY 1")  # noqa: S608
    assert in_columns == edition.rows(f"SELECT {named} FROM articles ORDER BY 1")  # noqa: S608


def test_golden_files_load(spark: SparkSession, tmp_path: Path) -> None:
    for name, folder in ((ARTICLE, "articles"), (OUTCOME, "outcomes")):
        path = tmp_path / folder / "date=2026-03-01" / "golden.avro"
        path.parent.mkdir(parents=True)
        path.write_bytes(golden_file("1.0", name))
    golden = Warehouse(spark, "golden", tmp_path)
    filled = "articles WHERE version = 1 AND size(quotations) > 0"
    (row,) = golden.rows(f"SELECT quotations[1].text, unix_micros(published_at) FROM {filled}")  # noqa: S608
    assert row[0] == "text 1 𝄞"
    assert row[1] == int(datetime(2026, 3, 1, 7, 30, 15, tzinfo=UTC).timestamp()) * 10**6 + 123456
    assert golden.count("articles") == 3
