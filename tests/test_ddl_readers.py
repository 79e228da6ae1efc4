"""Readers of other makers see the same rows: counts, times in UTC, nested quotations, nulls, text beyond the BMP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fastavro
import polars
import pytest
from avro.datafile import DataFileReader
from avro.io import DatumReader

from schemas.registry import ARTICLE, OUTCOME
from schemas.released import golden_file, released_versions
from support import Output
from warehouse import duck

Rows = list[dict[str, Any]]


def with_fastavro(path: Path) -> Rows:
    with path.open("rb") as file:
        rows: Any = fastavro.reader(file)
        return list(rows)


def with_avro(path: Path) -> Rows:
    with path.open("rb") as file, DataFileReader(file, DatumReader()) as reader:
        return list(reader)


def with_polars(path: Path) -> Rows:
    return polars.read_avro(path).to_dicts()


def with_duckdb(path: Path) -> Rows:
    table = duck().execute("SELECT * FROM read_avro($path, hive_partitioning = false)", {"path": str(path)})
    names = [column[0] for column in table.description]
    return [dict(zip(names, row, strict=True)) for row in table.fetchall()]


READERS: dict[str, Callable[[Path], Rows]] = {"avro": with_avro, "polars": with_polars, "duckdb": with_duckdb}


def plain(value: Any) -> Any:
    """A value as every reader has it: tuples as lists, a time without a zone as UTC."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


@pytest.mark.parametrize("reader", READERS)
def test_articles_read_alike(reader: str, edition_output: Output) -> None:
    (path,) = edition_output.folder.glob("articles/*/*.avro")
    assert plain(READERS[reader](path)) == plain(with_fastavro(path))


@pytest.mark.parametrize("reader", READERS)
def test_outcomes_read_alike(reader: str, edition_output: Output) -> None:
    (path,) = edition_output.folder.glob("outcomes/*/*.avro")
    assert plain(READERS[reader](path)) == plain(with_fastavro(path))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", [ARTICLE, OUTCOME])
@pytest.mark.parametrize("version", released_versions())
def test_golden_files_read_alike(reader: str, name: str, version: str, tmp_path: Path) -> None:
    path = tmp_path / "golden.avro"
    path.write_bytes(golden_file(version, name))
    assert plain(READERS[reader](path)) == plain(with_fastavro(path))


def test_times_keep_their_zone_or_are_utc(edition_output: Output) -> None:
    (path,) = edition_output.folder.glob("articles/*/*.avro")
    assert polars.read_avro(path).schema["ingested_at"] == polars.Datetime("us", "UTC")
    assert {row["ingested_at"].tzinfo for row in with_duckdb(path)} == {None}
    assert {row["ingested_at"].utcoffset().total_seconds() for row in with_avro(path)} == {0}
