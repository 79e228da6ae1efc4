"""Which files a report is of, and their rows, one at a time.  Files are those that manifests name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from pipelines.errors import RunFailed, UsageError
from schemas.codec import read_container
from schemas.registry import ARTICLE, OUTCOME, schema_source
from transforms.compact import CompactionFailed, DayOfOutput, readable_files
from transforms.core.layout import FOLDERS
from transforms.core.manifest import PublishedFile
from transforms.filesystem import join, list_files, open_bytes

Row = dict[str, Any]

UNREAD = {
    ARTICLE: frozenset({"images", "embeds", "boilerplate", "links", "live_updates", "corrections", "simhash", "fetch"}),
    OUTCOME: frozenset({"payload", "traceback"}),
}
"""Fields that no figure needs and that take long to decode."""

LOOK_BACK = timedelta(days=31)
"""How far back an earlier headline is looked for."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Days (both ends included; None is open), or one run."""

    output: str
    first: date | None = None
    last: date | None = None
    run_id: str | None = None

    def has_day(self, day: date) -> bool:
        """Whether the report is of this day too."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Found:
    """Manifests by time, and paths of the files, the newest first."""

    manifests: tuple[Mapping[str, Any], ...]
    articles: tuple[str, ...]
    outcomes: tuple[str, ...]


def find(selection: Selection) -> Found:
    """What there is.  Raises `UsageError` where no run was finished, `RunFailed` for a damaged output."""
    manifests = _manifests(selection)
    if not manifests:
        raise UsageError(f"{selection.output}: no finished run there{_of_what(selection)}")
    days = sorted({_day_of(manifest) for manifest in manifests}, reverse=True)
    files = [file for day in days for file in _files(selection.output, day)]
    if selection.run_id is not None:
        wanted = {entry["path"] for manifest in manifests for entry in manifest["files"]}
        files = [file for file in files if file.path in wanted or "/compact-" in file.path]
    return Found(manifests, *(_paths(selection.output, files, schema) for schema in (ARTICLE, OUTCOME)))


def rows(selection: Selection, paths: Iterable[str], schema: str, only: Iterable[str] = ()) -> Iterator[Row]:
    """The rows of the selection; with ``only``, no other fields.  Raises `RunFailed` for a damaged file."""
    fields = frozenset((*only, "run_id")) if only else None
    for path in paths:
        for row in _rows_of(path, _reader_schema(schema, fields)):
            if selection.run_id in (None, row["run_id"]):
                yield row


def earlier_headlines(selection: Selection, since: datetime, until: date) -> Iterator[Row]:
    """Versions with their headlines, day by day from ``until`` back to the day of ``since``, a month at the most."""
    first = max(since.date(), until - LOOK_BACK)
    for day in sorted(_days(selection.output), reverse=True):
        if first <= day <= until:
            paths = _paths(selection.output, _files(selection.output, day), ARTICLE)
            yield from rows(Selection(selection.output), paths, ARTICLE, only=("version_id", "headline"))


def _manifests(selection: Selection) -> tuple[Mapping[str, Any], ...]:
    pattern = join(selection.output, "runs", f"{selection.run_id or '*'}.json")
    found = [_manifest(path) for path in list_files(pattern)]
    return tuple(
        sorted(
            (each for each in found if selection.has_day(_day_of(each))), key=lambda each: (each["now"], each["run_id"])
        )
    )


def _manifest(path: str) -> Mapping[str, Any]:
    with open_bytes(path) as file:
        data = file.read()
    try:
        manifest: Mapping[str, Any] = json.loads(data)
        _day_of(manifest), manifest["run_id"], [entry["path"] for entry in manifest["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise RunFailed(f"{path}: not a manifest of newsbeam: {type(error).__name__}: {error}") from error
    return manifest


def _day_of(manifest: Mapping[str, Any]) -> date:
    return datetime.fromisoformat(manifest["now"]).astimezone(UTC).date()


def _days(output: str) -> set[date]:
    """The days that have articles."""
    paths = list_files(join(output, "articles", "date=*", "*"))
    return {day for path in paths if (day := _day_of_folder(path.replace("\\", "/").split("/")[-2]))}


def _day_of_folder(name: str) -> date | None:
    try:
        return date.fromisoformat(name.removeprefix("date="))
    except ValueError:  # a folder that is not ours
        return None


def _files(output: str, day: date) -> list[PublishedFile]:
    """The newest names first: names begin with the time of the run."""
    try:
        return sorted(readable_files(DayOfOutput(output, day)), key=lambda file: file.path, reverse=True)
    except CompactionFailed as error:
        raise RunFailed(f"{output}: {error}") from error


def _paths(output: str, files: Iterable[PublishedFile], schema: str) -> tuple[str, ...]:
    return tuple(join(output, file.path) for file in files if file.path.startswith(f"{FOLDERS[schema]}/"))


def _rows_of(path: str, schema: dict[str, Any]) -> Iterator[Row]:
    with open_bytes(path) as file:
        try:
            yield from read_container(file, schema)
        except ValueError as error:
            raise RunFailed(f"{path}: {error}") from error


@cache
def _reader_schema(name: str, only: frozenset[str] | None) -> dict[str, Any]:
    """The current schema, so that rows of older ones are filled up, without what is not wanted."""
    source = schema_source(name)
    wanted = [
        field for field in source["fields"] if (field["name"] in only if only else field["name"] not in UNREAD[name])
    ]
    return {**source, "fields": wanted}


def _of_what(selection: Selection) -> str:
    if selection.run_id is not None:
        return f" with the id {selection.run_id}"
    return "" if selection.first is selection.last is None else " in these days"
