"""Quality over all pages written for this project, against floors that only ever go up.

python tests/test_extraction_floors.py        pins the floors at today's figures; refuses to lower one
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
FLOORS = HERE / "data" / "extraction_floors.json"


def _module(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def figures() -> dict[str, float]:
    """Text F1 and shares of right headlines, authors and dates over the written pages."""
    pages, scorer = _module("test_extraction_pages"), _module("eval_pages")
    scores = []
    for path in pages.PAGES:
        case, page = pages.load(path)
        expected = case["expect"]
        gold = {
            "url": case["url"],
            "text": "\n".join(expected.get("text", [])),
            "title": expected.get("headline"),
            "authors": expected.get("authors"),
            "published": expected.get("published_at"),
        }
        scores.append(scorer.score(gold, pages.extract_story(page, now=pages.NOW)))
    texts = [one for one in scores if one.recall is not None]
    precision = sum(one.precision or 0.0 for one in texts) / len(texts)
    recall = sum(one.recall or 0.0 for one in texts) / len(texts)
    shares = {name: [getattr(one, name) for one in scores if getattr(one, name) is not None] for name in _SHARES}
    return {
        "pages": len(scores),
        "text_f1": round(scorer.f1(precision, recall), 4),
        "lowest_text_f1": round(min(one.f1 for one in texts), 4),
        **{name: round(sum(values) / len(values), 4) for name, values in shares.items()},
    }


_SHARES = ("headline", "authors", "date")


def test_no_figure_under_its_floor() -> None:
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    reached = figures()
    assert {name: value for name, value in reached.items() if value < floors[name]} == {}


def pin() -> None:
    """Raise the floors to today's figures."""
    reached = figures()
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    lower = [name for name, value in reached.items() if value < floors.get(name, 0.0)]
    if lower:
        raise SystemExit(f"these would go down: {', '.join(lower)}")
    FLOORS.write_text(json.dumps(reached, indent=2) + "\n", encoding="utf-8")
    print(f"pinned {reached}")


if __name__ == "__main__":
    pin()
