"""What a message about a row says: bodies that other readers of Avro take, attributes, what is too large."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from io import BytesIO

import avro.io
import avro.schema
import fastavro
import pytest

from schemas.article import SCHEMA_VERSION
from schemas.messages import MARKER, from_single_object, schema_mark, to_json_row, to_single_object
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import released_schema, released_versions
from schemas.samples import sample_rows
from transforms.core import messages
from transforms.core.messages import AVRO, JSON, LARGEST_VALUE_BYTES, message_of
from warehouse import article, outcome

AT = datetime(2026, 11, 10, 9, tzinfo=UTC)
FILE = "articles/date=2026-11-10/r1-0000.avro"


def crc64(data: bytes) -> int:
    """The Rabin fingerprint as the Avro specification gives it."""
    empty, table = 0xC15D213AA4D7A795, []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (empty & -(value & 1))
        table.append(value)
    found = empty
    for byte in data:
        found = (found >> 8) ^ table[(found ^ byte) & 0xFF]
    return found


@pytest.mark.parametrize("name", [ARTICLE, OUTCOME])
def test_the_mark_is_the_fingerprint_of_the_specification(name: str) -> None:
    assert crc64(b'"null"') == 0x63DD24E7CC258F8A  # the specification's own example
    form = fastavro.schema.to_parsing_canonical_form(schema_source(name))
    assert schema_mark(name) == crc64(form.encode()).to_bytes(8, "little")


@pytest.mark.parametrize("name", [ARTICLE, OUTCOME])
def test_every_field_comes_back(name: str) -> None:
    for row in sample_rows(schema_source(name), 3):
        assert from_single_object(name, to_single_object(name, row)) == row


def test_the_avro_package_reads_the_body() -> None:
    (row, *_) = sample_rows(schema_source(ARTICLE), 1)
    data = to_single_object(ARTICLE, row)
    assert data.startswith(MARKER + schema_mark(ARTICLE))
    schema = avro.schema.parse(json.dumps(schema_source(ARTICLE)))
    read = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(BytesIO(data[10:])))
    assert (read["article_id"], read["ingested_at"]) == (row["article_id"], row["ingested_at"])
    assert read["quotations"] == row["quotations"]


@pytest.mark.parametrize("version", released_versions())
def test_messages_of_earlier_releases_are_read(version: str) -> None:
    schema = released_schema(version, ARTICLE)
    (row, *_) = sample_rows(schema, 1)
    body = BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), row)
    form = fastavro.schema.to_parsing_canonical_form(schema)
    mark = crc64(form.encode()).to_bytes(8, "little")
    read = from_single_object(ARTICLE, MARKER + mark + body.getvalue())
    assert read["article_id"] == row["article_id"]
    assert set(read) == {field["name"] for field in schema_source(ARTICLE)["fields"]}


@pytest.mark.parametrize("data", [b"", b"{}", b"\xc3\x01", b"\xc3\x01" + bytes(8) + b"x"])
def test_other_bytes_are_refused_in_a_line(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not an Avro single object|no release of article"):
        from_single_object(ARTICLE, data)


def test_json_is_plain() -> None:
    row = outcome("https://harbour.example/a", "written", payload=b"\x00\xff", at=AT)
    read = json.loads(to_json_row(row))
    assert read["at"] == "2026-11-10T09:00:00Z"
    assert base64.b64decode(read["payload"]) == b"\x00\xff"
    assert set(read) == set(row)
    assert json.loads(to_json_row(article("a", "v", headline="Öl 𝄞")))["headline"] == "Öl 𝄞"


def test_attributes_are_what_subscriptions_filter_by() -> None:
    row = article("a1", "v2", 2, "REPLACE", language="sv")
    message = message_of(ARTICLE, row, AVRO, FILE)
    assert message.ordering_key == "a1"
    assert message.attributes == {
        "schema": "article",
        "schema_version": SCHEMA_VERSION,
        "schema_fingerprint": schema_mark(ARTICLE).hex(),
        "content_type": "application/avro",
        "action": "REPLACE",
        "article_id": "a1",
        "version": "2",
        "version_id": "v2",
        "language": "sv",
        "source_id": row["source"]["id"],
        "source_domain": row["source"]["domain"],
        "run_id": row["run_id"],
    }


def test_an_outcome_has_no_order() -> None:
    message = message_of(OUTCOME, outcome("https://harbour.example/a", "timeout", ok=False), JSON, FILE)
    assert message.ordering_key == ""
    assert (message.attributes["outcome"], message.attributes["ok"]) == ("timeout", "false")
    assert "article_id" not in message.attributes


def test_a_row_that_is_too_large_comes_as_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LARGEST_BYTES", 2_000)
    row = article("a1", "v1", text="long " * 1_000)
    message = message_of(ARTICLE, row, AVRO, FILE)
    assert (message.data, message.is_whole, message.ordering_key) == (b"", False, "a1")
    assert message.attributes["file"] == FILE
    assert int(message.attributes["omitted_bytes"]) > 5_000
    assert message.attributes["version_id"] == "v1"
    assert message_of(ARTICLE, article("a2", "v1", text="short"), AVRO, FILE).is_whole


def test_long_values_are_cut_to_whole_characters() -> None:
    row = article("a1", "v1", language="ö" * LARGEST_VALUE_BYTES)
    assert message_of(ARTICLE, row, AVRO, FILE).attributes["language"] == "ö" * (LARGEST_VALUE_BYTES // 2)
