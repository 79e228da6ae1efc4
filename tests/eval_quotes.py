"""Scores quotations against a gold file with a scorer, both given by option; not part of the test suite.

    python tests/eval_quotes.py --gold GOLD.jsonl.gz --scorer SCORER.py [--sample 150] [--offset 1] [--methods]
        [--errors] [--broken]

A gold row holds ``id``, ``text`` and ``quotes``; the scorer is a module with ``predictions``, ``run``, ``items``,
``match``, ``jac``, ``spk_ok`` and ``segments``.  Without either file the script says so and ends well.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TRACKS = ("DIRECT", "ALL")


def main() -> int:
    options = _options()
    if not (options.gold.exists() and options.scorer.exists()):
        print("no gold file or no scorer: nothing to measure")
        return 0
    sys.path.insert(0, str(ROOT))
    from tests.quote_errors import error_table
    from transforms.core.annotation import Annotator, installed_models

    scorer = _module(options.scorer)
    stories = _stories(options.gold, options.sample, options.offset)
    annotator = Annotator(installed_models())
    annotator.warm()
    if options.broken:
        return _broken(annotator, stories)
    started = time.perf_counter()
    found = {story["id"]: annotator.annotate(story["text"], language="en").quotations for story in stories}
    words = sum(len(story["text"].split()) for story in stories)
    print(f"{len(stories)} stories, {words / (time.perf_counter() - started):.0f} words/s")
    predicted = {key: _with_methods(scorer, quotes) for key, quotes in found.items()}
    for track in TRACKS:
        print(track, json.dumps(scorer.run(stories, predicted, track)))
        methods, bands = _right(scorer, stories, predicted, track)
        if options.errors:
            _errors(error_table(scorer, stories, predicted, track))
        if options.methods:
            _table("method", methods)
            _table("confidence", bands)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=0, help="stories, taken by a fixed stride; 0 takes all")
    parser.add_argument("--offset", type=int, default=0, help="the first story of a sample, for a second one")
    parser.add_argument("--methods", action="store_true", help="precision by rule and by confidence")
    parser.add_argument("--errors", action="store_true", help="what is wrong, by class")
    parser.add_argument("--broken", action="store_true", help="only annotate broken forms of the texts: none may raise")
    return parser.parse_args()


def _broken(annotator: Any, stories: list[dict[str, Any]]) -> int:
    """Annotates every text with marks removed, doubled, shuffled, in capitals, as one paragraph; a failure raises."""
    from tests.test_quotations_robust import BROKEN, assert_spans_hold

    quotations = 0
    for story in stories:
        for broken in BROKEN:
            text = broken(story["text"])
            found = annotator.annotate(text, language="en")
            assert_spans_hold(text, found)
            quotations += len(found.quotations)
    print(f"{len(stories)} stories in {len(BROKEN)} broken forms, {quotations} quotations, every span holds")
    return 0


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _stories(path: Path, sample: int, offset: int) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return rows if not sample else rows[offset :: max(1, len(rows) // sample)][:sample]


def _with_methods(scorer: Any, quotes: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = scorer.predictions({"quotations": [asdict(quote) for quote in quotes]})
    for row, quote in zip(rows, quotes, strict=True):
        row["method"], row["confidence"] = f"{quote.method}/{quote.kind}", quote.confidence
    return rows


def _right(scorer: Any, stories: Any, predicted: Any, track: str) -> tuple[Any, Any]:
    """[rows, right] by method and by confidence."""
    methods: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    bands: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for story in stories:
        marked = scorer.segments(story["text"])
        gold = scorer.items(story["text"], story["quotes"], track, marked, True, 3)
        ours = scorer.items(story["text"], predicted[story["id"]], track, marked, False, 3)
        matched = {ours_at: gold_at for gold_at, ours_at in scorer.match(gold, ours, scorer.jac, 0.8).items()}
        for at, row in enumerate(ours):
            said = gold[matched[at]]["q"] if at in matched else None
            right = said is not None and (not said["speaker"] or scorer.spk_ok(said, row["q"]))
            for key, table in ((row["q"]["method"], methods), (row["q"]["confidence"], bands)):
                table[key][0] += 1
                table[key][1] += right
    return methods, bands


def _errors(rows: list[tuple[str, int]]) -> None:
    every = sum(count for _, count in rows)
    for name, count in rows:
        print(f"  {count:6} {100 * count / every:5.1f} % {name}")


def _table(title: str, rows: dict[Any, list[int]]) -> None:
    for key, (count, right) in sorted(rows.items(), key=lambda item: -item[1][0]):
        print(f"  {title} {key!s:32} {count:6} rows {100 * right / count:5.1f} % right")


if __name__ == "__main__":
    sys.exit(main())
