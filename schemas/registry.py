"""The Avro schemas that newsbeam writes, loaded from the package."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form

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


@cache
def schema_fingerprint(name: str) -> str:
    """SHA-256 of the parsing canonical form (Avro specification, "Schema Fingerprints"), in hexadecimal digits."""
    return str(fingerprint(to_parsing_canonical_form(schema_source(name)), "SHA-256"))
