"""Score extraction on real pages: a WARC with the pages, and gold beside it as gzipped JSON lines.

    python tests/eval_pages.py --warc PAGES.warc.gz --gold GOLD.jsonl.gz [--worst 10]

A row of gold has url, title, authors, published and text; any may be null.  The pages belong to their publishers and
are no part of this project: where the files are absent this says so and ends well.

Text: four-word shingles as multisets, precision and recall averaged over pages, F1 of the two (the measure of the
article extraction benchmark).  Headline: equal after NFKC, case and quotation marks.  Authors: the same set of names.
Date: the same day in the page's zone or in UTC.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Story
from schemas.outcome import Problem
from transforms.core.extraction import extract_story, warm
from transforms.core.language import detect

_QUOTES = str.maketrans("’‘“”", "''\"\"")
_JOINTS = re.compile(r";|,| and | & |\||/| und ")
_BY = re.compile(r"^(?:by|von|par|por)\s+")


@dataclass(frozen=True)
class Score:
    """What one page earned; None where the gold has nothing to compare with."""

    url: str
    language: str
    precision: float | None
    recall: float | None
    headline: bool | None
    authors: bool | None
    date: bool | None

    @property
    def f1(self) -> float:
        """F1 of the page's text, 0 where nothing was found."""
        return f1(self.precision or 0.0, self.recall or 0.0)


def f1(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def pages_in(warc: Path, now: datetime) -> Iterator[Page]:
    """The pages of a WARC's response records."""
    with warc.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
            url = record.headers["WARC-Target-URI"]
            kind = record.http_headers.get("Content-Type") if record.http_headers else None
            request = PageRequest(url, Source("eval", "eval"), Discovery("warc", now))
            yield Page(request, Fetch(url, url, content_type=kind), record.reader.read())


def score(gold: dict[str, Any], result: Story | Problem) -> Score:
    """Compare what was extracted from one page with its gold."""
    story = result if isinstance(result, Story) else Story(text="", canonical_url=gold["url"])
    precision, recall = overlap(gold["text"] or "", story.text)
    language = detect(gold["text"] or "")
    return Score(
        url=gold["url"],
        language=language.language if language else "?",
        precision=precision if gold["text"] else None,
        recall=recall if gold["text"] else None,
        headline=norm(story.headline) == norm(gold["title"]) if gold["title"] else None,
        authors=people(gold["authors"]) == people([a.name for a in story.authors]) if gold["authors"] else None,
        date=bool(days(gold["published"]) & days(story.published_at)) if gold["published"] else None,
    )


def norm(text: str | None) -> str:
    """A text without differences of form, case and quotation marks."""
    return " ".join(unicodedata.normalize("NFKC", (text or "").translate(_QUOTES)).split()).casefold()


def overlap(gold: str, found: str) -> tuple[float | None, float]:
    """Precision (None where nothing was found) and recall over four-word shingles."""
    expected, got = _shingles(gold), _shingles(found)
    shared = sum((expected & got).values())
    precision = shared / sum(got.values()) if got else (None if expected else 1.0)
    return precision, shared / sum(expected.values()) if expected else 1.0


def people(names: list[str] | None) -> set[str]:
    """Names as they are compared."""
    parts = (norm(part) for name in names or [] for part in _JOINTS.split(name or ""))
    return {bare for part in parts if (bare := _BY.sub("", part))}


def days(value: datetime | str | None) -> set[str]:
    """The calendar days of a time, in its own zone and in UTC."""
    if not value:
        return set()
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return {at.date().isoformat(), (at.astimezone(UTC) if at.tzinfo else at).date().isoformat()}


def report(scores: list[Score]) -> str:
    """One line of figures."""
    texts = [one for one in scores if one.recall is not None]
    found = [one.precision for one in texts if one.precision is not None]
    precision = sum(found) / max(1, len(found))
    recall = sum(one.recall or 0.0 for one in texts) / max(1, len(texts))
    parts = [f"pages {len(scores)}", f"P {precision:.3f} R {recall:.3f} F1 {f1(precision, recall):.3f}"]
    for field in ("headline", "authors", "date"):
        judged = [getattr(one, field) for one in scores if getattr(one, field) is not None]
        parts.append(f"{field} {sum(judged) / len(judged):.3f}" if judged else f"{field} -")
    return "  ".join([*parts, f"lowest {min((one.f1 for one in texts), default=0):.3f}"])


def main() -> int:
    """Score the pages and print the figures, all together and by language."""
    options = _options()
    if not (options.warc.exists() and options.gold.exists()):
        print(f"no pages at {options.warc}: nothing to score")
        return 0
    warm()
    with gzip.open(options.gold, "rt", encoding="utf-8") as lines:
        gold = {row["url"]: row for row in map(json.loads, lines)}
    now = datetime.fromisoformat(options.now).astimezone(UTC)
    results = {p.request.url: extract_story(p, now=now) for p in pages_in(options.warc, now) if p.request.url in gold}
    scores = [score(row, results.get(url, Problem("no_text", "missing"))) for url, row in gold.items()]  # type: ignore[arg-type]  # only its type is looked at
    by_language: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        by_language[one.language].append(one)
    print(f"all  {report(scores)}")
    for language, some in sorted(by_language.items()):
        print(f"{language:<4} {report(some)}")
    for one in sorted(scores, key=lambda one: one.f1)[: options.worst]:
        print(f"  {one.f1:.3f} {one.url}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warc", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--now", default="2026-12-01T00:00:00+00:00", help="bounds the dates that are believed")
    parser.add_argument("--worst", type=int, default=0, help="list this many pages with the lowest text F1")
    return parser.parse_args()


def _shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))) if words else Counter()


if __name__ == "__main__":
    sys.exit(main())
