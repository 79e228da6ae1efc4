"""CPU time of extraction against trafilatura's own, page by page, in one interleaved run.

    python bench/extraction.py PAGES.warc.gz [--rounds 3]
    python bench/extraction.py PAGES.warc.gz --memory [--extractions 5000]

Each page is read by both in turn, first one then the other in even rounds and the other way round in odd ones, so that
a noisy machine slows both alike.  trafilatura runs as `bare_extraction(text, url=…, with_metadata=True,
include_comments=False)` on the decoded text.  Prints medians, means and their ratios; below 1.0 is faster.

With --memory the pages are read over and over, and the resident memory of this process is printed by thousand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median
from time import process_time

import psutil
from fastwarc.warc import ArchiveIterator, WarcRecordType
from trafilatura import bare_extraction

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest
from transforms.core.charset import decode
from transforms.core.extraction import extract_story, warm

NOW = datetime(2026, 12, 1, tzinfo=UTC)
MIB = 1024 * 1024
STEP = 1000


def pages_in(warc: Path) -> list[Page]:
    """The pages of a WARC's response records."""
    pages = []
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            url = record.headers["WARC-Target-URI"]
            kind = record.http_headers.get("Content-Type") if record.http_headers else None
            request = PageRequest(url, Source("bench", "bench"), Discovery("warc", NOW))
            pages.append(Page(request, Fetch(url, url, content_type=kind), record.reader.read()))
    return pages


def ours(page: Page) -> None:
    """Everything that this project extracts from a page."""
    extract_story(page, now=NOW)


def theirs(page: Page) -> None:
    """trafilatura's default with metadata."""
    text = decode(page.payload, page.fetch.content_type).text
    bare_extraction(text, url=page.request.url, with_metadata=True, include_comments=False)


def milliseconds(work: Callable[[Page], None], page: Page) -> float:
    """CPU milliseconds that a piece of work takes."""
    start = process_time()
    work(page)
    return (process_time() - start) * 1000


def measure(pages: list[Page], rounds: int) -> tuple[list[float], list[float]]:
    """The best time of each page, ours and theirs."""
    best = {ours: [float("inf")] * len(pages), theirs: [float("inf")] * len(pages)}
    for number in range(rounds):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        for index, page in enumerate(pages):
            for work in order:
                best[work][index] = min(best[work][index], milliseconds(work, page))
    return best[ours], best[theirs]


def resident_mib() -> float:
    """Memory that this process holds, in MiB."""
    return float(psutil.Process().memory_info().rss) / MIB


def grow(pages: list[Page], extractions: int, step: int) -> list[float]:
    """Resident memory at the start of, and after every ``step`` of, so many extractions."""
    sizes = [resident_mib()]
    for number in range(1, extractions + 1):
        ours(pages[number % len(pages)])
        if number % step == 0:
            sizes.append(resident_mib())
            print(f"{number:6} extractions  {sizes[-1]:7.1f} MiB", flush=True)
    return sizes


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warc", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="print resident memory by thousand instead")
    parser.add_argument("--extractions", type=int, default=5000, help="how many with --memory (default: %(default)s)")
    options = parser.parse_args()
    if not options.warc.exists():
        print(f"no pages at {options.warc}: nothing to measure")
        return 0
    pages = pages_in(options.warc)
    warm()
    if options.memory:
        print(f"{len(pages)} pages, resident memory of one process")
        sizes = grow(pages, options.extractions, STEP)
        print(f"from the first thousand to the last: {sizes[-1] - sizes[min(1, len(sizes) - 1)]:+.1f} MiB")
        return 0
    theirs(pages[0])
    mine, others = measure(pages, options.rounds)
    ratios = [one / other for one, other in zip(mine, others, strict=True)]
    print(f"{len(pages)} pages, best of {options.rounds} rounds, CPU ms a page")
    print(f"newsbeam     median {median(mine):6.1f}  mean {mean(mine):6.1f}  max {max(mine):7.1f}")
    print(f"trafilatura  median {median(others):6.1f}  mean {mean(others):6.1f}  max {max(others):7.1f}")
    print(f"ratio        median {median(ratios):6.2f}  of means {mean(mine) / mean(others):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
