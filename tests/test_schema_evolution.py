"""Every released schema stays readable, in both directions; what a release was is never edited."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from pipelines import schema as command
from pipelines.errors import RunFailed, UsageError
from schemas.article import SCHEMA_VERSION
from schemas.compatibility import fully_compatible, mismatches
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import bare, golden_file, release, release_of, released_schema, released_versions
from schemas.samples import sample_rows

NAMES = (ARTICLE, OUTCOME)

RELEASED = {
    "1.0/article.avro": "918935d0a62f18f6c9f60e95ec199e7fbea1b79e47dd822781a69ed1d144a224",
    "1.0/article.avsc": "76c743f288a52e5b15da12cfb225ed33f0acd950496416ebb9fa9e9a4525d2ac",
    "1.0/outcome.avro": "8182e447d60fe6e020018f5434602b66eb961c27b777305e6d865b2f9ab6fdd2",
    "1.0/outcome.avsc": "2a7e42eaed11894f6c21407e4692604e04b0fe0391ae27aa30453cac259b2e60",
    "1.1/article.avro": "b7fb220ddbcdc959b98c7f3047d65b289a09319838f764355887f7342762982c",
    "1.1/article.avsc": "d1d1e0e6059a2467586230e12472387faef727934da437dc569b9158f50bdd37",
    "1.1/outcome.avro": "4ee8f383fbdb24c01a5ab5cc587f0b0e745024bdad04f8537b3a3a23e13c21dc",
    "1.1/outcome.avsc": "2a7e42eaed11894f6c21407e4692604e04b0fe0391ae27aa30453cac259b2e60",
}
"""SHA-256 of every released file: a release is never edited, it is followed by another."""

VERSIONS = [(version, name) for version in released_versions() for name in NAMES]


def compatible(reader: Any, writer: Any) -> bool:
    """The verdict of the Apache package."""
    checker = ReaderWriterCompatibilityChecker()
    found = checker.get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
    return found.compatibility is SchemaCompatibilityType.compatible


def test_released_files_are_as_they_were() -> None:
    folder = Path(command.__file__).parent.parent / "schemas" / "history"
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.av*"))
    }
    assert found == RELEASED


def test_the_current_schema_is_the_release_of_its_version() -> None:
    """A schema that changed needs another SCHEMA_VERSION, and ``python -m schemas.released``."""
    assert released_versions()[-1] == SCHEMA_VERSION
    for name in NAMES:
        assert bare(schema_source(name)) == bare(released_schema(SCHEMA_VERSION, name))


@pytest.mark.parametrize(("version", "name"), VERSIONS)
def test_every_release_and_today_read_each_other(version: str, name: str) -> None:
    old, new = released_schema(version, name), schema_source(name)
    assert fully_compatible(new, old) == []
    assert compatible(new, old)
    assert compatible(old, new)


@pytest.mark.parametrize(("version", "name"), VERSIONS)
def test_a_golden_file_reads_as_it_was_written(version: str, name: str) -> None:
    old = released_schema(version, name)
    reader: Any = fastavro.reader(BytesIO(golden_file(version, name)), fastavro.parse_schema(schema_source(name)))
    rows = list(reader)
    written = list(sample_rows(old, len(rows)))
    assert len(rows) == 3
    assert [common(row, wrote) for row, wrote in zip(rows, written, strict=True)] == written


def common(row: Any, pattern: Any) -> Any:
    """``row`` cut to the fields that ``pattern`` has."""
    if isinstance(pattern, dict) and isinstance(row, dict):
        return {key: common(row[key], value) for key, value in pattern.items()}
    if isinstance(pattern, list) and isinstance(row, list) and len(row) == len(pattern):
        return [common(one, other) for one, other in zip(row, pattern, strict=True)]
    return row


def test_a_golden_file_holds_what_the_engines_stumble_over() -> None:
    full, plain, _ = fastavro.reader(BytesIO(golden_file("1.0", ARTICLE)))
    assert full["published_at"].isoformat() == "2026-03-01T07:30:15.123456+00:00"
    assert full["quotations"][1]["text"] == "text 1 𝄞"
    assert full["entities"][0]["mentions"][1]["field"] == "field 1 𝄞"
    assert (plain["headline"], plain["fetch"], plain["quotations"]) == (None, None, [])


def test_a_release_is_written_once(tmp_path: Path) -> None:
    release(tmp_path, "9.0")
    files = sorted(path.name for path in (tmp_path / "9.0").iterdir())
    assert files == ["article.avro", "article.avsc", "outcome.avro", "outcome.avsc"]
    with pytest.raises(FileExistsError):
        release(tmp_path, "9.0")


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_keeps_to_what_every_engine_reads(name: str) -> None:
    schema = schema_source(name)
    names = [record["name"] for record in records(schema)]
    assert len(set(names)) == len(names), "polars refuses a record that is used by name"
    for record in records(schema):
        for field in record["fields"]:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", field["name"])
            assert field["doc"]
            assert portable(field["type"]), field["name"]
            if isinstance(field["type"], list):
                assert field["default"] is None


def records(kind: Any) -> Iterator[dict[str, Any]]:
    if isinstance(kind, list):
        for branch in kind:
            yield from records(branch)
    elif isinstance(kind, dict) and kind["type"] == "record":
        yield kind
        for field in kind["fields"]:
            yield from records(field["type"])
    elif isinstance(kind, dict) and kind["type"] == "array":
        yield from records(kind["items"])


def portable(kind: Any, *, inside_array: bool = False) -> bool:
    if isinstance(kind, list):
        return not inside_array and len(kind) == 2 and kind[0] == "null" and portable(kind[1])
    if isinstance(kind, str):
        return kind in {"string", "int", "long", "double", "boolean", "bytes"}
    if kind["type"] == "array":
        return not inside_array and portable(kind["items"], inside_array=True)
    return kind["type"] == "record" or kind.get("logicalType") in {"timestamp-micros", "date"}


# The checker, against the table of the specification and the verdicts of the Apache package.


def record(*fields: Any, name: str = "R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(kind: Any, name: str = "f", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def array(kind: Any) -> dict[str, Any]:
    return {"type": "array", "items": kind}


def within(kind: Any) -> dict[str, Any]:
    """A record in a record."""
    return record(field(record(field(kind), name="S")))


FIXED = {"type": "fixed", "name": "F", "size": 4}
MAP = {"type": "map", "values": "int"}
TREE = record(field(array("R"), "children"))

CHANGES: dict[str, tuple[Any, Any, bool, bool]] = {
    "nothing": (record(field("int")), record(field("int")), True, True),
    "a field with a default": (record(field("int"), field("int", "g", default=1)), record(field("int")), True, True),
    "a field without": (record(field("int"), field("int", "g")), record(field("int")), False, True),
    "a field renamed": (record(field("int", "g")), record(field("int")), False, False),
    "renamed with an alias": (record(field("int", "g", aliases=["f"])), record(field("int")), True, False),
    "int to long": (record(field("long")), record(field("int")), True, False),
    "int to string": (record(field("string")), record(field("int")), False, False),
    "string to bytes": (record(field("bytes")), record(field("string")), True, True),
    "string to nullable": (record(field(["null", "string"])), record(field("string")), True, False),
    "a union that grew": (record(field(["null", "int", "string"])), record(field(["null", "int"])), True, False),
    "a symbol": (record(field(enum("A", "B"))), record(field(enum("A"))), True, False),
    "a symbol, with default": (
        record(field(enum("A", "B", default="A"))),
        record(field(enum("A", default="A"))),
        True,
        True,
    ),
    "another size": (record(field({**FIXED, "size": 8})), record(field(FIXED)), False, False),
    "items": (record(field(array("long"))), record(field(array("int"))), True, False),
    "values": (record(field({**MAP, "values": "string"})), record(field(MAP)), False, False),
    "inside a record": (within("long"), within("int"), True, False),
    "another record": (record(field(record(name="S"))), record(field(record(name="T"))), False, False),
    "a type that holds itself": (TREE, copy.deepcopy(TREE), True, True),
    "record to array": (record(field(array("int"))), record(field(record(name="S"))), False, False),
}
"""Change to (new, old, new reads old, old reads new)."""


@pytest.mark.parametrize("change", CHANGES)
def test_the_checker_agrees_with_the_specification(change: str) -> None:
    new, old, backward, forward = CHANGES[change]
    assert (mismatches(new, old) == []) is backward
    assert (mismatches(old, new) == []) is forward
    assert (compatible(new, old), compatible(old, new)) == (backward, forward)


def test_a_logical_type_may_not_change() -> None:
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    (found,) = mismatches(record(field("long")), record(field(micros)))
    assert str(found) == "f: long (timestamp-micros) is written, long is expected"
    assert mismatches(record(field(["null", micros])), record(field(["null", "long"])))


def test_a_mismatch_names_the_place() -> None:
    old = schema_source(ARTICLE)
    new = copy.deepcopy(old)
    quotation = next(f for f in new["fields"] if f["name"] == "quotations")["type"]["items"]
    quotation["fields"][2]["type"] = "string"
    (found,) = mismatches(new, old)
    assert str(found) == "quotations[].start_char: int is written, string is expected"


# The command.


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    command.main(["check", *argv])
    return capsys.readouterr().out


def changed_copy(tmp_path: Path, old: str, new: str) -> str:
    path = tmp_path / "copy.avsc"
    path.write_text(json.dumps(schema_source(ARTICLE)).replace(old, new))
    return str(path)


def golden_on_disk(tmp_path: Path, name: str) -> str:
    path = tmp_path / f"{name}.avro"
    path.write_bytes(golden_file("1.0", name))
    return str(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_file_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    newest = release_of(released_schema("1.0", name), name)  # outcomes are as they were then
    assert f"fits: {name}, version {newest}" in said(capsys, golden_on_disk(tmp_path, name))


def test_a_file_of_today_fits_and_says_its_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed_copy(tmp_path, '"headline"', '"headline"')
    assert f"fits: article, version {SCHEMA_VERSION}, the current one" in said(capsys, path)


def test_a_copy_that_misses_a_field_fits_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, changed_copy(tmp_path, '"dateline"', '"place_line"'))
    assert "does not know: dateline" in text
    assert "has besides, and fills with its defaults: place_line" in text


def test_a_copy_that_wants_more_does_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RunFailed, match="1 of 1 files do not fit"):
        said(capsys, changed_copy(tmp_path, '"content_hash"', '"digest"'))
    assert "digest: is expected, is not written, and has no default" in capsys.readouterr().out


NO_SCHEMA = [b"", b"{}", b"[1]", b"Obj\x01", b"Obj\x01\xff\xff", b'{"type": "record"}', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("data", NO_SCHEMA, ids=range(len(NO_SCHEMA)))
def test_what_is_no_schema_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    path = tmp_path / "copy.avsc"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="cannot be read"):
        said(capsys, str(path))
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_all_files_are_looked_at_before_the_exit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="1 of 3 files cannot be read"):
        said(capsys, "nothere.avsc", changed_copy(tmp_path, "zz", "zz"), changed_copy(tmp_path, '"run_id"', '"run"'))
    assert len(re.findall("fits|does not fit|cannot be read", capsys.readouterr().out)) >= 3


def test_a_place_that_nobody_knows_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        said(capsys, "nowhere://copy.avsc")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_another_record_is_neither(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RunFailed):
        said(capsys, changed_copy(tmp_path, '"name": "Article"', '"name": "Story"'))
    assert "a record Story, where Article or Outcome is expected" in capsys.readouterr().out
