"""schema.org JSON-LD (https://schema.org/NewsArticle)."""

from __future__ import annotations

from typing import Any

from schemas.article import Article, Author, Correction, Entity, Image, LiveUpdate, Quotation
from transforms.core.export.values import DELETE, distinct, filled, link, moment, speaker_of

CONTEXT = "https://schema.org"

LIVE_BLOG = "LiveBlogPosting"

TYPES = {
    "PERSON": "Person",
    "ORG": "Organization",
    "GPE": "Place",
    "LOC": "Place",
    "FAC": "Place",
    "EVENT": "Event",
    "PRODUCT": "Product",
    "WORK_OF_ART": "CreativeWork",
    "LAW": "Legislation",
}
"""Type of an entity to schema.org's; any other is a Thing."""


def jsonld(article: Article) -> dict[str, Any]:
    """The article as a node of linked data, ready for JSON."""
    return filled(
        {
            "@context": CONTEXT,
            "@type": article.type,
            "@id": article.canonical_url,
            "url": article.url,
            "identifier": [
                _identifier("article_id", article.article_id),
                _identifier("version_id", article.version_id),
            ],
            "version": article.version,
            "creativeWorkStatus": "Deleted" if article.action == DELETE else None,
            **_words(article),
            **_times(article),
            "author": [_author(author, article) for author in article.authors],
            "publisher": _publisher(article),
            **_rights(article),
            "image": [_image(image) for image in article.images],
            "mentions": [_entity(entity) for entity in article.entities],
            "hasPart": [_quotation(quote, article) for quote in article.quotations],
            "correction": [_correction(correction) for correction in article.corrections],
            "liveBlogUpdate": [_update(each) for each in article.live_updates] if article.type == LIVE_BLOG else None,
        }
    )


def _words(article: Article) -> dict[str, Any]:
    return {
        "headline": article.headline,
        "description": article.description,
        "articleBody": article.text,
        "articleSection": article.section,
        "keywords": distinct(article.keywords),
        "dateline": article.dateline,
        "inLanguage": article.language or article.language_declared,
        "wordCount": article.quality.word_count if article.text else None,
    }


def _times(article: Article) -> dict[str, Any]:
    """A date of which only the day is known has no time of day."""
    published = moment(article.published_at)
    if published and article.published_precision == "day":
        published = published[:10]
    return {"datePublished": published, "dateModified": moment(article.modified_at)}


def _rights(article: Article) -> dict[str, Any]:
    holder = article.rights.copyright_holder
    return {
        "isAccessibleForFree": article.rights.is_accessible_for_free,
        "license": article.rights.license,
        "copyrightHolder": {"@type": "Organization", "name": holder} if holder else None,
        "sourceOrganization": _agency(article),
    }


def _agency(article: Article) -> dict[str, Any] | None:
    origin = article.wire_origin or (article.duplicate.origin if article.duplicate else None)
    return {"@type": "Organization", "name": origin} if origin else None


def _publisher(article: Article) -> dict[str, Any]:
    name = article.source.name or article.source.domain
    return {"@type": "NewsMediaOrganization", "name": name, "identifier": article.source.id}


def _author(author: Author, article: Article) -> dict[str, Any]:
    """A person, unless the text knows the name as a body's."""
    bodies = {entity.name for entity in article.entities if entity.type == "ORG"}
    kind = "Organization" if author.name in bodies else "Person"
    return filled({"@type": kind, "name": author.name, "url": link(author.url)})


def _image(image: Image) -> dict[str, Any]:
    return filled(
        {
            "@type": "ImageObject",
            "url": image.url,
            "caption": image.caption,
            "creditText": image.credit,
            "alternateName": image.alt,
            "representativeOfPage": image.is_main,
        }
    )


def _entity(entity: Entity) -> dict[str, Any]:
    kind = TYPES.get(entity.type, "Thing")
    names = list(entity.aliases)
    return filled({"@type": kind, "name": entity.name, "alternateName": names, "sameAs": link(entity.uri)})


SPEAKERS = {"PERSON": "Person", "ORG": "Organization", "GPE": "Organization", "NORP": "Organization"}
"""Type of an entity that speaks to schema.org's: a country that says something is its government."""


def _quotation(quote: Quotation, article: Article) -> dict[str, Any]:
    """`spokenByCharacter` is whom a quotation is attributed to, real or not, in the work that contains it."""
    kinds = {entity.id: SPEAKERS.get(entity.type) for entity in article.entities}
    name, kind = speaker_of(quote), kinds.get(quote.speaker_entity_id or "")
    speaker = filled({"@type": kind, "name": name}) if name else None
    return filled({"@type": "Quotation", "identifier": quote.id, "text": quote.text, "spokenByCharacter": speaker})


def _correction(correction: Correction) -> dict[str, Any]:
    published = moment(correction.published_at)
    return filled({"@type": "CorrectionComment", "text": correction.text, "datePublished": published})


def _update(update: LiveUpdate) -> dict[str, Any]:
    return filled(
        {
            "@type": "BlogPosting",
            "headline": update.headline,
            "articleBody": update.text,
            "datePublished": moment(update.published_at),
            "url": link(update.url),
        }
    )


def _identifier(name: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": f"newsbeam:{name}", "value": value}
