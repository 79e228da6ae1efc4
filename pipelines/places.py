"""Places that a person names: checked before any work."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import UsageError
from transforms.filesystem import has_folders


def usable_place(uri: str, option: str) -> str:
    """``uri`` where a filesystem serves it.  Raises `UsageError` for others; asks no server."""
    try:
        has_folders(uri)
    except ValueError as error:  # a scheme that no filesystem here serves
        wanted = "gs:// needs newsbeam[gcp], s3:// needs newsbeam[aws]"
        raise UsageError(f"{option} {uri}: no filesystem serves such a place ({wanted})") from error
    return uri


def usable_folder(uri: str, option: str) -> str:
    """``uri``, a folder or what can become one.  Raises `UsageError` for a file, and where `usable_place` does."""
    if Path(usable_place(uri, option)).is_file():
        raise UsageError(f"{option} {uri}: is a file; name a folder")
    return uri


def usable_file(uri: str, option: str) -> str:
    """``uri`` where a file can be written.  Raises `UsageError` for a folder, and where `usable_place` does."""
    if Path(usable_place(uri, option)).is_dir():
        raise UsageError(f"{option} {uri}: is a folder; name a file in it")
    return uri
