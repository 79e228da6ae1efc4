"""From a page or a text to the article that is written: extraction, language and annotation put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from schemas.article import (
    SCHEMA_VERSION,
    Article,
    Discovery,
    Enricher,
    Fetch,
    Quality,
    Rights,
)
from schemas.hops import Annotations, Document, Page, Run, Story
from schemas.outcome import Problem
from transforms.core.discovery import source_of
from transforms.core.extraction import extract_story
from transforms.core.extraction.site_rules import SiteRules
from transforms.core.extraction.wire import wire_origin
from transforms.core.feed_texts import said_to_be_of_feed
from transforms.core.identity import article_id, content_hash, version_id
from transforms.core.language import detect
from transforms.core.reservations import with_reservations
from transforms.core.simhash import simhash64
from transforms.core.urls import normalise_url


class Annotates(Protocol):
    """What finds entities and quotations in a text; see `transforms.core.annotation.Annotator`."""

    def annotate(self, text: str, *, headline: str | None = None, language: str | None = None) -> Annotations: ...


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a text: BCP 47 code, how sure (0 to 1), and how it was found."""

    code: str | None
    confidence: float | None
    enricher: Enricher | None


def make_article(page: Page, *, run: Run, annotator: Annotates, rules: SiteRules | None = None) -> Article | Problem:
    """The article on ``page``, annotated; or why there is none.  ``rules`` default to those of the package."""
    story = extract_story(page, now=run.now, rules=rules)
    if isinstance(story, Problem):
        return story
    if page.stand_in_for:
        story = said_to_be_of_feed(story, page.stand_in_for)
    language = _language_of(story.text, story.language_declared)
    annotations = annotator.annotate(story.text, headline=story.headline, language=language.code)
    return _assemble(page, story, language, annotations, run)


def annotate_document(document: Document, *, run: Run, annotator: Annotates) -> Article:
    """The article row for a text that came without a page.  The text is written as it came."""
    language = Language(document.language, None, None) if document.language else _language_of(document.text, None)
    annotations = annotator.annotate(document.text, headline=document.headline, language=language.code)
    canonical = normalise_url(document.url)
    article = Article(
        **_ids(canonical, document.headline, document.text),
        url=document.url,
        canonical_url=canonical,
        source=source_of(document.url, document.source_id),
        discovery=Discovery(kind="document", seen_at=run.now, entry_id=document.entry_id),
        first_seen_at=run.now,
        ingested_at=run.now,
        rights=Rights(),
        quality=_quality(document.text, None, None, annotations.flags),
        run_id=run.run_id,
        pipeline_version=run.pipeline_version,
        headline=document.headline,
        text=document.text,
        simhash=simhash64(document.text),
    )
    return _annotated(article, language, annotations)


def annotate_article(article: Article, *, run: Run, annotator: Annotates) -> Article:
    """``article`` with its annotations made anew; text and headline, hence ids and offsets' base, stay as they are."""
    text = article.text or ""
    language = (
        Language(article.language, article.language_confidence, None) if article.language else _language_of(text, None)
    )
    annotations = annotator.annotate(text, headline=article.headline, language=language.code)
    bare = replace(
        article,
        embeds=tuple(embed for embed in article.embeds if embed.start_char is None),
        boilerplate=tuple(line for line in article.boilerplate if line.start_char is None),
        quality=replace(article.quality, flags=_merged(article.quality.flags, annotations.flags)),
        enrichers=tuple(e for e in article.enrichers if e.name not in {a.name for a in annotations.enrichers}),
        run_id=run.run_id,
        pipeline_version=run.pipeline_version,
        ingested_at=run.now,
    )
    return _annotated(bare, language, annotations)


def _assemble(page: Page, story: Story, language: Language, annotations: Annotations, run: Run) -> Article:
    article = Article(
        **_ids(story.canonical_url, story.headline, story.text),
        url=page.fetch.final_url,
        canonical_url=story.canonical_url,
        source=replace(page.request.source, name=page.request.source.name or story.site_name),
        discovery=page.request.discovery,
        first_seen_at=run.now,
        ingested_at=run.now,
        rights=with_reservations(story.rights, page.rights),
        quality=_quality(story.text, story.page_type, story.extractor, (*story.flags, *annotations.flags)),
        run_id=run.run_id,
        pipeline_version=run.pipeline_version,
        fetch=_decoded(page.fetch, story),
        type=story.type,
        headline=story.headline,
        description=story.description,
        text=story.text,
        language_declared=story.language_declared,
        authors=story.authors,
        byline=story.byline,
        dateline=story.dateline,
        published_at=story.published_at,
        published_precision=story.published_precision,
        modified_at=story.modified_at,
        publication_date=story.published_at.date() if story.published_at else None,
        section=story.section,
        keywords=story.keywords,
        images=story.images,
        embeds=story.embeds,
        boilerplate=story.boilerplate,
        links=story.links,
        live_updates=story.live_updates,
        corrections=story.corrections,
        simhash=simhash64(story.text),
        wire_origin=wire_origin(story),
        provenance=story.provenance,
        enrichers=(Enricher("extract", story.extractor or "unknown"),),
    )
    return _annotated(article, language, annotations)


def _annotated(article: Article, language: Language, annotations: Annotations) -> Article:
    detected = (language.enricher,) if language.enricher else ()
    return replace(
        article,
        language=language.code,
        language_confidence=language.confidence,
        entities=annotations.entities,
        quotations=annotations.quotations,
        embeds=(*article.embeds, *annotations.embeds),
        boilerplate=(*article.boilerplate, *annotations.boilerplate),
        enrichers=(*article.enrichers, *detected, *annotations.enrichers),
    )


def _ids(canonical_url: str, headline: str | None, text: str) -> dict[str, Any]:
    article, content = article_id(canonical_url), content_hash(headline, text)
    return {
        "schema_version": SCHEMA_VERSION,
        "article_id": article,
        "version_id": version_id(article, content),
        "content_hash": content,
    }


def _decoded(fetch: Fetch, story: Story) -> Fetch:
    return replace(fetch, charset=story.charset, charset_source=story.charset_source)


def _language_of(text: str, declared: str | None) -> Language:
    """The language that the text is in; where that cannot be told, the declared one without a confidence."""
    detected = detect(text)
    if detected is None:
        return Language(declared, None, None)
    return Language(detected.language, detected.confidence, Enricher("language", detected.detector))


def _quality(text: str, page_type: str | None, extractor: str | None, flags: tuple[str, ...]) -> Quality:
    return Quality(len(text.split()), page_type, extractor, _merged(flags))


def _merged(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for group in groups for flag in group))
