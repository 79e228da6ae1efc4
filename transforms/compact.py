"""Small files of one day become large ones, without a change to a record and without a moment at which one is lost.

1. Merged files are written into the work folder, then the plan that names them.
2. They are moved to where readers look.
3. The manifest of the compaction is written: the switch for readers that go by manifests.
4. The files that were replaced are removed, then the work folder.

Each step can be done again: a compaction that was killed is finished by the next one, before anything else.  Between 2
and 4 a reader that goes by file names sees records twice, and takes one row a version as always.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from schemas.container import Block, joined, read_container_blocks, write_container_blocks
from transforms.core.compaction import (
    Compaction,
    CompactionLayout,
    Replacement,
    current_files,
    files_of_manifest,
    from_document,
    groups_of,
    run_of,
    to_document,
)
from transforms.core.layout import FOLDERS
from transforms.core.manifest import PublishedFile, to_json
from transforms.filesystem import create, exists, join, list_files, move, open_bytes, remove, sha256_of

T = TypeVar("T")


class CompactionFailed(Exception):
    """A day that cannot be compacted; nothing was changed.  The message names the file."""


@dataclass(frozen=True, slots=True)
class DayOfOutput:
    """One day of an output folder."""

    output: str
    day: date

    @property
    def layout(self) -> CompactionLayout:
        """The day's paths below ``output``."""
        return CompactionLayout(self.day)

    def path(self, relative: str) -> str:
        """The whole path of a place in the layout."""
        return join(self.output, relative)


def compact_day(place: DayOfOutput, target: int, now: datetime) -> Compaction | None:
    """Merges files of less than ``target`` bytes; None where there is nothing to merge.

    Raises `CompactionFailed` where a file is missing, damaged, or not what its manifest says.
    """
    finish_earlier(place)
    groups = plan_groups(place, target)
    if not groups:
        return None
    compaction_id = place.layout.compaction_id(groups)
    merged = tuple(_merge(place, compaction_id, group) for group in groups)
    compaction = Compaction(compaction_id, place.day, now, merged)
    _write_plan(place, compaction)
    _switch(place, compaction)
    return compaction


def plan_groups(place: DayOfOutput, target: int) -> list[list[PublishedFile]]:
    """The files that would be merged, group by group."""
    files = readable_files(place)
    return groups_of(((_key(place, file), file) for file in files if file.size < target), target)


def readable_files(place: DayOfOutput) -> list[PublishedFile]:
    """The current files of the day, as manifests name them.

    A file that no manifest names belongs to a run that is not finished, and is left alone.  Raises `CompactionFailed`
    where one that is named is not there.
    """
    there = _names_of_day(place)
    compactions = compactions_of(place)
    runs = sorted({run for path in there if (run := run_of(path))} | compacted_runs(compactions))
    published = [file for run in runs for file in _files_of_run(place, run) if _is_of_day(place, file)]
    files = current_files(published, compactions)
    if missing := sorted(set(files) - there):
        raise CompactionFailed(f"{missing[0]} is named by a manifest and is not there")
    return list(files.values())


def compactions_of(place: DayOfOutput) -> list[Compaction]:
    """The compactions of the day, by id."""
    return [_read_compaction(path) for path in list_files(place.path(place.layout.manifests))]


def compacted_runs(compactions: Sequence[Compaction]) -> set[str]:
    """Ids of the runs that have files in one of ``compactions``: repeated, such a run would publish its rows again."""
    replaced = [file for each in compactions for new in each.replacements for file in new.replaces]
    return {run for file in replaced if (run := run_of(file.path))}


def day_compacted(output: str, run_id: str) -> date | None:
    """A day of which a compaction holds rows of the run ``run_id``; None where there is none.

    The run's own manifest says which days these may be.  Raises `CompactionFailed` where one cannot be understood.
    """
    published = _files_of_run(DayOfOutput(output, date.min), run_id)
    days = {found[1] for file in published if (found := re.search(r"/date=(\d{4}-\d\d-\d\d)/", file.path))}
    for day in sorted(date.fromisoformat(each) for each in days):
        if run_id in compacted_runs(compactions_of(DayOfOutput(output, day))):
            return day
    return None


def finish_earlier(place: DayOfOutput) -> None:
    """Finishes what a killed compaction began, and removes what was replaced."""
    plan = place.path(place.layout.plan)
    if exists(plan):
        _switch(place, _read_compaction(plan))
    remove([place.path(place.layout.work)])
    compactions = compactions_of(place)
    if compactions:
        readable_files(place)  # raises where a new file is missing: then the old ones may be all there is
        _remove_replaced(place, compactions)


def _switch(place: DayOfOutput, compaction: Compaction) -> None:
    """Steps 2 to 4, whichever of them were done before."""
    manifest = place.path(place.layout.manifest(compaction.compaction_id))
    ready = _can_switch(place, compaction)
    if not exists(manifest):  # asked last: nothing that is replaced goes before it is there
        if not ready:
            _discard(place, compaction)
            raise CompactionFailed(f"files of {place.day} changed while they were merged; nothing was replaced")
        for replacement in compaction.replacements:
            final = replacement.file.path
            move(place.path(place.layout.merged(final)), place.path(final))
        _write_whole(place, manifest, to_json(to_document(compaction)))
    if missing := {each.file.path for each in compaction.replacements} - _names_of_day(place):
        raise CompactionFailed(f"{min(missing)} is not there; nothing was removed")
    _remove_replaced(place, [compaction])
    remove([place.path(place.layout.work)])


def _can_switch(place: DayOfOutput, compaction: Compaction) -> bool:
    """Everything that is to be replaced, and all that replaces it, is there."""
    new = {each.file.path for each in compaction.replacements}
    waiting = {path for path in new if exists(place.path(place.layout.merged(path)))}
    there = _names_of_day(place)  # listed last: a file that is being moved is seen in one place at least
    old = {file.path for each in compaction.replacements for file in each.replaces}
    return old <= there and new <= waiting | there


def _discard(place: DayOfOutput, compaction: Compaction) -> None:
    """Takes a plan back.  No manifest names its files, so the old ones are still what counts."""
    remove([place.path(each.file.path) for each in compaction.replacements])
    remove([place.path(place.layout.work)])


def _remove_replaced(place: DayOfOutput, compactions: Sequence[Compaction]) -> None:
    replaced = [file.path for each in compactions for new in each.replacements for file in new.replaces]
    remove([place.path(path) for path in replaced])


def _merge(place: DayOfOutput, compaction_id: str, group: list[PublishedFile]) -> Replacement:
    """Writes one new file into the work folder."""
    draft = place.path(f"{place.layout.work}/{uuid.uuid4().hex}.avro")
    with open_bytes(place.path(group[0].path)) as file:
        header, _ = read_container_blocks(file)
    named = "\n".join(file.sha256 for file in group)
    sync = hashlib.md5(named.encode(), usedforsecurity=False).digest()
    with create(draft) as file:
        records = write_container_blocks(file, header, joined(_blocks_of(place, group), header.codec), sync)
    if records != (expected := sum(file.records for file in group)):
        raise CompactionFailed(f"{group[0].path} and {len(group) - 1} more: {records} records, {expected} expected")
    digest, size = sha256_of(draft)
    schema = group[0].schema
    path = place.layout.file(schema, compaction_id, digest)
    move(draft, place.path(place.layout.merged(path)))
    return Replacement(PublishedFile(path, schema, records, size, digest), tuple(group))


def _blocks_of(place: DayOfOutput, group: list[PublishedFile]) -> Iterator[Block]:
    for file in group:
        path = place.path(file.path)
        try:
            if sha256_of(path)[0] != file.sha256:
                raise CompactionFailed(f"{file.path} is not what its manifest says")
            with open_bytes(path) as handle:
                _, blocks = read_container_blocks(handle)
                yield from blocks
        except ValueError as error:
            raise CompactionFailed(f"{file.path}: {error}") from error


def _key(place: DayOfOutput, file: PublishedFile) -> Hashable:
    """Files of one schema, written with the same header, can share their blocks."""
    try:
        with open_bytes(place.path(file.path)) as handle:
            header, _ = read_container_blocks(handle)
    except ValueError as error:
        raise CompactionFailed(f"{file.path}: {error}") from error
    return file.schema, header.metadata


def _names_of_day(place: DayOfOutput) -> set[str]:
    """Files that a reader of the day's folders sees, as ``articles/date=…/name.avro``."""
    patterns = [place.path(f"{place.layout.folder(schema)}/*.avro") for schema in FOLDERS]
    return {_relative(path) for pattern in patterns for path in list_files(pattern)}


def _relative(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def _is_of_day(place: DayOfOutput, file: PublishedFile) -> bool:
    return file.schema in FOLDERS and file.path.startswith(f"{place.layout.folder(file.schema)}/")


def _files_of_run(place: DayOfOutput, run: str) -> list[PublishedFile]:
    path = place.path(f"runs/{run}.json")
    return _understood(path, files_of_manifest) if exists(path) else []


def _read_compaction(path: str) -> Compaction:
    return _understood(path, from_document)


def _understood(path: str, read: Callable[[Mapping[str, Any]], T]) -> T:
    """What ``read`` makes of the manifest at ``path``."""
    with open_bytes(path) as file:
        data = file.read()
    try:
        return read(json.loads(data))
    except (KeyError, TypeError, ValueError) as error:
        raise CompactionFailed(f"{path} cannot be understood: {type(error).__name__}: {error}") from error


def _write_plan(place: DayOfOutput, compaction: Compaction) -> None:
    _write_whole(place, place.path(place.layout.plan), to_json(to_document(compaction)))


def _write_whole(place: DayOfOutput, target: str, data: bytes) -> None:
    """Writes ``target`` so that a reader sees all of it or nothing."""
    draft = place.path(f"{place.layout.work}/{uuid.uuid4().hex}.json")
    with create(draft) as file:
        file.write(data)
    move(draft, target)
