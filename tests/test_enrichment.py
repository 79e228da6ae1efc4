"""What counts as a change when an article is annotated anew, and the version that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.article import Article, Boilerplate, Embed, Enricher, Entity, Mention, Quotation
from schemas.hops import Document, Run
from schemas.outcome import OutcomeKind, Problem
from transforms.core.annotation import Annotator
from transforms.core.articles import annotate_article, annotate_document
from transforms.core.enrichment import changed_annotations, next_version

NOW = datetime(2026, 11, 15, 21, tzinfo=UTC)
LATER = Run("later", datetime(2026, 12, 1, tzinfo=UTC), "9")
ENTITY = Entity("e1", "Nora Castell", "PERSON", (), (Mention(0, 12, "Nora Castell"),))
QUOTE = Quotation("q1", "We lost it", 20, 30, "direct")


@pytest.fixture(scope="module")
def article() -> Article:
    document = Document("https://a.example/1", "Nora Castell said “We lost it”.", language="xx")
    made = annotate_document(document, run=Run("first", NOW, "1"), annotator=Annotator({}))
    return replace(made, entities=(ENTITY,), quotations=(QUOTE,))


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, ()),
        ({"enrichers": (Enricher("entities", "a newer model"),)}, ()),
        ({"run_id": "other", "pipeline_version": "9", "ingested_at": LATER.now}, ()),
        ({"entities": (replace(ENTITY, uri="x:1", link_confidence=0.9),)}, ("entities",)),
        ({"entities": (replace(ENTITY, type="ORG"),)}, ("entities",)),
        ({"entities": ()}, ("entities",)),
        ({"quotations": (replace(QUOTE, speaker_name="Nora Castell"),)}, ("quotations",)),
        ({"embeds": (Embed("post", start_char=0, end_char=4),)}, ("embeds",)),
        ({"boilerplate": (Boilerplate("newsletter", "Sign up", 0, 7),)}, ("boilerplate",)),
        ({"entities": (), "quotations": ()}, ("entities", "quotations")),
    ],
)
def test_what_counts_as_a_change(article: Article, change: dict[str, Any], fields: tuple[str, ...]) -> None:
    assert changed_annotations(article, replace(article, **change)) == fields


def test_same_annotations_are_unchanged(article: Article) -> None:
    after = replace(article, enrichers=(Enricher("entities", "newer"),), run_id="later")
    verdict = next_version(article, after)
    assert isinstance(verdict, Problem)
    assert (verdict.kind, verdict.detail) == (OutcomeKind.UNCHANGED, "annotated as in version 1")


def test_change_makes_the_next_version(article: Article) -> None:
    after = replace(article, entities=())
    second = next_version(article, after)
    assert isinstance(second, Article)
    assert (second.version, second.action, second.changed_fields) == (2, "REPLACE", ("entities",))
    assert second.previous_version_id == article.version_id != second.version_id
    assert (second.text, second.article_id, second.content_hash) == (
        article.text,
        article.article_id,
        article.content_hash,
    )
    third = next_version(second, replace(second, entities=article.entities))
    assert isinstance(third, Article)
    assert third.version == 3
    assert len({article.version_id, second.version_id, third.version_id}) == 3


def test_annotating_twice_with_the_same_tools_changes_nothing() -> None:
    text = "Nora Castell said “We lost it all”.\nSign up for our daily newsletter"
    annotator = Annotator({})
    first = annotate_document(Document("https://a.example/1", text), run=Run("first", NOW, "1"), annotator=annotator)
    again = annotate_article(first, run=LATER, annotator=annotator)
    assert changed_annotations(first, again) == ()
