"""Places that a person names: checked before any work."""

from __future__ import annotations

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
