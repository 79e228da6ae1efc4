"""Words a second of processor time: annotation against the whole spaCy model over the same text.

    python bench/annotation.py [--words 20000] [--text FILE]

Without a file the text is made up from a few sentences; with one, paragraphs are its lines.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import spacy  # noqa: E402 - the path is set above

from transforms.core.annotation import Annotator, installed_models  # noqa: E402 - as above

STORY = (
    "LINDOW — The council voted on Monday to sell the old harbour, ending a debate that had lasted eleven years.",
    '"We waited long enough," said Mayor Nora Castell, who ran on the promise. "Now we can build."',
    "Peter Lund, who leads the dockers' union, said the sale would cost four hundred jobs, adding that his members "
    "would strike in May.",
    "The harbour was opened in 1891 and has been closed to ships since the flood. Two firms from Berlin and Oslo made "
    "offers; neither has said what it would build there.",
    '"It is a sad day," he told reporters outside the town hall. According to a report by the Bank of Lindow, the land '
    "is worth ninety million dollars.",
    "The quay runs for two miles along the estuary. Most of its cranes came down in the nineties, and the last of the "
    "grain stores burned in 2009. Children fish from the wall on summer evenings.",
    "Lindow once built forty ships a year. The yard closed in 1986, the railway followed two years later, and a third "
    "of the people moved inland. Rents in the old quarter are the lowest on the coast.",
    "A first sale fell through in 2017 when the buyer, a family firm from the north, could not raise the deposit. The "
    "council paid its lawyers and started again.",
    "The new owner will be chosen in March. Until then the gates stay locked, and two guards walk the fence at night.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--text", type=Path)
    options = parser.parse_args()
    stories = _stories(options.text, options.words)
    words = sum(len(story.split()) for story in stories)
    models = installed_models()
    whole = spacy.load(models["en"])
    annotator = Annotator({"en": models["en"]})
    annotator.annotate(stories[0], language="en")
    list(whole.pipe(stories[:1]))
    ours = _seconds(lambda: [annotator.annotate(story, language="en") for story in stories])
    theirs = _seconds(lambda: list(whole.pipe(stories, batch_size=32)))
    print(f"{words} words: newsbeam {words / ours:.0f} words/s, {models['en']} {words / theirs:.0f} words/s")
    print(f"newsbeam takes {ours / theirs:.2f} of the time of the whole model")


def _stories(path: Path | None, words: int) -> list[str]:
    paragraphs = path.read_text(encoding="utf-8").splitlines() if path else [*STORY] * 3
    story = "\n".join(paragraphs)
    return [story] * max(1, words // max(1, len(story.split())))


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
