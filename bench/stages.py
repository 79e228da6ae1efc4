"""What each stage of the work on a page costs, as a share of the CPU time of all.

    python bench/stages.py [--warc PAGES.warc.gz] [--rounds 3]

One process, no Beam, after a first round that loads models.  Without --warc: the English pages of the demo edition.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"  # read when BLAS is loaded, with the imports below

from extraction import pages_in  # noqa: E402 - as above
from material import demo_archive, english_archive  # noqa: E402

from schemas.codec import decode, write_container  # noqa: E402
from schemas.hops import Run  # noqa: E402
from schemas.registry import ARTICLE  # noqa: E402
from transforms import worker  # noqa: E402
from transforms.core import articles  # noqa: E402
from transforms.core.annotation import annotator, installed_models, parser  # noqa: E402
from transforms.core.extraction import story  # noqa: E402

RUN = Run("bench", datetime(2026, 12, 1, tzinfo=UTC), "bench")


class Stopwatch:
    """CPU seconds by stage; time of a stage that runs inside another counts for the inner one alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = ["the rest"]
        self._since = process_time()

    def _turn(self) -> None:
        now = process_time()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what runs inside for ``name``."""
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """``work``, counted for ``name``."""

        def counted(*args: Any, **options: Any) -> Any:
            with self.stage(name):
                return work(*args, **options)

        return counted


PLACES: tuple[tuple[str, Any, str], ...] = (
    ("parse of HTML", story, "parse"),
    ("extraction", articles, "extract_story"),
    ("language", articles, "detect"),
    ("tokens and names", parser.Model, "read"),
    ("parse of sentences", parser.Model, "parse"),
    ("entities", annotator, "named"),
    ("frames", annotator, "frames"),
    ("quotations", annotator, "quotations_of"),
    ("encode", worker, "encode"),
)


def main() -> None:
    """Measures and prints."""
    options_parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options_parser.add_argument("--warc", type=Path)
    options_parser.add_argument("--rounds", type=int, default=3)
    options = options_parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        archive, words = english_archive(options.warc, place) if options.warc else demo_archive(place)
        pages = pages_in(archive)
    tools = worker.Tools(tuple(sorted(installed_models().items())))
    for page in pages:
        worker.page_to_record(page, RUN, tools)
    watch = Stopwatch()
    for _ in range(options.rounds):
        patches = [patch.object(where, name, watch.timed(stage, getattr(where, name))) for stage, where, name in PLACES]
        for one in patches:
            one.start()
        made = [worker.page_to_record(page, RUN, tools) for page in pages]
        for one in patches:
            one.stop()
        with watch.stage("sink"):
            rows = (decode(ARTICLE, one.record.data) for one in made if isinstance(one, worker.MadeArticle))
            write_container(BytesIO(), ARTICLE, rows)
    total = sum(watch.seconds.values())
    print(
        f"{len(pages)} pages, {words:.0f} words each, {total / len(pages) / options.rounds * 1000:.0f} ms of CPU a page"
    )
    for stage, seconds in sorted(watch.seconds.items(), key=lambda item: -item[1]):
        print(f"{stage:20}{seconds / total:7.1%}")


if __name__ == "__main__":
    main()
