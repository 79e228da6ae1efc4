"""Records to Avro and back.

A record is encoded alone before it joins a file: fastavro leaves half a record in the block when a write into a file
fails, and the next record is then read wrong.  `encode` therefore raises `InvalidRecord` before any file is touched.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from types import NoneType, UnionType
from typing import IO, Any, TypeVar, get_args, get_origin, get_type_hints

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.validation import ValidationError, validate

from schemas.article import Article
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME, file_schema, parsed_schema

T = TypeVar("T")

CODEC = "deflate"
"""Read by every warehouse engine that was tried; zstandard, xz and lz4 are not."""

COMPRESSION_LEVEL = 6
"""Of deflate."""

SYNC_INTERVAL = 512 * 1024
"""Bytes in a block.  fastavro's 16,000 would make each article a block of its own."""


class InvalidRecord(ValueError):
    """A record that its schema does not take; the message names the field's value or type."""


def to_row(record: Any) -> dict[str, Any]:
    """``record``, a dataclass of this package, as nested dicts; tuples stay tuples."""
    return {name: _plain(getattr(record, name)) for name in _names(type(record))}  # type: ignore[arg-type]  # classes are hashable


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def from_row(kind: type[T], row: dict[str, Any]) -> T:
    """The dataclass ``kind`` that `to_row` made ``row`` of; a time may also be text (ISO 8601).

    A field that the row lacks takes its default, so that rows of older schemas can be read.  Raises TypeError, KeyError
    or, for a text that is no time, ValueError where the row is of another kind.
    """
    if not isinstance(row, dict):
        raise TypeError(f"{kind.__name__}: {type(row).__name__} is no record")
    readers = _readers(kind)  # type: ignore[arg-type]  # classes are hashable
    return kind(**{name: readers[name](value) for name, value in row.items()})


def to_json(record: Any) -> bytes:
    """``record``, a dataclass without bytes, as a JSON object in ASCII: what waits on disk inside a run."""
    return json.dumps(to_row(record), default=datetime.isoformat, separators=(",", ":")).encode()


def from_json(kind: type[T], data: bytes) -> T:
    """The dataclass ``kind`` that `to_json` made ``data`` from."""
    return from_row(kind, json.loads(data))


@cache
def _readers(kind: type[Any]) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How a value of the type ``hint`` is built from plain data."""
    if is_dataclass(hint) and isinstance(hint, type):
        return lambda value: from_row(hint, value)
    if hint is datetime:
        return lambda value: datetime.fromisoformat(value) if isinstance(value, str) else value
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda value: tuple(item(each) for each in value)
    if get_origin(hint) is UnionType:
        some = _reader(next(each for each in get_args(hint) if each is not NoneType))
        return lambda value: None if value is None else some(value)
    return lambda value: value


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return to_row(value)
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, datetime):
        return _in_utc(value)
    return value


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.  fastavro reads a time without a zone as the machine's, and cannot read back one that
    lies outside the years 1 to 9999 in UTC."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def schema_name(record: Article | Outcome) -> str:
    """Which schema ``record`` is written with."""
    return ARTICLE if isinstance(record, Article) else OUTCOME


def encode(record: Article | Outcome) -> bytes:
    """``record`` as Avro binary data without a container.

    Raises `InvalidRecord` where a value does not fit the schema: a wrong type, a lone surrogate, a number or a time
    out of range.
    """
    buffer = BytesIO()
    name = schema_name(record)
    try:
        row = to_row(record)
        # The writer alone takes an int of 33 bits, "yes" for a boolean, and a text for an array of its letters.
        # Errors are only put into words where there is one: that costs half of the whole encoding.
        if not validate(row, parsed_schema(name), strict=True, raise_errors=False):
            validate(row, parsed_schema(name), strict=True)
        fastavro.schemaless_writer(buffer, parsed_schema(name), row, strict=True)
    except (ValidationError, ValueError, TypeError, OverflowError, AttributeError) as error:
        # What fastavro 1.13 raises for values it cannot encode; UnicodeEncodeError is a ValueError.
        raise InvalidRecord(f"{name}: {type(error).__name__}: {error}") from error
    return buffer.getvalue()


def decode(name: str, data: bytes) -> dict[str, Any]:
    """The row of schema ``name`` that `encode` made ``data`` from."""
    row: Any = fastavro.schemaless_reader(BytesIO(data), parsed_schema(name), None)
    return dict(row)


class ContainerWriter:
    """Writes rows of schema ``name`` into ``file`` as one Avro object container file, a row at a time.

    The sync marker comes from the schema, so that the same rows give the same bytes.  Nothing is whole before `flush`.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        schema, level = file_schema(name), COMPRESSION_LEVEL
        marker = hashlib.md5(repr(sorted(schema)).encode() + name.encode(), usedforsecurity=False).digest()
        self._writer = fastavro.write.Writer(
            file,
            schema,
            codec=CODEC,
            sync_interval=SYNC_INTERVAL,
            sync_marker=marker,
            compression_level=level,
        )

    def write(self, row: dict[str, Any]) -> None:
        """Adds one row."""
        self._writer.write(row)

    def flush(self) -> None:
        """Writes what is held back."""
        self._writer.flush()


def write_container(file: IO[bytes], name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Writes ``rows`` of schema ``name`` as one Avro object container file: see `ContainerWriter`."""
    writer = ContainerWriter(file, name)
    for row in rows:
        writer.write(row)
    writer.flush()


def read_container(file: IO[bytes], schema: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of an Avro object container file.  Raises ValueError where it is not one, is damaged, or holds others.

    ``schema`` is a reader schema: with fewer fields than the file has, the others are skipped.
    """
    try:
        rows: Iterator[Any] = fastavro.reader(file, schema)
        yield from rows
    except (EOFError, IndexError, KeyError, OverflowError, zlib.error) as error:
        # What fastavro 1.13 raises for a file that ends early or whose bytes were changed, besides ValueError.
        raise ValueError(f"damaged: {type(error).__name__}: {error}") from error
    except SchemaResolutionError as error:
        raise ValueError("the rows are of another schema") from error
