"""What entities cost: names and clusters beside the model alone, a long watchlist, and memory over many documents.

    python bench/entities.py [--words 20000] [--entries 100000] [--documents 10000] [--text FILE]

Without a file the text is made up; with one, paragraphs are its lines.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from transforms.core.annotation import Annotator, installed_models  # noqa: E402 - the path is set above
from transforms.core.annotation.naming import named  # noqa: E402 - as above
from transforms.core.annotation.parser import Model  # noqa: E402 - as above
from transforms.core.entities import names_in, recased  # noqa: E402 - as above
from transforms.core.watchlists import Watchlist, read_watchlist  # noqa: E402 - as above

STORY = (
    "LINDOW — The council voted on Monday to sell the old harbour, ending a debate that had lasted eleven years.",
    '"We waited long enough," said Mayor Nora Castell, who ran on the promise. "Now we can build."',
    "Peter Lund, who leads the Harbour Workers' Union (HWU), said the sale would cost four hundred jobs. The HWU would "
    "strike in May, Lund said.",
    "The harbour was opened in 1891 and has been closed to ships since the flood. Two firms from Germany and Norway "
    "made offers; neither has said what it would build there. German money, said Castell, is as good as any.",
    '"It is a sad day," he told reporters outside the town hall. According to a report by the Bank of Lindow, the land '
    "is worth ninety million dollars.",
)
MEGABYTE = 1024 * 1024


def main() -> None:
    """Prints one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--text", type=Path)
    options = parser.parse_args()
    paragraphs = options.text.read_text(encoding="utf-8").splitlines() if options.text else [*STORY] * 5
    story = "\n".join(paragraphs)
    stories = [story] * max(1, options.words // len(story.split()))
    package = installed_models()["en"]
    clusters_cost(stories, package)
    watchlist_cost(stories, package, options.entries)
    memory(package, options.documents)


def clusters_cost(stories: list[str], package: str) -> None:
    """Words a second of the whole annotation, and the share of it that names and clusters take."""
    annotator, model = Annotator({"en": package}), Model(package)
    annotator.warm()
    whole = _best(lambda: [annotator.annotate(story, language="en") for story in stories])
    spans = [model.read(recased(story), "text")[1] for story in stories]
    sources = [{"text": story, "headline": ""} for story in stories]
    rules = _best(lambda: [named(own, source, "en", None) for own, source in zip(spans, sources, strict=True)])
    names = _best(lambda: [names_in(own, source, "en") for own, source in zip(spans, sources, strict=True)])
    words = sum(len(story.split()) for story in stories)
    print(f"annotation {words / whole:.0f} words/s; names by rule {100 * names / whole:.1f} % of it, ", end="")
    print(f"clusters and countries {100 * (rules - names) / whole:.1f} %")
    print(f"words/s with clustering against without: {(whole - (rules - names)) / whole:.3f}")


def watchlist_cost(stories: list[str], package: str, entries: int) -> None:
    """Load time, memory and the cost a page of a list that is made up."""
    data = "\n".join(json.dumps(_entry(number)) for number in range(entries)).encode()
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.perf_counter()
    watchlist = read_watchlist(data, suffix=".jsonl", digest="bench")
    seconds = time.perf_counter() - started
    grown = (process.memory_info().rss - before) / MEGABYTE
    print(f"watchlist of {entries} entries, {len(data) / MEGABYTE:.1f} MB: read in {seconds:.1f} s, {grown:.0f} MB")
    plain, watched = Annotator({"en": package}), Annotator({"en": package}, watchlist)
    without, with_list = _in_turn(plain, watched, stories)
    print(f"a page takes {100 * (with_list / without - 1):+.1f} % with it")
    lookups = _best(lambda: [_sightings(watchlist, story) for story in stories])
    print(f"looking the words up alone is {100 * lookups / without:.2f} % of a page")


def _sightings(watchlist: Watchlist, story: str) -> int:
    return sum(1 for _ in watchlist.sightings(story))


def _entry(number: int) -> dict[str, object]:
    first, last = f"Fa{number % 317}", f"Lom{number}"
    return {
        "name": f"{first} {last}",
        "type": "PERSON",
        "uri": f"https://people.example/{number}",
        "aliases": [last, f"{first[0]}. {last}"],
        "context": ["harbour", "council"],
    }


def memory(package: str, documents: int) -> None:
    """Resident memory while many documents with ever new names go by."""
    annotator = Annotator({"en": package})
    process = psutil.Process()
    for number in range(documents + 1):
        name = f"Zw{number * 7}"
        text = f"Qv{number} {name} met Peter Lund in Lindow. {name} said the Xu{number} Group had lost it."
        annotator.annotate(text, headline=f"{name} meets Lund", language="en")
        if number % max(1, documents // 5) == 0:
            print(f"after {number} documents: {process.memory_info().rss / MEGABYTE:.0f} MB", flush=True)


def _in_turn(plain: Annotator, watched: Annotator, stories: list[str]) -> tuple[float, float]:
    """The best seconds of each, measured in turn so that a busy machine harms both alike."""
    without, with_list = [], []
    for _ in range(4):
        without.append(_seconds(lambda: [plain.annotate(story, language="en") for story in stories]))
        with_list.append(_seconds(lambda: [watched.annotate(story, language="en") for story in stories]))
    return min(without), min(with_list)


def _best(work: Callable[[], object]) -> float:
    return min(_seconds(work) for _ in range(3))


def _seconds(work: Callable[[], object]) -> float:
    """Processor time, which others on the machine do not change much."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
