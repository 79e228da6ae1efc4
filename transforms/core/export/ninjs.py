"""ninjs 3.0, the IPTC's news in JSON (https://iptc.org/standards/ninjs/).

ninjs has no place for quotations: those who are quoted stand under ``people`` and ``organisations`` with the relation
``quoted``, the others whom the text names with ``mentioned``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.article import Article, Entity, Image
from transforms.core.export.values import DELETE, distinct, filled, link, moment, speakers

STANDARD = {
    "name": "ninjs",
    "version": "3.0",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json",
}

PLACES_OF_TYPES = {
    "PERSON": "people",
    "ORG": "organisations",
    "GPE": "places",
    "LOC": "places",
    "FAC": "places",
    "EVENT": "events",
    "PRODUCT": "objects",
    "WORK_OF_ART": "objects",
    "LAW": "objects",
}
"""Type of an entity to the member it stands in; any other is a subject."""

PLAIN_TEXT = "text/plain"


def ninjs(article: Article) -> dict[str, Any]:
    """The news object of one version of an article, ready for JSON."""
    return filled(
        {
            "uri": article.canonical_url,
            "type": "text",
            "standard": STANDARD,
            "representationType": "full" if article.text else "partial",
            **_versions(article),
            **_rights(article),
            "language": article.language or article.language_declared,
            **_words(article),
            "by": article.byline or ", ".join(author.name for author in article.authors),
            "located": article.dateline,
            **_named(article),
            "infoSources": _sources(article),
            "genres": [{"name": article.type}],
            "associations": [
                _picture(image, number) for number, image in enumerate(article.images, 1) if link(image.url)
            ],
            "altIds": _ids(article),
        }
    )


def _versions(article: Article) -> dict[str, Any]:
    return {
        "version": str(article.version),
        "firstCreated": moment(article.first_seen_at),
        "versionCreated": moment(article.modified_at or article.ingested_at),
        "contentCreated": moment(article.published_at),
        "pubStatus": "canceled" if article.action == DELETE else "usable",
    }


def _rights(article: Article) -> dict[str, Any]:
    licence = article.rights.license
    return {
        "copyrightHolder": article.rights.copyright_holder,
        "usageTerms": None if link(licence) else licence,
        "rightsInfo": {"linkedRights": licence} if link(licence) else None,
    }


def _words(article: Article) -> dict[str, Any]:
    corrections = [_text(correction.text, correction.kind) for correction in article.corrections if correction.text]
    summary = [_text(article.description, "summary")] if article.description else []
    return {
        "title": article.headline,
        "headlines": [_text(article.headline, "main")] if article.headline else [],
        "descriptions": summary + corrections,
        "bodies": [_body(article, article.text)] if article.text else [],
    }


def _body(article: Article, text: str) -> dict[str, Any]:
    return {**_text(text, "main"), "charCount": len(text), "wordCount": article.quality.word_count}


def _text(value: str | None, role: str) -> dict[str, Any]:
    return {"role": role, "contentType": PLAIN_TEXT, "value": value}


def _named(article: Article) -> dict[str, list[dict[str, Any]]]:
    """Everything that the article is tied to, by the member of ninjs that it belongs in."""
    quoted = speakers(article)
    found: dict[str, list[dict[str, Any]]] = {"subjects": list(_subjects(article))}
    for entity in article.entities:
        member = PLACES_OF_TYPES.get(entity.type, "subjects")
        found.setdefault(member, []).append(_entity(entity, "quoted" if entity.id in quoted else "mentioned"))
    return found


def _entity(entity: Entity, relation: str) -> dict[str, Any]:
    return filled({"name": entity.name, "rel": relation, "uri": link(entity.uri), "literal": entity.id})


def _subjects(article: Article) -> Iterator[dict[str, Any]]:
    if article.section:
        yield {"name": article.section, "rel": "section"}
    for keyword in distinct(article.keywords):
        yield {"name": keyword, "rel": "keyword"}


def _sources(article: Article) -> list[dict[str, Any]]:
    publisher = {
        "name": article.source.name or article.source.domain,
        "role": "publisher",
        "literal": article.source.id,
    }
    agency = article.wire_origin or (article.duplicate.origin if article.duplicate else None)
    return [publisher, {"name": agency, "role": "originator"}] if agency else [publisher]


def _picture(image: Image, number: int) -> dict[str, Any]:
    rendition = {"name": "main" if image.is_main else "body", "href": image.url}
    texts = [_text(value, role) for value, role in ((image.caption, "caption"), (image.alt, "altText")) if value]
    picture = {"name": f"picture-{number}", "uri": image.url, "type": "picture", "by": image.credit}
    return filled({**picture, "descriptions": texts, "renditions": [rendition]})


def _ids(article: Article) -> list[dict[str, str]]:
    ids = {
        "newsbeam:article_id": article.article_id,
        "newsbeam:version_id": article.version_id,
        "newsbeam:previous_version_id": article.previous_version_id,
        "entry_id": article.discovery.entry_id,
    }
    return [{"role": role, "value": value} for role, value in ids.items() if value]
