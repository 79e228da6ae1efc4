"""Entities of texts that nobody would write: every mention is what stands at its offsets, and the work ends."""

from __future__ import annotations

import random
import re
import time
from itertools import pairwise

import pytest

from schemas.hops import Annotations
from transforms.core.annotation import Annotator, installed_models
from transforms.core.entities import NameSpan, clusters_of, names_in, recased
from transforms.core.entities.lookup import WHOLE_END, WHOLE_START, longest_places
from transforms.core.entities.names import TYPES
from transforms.core.entities.trie import alternatives

PIECES = [
    *["Nora Castell", "Castell", "Peter Lund", "Mr. Lund", "Ursula von der Aue", "Jean-Pierre Marchand", "O’Hanlon"],
    *["U.S.", "the UN", "United Nations (UN)", "PARIS —", "FRANCE", "Lindow, Ohio", "New York", "Larkfield 2 Leeds 1"],
    *[
        "said",
        "met",
        ".",
        ",",
        "\n",
        "“",
        "”",
        "'s",
        "’s",
        "\u00a0",
        "\u2028",
        "😀",
        "👩‍👩‍👧",
        "東京",
        "Київ",
        "İstanbul",
        "ﬁ",
        "ǅ",
    ],
    *[
        "\x00",
        "\ud800",
        "#Lindow",
        "@castell",
        "(",
        ")",
        "--",
        "-",
        "42",
        "Jr.",
        "of",
        "Bank of",
        "Street",
        "Inc.",
        "é",
    ],
]
HOSTILE = {
    "five megabytes": "Nora Castell met Peter Lund in Lindow on Monday.\n" * 107_000,
    "no space": "NoraCastellMetPeterLundInLindow" * 3_000,
    "only names": " ".join(f"Nora Castell{number} Peter Lund{number}" for number in range(1_500)),
    "one surname": " ".join(f"{chr(65 + number % 26)}{number}ora Castell" for number in range(1_500)),
    "nested names": " met ".join("Ab" + "b" * number for number in range(1, 300)),
    "long beginnings": " met ".join("Castell" + "a" * 110 + str(number) for number in range(60)),
    "mixed scripts": "Nora Castell зустріла Петра Шевчука в 東京 und Ünal Öz, قال محمد. " * 200,
    "emoji between names": "😀Nora Castell😀Peter Lund👩‍👩‍👧Lindow🇫🇷" * 500,
    "capitals": "NORA CASTELL MET PETER LUND IN LINDOW, SAID THE BANK OF LINDOW. " * 300,
    "brackets": "Harbour Union (HU) (" * 500,
    "commas": "Penn, Lund, Castell, " * 500,
    "hyphens": "Castell-Lund-" * 500,
    "apostrophes": "Castell's Lund's " * 500,
    "dotless": "İ" * 3_000 + " İstanbul ẞ ŉ Nora Castell",
    "titles": "Mr. President Sir Lord Dr. " * 500,
}


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    if "en" not in installed_models():
        pytest.skip("no English model is installed")
    return Annotator(installed_models())


def assert_mentions(text: str, headline: str | None, annotations: Annotations) -> None:
    """Every mention is what stands at its offsets, in order and without overlap; ids count up."""
    fields = {"text": text, "headline": headline or ""}
    seen = set()
    for number, entity in enumerate(annotations.entities, 1):
        assert entity.id == f"e{number}"
        assert entity.type in TYPES
        assert entity.name in {mention.text for mention in entity.mentions}
        for mention in entity.mentions:
            assert fields[mention.field][mention.start_char : mention.end_char] == mention.text
            assert mention.text.strip()
            seen.add((mention.field, mention.start_char, mention.end_char))
    for field in fields:
        places = sorted((start, end) for where, start, end in seen if where == field)
        assert all(end <= start for (_, end), (start, _) in pairwise(places))


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_texts(annotator: Annotator, name: str) -> None:
    text = HOSTILE[name]
    assert_mentions(text, text[:80], annotator.annotate(text, headline=text[:80], language="en"))


def test_texts_put_together_at_random(annotator: Annotator) -> None:
    dice = random.Random(11)  # noqa: S311 - fixed dice, no secret
    for _ in range(60):
        pieces = dice.choices(PIECES, k=dice.randint(1, 60))
        text = dice.choice((" ", "", " ")).join(pieces)
        headline = " ".join(dice.choices(PIECES, k=6))
        assert_mentions(text, headline, annotator.annotate(text, headline=headline, language="en"))


def test_rules_alone_bear_any_spans() -> None:
    """Whatever a model finds: spans over each other, over half of a word, over line ends."""
    dice = random.Random(13)  # noqa: S311 - fixed dice, no secret
    for _ in range(200):
        source = dice.choice((" ", "")).join(dice.choices(PIECES, k=25))
        spans = []
        for _ in range(dice.randint(0, 12)):
            start = dice.randrange(len(source))
            end = dice.randint(start + 1, min(len(source), start + 30))
            spans.append(NameSpan(start, end, dice.choice(["PERSON", "ORG", "GPE", "FAC", "DATE"]), source[start:end]))
        sources = {"text": source, "headline": ""}
        names = names_in(spans, sources, "en")
        assert all(source[span.start : span.end] == span.text != "" for span in names)
        clusters = clusters_of(names, sources)
        assert sum(len(cluster.mentions) for cluster in clusters) == len(names)


def test_recased_text_has_the_same_length() -> None:
    for text in (*HOSTILE.values(), "ŉ ẞ İ ǅ ﬁ", "PARIS (AP) — STRASSE ẞ"):
        assert len(recased(text[:20_000])) == len(text[:20_000])


def test_alternatives_find_what_they_are_made_of() -> None:
    dice = random.Random(17)  # noqa: S311 - fixed dice, no secret
    for _ in range(200):
        forms = {"".join(dice.choices("ab.(", k=dice.randint(1, 6))) for _ in range(dice.randint(1, 12))}
        pattern = re.compile(alternatives(forms))
        assert all(pattern.fullmatch(form) for form in forms)
        text = "".join(dice.choices("ab.(", k=30))
        for match in pattern.finditer(text):
            longest = max((form for form in forms if text.startswith(form, match.start())), key=len)
            assert match.group() == longest


def test_alternatives_of_nested_strings_compile() -> None:
    forms = ["a" * size for size in range(1, 400)]
    assert re.compile(alternatives(forms)).fullmatch("a" * 399)


def test_names_inside_names_are_found_in_time() -> None:
    forms = ["Ab" + " Ab" * number for number in range(400)]
    source = ", ".join(forms)
    started = time.process_time()
    found = list(longest_places(forms, source, WHOLE_START, WHOLE_END))
    assert [source[start:end] for start, end in found] == forms
    assert time.process_time() - started < 5
