"""The work on a page without its surroundings: newsbeam's, and that of the loop in bench/handloop.py, in one process.

    python bench/pagework.py [--warc PAGES.warc.gz] [--rounds 3]

The two take turns over the same pages, models loaded before; the best round of each counts, in CPU seconds.  There is
no start, no Beam and no file in it: see bench/versus.py for the whole job.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"  # read when BLAS is loaded, with the imports below

import spacy  # noqa: E402 - as above
from extraction import pages_in  # noqa: E402
from handloop import MODEL, NOT_WRITTEN, annotated, stories  # noqa: E402
from material import demo_archive, english_archive  # noqa: E402
from thinc.api import use_ops  # noqa: E402

from schemas.hops import Run  # noqa: E402
from transforms import worker  # noqa: E402
from transforms.core.annotation import installed_models  # noqa: E402

RUN = Run("bench", datetime(2026, 12, 1, tzinfo=UTC), "bench")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warc", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive, words = english_archive(options.warc, Path(folder)) if options.warc else demo_archive(Path(folder))
        pages = pages_in(archive)
    tools = worker.Tools(tuple(sorted(installed_models().items())))
    bodies = [(page.request.url, page.payload) for page in pages]
    blis = spacy.load(MODEL)
    with use_ops("numpy", use_blis=False):
        numpy_blas, lean = spacy.load(MODEL), spacy.load(MODEL, exclude=NOT_WRITTEN)
    jobs: dict[str, Callable[[], object]] = {
        "newsbeam": lambda: [worker.page_to_record(page, RUN, tools) for page in pages],
        "loop": lambda: list(annotated(blis, stories(iter(bodies)), 32)),
        "loop, numpy's BLAS": lambda: list(annotated(numpy_blas, stories(iter(bodies)), 32)),
        "loop, lean": lambda: list(annotated(lean, stories(iter(bodies)), 32)),
    }
    best = dict.fromkeys(jobs, float("inf"))
    for number in range(options.rounds + 1):
        for job, work in jobs.items():
            started = process_time()
            work()
            if number:  # the first round loads what is loaded late
                best[job] = min(best[job], process_time() - started)
    print(f"{len(pages)} pages, {words:.0f} words each, best of {options.rounds} rounds")
    for job, seconds in best.items():
        per_page, ratio = seconds / len(pages) * 1000, seconds / best["newsbeam"]
        print(f"{job:20}{per_page:6.0f} ms of CPU a page{ratio:7.2f} times newsbeam's")


if __name__ == "__main__":
    main()
