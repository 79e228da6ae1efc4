#!/usr/bin/env python3
"""Times a state of many feeds: written, read, joined with what a run learnt; memory of each step by itself.

    python bench/state.py --feeds 1000 10000 50000 200000
    python bench/state.py --compare 10000

For each size a child process makes a snapshot, others go on from it, and each prints its time, what it wrote, and the
most memory that it ever held.  A feed has 30 entries that were seen, and lists five pages (``--pages_a_feed``).  A run
learns something of every fifth feed and every twentieth page.

``--compare`` does the join in two ways: shard by shard, as runs do, and by a CoGroupByKey of all that is known.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam

from schemas.article import Discovery, Source
from schemas.codec import to_row
from schemas.hops import FeedRequest, Run
from schemas.outcome import Outcome
from schemas.state import FeedState, PageState
from transforms.clock import Clock
from transforms.core.identity import payload_sha256
from transforms.core.manifest import to_json
from transforms.core.revisits import PageNote
from transforms.core.snapshot import FEEDS, KEYS, PAGES, Row, StateManifest, merged_rows, read_manifest, to_document
from transforms.core.urls import url_key
from transforms.state.plan import PlanFeeds
from transforms.state.shards import DEFAULT_SHARDS, StateConfig, read_shard, write_shard
from transforms.state.update import SETTLE, Learnt, WriteState

START = datetime(2026, 11, 16, 6, tzinfo=UTC)
NEXT = START + timedelta(minutes=10)
ENTRIES = 30
FEEDS_LEARNT, PAGES_LEARNT = 5, 20
"""One of so many is heard of in a run."""

MIB = 1024 * 1024


@dataclass(frozen=True)
class Size:
    """How large a state is."""

    feeds: int
    pages: int


def feed_url(number: int) -> str:
    """The address of an invented feed; five of them share a host."""
    return f"https://desk-{number // 5:06d}.example/sections/{number % 5}/rss.xml"


def page_url(number: int, feeds: int) -> str:
    """The address of an invented page of one of the feeds."""
    return f"https://desk-{number % feeds // 5:06d}.example/2026/11/16/{number:08d}-what-the-harbour-board-said"


def feed_state(number: int, at: datetime) -> FeedState:
    """What a run would know of a feed."""
    url = feed_url(number)
    seen = b"".join(bytes.fromhex(payload_sha256(f"{url} {entry}".encode())[:16]) for entry in range(ENTRIES))
    return FeedState(
        url=url,
        first_polled_at=START - timedelta(days=40),
        last_polled_at=at,
        next_due_at=at + timedelta(minutes=10 if number % FEEDS_LEARNT == 0 else 90),
        interval_seconds=3600,
        interval_reason="about 24.0 entries a day",
        source_id=f"desk-{number}",
        etag=f'"{number:016x}"',
        last_modified="Mon, 16 Nov 2026 05:58:12 GMT",
        body_sha256=payload_sha256(url.encode()),
        last_ok_at=at,
        last_changed_at=at,
        polls=960,
        last_outcome="parsed",
        last_detail="rss20, 30 entries",
        entries_per_day=24.0,
        window=ENTRIES,
        seen=seen,
    )


def page_state(number: int, feeds: int) -> PageState:
    """What a run would know of a page."""
    url, digest = page_url(number, feeds), payload_sha256(str(number).encode())
    found = Discovery(
        kind="feed",
        seen_at=START,
        feed_url=feed_url(number % feeds),
        entry_id=url,
        entry_title=f"What the harbour board said on day {number}",
        entry_published_at=START - timedelta(hours=2),
        entry_summary=f"The board met for the {number}th time and said {digest}; nobody was surprised. " * 2,
    )
    return PageState(
        key=url_key(url),
        url=url,
        source=Source(id=f"desk-{number % feeds}", domain=f"desk-{number % feeds // 5:06d}.example"),
        discovery=found,
        first_seen_at=START,
        last_listed_at=START,
        prints=(f"{digest[:16]}:{digest[16:32]}",),
        last_fetched_at=START,
        next_check_at=START + timedelta(hours=4),
        outcome="written",
        status=200,
        etag=f'"{digest[:12]}"',
        payload_sha256=digest,
        article_id=digest[:32],
    )


def page_note(number: int, feeds: int) -> PageNote:
    """That a page was read again and is as it was."""
    url = page_url(number, feeds)
    ended = Outcome(NEXT, "next", "fetch_page", url, "not_modified", ok=True, retryable=False, status=304)
    return PageNote(url_key(url), ended=ended)


def config_of(folder: Path, run_id: str, now: datetime) -> StateConfig:
    """The state below ``folder``, as a run at ``now`` finds it."""
    manifest = folder / "manifest.json"
    found = read_manifest(manifest.read_bytes(), str(manifest)) if manifest.exists() else None
    return StateConfig(str(folder), Run(run_id, now, "bench"), "out", found, DEFAULT_SHARDS)


def keys_by_shard(config: StateConfig, count: int, key: Callable[[int], str]) -> list[list[tuple[str, int]]]:
    """(key, number) pairs, sorted, for each shard."""
    shards: list[list[tuple[str, int]]] = [[] for _ in range(config.shards)]
    for number in range(count):
        name = key(number)
        shards[config.shard_of(name)].append((name, number))
    return [sorted(shard) for shard in shards]


def make(folder: Path, size: Size) -> int:
    """Writes the first snapshot and its manifest; gives its bytes."""
    config = config_of(folder, "first", START)
    kinds: tuple[tuple[str, int, Callable[[int], str], Callable[[int], Any]], ...] = (
        (FEEDS, size.feeds, feed_url, lambda number: feed_state(number, START)),
        (PAGES, size.pages, lambda n: url_key(page_url(n, size.feeds)), lambda n: page_state(n, size.feeds)),
    )
    files = []
    for kind, count, key, record in kinds:
        for shard, keys in enumerate(keys_by_shard(config, count, key)):
            rows = (to_row(record(number)) for _, number in keys)
            files.append(write_shard(config, kind, shard, rows))
    manifest = StateManifest(1, "first", "out", START.isoformat(), config.shards, tuple(files))
    (folder / "manifest.json").write_bytes(to_json(to_document(manifest)))
    return sum(file.size for file in files)


def read(folder: Path, size: Size) -> int:
    """Reads every row once, as the plan of a run does; gives how many."""
    config = config_of(folder, "next", NEXT)
    rows = sum(1 for kind in (FEEDS, PAGES) for shard in range(config.shards) for _ in read_shard(config, kind, shard))
    assert rows == size.feeds + size.pages  # noqa: S101 - a bench that lost rows has measured nothing
    return rows


def join(folder: Path, size: Size) -> int:
    """Joins every shard with what a run learnt and writes it anew; gives the bytes written."""
    config = config_of(folder, "join", NEXT)
    written = 0
    for kind in (FEEDS, PAGES):
        for shard, numbers in enumerate(learnt_by_shard(config, kind, size)):
            written += write_shard(
                config, kind, shard, joined(config, kind, shard, changes_of(kind, numbers, size))
            ).size
    return written


def learnt_by_shard(config: StateConfig, kind: str, size: Size) -> list[list[int]]:
    """Which feeds or pages a run learns something of, for each shard."""
    shards: list[list[int]] = [[] for _ in range(config.shards)]
    count, step = (size.feeds, FEEDS_LEARNT) if kind == FEEDS else (size.pages, PAGES_LEARNT)
    for number in range(0, count, step):
        key = feed_url(number) if kind == FEEDS else url_key(page_url(number, size.feeds))
        shards[config.shard_of(key)].append(number)
    return shards


def changes_of(kind: str, numbers: list[int], size: Size) -> dict[str, list[Any]]:
    """What the run learnt, by key."""
    if kind == FEEDS:
        return {feed_url(number): [feed_state(number, NEXT)] for number in numbers}
    notes = [page_note(number, size.feeds) for number in numbers]
    return {note.key: [note] for note in notes}


def joined(config: StateConfig, kind: str, shard: int, changes: dict[str, list[Any]]) -> Iterator[Row]:
    """The rows of a shard after the run."""
    old = read_shard(config, kind, shard)
    return merged_rows(old, changes, KEYS[kind], lambda row, change: SETTLE[kind](row, change, config))


def beam_run(folder: Path, size: Size) -> int:
    """The steps of a pipeline on the local runner: which feeds are due, then the new state; gives the bytes written."""
    config = config_of(folder, "beam", NEXT)
    with beam.Pipeline(runner="apache_beam.runners.portability.fn_api_runner.FnApiRunner") as pipeline:
        planned = pipeline | "Feeds" >> beam.Create(range(size.feeds)) | beam.Map(_request)
        planned = planned | PlanFeeds(config, Clock(NEXT))
        learnt = Learnt(
            feeds=planned.requests | "Polled" >> beam.Map(_polled),
            pages=pipeline
            | "Pages" >> beam.Create(range(0, size.pages, PAGES_LEARNT))
            | "Note" >> beam.Map(page_note, size.feeds),
            articles=pipeline | "No articles" >> beam.Create([]),
        )
        _ = learnt | WriteState(config)
    path = folder / "pending" / "beam.json"
    return sum(file.size for file in read_manifest(path.read_bytes(), str(path)).files)


def _request(number: int) -> FeedRequest:
    return FeedRequest(feed_url(number))


def _polled(request: FeedRequest) -> FeedState:
    return replace(request.known or feed_state(0, NEXT), last_polled_at=NEXT)


def beam_cogroup(folder: Path, size: Size) -> int:
    """The same join by a CoGroupByKey of the whole state; gives the bytes written."""
    config = config_of(folder, "cogroup", NEXT)
    with beam.Pipeline(runner="apache_beam.runners.portability.fn_api_runner.FnApiRunner") as pipeline:
        feeds = pipeline | "Feeds" >> beam.Create(range(0, size.feeds, FEEDS_LEARNT))
        pages = pipeline | "Pages" >> beam.Create(range(0, size.pages, PAGES_LEARNT))
        learnt = {
            FEEDS: feeds | "Polled" >> beam.Map(lambda number: (feed_url(number), feed_state(number, NEXT))),
            PAGES: pages | "Note" >> beam.Map(lambda number: _keyed(page_note(number, size.feeds))),
        }
        for kind in (FEEDS, PAGES):
            known = (
                pipeline
                | f"Shards {kind}" >> beam.Create(range(config.shards))
                | f"Read {kind}" >> beam.FlatMap(_keyed_rows, config, kind)
            )
            _ = (
                {"known": known, "learnt": learnt[kind]}
                | f"Join {kind}" >> beam.CoGroupByKey()
                | f"Settle {kind}" >> beam.FlatMap(_settled, config, kind)
                | f"Gather {kind}" >> beam.GroupByKey()
                | f"Write {kind}" >> beam.Map(_write_sorted, config, kind)
            )
    return sum(path.stat().st_size for path in (folder / "snapshots" / "cogroup").iterdir())


def _keyed(note: PageNote) -> tuple[str, PageNote]:
    return note.key, note


def _keyed_rows(shard: int, config: StateConfig, kind: str) -> Iterator[tuple[str, Row]]:
    return ((row[KEYS[kind]], row) for row in read_shard(config, kind, shard))


def _settled(item: tuple[str, dict[str, Any]], config: StateConfig, kind: str) -> Iterator[tuple[int, Row]]:
    key, found = item
    row = SETTLE[kind](next(iter(found["known"]), None), list(found["learnt"]) or None, config)
    if row is not None:
        yield config.shard_of(key), row


def _write_sorted(shard: tuple[int, Any], config: StateConfig, kind: str) -> None:
    write_shard(config, kind, shard[0], sorted(shard[1], key=lambda row: str(row[KEYS[kind]])))


def one_shard(folder: Path, size: Size) -> int:
    """Joins a single shard of pages, as a worker of a cluster does; gives its rows."""
    config = config_of(folder, "one", NEXT)
    numbers = learnt_by_shard(config, PAGES, size)[0]
    return write_shard(config, PAGES, 0, joined(config, PAGES, 0, changes_of(PAGES, numbers, size))).records


STEPS: dict[str, Callable[[Path, Size], int]] = {
    "make": make,
    "read": read,
    "join": join,
    "one shard": one_shard,
    "beam": beam_run,
    "cogroup": beam_cogroup,
}


def in_child(step: str, folder: Path, size: Size) -> dict[str, float]:
    """Runs a step in a process of its own; gives its seconds, its result and its peak memory in MiB."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--feeds", str(size.feeds)]
    done = subprocess.run(  # noqa: S603 - this file
        [*command, "--pages_a_feed", str(size.pages // size.feeds)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_step(step: str, folder: Path, size: Size) -> None:
    """Runs a step here and prints what it took as JSON."""
    started, before = time.perf_counter(), time.process_time()
    result = STEPS[step](folder, size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB
    took = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - before}
    print(json.dumps({**took, "result": result, "peak": peak}))


def table(sizes: list[Size], steps: list[str]) -> None:
    """Prints a line for each step at each size."""
    print(f"{'feeds':>8} {'pages':>9}  {'step':<10} {'wall s':>8} {'CPU s':>8} {'MB state':>9} {'peak MiB':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            for step in ["make", *steps]:
                took = in_child(step, Path(name), size)
                written = f"{took['result'] / 1e6:.1f}" if step not in ("read", "one shard") else ""
                print(
                    f"{size.feeds:>8} {size.pages:>9}  {step:<10} {took['seconds']:>8.1f} {took['cpu']:>8.1f} "
                    f"{written:>9} {took['peak']:>9.0f}",
                    flush=True,
                )


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, nargs="+", default=[1000, 10_000, 50_000, 200_000])
    parser.add_argument("--pages_a_feed", type=int, default=5)
    parser.add_argument("--compare", type=int, metavar="FEEDS")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [Size(feeds, feeds * options.pages_a_feed) for feeds in options.feeds]
    if options.step:
        run_step(options.step, options.folder, sizes[0])
    elif options.compare:
        table([Size(options.compare, options.compare * options.pages_a_feed)], ["beam", "cogroup"])
    else:
        table(sizes, ["read", "join", "one shard", "beam"])


if __name__ == "__main__":
    main()
