"""Rows one by one, for message queues: Avro's single-object encoding, and plain JSON.

The first is that of the Avro 1.12 specification, "Single-object encoding": two bytes C3 01, eight bytes that say which
schema wrote the row, and the row.  Whoever has the released schemas finds the right one by these eight bytes.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any

import fastavro
from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form

from schemas.registry import file_schema, schema_source
from schemas.released import released_schema, released_versions

MARKER = b"\xc3\x01"

FINGERPRINT_BYTES = 8


@cache
def schema_mark(name: str) -> bytes:
    """What marks a row of the schema ``name`` as it stands."""
    return mark_of(schema_source(name))


def to_single_object(name: str, row: dict[str, Any]) -> bytes:
    """``row`` of schema ``name``, marked with its schema."""
    buffer = BytesIO()
    buffer.write(MARKER + schema_mark(name))
    fastavro.schemaless_writer(buffer, file_schema(name), row)
    return buffer.getvalue()


def from_single_object(name: str, data: bytes) -> dict[str, Any]:
    """The row that `to_single_object` of this or an earlier release made, with the fields of today.

    Raises ValueError where the bytes have another form, or a schema that was never released.
    """
    head, mark = data[: len(MARKER)], data[len(MARKER) : len(MARKER) + FINGERPRINT_BYTES]
    if head != MARKER:
        raise ValueError("not an Avro single object: it does not begin with C3 01")
    if mark not in _schemas_by_mark(name):
        raise ValueError(f"no release of {name} has the fingerprint {mark.hex()}")
    body = BytesIO(data[len(MARKER) + FINGERPRINT_BYTES :])
    row: Any = fastavro.schemaless_reader(body, _schemas_by_mark(name)[mark], _parsed(schema_source(name)))
    return dict(row)


def to_json_row(row: dict[str, Any]) -> bytes:
    """``row`` as one JSON object: times as RFC 3339 in UTC, days as YYYY-MM-DD, bytes in base64, null where null is."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_plain).encode("utf-8")


@cache
def _schemas_by_mark(name: str) -> dict[bytes, dict[str, Any]]:
    released = [released_schema(version, name) for version in released_versions()]
    return {mark_of(schema): _parsed(schema) for schema in (*released, schema_source(name))}


def _parsed(schema: dict[str, Any]) -> dict[str, Any]:
    parsed: Any = parse_schema(schema)
    return dict(parsed)


def mark_of(schema: dict[str, Any]) -> bytes:
    """The CRC-64-AVRO fingerprint of ``schema``, eight bytes, the lowest first."""
    # fastavro gives the digits of the fingerprint's bytes in the order in which they are sent.
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} has no place in a row")
