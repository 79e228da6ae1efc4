"""A cluster does work again, and sometimes twice at once: what a try given up for dead does late must harm no other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apache_beam.internal import pickler

from schemas.codec import to_row
from schemas.hops import Run
from schemas.state import FeedState
from transforms.core.snapshot import FEEDS, Row
from transforms.cpu_pool import CpuPool, PoolConfig, shared_pool
from transforms.state.shards import StateConfig, check_file, write_shard
from transforms.state.store import LocalStore, StateLost

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


def feed(url: str) -> Row:
    return to_row(FeedState(url, NOW, NOW, NOW, 600, "as is usual"))


def test_a_late_try_writes_beside_the_shard_that_counts(tmp_path: Path) -> None:
    config = StateConfig(str(tmp_path), Run("r1", NOW, "0"), str(tmp_path / "out"), None)
    counts = write_shard(config, FEEDS, 0, [feed("https://a.example/feed")])
    write_shard(config, FEEDS, 0, [feed("https://b.example/feed")])
    check_file(str(tmp_path / counts.path), counts)
    again = write_shard(config, FEEDS, 0, [feed("https://a.example/feed")])
    assert again == counts
    assert len(list(tmp_path.rglob("*.avro"))) == 2


def test_a_job_whose_starter_is_gone_does_not_publish_into_the_next_run(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    with store.held("r1", "out", "08:00"):
        guard: Callable[[], None] = pickler.loads(pickler.dumps(store.guard()))
        guard()
    with LocalStore(str(tmp_path)).held("r2", "out", "08:10"), pytest.raises(StateLost, match="taken over by run r2"):
        guard()


def test_steps_that_are_set_up_at_once_share_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Slow(CpuPool):
        def __init__(self, config: PoolConfig) -> None:
            made.append(config)
            super().__init__(config)

    monkeypatch.setattr("transforms.cpu_pool.CpuPool", Slow)
    config = PoolConfig(processes=1, task_seconds=7.5)
    with ThreadPoolExecutor(4) as threads:
        pools = set(threads.map(shared_pool, [config] * 8))
    assert len(pools) == len(made) == 1
