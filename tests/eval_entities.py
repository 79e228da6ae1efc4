"""Strict F1 of entities against a gold file, plain spans of the model beside newsbeam's; not part of the test suite.

    python tests/eval_entities.py --gold GOLD.jsonl [--errors 20]

A gold row holds ``text``, perhaps ``headline``, and ``entities``: [start, end, type] with types PER, ORG, LOC, and a
fourth cell ``headline`` for those of the headline.  GPE, LOC and FAC count as LOC, the other types not at all.
Without the file the script says so and ends well.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = {"PERSON": "PER", "PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"}
Row = dict[str, Any]
Spans = set[tuple[str, int, int, str]]


def main() -> int:
    """Prints two lines, and the errors that are asked for."""
    options = _options()
    if not options.gold.exists():
        print("no gold file: nothing to measure")
        return 0
    rows = [json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    sys.path.insert(0, str(ROOT))
    for name, found in (("plain", _plain()), ("newsbeam", _ours())):
        _print(name, rows, [found(row) for row in rows], options.errors if name == "newsbeam" else 0)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--errors", type=int, default=0)
    return parser.parse_args()


def _fields(row: Row) -> dict[str, str]:
    return {"text": row["text"], "headline": row.get("headline") or ""}


def _gold(row: Row) -> Spans:
    return {(cells[3] if len(cells) > 3 else "text", cells[0], cells[1], cells[2]) for cells in row["entities"]}


def _plain() -> Callable[[Row], Spans]:
    import spacy

    from transforms.core.annotation import installed_models

    nlp = spacy.load(installed_models()["en"])
    return lambda row: {
        (field, ent.start_char, ent.end_char, FAMILIES[ent.label_])
        for field, source in _fields(row).items()
        for ent in nlp(source).ents
        if ent.label_ in FAMILIES
    }


def _ours() -> Callable[[Row], Spans]:
    from transforms.core.annotation import Annotator, installed_models

    annotator = Annotator({"en": installed_models()["en"]})
    return lambda row: {
        (mention.field, mention.start_char, mention.end_char, FAMILIES[entity.type])
        for entity in annotator.annotate(row["text"], headline=row.get("headline"), language="en").entities
        if entity.type in FAMILIES
        for mention in entity.mentions
    }


def _print(name: str, rows: list[Row], found: list[Spans], errors: int) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    for row, spans in zip(rows, found, strict=True):
        gold = _gold(row)
        for family in ("PER", "ORG", "LOC"):
            own, right = ({span for span in each if span[3] == family} for each in (spans, gold))
            counts.update({(family, "hit"): len(own & right), (family, "own"): len(own), (family, "gold"): len(right)})
        fields = _fields(row)
        wrong += [("false", span[3], fields[span[0]][span[1] : span[2]]) for span in sorted(spans - gold)]
        wrong += [("missed", span[3], fields[span[0]][span[1] : span[2]]) for span in sorted(gold - spans)]
    parts = [_figures(family, [counts[family, what] for what in ("hit", "own", "gold")]) for family in FAMILIES_SHOWN]
    together = [sum(counts[family, what] for family in FAMILIES_SHOWN) for what in ("hit", "own", "gold")]
    print(f"{name:9}", _figures("all", together), *parts, sep="  ")
    for kind, family, text in wrong[:errors]:
        print(f"  {kind:6} {family} {text!r}")


FAMILIES_SHOWN = ("PER", "ORG", "LOC")


def _figures(name: str, counts: list[int]) -> str:
    hit, own, gold = counts
    precision, recall = hit / max(own, 1), hit / max(gold, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"{name} {100 * precision:.1f}/{100 * recall:.1f}/{100 * f1:.1f} ({gold})"


if __name__ == "__main__":
    sys.exit(main())
