"""Shortcuts of the adapter to spaCy: they give what the components of spaCy give that they stand for."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from transforms.core.annotation import installed_models
from transforms.core.annotation import words as words_module
from transforms.core.annotation.coarse import CoarseTags
from transforms.core.annotation.encoder import parts_of
from transforms.core.annotation.names import can_find
from transforms.core.annotation.parsing import FrameParser
from transforms.core.annotation.reading import QuickReader, WholeReader, reader_of
from transforms.core.annotation.words import Memory
from transforms.core.quotations import Frame, Sentence
from transforms.core.quotations.grammar import FrameWord

TEXTS = {
    "en": """LINDOW — The council voted on Monday to sell the old harbour, said Mayor Nora Castell of the Lindow Party.
There were two of them, weren't there? "It's been ours since 1891," said Peter Lund, who'd led the dockers' union of
Great Lindow for eleven years and $90 million.

\t The Bank of Lindow and the Royal Institute of Estuaries in Berlin  don't think that it will, but for how long?""",
    "fr": "Le conseil de Vaurigny a vendu le port, a déclaré lundi Jeanne Aubrac. « C'est à nous », dit-elle à Paris.",
    "es": "El ayuntamiento de Montalvar vendió el puerto, dijo el lunes Ana Roca. «Es nuestro», dijo en los EE. UU.",
}

ODD = (
    *(
        " ",
        "  ",
        "\n",
        " \n ",
        "\t",
        "\u00a0",
        "\u3000",
        "(EE. UU.),",
        "EE.",
        "UU.",
        ":)",
        ": )",
        "8 )",
        "10am",
        "a.m.",
    ),
    *(
        "…",
        "l'",
        "--",
        "“",
        "don’t",
        "U.S.",
        "https://lindow.example/a-b",
        "c'est-à-dire",
        "½",
        "e\u0301",
        "\U0001f600",
        "\u200b",
    ),
)

EXCEPTION_IN_WORDS = re.compile(r"[\w'’. ]+")
"""Of emoticons one torn by a space (":( )") keeps spaCy from seeing another in it, and `Chunks` not."""


@pytest.fixture(scope="module", params=sorted(TEXTS))
def language(request: pytest.FixtureRequest) -> str:
    if request.param not in installed_models():
        pytest.skip(f"no model for {request.param} is installed")
    return str(request.param)


@pytest.fixture(scope="module")
def nlp(language: str) -> Any:
    return spacy.load(installed_models()[language], exclude=["lemmatizer"])


@pytest.fixture
def memory(nlp: Any) -> Iterator[Memory]:
    opened = Memory(nlp)
    yield opened
    opened.close()


def shuffled(text: str, count: int) -> list[str]:
    """The text, and its words in ``count`` other orders: odd names, also at the end."""
    words, made = text.split(" "), [text]
    for seed in range(count):
        random.Random(seed).shuffle(words)  # noqa: S311 - the same on every machine
        made.append(" ".join(words))
    return made


def odd(text: str, count: int, rules: Sequence[str]) -> list[str]:
    """Words of the text among breaks, marks and exceptions of the tokenizer, with and without spaces between."""
    made = []
    for seed in range(count):
        chosen = random.Random(seed)  # noqa: S311
        parts = [chosen.choice((*text.split(" "), *ODD, *chosen.sample(rules, 20))) for _ in range(60)]
        made.append("".join(part + chosen.choice((" ", " ", " ", "")) for part in parts))
    return made


def test_tokens_and_names_are_those_of_tokenizer_and_recognizer(nlp: Any, language: str, memory: Memory) -> None:
    recognizer, number = nlp.get_pipe("ner"), 0
    reader = reader_of(nlp, memory)
    assert isinstance(reader, QuickReader)
    for text in ["", " ", "\n", "Lindow", *shuffled(TEXTS[language], 40)]:
        tokens, found = reader.read(text)
        doc = recognizer(nlp.make_doc(text))
        assert [(token.text, token.start) for token in tokens] == [(token.text, token.idx) for token in doc]
        assert found == [(ent.start, ent.end, ent.label_) for ent in doc.ents]
        number += len(found)
    assert number > 40


def test_odd_texts_are_read_as_by_the_components_themselves(nlp: Any, language: str, memory: Memory) -> None:
    quick, whole = reader_of(nlp, memory), WholeReader(nlp)
    rules = sorted(rule for rule in nlp.tokenizer.rules if EXCEPTION_IN_WORDS.fullmatch(rule))
    for text in odd(TEXTS[language], 40, rules):
        assert quick.read(text) == whole.read(text), text


def test_encoded_texts_are_those_of_tok2vec_but_for_rounding(nlp: Any, language: str) -> None:
    tok2vec = nlp.get_pipe("tok2vec").model
    parts = parts_of(tok2vec)
    assert parts is not None
    embedding, encoder = parts
    docs = [nlp.make_doc(text) for text in shuffled(TEXTS[language], 3)]
    mine = encoder.encoded_together([embedding.vectors(embedding.features_of(doc)) for doc in docs])
    for vectors, expected in zip(mine, tok2vec.predict(docs), strict=True):
        np.testing.assert_allclose(vectors, expected, atol=1e-4)


def test_vector_of_a_word_has_no_bit_of_the_words_beside_it(nlp: Any, language: str) -> None:
    parts = parts_of(nlp.get_pipe("tok2vec").model)
    assert parts is not None
    doc = nlp.make_doc(TEXTS[language])
    features = parts[0].features_of(doc)
    together = parts[0].vectors(features)
    for size in (1, 2, 3, 7):
        apart = [parts[0].vectors(features[start : start + size]) for start in range(0, len(features), size)]
        assert np.concatenate(apart).tobytes() == together.tobytes()


def test_what_is_read_does_not_depend_on_what_was_read_before(
    nlp: Any, language: str, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = shuffled(TEXTS[language], 20)
    expected = dict(zip(texts, map(reader_of(nlp, memory).read, texts), strict=True))
    monkeypatch.setattr(words_module, "MOST_REMEMBERED", 30)
    reader = reader_of(nlp, memory)
    for text in reversed(texts):
        memory.make_room()
        assert reader.read(text) == expected[text]


def test_memory_stays_small(nlp: Any, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_module, "MOST_REMEMBERED", 100)
    table, reader = memory.keep({}), reader_of(nlp, memory)
    strings = len(nlp.vocab.strings)
    for number in range(20):
        memory.make_room()
        reader.read(" ".join(f"word{number}x{other}" for other in range(30)))
        table[number] = number
        assert len(nlp.vocab.strings) - strings < 100 + 4 * 30
    assert len(table) < 20


def test_a_recognizer_of_another_kind_is_left_to_itself() -> None:
    blank = spacy.blank("en")
    assert not can_find(None)
    assert not can_find(blank.add_pipe("entity_ruler"))
    assert isinstance(reader_of(blank, Memory(blank)), WholeReader)


def frames_of(nlp: Any, text: str) -> list[Frame]:
    """Each line of ``text`` as a frame."""
    docs = [nlp.make_doc(line) for line in text.split("\n")]
    return [
        Frame(tuple(FrameWord(token.text, token.idx, token.idx + len(token)) for token in doc if not token.is_space), 0)
        for doc in docs
        if any(not token.is_space for token in doc)
    ]


def expected_of(nlp: Any, frames: Sequence[Frame]) -> list[tuple[str, str, str, str, int]]:
    """(word, tag, part of speech, dependency, head in the frame) as the components of ``nlp`` say."""
    docs = [Doc(nlp.vocab, words=[word.text for word in frame.words]) for frame in frames]
    for doc in docs:
        for index, token in enumerate(doc):
            if index == 0 or len(doc[index - 1]) < 2 or doc[index - 1].text[-1] != ".":
                token.is_sent_start = index == 0
    with nlp.select_pipes(disable=["ner"]):
        docs = list(nlp.pipe(docs))
    return [
        (token.text, token.tag_, token.pos_, token.dep_, token.head.i - token.sent.start)
        for doc in docs
        for token in doc
    ]


def plain(sentences: Sequence[Sentence]) -> list[tuple[str, str, str, str, int]]:
    return [(word.text, word.tag, word.pos, word.dep, word.head) for found in sentences for word in found.words]


def test_frames_are_parsed_as_by_tagger_parser_and_ruler(nlp: Any, language: str, memory: Memory) -> None:
    parser = FrameParser(nlp, memory)
    for text in shuffled(TEXTS[language], 20):
        frames = frames_of(nlp, text)
        assert plain(parser.parse(frames)) == expected_of(nlp, frames)


def test_grammar_is_as_after_the_attribute_ruler(nlp: Any, language: str) -> None:
    coarse, triggered = CoarseTags(nlp), 0
    for text in shuffled(TEXTS[language], 20):
        with nlp.select_pipes(disable=["attribute_ruler", "ner"]):
            parsed = nlp(text)
        triggered += any(token.dep_ == "expl" for token in parsed)
        words = [token.text for token in parsed]
        ruled = nlp.get_pipe("attribute_ruler")(parsed.copy())
        assert coarse.of(words, parsed) == [(token.tag_, token.pos_, token.dep_) for token in ruled]
    assert triggered or language != "en", "the pattern of two words was asked for"


def test_grammar_without_a_ruler_is_that_of_the_parser() -> None:
    blank = spacy.blank("en")
    doc = blank("Two words")
    assert CoarseTags(blank).of(["Two", "words"], doc) == [("", "", ""), ("", "", "")]
