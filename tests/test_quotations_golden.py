"""Golden cases of quotations: a file under tests/data/quotations is a phenomenon, each case carries its expectation.

A case reads

    === what it shows [language]
    text, one paragraph a line; a first line that begins with "# " is the headline
    ---
    quoted words | speaker as written | speaker's full name

with ``-`` for none.  Every quotation in marks must be listed and none else; a row that begins with ``~`` is indirect or
mixed speech, and of those only the listed ones are looked for, unless the row is ``~ none``: then there may be none.
Punctuation around the words does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas.article import Quotation
from schemas.hops import Annotations
from transforms.core.annotation import Annotator, installed_models
from transforms.core.quotations import LEXICONS

FOLDER = Path(__file__).parent / "data" / "quotations"
AROUND = " \t\n\u00a0\"“”„«».,;:!?—–-'‘’…"
NO_OTHER = "~ none"
FLOOR = 0.98
"""Share of the cases that must hold; never lowered."""
FEWEST = 370
"""Cases; never lowered."""
KNOWN_TO_FAIL = frozenset(
    {
        "hard: name the parser takes for a verb",
        "hard: capitalised cue",
        "hard: tag whose verb the parser takes for a participle",
    }
)
"""Cases that show what the rules do not master yet: ``file: name``."""

Row = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class Case:
    """One text with the rows that it must give."""

    name: str
    language: str
    headline: str | None
    text: str
    direct: frozenset[Row]
    other: frozenset[Row]
    no_other: bool
    """Whether nothing may be reported without marks."""


def _cases() -> list[Case]:
    return [
        _case(path.stem, block)
        for path in sorted(FOLDER.glob("*.txt"))
        for block in re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]
    ]


def _case(phenomenon: str, block: str) -> Case:
    title, _, body = block.partition("\n")
    text, _, expected = body.partition("\n---\n")
    language = re.search(r"\[(\w\w)\]\Z", title)
    headline = re.match(r"# (.*)\n?", text)
    lines = [line for line in expected.splitlines() if line.strip()]
    rows = [line for line in lines if line != NO_OTHER]
    return Case(
        f"{phenomenon}: {title}",
        language.group(1) if language else "en",
        headline.group(1) if headline else None,
        text[headline.end() :] if headline else text,
        frozenset(_row(line) for line in rows if not line.startswith("~")),
        frozenset(_row(line[1:]) for line in rows if line.startswith("~")),
        NO_OTHER in lines,
    )


def _row(line: str) -> Row:
    words, speaker, name = (part.strip() for part in line.split("|"))
    return words.strip(AROUND), None if speaker == "-" else speaker, None if name == "-" else name


def _found(quote: Quotation) -> Row:
    return quote.text.strip(AROUND), quote.speaker, quote.speaker_name


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    models = installed_models()
    if "en" not in models:
        pytest.skip("no English model is installed")
    return Annotator(models)


def _holds(case: Case, annotations: Annotations) -> bool:
    direct = frozenset(_found(quote) for quote in annotations.quotations if quote.kind == "direct")
    other = frozenset(_found(quote) for quote in annotations.quotations if quote.kind != "direct")
    return direct == case.direct and case.other <= other and not (case.no_other and other)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_case(case: Case, annotator: Annotator) -> None:
    if case.language in LEXICONS and case.language not in installed_models():
        pytest.skip(f"no model for {case.language} is installed")
    annotations = annotator.annotate(case.text, headline=case.headline, language=case.language)
    if case.name in KNOWN_TO_FAIL:
        assert not _holds(case, annotations), "holds now: take it off the list"
        return
    direct = {_found(quote) for quote in annotations.quotations if quote.kind == "direct"}
    other = {_found(quote) for quote in annotations.quotations if quote.kind != "direct"}
    assert direct == case.direct
    assert case.other <= other, other
    assert not (case.no_other and other)


def test_there_are_cases_enough() -> None:
    assert len(_cases()) >= FEWEST


def test_share_of_known_failures_stays_small() -> None:
    assert len(KNOWN_TO_FAIL) <= (1 - FLOOR) * len(_cases())
