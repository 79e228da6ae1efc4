"""Every released version of the schemas, with the file that it once wrote.

``schemas/history/VERSION/`` holds, for ``article`` and ``outcome``, the .avsc as released and a golden .avro written by
it.  Neither is ever edited.  ``python -m schemas.released`` adds the current version, once.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastavro
from fastavro.schema import to_parsing_canonical_form

from schemas.article import SCHEMA_VERSION
from schemas.codec import CODEC
from schemas.registry import ARTICLE, OUTCOME, file_schema, schema_source
from schemas.samples import sample_rows

HISTORY = "history"

GOLDEN_ROWS = 3
"""One row with every field filled, one with the defaults, one between."""


def released_versions() -> list[str]:
    """The versions, oldest first."""
    names = [folder.name for folder in (files("schemas") / HISTORY).iterdir() if folder.is_dir()]
    return sorted((name for name in names if name[0].isdigit()), key=lambda name: [int(n) for n in name.split(".")])


def released_schema(version: str, name: str) -> dict[str, Any]:
    """The schema ``name`` as ``version`` had it."""
    loaded: dict[str, Any] = json.loads(_file(version, f"{name}.avsc").decode("utf-8"))
    return loaded


def golden_file(version: str, name: str) -> bytes:
    """The Avro container file that ``version`` wrote."""
    return _file(version, f"{name}.avro")


def bare(schema: Any) -> Any:
    """``schema`` without docs and namespaces: what a reader or a writer goes by, defaults included."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: bare(value) for key, value in schema.items() if key not in ("doc", "namespace")}
    return {**kept, "name": kept["name"].rpartition(".")[2]} if "name" in kept else kept


def release_of(schema: dict[str, Any], name: str) -> str | None:
    """The newest released version with the fields of ``schema``; None where there is none.

    Compared is the parsing canonical form: the schema in a file lacks defaults that the .avsc has.
    """
    form = to_parsing_canonical_form(schema)
    same = [each for each in released_versions() if to_parsing_canonical_form(released_schema(each, name)) == form]
    return same[-1] if same else None


def release(folder: Path, version: str) -> None:
    """Writes the current schemas and their golden files into ``folder``, a new one, as ``version``."""
    target = folder / version
    target.mkdir(parents=True)  # raises FileExistsError: a release is never written again
    for name in (ARTICLE, OUTCOME):
        source = schema_source(name)
        (target / f"{name}.avsc").write_text(json.dumps(source, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        with (target / f"{name}.avro").open("wb") as file:
            rows = sample_rows(source, GOLDEN_ROWS)
            marker = _marker(version, name)
            fastavro.writer(file, file_schema(name), rows, codec=CODEC, sync_marker=marker, strict=True)


def _marker(version: str, name: str) -> bytes:
    """Always the same, and nothing that stands in data: Spark looks for it from the middle of a file."""
    return hashlib.md5(f"{version}/{name}".encode(), usedforsecurity=False).digest()


def _file(version: str, name: str) -> bytes:
    return (files("schemas") / HISTORY / version / name).read_bytes()


if __name__ == "__main__":
    try:
        release(Path(__file__).parent / HISTORY, SCHEMA_VERSION)
    except FileExistsError as error:
        sys.exit(f"{error.filename}: released already; raise SCHEMA_VERSION in schemas/article.py first")
