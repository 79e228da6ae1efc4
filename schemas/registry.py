"""The Avro schemas that newsbeam writes, loaded from the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType, fingerprint, parse_schema, to_parsing_canonical_form

ARTICLE = "article"
OUTCOME = "outcome"


def schema_source(name: str) -> dict[str, Any]:
    """The schema ``name`` (``article`` or ``outcome``) as its file has it, documentation included."""
    loaded: dict[str, Any] = json.loads((files("schemas") / f"{name}.avsc").read_text(encoding="utf-8"))
    return loaded


@cache
def parsed_schema(name: str) -> dict[str, Any]:
    """The schema ``name`` as fastavro wants it."""
    parsed: Any = parse_schema(schema_source(name))
    return dict(parsed)


FIRST_KEYS = {"name", "namespace", "type"}
"""These head an object, for people who look into a file."""

PLAIN_TYPES = {"boolean", "bytes", "double", "float", "int", "long", "string"}


@cache
def file_schema(name: str) -> dict[str, Any]:
    """The schema ``name`` for the head of a file, as fastavro wants it: without the defaults of plain fields.

    A default serves readers that have it in a schema of their own; in a writer's schema it says nothing.  polars 2.1
    refuses a file ("OutOfSpec") where a field of a plain type has one.
    """
    parsed: Any = parse_schema(_without_plain_defaults(schema_source(name)))
    return dict(_in_order(parsed))


def _in_order(schema: Any) -> Any:
    """The same with the keys of each object in a fixed order: fastavro 1.13 leaves them in that of a set of texts,
    which is another in each process, and they are part of a file's bytes."""
    if isinstance(schema, list):
        return [_in_order(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _in_order(schema[key]) for key in sorted(schema, key=lambda key: (key not in FIRST_KEYS, key))}


def _without_plain_defaults(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_plain_defaults(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = isinstance(schema.get("type"), str) and schema["type"] in PLAIN_TYPES
    kept = {key: value for key, value in schema.items() if not (plain and key == "default")}
    return {key: value if key == "default" else _without_plain_defaults(value) for key, value in kept.items()}


@cache
def schema_fingerprint(name: str) -> str:
    """SHA-256 of the parsing canonical form (Avro specification, "Schema Fingerprints"), in hexadecimal digits."""
    return str(fingerprint(to_parsing_canonical_form(schema_source(name)), "SHA-256"))


CONTAINER_MAGIC = b"Obj\x01"
"""How an Avro object container file begins."""


class NotASchema(ValueError):
    """Bytes that hold no Avro schema; the message says what they are instead, in a line."""


def schema_inside(data: bytes) -> dict[str, Any]:
    """The record schema that ``data`` is (.avsc) or was written with (.avro).  Raises `NotASchema`."""
    try:
        text = _header_schema(data) if data.startswith(CONTAINER_MAGIC) else data.decode("utf-8-sig")
        schema = json.loads(text)
        parse_schema(json.loads(text))
    except (ValueError, EOFError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        # What fastavro 1.13 and json raise for bytes that are cut, changed or something else.
        raise NotASchema(f"neither an Avro schema nor an Avro file: {error or type(error).__name__}") from error
    except (SchemaParseException, UnknownType) as error:
        raise NotASchema(f"not a valid Avro schema: {error or type(error).__name__}") from error
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise NotASchema("an Avro schema, but not of a record")
    return schema


def _header_schema(data: bytes) -> str:
    reader = fastavro.reader(BytesIO(data))
    return str(reader.metadata["avro.schema"])
