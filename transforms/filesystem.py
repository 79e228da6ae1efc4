"""The few file operations that newsbeam needs, on any Beam filesystem: a folder, gs://, s3:// …"""

from __future__ import annotations

import hashlib
from typing import IO

from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

HASH_BLOCK = 1024 * 1024


def join(base: str, *parts: str) -> str:
    """A path below ``base``; the parts use ``/``."""
    return str(FileSystems.join(base, *(piece for part in parts for piece in part.split("/"))))


def create(path: str) -> IO[bytes]:
    """A new file, its folder made first: Beam's local filesystem does not."""
    ensure_folder(FileSystems.split(path)[0])
    handle: IO[bytes] = FileSystems.create(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return handle


def open_bytes(path: str) -> IO[bytes]:
    """The file as stored: nothing is decompressed by its name."""
    handle: IO[bytes] = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    return handle


def exists(path: str) -> bool:
    """Whether there is a file or folder at ``path``."""
    return bool(FileSystems.exists(path))


def ensure_folder(path: str) -> None:
    """Makes the folder; one that is there is fine.  Object stores have none to make."""
    try:
        if not FileSystems.exists(path):
            FileSystems.mkdirs(path)
    except OSError:
        if not FileSystems.exists(path):  # another worker may have made it just now
            raise


def list_files(pattern: str) -> list[str]:
    """Paths that match the glob, sorted; none is an empty list."""
    return sorted(item.path for result in FileSystems.match([pattern]) for item in result.metadata_list)


def move(source: str, target: str) -> None:
    """Renames, replacing ``target``.  Called again after it succeeded it does nothing."""
    ensure_folder(FileSystems.split(target)[0])
    if not FileSystems.exists(source) and FileSystems.exists(target):
        return
    FileSystems.rename([source], [target])


def remove(paths: list[str]) -> None:
    """Deletes files or folders with all below them; what is not there is passed over."""
    for path in paths:
        if FileSystems.exists(path):
            try:
                FileSystems.delete([path])
            except BeamIOError:
                if FileSystems.exists(path):
                    raise


def sha256_of(path: str) -> tuple[str, int]:
    """(hexadecimal digest, size in bytes) of a file."""
    digest, size = hashlib.sha256(), 0
    with open_bytes(path) as file:
        while block := file.read(HASH_BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size
