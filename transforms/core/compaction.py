"""Which files of a day become one, and how a consumer knows: the plan and the manifest of a compaction.

The manifests of runs are never rewritten.  A compaction has a manifest of its own below ``runs/compactions/`` that says
of each new file which files it replaces; what is current is what manifests name and no compaction replaced.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from transforms.core.layout import FOLDERS, NAME_DIGITS, WORK_FOLDER
from transforms.core.manifest import PublishedFile

COMPACTION_VERSION = 1

MANIFESTS = "runs/compactions"

ID_DIGITS = 12
"""Hexadecimal digits in a compaction's id: 48 bits, among the compactions of one day."""


@dataclass(frozen=True, slots=True)
class CompactionLayout:
    """Paths of the compactions of one day, relative to OUTPUT."""

    day: date

    @property
    def work(self) -> str:
        """Where merged files wait."""
        return f"{WORK_FOLDER}/compact-{self.day}"

    @property
    def plan(self) -> str:
        """Its presence says that all merged files are whole."""
        return f"{self.work}/plan.json"

    @property
    def manifests(self) -> str:
        """A glob of the manifests of the day."""
        return f"{MANIFESTS}/compact-{self.day}-*.json"

    def manifest(self, compaction_id: str) -> str:
        """Its presence says that the new files are current and the old ones are not."""
        return f"{MANIFESTS}/{compaction_id}.json"

    def compaction_id(self, groups: Sequence[Sequence[PublishedFile]]) -> str:
        """The same files give the same id."""
        named = "\n".join(f"{file.path} {file.sha256}" for group in groups for file in group)
        return f"compact-{self.day}-{hashlib.sha256(named.encode()).hexdigest()[:ID_DIGITS]}"

    def folder(self, schema: str) -> str:
        """Where readers find the rows of the day."""
        return f"{FOLDERS[schema]}/date={self.day}"

    def file(self, schema: str, compaction_id: str, sha256: str) -> str:
        """The name of a new file: the same content has the same name."""
        return f"{self.folder(schema)}/{compaction_id}-{sha256[:NAME_DIGITS]}.avro"

    def merged(self, path: str) -> str:
        """Where the new file that will be at ``path`` waits."""
        return f"{self.work}/merged/{path}"


@dataclass(frozen=True, slots=True)
class Replacement:
    """A new file and the files whose records it holds, in that order."""

    file: PublishedFile
    replaces: tuple[PublishedFile, ...]


@dataclass(frozen=True, slots=True)
class Compaction:
    """What one compaction does: a plan before, a manifest afterwards."""

    compaction_id: str
    day: date
    now: datetime
    replacements: tuple[Replacement, ...]


def run_of(path: str) -> str | None:
    """The id of the run, or of the compaction, that gave a file its name; None where it has another form."""
    found = re.fullmatch(rf"(.+)-[0-9a-f]{{{NAME_DIGITS}}}\.avro", re.split(r"[/\\]", path)[-1])
    return found[1] if found else None


def files_of_manifest(manifest: Mapping[str, Any]) -> list[PublishedFile]:
    """The files that a run's manifest names."""
    return [_file(entry) for entry in manifest["files"]]


def current_files(published: Iterable[PublishedFile], compactions: Iterable[Compaction]) -> dict[str, PublishedFile]:
    """Path to file, sorted: what the runs published and the compactions made, less what was replaced."""
    replacements = [replacement for compaction in compactions for replacement in compaction.replacements]
    replaced = {file.path for replacement in replacements for file in replacement.replaces}
    files = {file.path: file for file in [*published, *(replacement.file for replacement in replacements)]}
    return {path: files[path] for path in sorted(files) if path not in replaced}


def groups_of(files: Iterable[tuple[Hashable, PublishedFile]], target: int) -> list[list[PublishedFile]]:
    """Files that become one, in the order of their paths.

    Each file comes with a key: only files of one key are merged.  A group is closed when it has ``target`` bytes; files
    of that size are left alone, and so is a file that would stay by itself.
    """
    small = sorted(
        ((repr(key), file) for key, file in files if file.size < target), key=lambda each: (each[0], each[1].path)
    )
    found = []
    for _, alike in groupby(small, key=lambda each: each[0]):
        found += list(_filled((file for _, file in alike), target))
    return [group for group in found if len(group) > 1]


def _filled(files: Iterable[PublishedFile], target: int) -> Iterator[list[PublishedFile]]:
    group: list[PublishedFile] = []
    size = 0
    for file in files:
        group.append(file)
        size += file.size
        if size >= target:
            yield group
            group, size = [], 0
    yield group


def to_document(compaction: Compaction) -> dict[str, Any]:
    """The manifest as plain data."""
    return {
        "compaction_version": COMPACTION_VERSION,
        "compaction_id": compaction.compaction_id,
        "date": compaction.day.isoformat(),
        "now": compaction.now.isoformat(),
        "files": [
            {**_entry(each.file), "replaces": [_entry(file) for file in each.replaces]}
            for each in compaction.replacements
        ],
    }


def from_document(document: Mapping[str, Any]) -> Compaction:
    """What `to_document` made.  Raises KeyError, TypeError or ValueError for anything else."""
    replacements = [
        Replacement(_file(entry), tuple(_file(each) for each in entry["replaces"])) for entry in document["files"]
    ]
    return Compaction(
        compaction_id=document["compaction_id"],
        day=date.fromisoformat(document["date"]),
        now=datetime.fromisoformat(document["now"]),
        replacements=tuple(replacements),
    )


def _file(entry: Mapping[str, Any]) -> PublishedFile:
    return PublishedFile(entry["path"], entry["schema"], entry["records"], entry["bytes"], entry["sha256"])


def _entry(file: PublishedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "schema": file.schema,
        "records": file.records,
        "bytes": file.size,
        "sha256": file.sha256,
    }
