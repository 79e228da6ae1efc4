"""Annotation as a whole: offsets, determinism, hostile texts, languages without a model."""

from __future__ import annotations

import itertools
import random

import pytest

from schemas.hops import Annotations
from transforms.core.annotation import Annotator, installed_models, models, parser, words
from transforms.core.annotation.guard import MAX_CHARACTERS, tokenizable, within_cap

STORY = """LINDOW — The council voted on Monday to sell the harbour.
“We waited long enough,” said Mayor Nora Castell, who ran on the promise. “Now we can build.”
Peter Lund, who leads the dockers' union, said the sale was "a slap in the face" and would cost four hundred jobs.
"It is a sad day," he told reporters. According to the Bank of Lindow, the land is worth ninety million dollars.
"I grew up there," he added. "My father did too.
"Nobody asked us."
"""
HOSTILE = {
    "empty": "",
    "blank lines": "\n\n \n",
    "nul": '\x00 "We lost it,"\x00 said Nora Castell.',
    "lone surrogates": '\ud800 "We lost it all," said Nora \udfff Castell.',
    "open mark": '"',
    "marks alone": '"' * 3_000,
    "mixed marks": "“”«»\"'" * 500,
    "punctuation": "." * 100_000,
    "dashes": "—" * 5_000,
    "one word": "a" * 150_000,
    "no space": STORY.replace(" ", ""),
    "emoji": "😀 Nora Castell 😀 said “we 😀 lost it” 😀",
    "only names": "Nora Castell Peter Lund " * 300,
    "mixed scripts": "Нора Кастелл said “мы всё потеряли сегодня” 東京で Nora Castell",
    "line separators": "“We lost it,”\u2028said Nora Castell.\u2029\r\n“All of it.”",
    "colons": "Castell: " * 400,
}


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    if "en" not in installed_models():
        pytest.skip("no English model is installed")
    return Annotator(installed_models())


def assert_offsets(text: str, headline: str | None, annotations: Annotations) -> None:
    """Every span of ``annotations`` is what stands at its offsets."""
    fields = {"text": text, "headline": headline or ""}
    for entity in annotations.entities:
        assert entity.mentions
        for mention in entity.mentions:
            assert fields[mention.field][mention.start_char : mention.end_char] == mention.text
    for quote in annotations.quotations:
        assert quote.text == text[quote.start_char : quote.end_char] != ""
        if quote.speaker is not None:
            assert quote.speaker == text[quote.speaker_start_char : quote.speaker_end_char] != ""
        if quote.cue is not None:
            assert quote.cue == text[quote.cue_start_char : quote.cue_end_char] != ""
    for part in (*annotations.embeds, *annotations.boilerplate):
        assert part.start_char is not None
        assert part.end_char is not None
        assert 0 <= part.start_char < part.end_char <= len(text)


def _variants(text: str) -> dict[str, str]:
    shuffled = random.Random(7)  # noqa: S311 - a fixed shuffle, no secret
    marks = "\"“”‘’'«»"
    return {
        "marks removed": text.translate(dict.fromkeys(map(ord, marks))),
        "marks doubled": "".join(char * 2 if char in marks else char for char in text),
        "marks shuffled": "".join(shuffled.choice(marks) if char in marks else char for char in text),
        "upper case": text.upper(),
        "no paragraphs": text.replace("\n", " "),
        "one paragraph of 100 KB": (text.replace("\n", " ") * 400)[:100_000],
    }


@pytest.mark.parametrize("variant", list(_variants(STORY)))
def test_broken_stories_keep_their_offsets(annotator: Annotator, variant: str) -> None:
    text = _variants(STORY)[variant]
    assert_offsets(text, text[:60], annotator.annotate(text, headline=text[:60]))


@pytest.mark.parametrize("name", list(HOSTILE))
@pytest.mark.parametrize("language", ["en", "xx"])
def test_hostile_texts_keep_their_offsets(annotator: Annotator, name: str, language: str) -> None:
    text = HOSTILE[name]
    assert_offsets(text, text[:50], annotator.annotate(text, headline=text[:50], language=language))


def test_every_cut_of_a_story_keeps_its_offsets(annotator: Annotator) -> None:
    for end in range(0, len(STORY), 23):
        assert_offsets(STORY[end:], None, annotator.annotate(STORY[end:]))


def test_ids_count_up_and_point_to_entities(annotator: Annotator) -> None:
    found = annotator.annotate(STORY, headline="Castell sells harbour")
    assert [entity.id for entity in found.entities] == [f"e{n}" for n in range(1, len(found.entities) + 1)]
    assert [quote.id for quote in found.quotations] == [f"q{n}" for n in range(1, len(found.quotations) + 1)]
    names = {entity.id: entity.name for entity in found.entities}
    linked = [quote for quote in found.quotations if quote.speaker_entity_id is not None]
    assert linked
    assert all(names[quote.speaker_entity_id or ""] == quote.speaker_name for quote in linked)
    assert all(before.start_char <= after.start_char for before, after in itertools.pairwise(found.quotations))


def test_result_does_not_depend_on_what_was_annotated_before(annotator: Annotator) -> None:
    first = annotator.annotate(STORY)
    annotator.annotate("Maria Gomez said nothing. " * 50)
    assert annotator.annotate(STORY) == first
    parser.model.cache_clear()
    assert Annotator(installed_models()).annotate(STORY) == first


def test_strings_of_texts_are_forgotten(annotator: Annotator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_REMEMBERED", 200)
    strings = annotator._model("en")._memory._nlp.vocab.strings  # the leak that is watched sits inside spaCy
    counts = []
    for number in range(60):
        annotator.annotate(f"Xq{number}zz Vw{number}pp said the Qj{number}kk was lost.")
        counts.append(len(strings))
    assert any(behind < before for before, behind in itertools.pairwise(counts))
    assert max(counts) - min(counts) < 300


def test_language_without_a_model_gives_quotes_without_speakers(annotator: Annotator) -> None:
    found = annotator.annotate("Hun sa: «Vi selger aldri denne byen», og gikk.", language="nb-NO")
    assert [(quote.text, quote.speaker, quote.kind) for quote in found.quotations] == [
        ("Vi selger aldri denne byen", None, "direct")
    ]
    assert found.entities == ()
    assert "no_model" in found.flags


def test_long_text_is_annotated_up_to_a_paragraph_within_the_cap(annotator: Annotator) -> None:
    text = "Nothing was said here.\n" * 6_000
    found = annotator.annotate(text)
    assert "annotated_in_part" in found.flags
    assert within_cap(text).endswith("here.")
    assert len(within_cap(text)) <= MAX_CHARACTERS


def test_guard_keeps_the_length() -> None:
    for text in HOSTILE.values():
        assert len(tokenizable(text)) == len(text)


def test_enrichers_name_the_model_and_the_rules(annotator: Annotator) -> None:
    enrichers = {enricher.name: enricher.version for enricher in annotator.annotate(STORY).enrichers}
    assert enrichers["entities"].startswith(installed_models()["en"])
    assert enrichers["quotations"].startswith("newsbeam")


def test_post_in_the_text_becomes_an_embed(annotator: Annotator) -> None:
    text = "The mayor wrote:\nWe love it pic.twitter.com/AbC1\n— Nora Castell (@ncastell) May 4, 2021\nThen she left."
    (embed,) = annotator.annotate(text).embeds
    assert (embed.author_name, embed.author_handle, embed.provider) == ("Nora Castell", "ncastell", "x")
    assert embed.published_at is not None
    assert embed.published_at.isoformat() == "2021-05-04T00:00:00+00:00"
    assert embed.url == "https://pic.twitter.com/AbC1"
    assert text[embed.start_char : embed.end_char].startswith("We love it")


def test_day_that_does_not_exist_is_no_date(annotator: Annotator) -> None:
    (embed,) = annotator.annotate("Well. — Nora Castell (@ncastell) February 31, 2021").embeds
    assert embed.published_at is None


def test_promotion_becomes_boilerplate(annotator: Annotator) -> None:
    text = "The harbour was sold.\nSign up for our daily newsletter\nREAD MORE: The harbour in pictures"
    assert [line.kind for line in annotator.annotate(text).boilerplate] == ["newsletter", "read_more"]


def test_split_quote_is_joined(annotator: Annotator) -> None:
    first, second = annotator.annotate('"The bridge," said Nora Castell, "will open in May."').quotations
    assert first.continues is None
    assert second.continues == first.id


@pytest.mark.parametrize(
    ("installed", "expected"),
    [
        ({"en_core_web_sm"}, "en_core_web_sm"),
        ({"en_core_web_sm", "en_core_web_trf"}, None),
        ({"fr_core_news_sm"}, None),
        (set(), None),
    ],
)
def test_only_a_small_model_may_be_forked(
    installed: set[str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "installed_packages", lambda: frozenset(installed))
    assert models.small_model("en") == expected
