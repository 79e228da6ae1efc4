"""What a message about a row says: its body, the attributes that subscriptions filter by, and its ordering key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.article import SCHEMA_VERSION
from schemas.messages import schema_mark, to_json_row, to_single_object
from schemas.registry import ARTICLE

AVRO, JSON = "avro", "json"

ENCODINGS = (AVRO, JSON)

CONTENT_TYPES = {AVRO: "application/avro", JSON: "application/json"}

LARGEST_BYTES = 9_900_000
"""Of a body.  Pub/Sub takes requests of 10,000,000 bytes, attributes and framing included
(https://cloud.google.com/pubsub/quotas, "Publish request")."""

LARGEST_VALUE_BYTES = 1024
"""Of an attribute's value, and of an ordering key, in the same table."""

Paths = Mapping[str, tuple[str, ...]]

ATTRIBUTES: Mapping[str, Paths] = {
    "article": {
        "action": ("action",),
        "article_id": ("article_id",),
        "version": ("version",),
        "version_id": ("version_id",),
        "language": ("language",),
        "source_id": ("source", "id"),
        "source_domain": ("source", "domain"),
        "run_id": ("run_id",),
    },
    "outcome": {
        "outcome": ("outcome",),
        "stage": ("stage",),
        "ok": ("ok",),
        "source_id": ("source_id",),
        "article_id": ("article_id",),
        "run_id": ("run_id",),
    },
}
"""Schema to attribute to the field that it repeats; one that is null is left out."""


@dataclass(frozen=True, slots=True)
class RowMessage:
    """``ordering_key`` is the article's id, or empty: changes of one article arrive in their order."""

    data: bytes
    attributes: Mapping[str, str]
    ordering_key: str
    is_whole: bool = True


def message_of(schema: str, row: Mapping[str, Any], encoding: str, file: str) -> RowMessage:
    """The message about ``row``.

    A row that is larger than a message may be comes without a body: the attributes say so, and name the ``file`` below
    OUTPUT that has it.  Its neighbours are not touched by that.
    """
    data = to_single_object(schema, dict(row)) if encoding == AVRO else to_json_row(dict(row))
    attributes = {
        "schema": schema,
        "schema_version": SCHEMA_VERSION,
        "schema_fingerprint": schema_mark(schema).hex(),
        "content_type": CONTENT_TYPES[encoding],
        **_repeated(schema, row),
    }
    key = str(row["article_id"]) if schema == ARTICLE else ""
    if len(data) <= LARGEST_BYTES:
        return RowMessage(data, attributes, key)
    return RowMessage(b"", {**attributes, "omitted_bytes": str(len(data)), "file": file}, key, is_whole=False)


def _repeated(schema: str, row: Mapping[str, Any]) -> dict[str, str]:
    values = {name: _at(row, path) for name, path in ATTRIBUTES[schema].items()}
    return {name: _short(value) for name, value in values.items() if value is not None}


def _at(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        value = value[name]
    return value


def _short(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.encode("utf-8", "replace")[:LARGEST_VALUE_BYTES].decode("utf-8", "ignore")
