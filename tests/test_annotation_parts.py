"""Shortcuts of the adapter to spaCy: they give what the components of spaCy give that they stand for."""

from __future__ import annotations

import random
from typing import Any

import pytest
import spacy

from transforms.core.annotation import installed_models
from transforms.core.annotation.coarse import CoarseTags
from transforms.core.annotation.names import NameFinder, can_find

TEXTS = {
    "en": """LINDOW — The council voted on Monday to sell the old harbour, said Mayor Nora Castell of the Lindow Party.
There were two of them, weren't there? "It's been ours since 1891," said Peter Lund, who'd led the dockers' union of
Great Lindow for eleven years and $90 million.

\t The Bank of Lindow and the Royal Institute of Estuaries in Berlin  don't think that it will, but for how long?""",
    "fr": "Le conseil de Vaurigny a vendu le port, a déclaré lundi Jeanne Aubrac. « C'est à nous », dit-elle à Paris.",
    "es": "El ayuntamiento de Montalvar vendió el puerto, dijo el lunes Ana Roca. «Es nuestro», dijo en Madrid.",
}


@pytest.fixture(scope="module", params=sorted(TEXTS))
def language(request: pytest.FixtureRequest) -> str:
    if request.param not in installed_models():
        pytest.skip(f"no model for {request.param} is installed")
    return str(request.param)


@pytest.fixture(scope="module")
def nlp(language: str) -> Any:
    return spacy.load(installed_models()[language], exclude=["lemmatizer"])


def shuffled(text: str, count: int) -> list[str]:
    """The text, and its words in ``count`` other orders: odd names, also at the end."""
    words, made = text.split(" "), [text]
    for seed in range(count):
        random.Random(seed).shuffle(words)  # noqa: S311 - the same on every machine
        made.append(" ".join(words))
    return made


def test_names_are_those_of_the_recognizer(nlp: Any, language: str) -> None:
    recognizer = nlp.get_pipe("ner")
    assert can_find(recognizer)
    finder, number = NameFinder(recognizer), 0
    for text in ["", " ", "\n", "Lindow", *shuffled(TEXTS[language], 40)]:
        found = finder.find(nlp.make_doc(text))
        assert found == [(ent.start, ent.end, ent.label_) for ent in recognizer(nlp.make_doc(text)).ents]
        number += len(found)
    assert number > 40


def test_a_recognizer_of_another_kind_is_left_to_itself() -> None:
    assert not can_find(None)
    assert not can_find(spacy.blank("en").add_pipe("entity_ruler"))


def test_grammar_is_as_after_the_attribute_ruler(nlp: Any, language: str) -> None:
    coarse, triggered = CoarseTags(nlp), 0
    for text in shuffled(TEXTS[language], 20):
        with nlp.select_pipes(disable=["attribute_ruler", "ner"]):
            parsed = nlp(text)
        triggered += any(token.dep_ == "expl" for token in parsed)
        ruled = nlp.get_pipe("attribute_ruler")(parsed.copy())
        assert coarse.of(parsed) == [(token.tag_, token.pos_, token.dep_) for token in ruled]
    assert triggered or language != "en", "the pattern of two words was asked for"


def test_grammar_without_a_ruler_is_that_of_the_parser() -> None:
    blank = spacy.blank("en")
    doc = blank("Two words")
    assert CoarseTags(blank).of(doc) == [("", "", ""), ("", "", "")]
