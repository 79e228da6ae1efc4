"""What a process of the pool loads: models and the watchlist as it was when it was checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from transforms.cpu_pool import PoolConfig
from transforms.worker import Tools, WatchlistFile, ready

LIST = b"name,type\nNora Castell,PERSON\n"


def test_watchlist_is_part_of_what_a_pool_is(tmp_path: Path) -> None:
    file = WatchlistFile(str(tmp_path / "list.csv"), "0" * 64)
    assert PoolConfig(watchlist=file).tools == Tools((), file)
    assert PoolConfig(watchlist=file) != PoolConfig()


def test_file_that_changed_fails_the_run(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST)
    assert ready(Tools((), WatchlistFile(str(path), hashlib.sha256(LIST).hexdigest())))
    path.write_bytes(LIST + b"Peter Lund,PERSON\n")
    changed = WatchlistFile(str(path), hashlib.sha256(LIST + b"x").hexdigest())
    with pytest.raises(ValueError, match="has changed since the run began"):
        ready(Tools((), changed))


def test_watchlist_reads_as_path_and_digest() -> None:
    assert str(WatchlistFile("people.csv", "ab")) == "people.csv sha256:ab"
