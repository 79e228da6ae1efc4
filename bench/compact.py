#!/usr/bin/env python3
"""Writes a day of synthetic articles in many small files, compacts it, and prints speed, memory and files.

    python bench/compact.py FOLDER --records 1000000 --files 1000

The records are invented: words by their number, four quotations, eight entities.  FOLDER is emptied first.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastavro

from schemas.codec import write_container
from schemas.registry import ARTICLE, schema_source
from schemas.samples import sample_rows
from transforms.compact import DayOfOutput, compact_day
from transforms.core.layout import RunLayout
from transforms.core.manifest import PublishedFile, RunFacts, manifest, to_json

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
MIB = 1024 * 1024
WORDS = [
    "bridge",
    "council",
    "harbour",
    "minister",
    "said",
    "water",
    "closed",
    "ferry",
    "report",
    "season",
    "of",
    "the",
]
WORDS_IN_TEXT = 300

STORIES = [
    [f"{WORDS[(story * 7 + at * at) % len(WORDS)]}{story * at % 97}" for at in range(WORDS_IN_TEXT)]
    for story in range(499)
]
"""Words of as many stories; a record's number makes each its own."""


def rows(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Articles with numbers from ``first``."""
    _, plain = sample_rows(schema_source(ARTICLE), 2)
    for number in range(first, first + count):
        words = STORIES[number % len(STORIES)]
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield {
            **plain,
            "article_id": digest[:32],
            "version_id": digest[32:],
            "headline": f"{number} {words[0]} {words[1]} {words[2]}",
            "text": f"{number} {' '.join(words)}",
            "language": "en",
            "published_at": NOW - timedelta(seconds=number % 86400),
            "publication_date": NOW.date(),
            "quotations": [_quotation(at, words) for at in range(4)],
            "entities": [_entity(at, words) for at in range(8)],
        }


def _quotation(at: int, words: list[str]) -> dict[str, Any]:
    said = " ".join(words[at * 20 : at * 20 + 15])
    return {
        "id": f"q{at + 1}",
        "text": said,
        "start_char": at * 100,
        "end_char": at * 100 + len(said),
        "kind": "direct",
    }


def _entity(at: int, words: list[str]) -> dict[str, Any]:
    mention = {"start_char": at, "end_char": at + 9, "text": words[at]}
    return {"id": f"e{at + 1}", "name": words[at], "type": "ORG", "mentions": [mention]}


def write_runs(output: Path, records: int, files: int) -> int:
    """One run a file, each with its manifest; gives the bytes written."""
    each, written = records // files, 0
    for number in range(files):
        layout = RunLayout(f"run-{number:05d}", NOW)
        draft = output / "draft.avro"
        with draft.open("wb") as file:
            write_container(file, ARTICLE, rows(number * each, each))
        digest, size = hashlib.sha256(draft.read_bytes()).hexdigest(), draft.stat().st_size
        path = output / layout.file(ARTICLE, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.rename(path)
        published = PublishedFile(layout.file(ARTICLE, digest), ARTICLE, each, size, digest)
        facts = RunFacts(layout.run_id, NOW, "pinned", {}, {}, {})
        (output / "runs").mkdir(exist_ok=True)
        (output / layout.manifest).write_bytes(to_json(manifest(facts, [published], None)))
        written += size
    return written


def digest_of_ids(output: Path) -> tuple[int, str, str]:
    """(records, a digest of the set of their ids and texts that no order changes, files), read back one by one."""
    count, total, paths = 0, 0, sorted(output.glob("articles/*/*.avro"))
    for path in paths:
        with path.open("rb") as file:
            for row in fastavro.reader(file):
                article: Any = row
                content = f"{article['article_id']}{article['text']}".encode()
                total ^= int.from_bytes(hashlib.sha256(content).digest()[:16], "big")
                count += 1
    return count, f"{total:032x}", str(len(paths))


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--target_file_mb", type=int, default=512)
    parsed = parser.parse_args()
    shutil.rmtree(parsed.folder, ignore_errors=True)
    parsed.folder.mkdir(parents=True)

    started = time.monotonic()
    size = write_runs(parsed.folder, parsed.records, parsed.files)
    seconds = time.monotonic() - started
    speed = parsed.records / seconds
    print(f"written   {seconds:6.1f} s  {speed:9,.0f} records/s  {size / MIB:,.0f} MiB  peak {peak_mib():.0f} MiB")
    before = digest_of_ids(parsed.folder)
    peak = peak_mib()

    started = time.monotonic()
    done = compact_day(DayOfOutput(str(parsed.folder), NOW.date()), parsed.target_file_mb * MIB, NOW)
    seconds = time.monotonic() - started
    speed = parsed.records / seconds
    after = digest_of_ids(parsed.folder)
    size = sum(each.file.size for each in done.replacements) if done else 0
    print(f"compacted {seconds:6.1f} s  {speed:9,.0f} records/s  {size / MIB:,.0f} MiB  peak {peak_mib():.0f} MiB")
    print(f"files     {before[2]} before, {after[2]} after; the peak before was {peak:.0f} MiB")
    if before[:2] != after[:2]:
        sys.exit(f"the records differ: {before} before, {after} after")
    print(f"records   {after[0]:,} before and after, and the same ones")


if __name__ == "__main__":
    main()
