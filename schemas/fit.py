"""Does a consumer's copy of a schema, or a file of theirs, fit what newsbeam writes and reads?  In words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.article import SCHEMA_VERSION
from schemas.compatibility import mismatches
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import release_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it fits, and a few sentences for a person."""

    fits: bool
    lines: tuple[str, ...]


def check_copy(schema: dict[str, Any]) -> Verdict:
    """Of a schema that a consumer reads with: it fits where it reads all that is written today."""
    return _check(schema, "reads what newsbeam writes today", reads=True)


def check_file(schema: dict[str, Any]) -> Verdict:
    """Of the schema inside a file: it fits where today's schema reads the file."""
    return _check(schema, "is read by today's schema", reads=False)


def _check(schema: dict[str, Any], promise: str, *, reads: bool) -> Verdict:
    name = _name_of(schema)
    if name is None:
        known = f"{ARTICLE.capitalize()} or {OUTCOME.capitalize()}"
        return Verdict(False, (f"does not fit: a record {schema.get('name')}, where {known} is expected",))
    current = schema_source(name)
    found = mismatches(schema, current) if reads else mismatches(current, schema)
    head = f"does not fit: {name}, {_which(schema, name)}" if found else f"fits: {name}, {_which(schema, name)}"
    if found:
        return Verdict(False, (head, *(f"  {mismatch}" for mismatch in found)))
    return Verdict(True, (head, f"  it {promise}", *_differences(schema, current, reads=reads)))


def _name_of(schema: dict[str, Any]) -> str | None:
    bare = str(schema["name"]).rpartition(".")[2]
    return next((name for name in (ARTICLE, OUTCOME) if name.capitalize() == bare), None)


def _which(schema: dict[str, Any], name: str) -> str:
    version = release_of(schema, name)
    if version is None:
        return "no released version"
    return f"version {version}, the current one" if version == SCHEMA_VERSION else f"version {version}"


def _differences(schema: dict[str, Any], current: dict[str, Any], *, reads: bool) -> list[str]:
    theirs, ours = field_paths(schema), field_paths(current)
    lines = []
    if missing := [path for path in ours if path not in set(theirs)]:
        verb = "does not know" if reads else "lacks, and readers fill with their defaults"
        lines.append(f"  it {verb}: {', '.join(missing)}")
    if extra := [path for path in theirs if path not in set(ours)]:
        verb = "has besides, and fills with its defaults" if reads else "has besides, which readers pass over"
        lines.append(f"  it {verb}: {', '.join(extra)}")
    return lines


def field_paths(schema: Any, path: str = "") -> list[str]:
    """Every field of a record schema as ``a.b``, in order; through unions and arrays."""
    if isinstance(schema, list):
        return [found for branch in schema for found in field_paths(branch, path)]
    if not isinstance(schema, dict):
        return []
    found = []
    for field in schema.get("fields", ()):
        place = f"{path}.{field['name']}" if path else field["name"]
        found += [place, *field_paths(field["type"], place)]
    inner = [schema["items"]] if "items" in schema else []
    return found + [each for kind in inner for each in field_paths(kind, path)]
