"""The watchlist that a run is given: read and checked when the command is read, named by its digest from then on."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import PurePosixPath

from transforms.core.watchlists import BadWatchlist, read_watchlist
from transforms.filesystem import open_bytes
from transforms.tasks import WatchlistFile

SUFFIXES = (".csv", ".jsonl", ".ndjson")


def watchlist_file(path: str) -> WatchlistFile:
    """The file at ``path``, any Beam filesystem, which is a watchlist without a bad row."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"'{path}': the name must end in {', '.join(SUFFIXES)}")
    try:
        with open_bytes(path) as file:
            data = file.read()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"'{path}' cannot be read: {error}") from None
    digest = hashlib.sha256(data).hexdigest()
    try:
        read_watchlist(data, suffix=suffix, digest=digest)
    except BadWatchlist as error:
        raise argparse.ArgumentTypeError(f"'{path}' {error}") from None
    return WatchlistFile(path, digest)
