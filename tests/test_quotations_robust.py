"""Quotations of broken text: whatever the marks, the case or the paragraphs, spans hold and nothing is raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.hops import Annotations
from transforms.core.annotation import Annotator, installed_models
from transforms.core.quotations import LEXICONS, marked

FOLDER = Path(__file__).parent / "data" / "quotations"
MARKS = "\"“”„'‘’«»"
SWAPPED = str.maketrans({"“": "'", "”": "'", '"': "”", "‘": '"', "’": "«"})


def _texts(path: Path) -> list[str]:
    blocks = re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]
    return [block.partition("\n")[2].partition("\n---\n")[0] for block in blocks]


def _story() -> str:
    """Every text of the golden cases, one after the other."""
    return "\n".join(text for path in sorted(FOLDER.glob("*.txt")) for text in _texts(path))


def _removed(text: str) -> str:
    return "".join(sign for sign in text if sign not in MARKS)


def _doubled(text: str) -> str:
    return "".join(sign * 2 if sign in MARKS else sign for sign in text)


def _shuffled(text: str) -> str:
    marks = [sign for sign in text if sign in MARKS]
    shuffled = iter([*marks[2::3], *marks[::3], *marks[1::3]])
    return "".join(next(shuffled) if sign in MARKS else sign for sign in text)


def _swapped(text: str) -> str:
    return text.translate(SWAPPED)


def _one_paragraph(text: str) -> str:
    return text.replace("\n", " ")


def _never_closed(text: str) -> str:
    return re.sub(r"[”»]|\"(?=\W)", "", text)


BROKEN: tuple[Callable[[str], str], ...] = (
    _removed,
    _doubled,
    _shuffled,
    _swapped,
    str.upper,
    _one_paragraph,
    _never_closed,
)


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    models = installed_models()
    if "en" not in models:
        pytest.skip("no English model is installed")
    return Annotator(models)


def assert_spans_hold(text: str, found: Annotations) -> None:
    for quote in found.quotations:
        assert text[quote.start_char : quote.end_char] == quote.text
        for words, start, end in (
            (quote.speaker, quote.speaker_start_char, quote.speaker_end_char),
            (quote.cue, quote.cue_start_char, quote.cue_end_char),
        ):
            assert (words is None) == (start is None) == (end is None)
            assert words is None or text[start:end] == words
        assert quote.confidence is not None
        assert 0 <= quote.confidence <= 1
    known = {quote.id for quote in found.quotations}
    assert all(quote.continues is None or quote.continues in known for quote in found.quotations)


@pytest.mark.parametrize("language", ["en", "fr", "es", "de"])
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_broken_text(broken: Callable[[str], str], language: str, annotator: Annotator) -> None:
    folder = {"fr": "french", "es": "spanish", "de": "languages"}.get(language, "*")
    story = "\n".join(text for path in sorted(FOLDER.glob(f"{folder}.txt")) for text in _texts(path))
    text = broken(story)
    assert_spans_hold(text, annotator.annotate(text, language=language))


def test_one_paragraph_of_100_kilobytes(annotator: Annotator) -> None:
    story = _one_paragraph(_story())
    text = (story * (100_000 // len(story) + 1))[:100_000]
    shuffled = _shuffled(text)
    assert_spans_hold(shuffled, annotator.annotate(shuffled, language="de"))
    assert_spans_hold(text, annotator.annotate(text, language="en"))


@pytest.mark.parametrize("run", ["'a b c, ", "\"'", "‘", "« mot, a dit ", "— dit le ", "«, a"])
def test_runs_of_marks_end(run: str) -> None:
    text = (run * 100_000)[:100_000]
    lexicon = LEXICONS["fr"]
    found = marked(text, dialogue=lexicon.has_dialogue, incises=lexicon.say)
    assert all(0 <= segment.start <= segment.end <= len(text) for segment in found.segments)
