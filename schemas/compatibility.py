"""Can a reader with one Avro schema read what was written with another?

The rules are those of "Schema Resolution" in the Avro 1.12 specification, with one more: a logical type must stay what
it is, for a time that is read as a number is not the same value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Any
"""A schema as JSON has it: a name, an object, or a list for a union."""

PROMOTIONS = {
    "int": {"int", "long", "float", "double"},
    "long": {"long", "float", "double"},
    "float": {"float", "double"},
    "string": {"string", "bytes"},
    "bytes": {"bytes", "string"},
}
"""Writer's type to the types a reader may take it for."""

COMPLEX = {"record", "error", "enum", "fixed", "array", "map"}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a reader cannot read: ``path`` is a field such as ``source.name``, empty for the whole record."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


@dataclass(frozen=True, slots=True)
class _Names:
    """The named types of both schemas, and the pairs that are being compared: a type may hold itself."""

    reader: Mapping[str, Schema]
    writer: Mapping[str, Schema]
    begun: set[tuple[int, int]] = field(default_factory=set)


def mismatches(reader: Schema, writer: Schema) -> list[Mismatch]:
    """All that keeps ``reader`` from reading every value that ``writer`` can write; empty where it can."""
    return list(_compare(reader, writer, "", _Names(dict(named_types(reader)), dict(named_types(writer)))))


def fully_compatible(new: Schema, old: Schema) -> list[Mismatch]:
    """Mismatches in both directions: new readers with old files, and old readers with new files."""
    return [*mismatches(new, old), *mismatches(old, new)]


def named_types(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """(name, definition) of each record, enum and fixed inside ``schema``, by name without and with its namespace."""
    if isinstance(schema, list):
        for branch in schema:
            yield from named_types(branch)
    elif isinstance(schema, dict):
        if "name" in schema and _kind(schema) in {"record", "error", "enum", "fixed"}:
            yield from ((name, schema) for name in {schema["name"], _bare(schema), _qualified(schema)})
        inner = [each["type"] for each in schema.get("fields", ())]
        inner += [schema[key] for key in ("items", "values") if key in schema]
        inner += [schema["type"]] if not isinstance(schema.get("type"), str | None) else []
        for each in inner:
            yield from named_types(each)


def _compare(reader: Schema, writer: Schema, path: str, names: _Names) -> Iterator[Mismatch]:
    reader, writer = _resolve(reader, names.reader), _resolve(writer, names.writer)
    if isinstance(writer, list):
        for branch in writer:
            yield from _compare(reader, branch, path, names)
    elif isinstance(reader, list):
        yield from _some_branch(reader, writer, path, names)
    elif (id(reader), id(writer)) not in names.begun:
        names.begun.add((id(reader), id(writer)))
        yield from _one_type(reader, writer, path, names)


def _some_branch(union: list[Schema], writer: Schema, path: str, names: _Names) -> Iterator[Mismatch]:
    tried = []
    for branch in union:
        found = list(_compare(branch, writer, path, _Names(names.reader, names.writer, set(names.begun))))
        if not found:
            return
        tried.append((_kind(_resolve(branch, names.reader)) == _kind(writer), found))
    alike = [found for same_kind, found in tried if same_kind]
    yield from alike[0] if alike else [Mismatch(path, f"{_word(writer)} is written, {_word(union)} is expected")]


def _one_type(reader: Schema, writer: Schema, path: str, names: _Names) -> Iterator[Mismatch]:
    kind = _kind(writer)
    if _kind(reader) not in PROMOTIONS.get(kind, {kind}) or _logical(reader) != _logical(writer):
        yield Mismatch(path, f"{_word(writer)} is written, {_word(reader)} is expected")
    elif kind in ("record", "error", "enum", "fixed") and not _names_meet(reader, writer):
        yield Mismatch(path, f"the {kind} {writer['name']} is written, {reader['name']} is expected")
    elif kind in ("record", "error"):
        yield from _records(reader, writer, path, names)
    elif kind == "enum":
        yield from _enums(reader, writer, path)
    elif kind == "fixed" and reader["size"] != writer["size"]:
        yield Mismatch(path, f"{writer['size']} bytes are written, {reader['size']} are expected")
    elif kind in ("array", "map"):
        inner = "items" if kind == "array" else "values"
        yield from _compare(reader[inner], writer[inner], f"{path}[]", names)


def _records(reader: Schema, writer: Schema, path: str, names: _Names) -> Iterator[Mismatch]:
    written = {each["name"]: each for each in writer["fields"]}
    for each in reader["fields"]:
        place = f"{path}.{each['name']}" if path else each["name"]
        match = next((written[name] for name in (each["name"], *each.get("aliases", ())) if name in written), None)
        if match is not None:
            yield from _compare(each["type"], match["type"], place, names)
        elif "default" not in each:
            yield Mismatch(place, "is expected, is not written, and has no default")


def _enums(reader: Schema, writer: Schema, path: str) -> Iterator[Mismatch]:
    unknown = sorted(set(writer["symbols"]) - set(reader["symbols"]))
    if unknown and "default" not in reader:
        yield Mismatch(path, f"{', '.join(unknown)} may be written, is not known, and there is no default symbol")


def _names_meet(reader: Schema, writer: Schema) -> bool:
    """Names are compared without namespace; a reader's aliases count."""
    return _bare(writer) in {_bare(reader), *(alias.rpartition(".")[2] for alias in reader.get("aliases", ()))}


def _resolve(schema: Schema, named: Mapping[str, Schema]) -> Schema:
    """A reference by name becomes its definition; ``{"type": {…}}`` its inside."""
    while isinstance(schema, dict) and not isinstance(schema["type"], str):
        schema = schema["type"]
    if isinstance(schema, dict) and schema["type"] not in COMPLEX and schema["type"] in named:
        schema = schema["type"]
    return named.get(schema, schema) if isinstance(schema, str) else schema


def _kind(schema: Schema) -> str:
    if isinstance(schema, list):
        return "union"
    return str(schema["type"] if isinstance(schema, dict) else schema)


def _logical(schema: Schema) -> str | None:
    return schema.get("logicalType") if isinstance(schema, dict) else None


def _bare(schema: Schema) -> str:
    return str(schema["name"]).rpartition(".")[2]


def _qualified(schema: Schema) -> str:
    space = schema.get("namespace")
    return f"{space}.{schema['name']}" if space else str(schema["name"])


def _word(schema: Schema) -> str:
    if isinstance(schema, list):
        return " or ".join(_word(branch) for branch in schema)
    return f"{_kind(schema)} ({_logical(schema)})" if _logical(schema) else _kind(schema)
