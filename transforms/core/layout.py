"""Where a run's files lie below OUTPUT, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

FOLDERS = {"article": "articles", "outcome": "outcomes"}
"""Schema to folder."""

WORK_FOLDER = "_newsbeam_work"
"""Where parts lie until a run is published; readers of `articles/` never see it."""

PARQUET_FOLDER = "parquet"
"""Below OUTPUT, where the sink of Parquet files puts them unless it is told another place."""

NAME_DIGITS = 16
"""Hexadecimal digits of the content's digest in a file name: 64 bits, among the few files of one run."""


@dataclass(frozen=True, slots=True)
class RunLayout:
    """Paths of one run, relative to OUTPUT."""

    run_id: str
    now: datetime

    @property
    def work(self) -> str:
        """Everything here is removed when the run is published."""
        return f"{WORK_FOLDER}/{self.run_id}"

    @property
    def parts(self) -> str:
        """Sorted runs of encoded records."""
        return f"{self.work}/parts"

    @property
    def texts(self) -> str:
        """What feeds say in place of pages."""
        return f"{self.work}/texts"

    @property
    def merged(self) -> str:
        """Whole files that wait for publication."""
        return f"{self.work}/merged"

    @property
    def manifest(self) -> str:
        """Its presence says that the run is complete."""
        return f"runs/{self.run_id}.json"

    def folder(self, schema: str) -> str:
        """Where readers find the rows of ``schema``, partitioned by the UTC day of the run."""
        return f"{FOLDERS[schema]}/date={self.now.astimezone(UTC):%Y-%m-%d}"

    def file(self, schema: str, sha256: str) -> str:
        """The name comes from the run and the content: a repeated run replaces its own files."""
        return f"{self.folder(schema)}/{self.run_id}-{sha256[:NAME_DIGITS]}.avro"

    def owns(self, path: str) -> bool:
        """Whether the file at ``path`` was published by a run of this id: ``a`` does not own files of ``a-b``."""
        name = re.split(r"[/\\]", path)[-1]
        return bool(re.fullmatch(re.escape(self.run_id) + rf"-[0-9a-f]{{{NAME_DIGITS}}}\.(avro|parquet)", name))

    @property
    def published(self) -> list[str]:
        """Globs of what this run may have put where readers look, and others whose ids begin alike: `owns` tells."""
        folders = [self.folder(schema) for schema in FOLDERS]
        columns = [f"{PARQUET_FOLDER}/{folder}/{self.run_id}-*.parquet" for folder in folders]
        return [*(f"{folder}/{self.run_id}-*.avro" for folder in folders), *columns]
