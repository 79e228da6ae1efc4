"""What the user points at, read and checked before anything runs: feeds, pages, archives, documents."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import NamedTuple

from apache_beam.io.filesystem import BeamIOError

from pipelines.errors import UsageError
from schemas.hops import FeedRequest, PageRequest
from transforms.core.discovery import listed_page
from transforms.core.sources import SourceError, SourceKind, SourceList, SourceSpec, read_source_list
from transforms.core.urls import ANY_PORT, check_url
from transforms.filesystem import list_files, open_bytes
from transforms.html_files import HtmlFile

MAX_LIST_BYTES = 64 * 1024 * 1024
"""A list of a million URLs; a larger file is probably no list."""

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})

_UNPAIRED = re.compile("[\ud800-\udfff]")

MAX_SHOWN = 200
URL_STARTS = "a URL starts with http:// or https://"

logger = logging.getLogger("newsbeam")


class PageList(NamedTuple):
    """Pages to ask for, and pages that lie in files."""

    requests: tuple[PageRequest, ...]
    files: tuple[HtmlFile, ...]


def feed_requests(sources: Iterable[str]) -> tuple[FeedRequest, ...]:
    """The feeds that ``--feeds`` names: URLs, or files that list them."""
    return tuple(
        FeedRequest(
            spec.url,
            position,
            source_id=spec.id,
            source_name=spec.name,
            kind=spec.kind.value,
            interval_seconds=spec.interval_seconds,
            language=spec.language,
        )
        for position, spec in enumerate(_listed(sources, SourceKind.FEED))
    )


def page_list(sources: Iterable[str], now: datetime) -> PageList:
    """The pages that ``--pages`` names: URLs, files that list them, or HTML files, globs and folders of them."""
    requests: list[PageRequest] = []
    files: dict[tuple[str, str | None], HtmlFile] = {}
    for position, source in enumerate(_pages(sources)):
        if isinstance(source, HtmlFile):
            files.setdefault((source.path, None), replace(source, position=position))
        elif source.file:
            file = HtmlFile(source.file, position, source.url, source.id, source.name)
            files.setdefault((file.path, file.url), file)
        else:
            requests.append(listed_page(source.url, position=position, now=now))
    return PageList(tuple(requests), tuple(files.values()))


def _pages(sources: Iterable[str]) -> Iterator[SourceSpec | HtmlFile]:
    for source in sources:
        if pattern := _html_pattern(source):
            yield from (HtmlFile(path) for path in _html_files(pattern, source))
        else:
            yield from _listed([source], SourceKind.PAGE)


def _html_pattern(source: str) -> str | None:
    """What matches the HTML files that ``source`` stands for; None where it is a URL or a list."""
    if source.startswith(("http://", "https://")):
        return None
    if source.endswith("/") or Path(source).is_dir():
        return source.rstrip("/") + "/**"
    return source if suffix_of(source) in HTML_SUFFIXES or re.search(r"[*?\[]", source) else None


def _html_files(pattern: str, source: str) -> list[str]:
    if Path(source).is_file():  # brackets in a name are no pattern
        return [source]
    found = [path for path in _matches(pattern, "--pages") if suffix_of(path) in HTML_SUFFIXES]
    if not found:
        raise UsageError(f"--pages {source}: no HTML file there ({', '.join(sorted(HTML_SUFFIXES))})")
    return found


def matching_files(globs: Iterable[str], option: str) -> tuple[str, ...]:
    """The files that match, in order.  Raises `UsageError` for a glob that matches none, and for a folder."""
    found: dict[str, None] = {}
    for glob in globs:
        if Path(glob).is_dir():
            raise UsageError(f"{option} {glob}: is a folder; name files, or a pattern such as '{glob.rstrip('/')}/*'")
        matches = _matches(glob, option)
        if not matches:
            raise UsageError(f"{option} {glob}: no such file")
        found.update(dict.fromkeys(matches))
    return tuple(found)


def archive_files(globs: Iterable[str], option: str) -> tuple[str, ...]:
    """`matching_files` that are archives.  Raises `UsageError` also for a name that no record could carry."""
    found = matching_files(globs, option)
    if odd := next((path for path in found if _UNPAIRED.search(path)), None):
        raise UsageError(f"{option} {odd!a}: the name is not in UTF-8; rename it, since records name their archive")
    return found


def _matches(glob: str, option: str) -> list[str]:
    try:
        return list_files(glob)
    except (OSError, ValueError) as error:
        raise UsageError(f"{option} {glob}: {_reason(error)}") from error


def _listed(sources: Iterable[str], kind: SourceKind) -> Iterator[SourceSpec]:
    for source in sources:
        if source.startswith(("http://", "https://")):
            if problem := check_url(source, ANY_PORT):
                raise UsageError(f"{source[:MAX_SHOWN]}: {problem.detail}")
            yield SourceSpec(source, kind=kind)
        else:
            yield from _read_list(source, kind)


def _read_list(path: str, kind: SourceKind) -> Iterator[SourceSpec]:
    found = read_source_list(_contents(path), name=path)
    if not isinstance(found, SourceList):
        shown = "\n".join(str(error) for error in found[:5])
        raise UsageError(f"{shown}\n({len(found)} errors in {path})" if len(found) > 5 else shown)
    for warning in found.warnings:
        logger.warning("%s", warning)
    if not found.sources:
        raise UsageError(f"{path}: the list is empty; write one URL a line")
    for spec in found.sources:
        yield _of_kind(spec, kind, path)


def _of_kind(spec: SourceSpec, kind: SourceKind, path: str) -> SourceSpec:
    """Lists without a word on the kind mean feeds; in ``--pages`` they mean pages."""
    if fault := _misplaced(spec, kind):
        raise UsageError(str(SourceError(path, spec.line, fault)))
    return spec if spec.file is None else replace(spec, file=_beside(path, spec.file))


def _misplaced(spec: SourceSpec, kind: SourceKind) -> str | None:
    if kind is SourceKind.PAGE:
        is_sitemap = spec.kind is SourceKind.SITEMAP
        return f"a sitemap among the pages: list {spec.url} under --feeds" if is_sitemap else None
    if spec.file or spec.kind is SourceKind.PAGE:
        return f"a {'file' if spec.file else 'page'} among the feeds: list it under --pages"
    return None


def _beside(list_path: str, file: str) -> str:
    """A file that a list names: relative to the list."""
    if "://" in file or PurePath(file).is_absolute():
        return file
    folder, slash, _ = list_path.rpartition("/")
    return folder + slash + file


def _contents(path: str) -> bytes:
    try:
        with open_bytes(path) as file:
            data = file.read(MAX_LIST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {_reason(error)}") from error
    if len(data) > MAX_LIST_BYTES:
        raise UsageError(f"{path}: over {MAX_LIST_BYTES // 1024**2} MiB; is it a list?")
    return data


def _reason(error: Exception) -> str:
    """What a person needs of an exception from a filesystem."""
    if isinstance(error, FileNotFoundError):
        return f"no such file ({URL_STARTS})"
    if isinstance(error, ValueError):  # a scheme that no filesystem here serves
        return f"no filesystem serves such a place ({URL_STARTS}; gs:// needs newsbeam[gcp], s3:// newsbeam[aws])"
    if isinstance(error, BeamIOError) and error.exception_details:
        return str(next(iter(error.exception_details.values())))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


def suffix_of(path: str) -> str:
    """The file's ending in lower case, with the dot."""
    return PurePath(path).suffix.lower()
