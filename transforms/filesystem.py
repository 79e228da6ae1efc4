"""The few file operations that newsbeam needs, on any Beam filesystem: a folder, gs://, s3:// …

Object stores have no folders: there a folder is what the names of objects begin with.  Errors are OSErrors everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from transforms import google_storage
from transforms.google_storage import plain_errors

HASH_BLOCK = 1024 * 1024


def join(base: str, *parts: str) -> str:
    """A path below ``base``; the parts use ``/``."""
    return str(FileSystems.join(base, *(piece for part in parts for piece in part.split("/"))))


def folder_of(path: str) -> str:
    """The path of the folder that ``path`` is in."""
    return str(FileSystems.split(path)[0])


@contextmanager
def create(path: str) -> Iterator[IO[bytes]]:
    """A new file to write, its folder made first: Beam's local filesystem does not."""
    ensure_folder(folder_of(path))
    with plain_errors(path), FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        yield file


@contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """The file as stored: nothing is decompressed by its name."""
    with plain_errors(path), FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as file:
        yield file


def exists(path: str) -> bool:
    """Whether there is a file or folder at ``path``."""
    with plain_errors(path):
        return bool(FileSystems.exists(path)) or (not has_folders(path) and _has_objects(path))


def has_folders(path: str) -> bool:
    """Whether there are folders where ``path`` is; object stores have none."""
    return bool(FileSystems.get_filesystem(path).has_dirs())


def problem_with(path: str) -> str | None:
    """What is missing, before anything is asked, to write at ``path``; None where nothing is."""
    scheme = FileSystems.get_scheme(path)
    if scheme == "gs":
        return google_storage.problem()
    if scheme == "s3" and find_spec("boto3") is None:
        return "s3:// needs the client of AWS: pip install 'newsbeam[aws]'"
    return None


def ensure_folder(path: str) -> None:
    """Makes the folder; one that is there is fine.  Object stores have none to make."""
    if not has_folders(path):
        return
    try:
        if not FileSystems.exists(path):
            FileSystems.mkdirs(path)
    except OSError:
        if not FileSystems.exists(path):  # another worker may have made it just now
            raise


def list_files(pattern: str) -> list[str]:
    """Paths that match the glob, sorted; none is an empty list."""
    with plain_errors(pattern):
        return sorted(item.path for result in FileSystems.match([pattern]) for item in result.metadata_list)


def move(source: str, target: str) -> None:
    """Renames, replacing ``target``, which appears whole.  Called again after it succeeded it does nothing."""
    ensure_folder(folder_of(target))
    with plain_errors(source):
        if not FileSystems.exists(source) and FileSystems.exists(target):
            return
        FileSystems.rename([source], [target])


def remove(paths: list[str]) -> None:
    """Deletes files or folders with all below them; what is not there is passed over."""
    for path in paths:
        with plain_errors(path):
            if FileSystems.exists(path):
                _delete(path)
            if not has_folders(path) and _has_objects(path):
                _delete_objects(path)


def sha256_of(path: str) -> tuple[str, int]:
    """(hexadecimal digest, size in bytes) of a file."""
    digest, size = hashlib.sha256(), 0
    with open_bytes(path) as file:
        while True:
            block = file.read(HASH_BLOCK)
            digest.update(block)
            size += len(block)
            if len(block) < HASH_BLOCK:  # the end: to ask again would be one more request to an object store
                return digest.hexdigest(), size


def _delete(path: str) -> None:
    try:
        FileSystems.delete([path])
    except BeamIOError:
        if FileSystems.exists(path):
            raise


def _delete_objects(folder: str) -> None:
    """All objects below ``folder``.  Beam only logs those that it could not delete, so they are looked for."""
    FileSystems.delete([_below(folder)])
    if _has_objects(folder):
        raise OSError(f"{folder}: not all objects below it could be deleted")


def _has_objects(folder: str) -> bool:
    (found,) = FileSystems.match([f"{_below(folder)}**"], [1])
    return bool(found.metadata_list)


def _below(folder: str) -> str:
    return folder.rstrip("/") + "/"
