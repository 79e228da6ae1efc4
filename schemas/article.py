"""One version of one news article, as stored: dataclasses that mirror ``article.avsc``.

Field names, types and defaults are those of the Avro schema, which also documents each field; a test holds the two
together.  Required fields stand first in each class because Beam rebuilds frozen dataclasses by position.  Offsets
(``*_char``) are Unicode code points into ``Article.text`` unless a field says otherwise; times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

SCHEMA_VERSION = "1.1"


@dataclass(frozen=True, slots=True)
class Source:
    """Who published it; ``domain`` is the registrable domain (example.co.uk)."""

    id: str
    domain: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """How it was found, with what the feed's entry said of it."""

    kind: str
    seen_at: datetime
    feed_url: str | None = None
    entry_id: str | None = None
    entry_title: str | None = None
    entry_published_at: datetime | None = None
    entry_updated_at: datetime | None = None
    entry_summary: str | None = None
    entry_categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """How the page came here; ``bytes`` counts the decompressed body."""

    requested_url: str
    final_url: str
    redirects: tuple[str, ...] = ()
    status: int | None = None
    fetched_at: datetime | None = None
    duration_ms: int | None = None
    content_type: str | None = None
    charset: str | None = None
    charset_source: str | None = None
    bytes: int | None = None
    payload_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    robots: str | None = None
    archive_uri: str | None = None
    archive_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """A person or body in the byline."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the story."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Embed:
    """A post or player inside the story, kept apart from its text."""

    kind: str
    provider: str | None = None
    url: str | None = None
    text: str | None = None
    author_name: str | None = None
    author_handle: str | None = None
    published_at: datetime | None = None
    start_char: int | None = None
    end_char: int | None = None


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """A line of promotion or furniture, kept apart from the text."""

    kind: str
    text: str
    start_char: int | None = None
    end_char: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside the body."""

    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that names an entity; ``field`` is ``text`` or ``headline``."""

    start_char: int
    end_char: int
    text: str
    field: str = "text"


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, body, place … with every mention of it."""

    id: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    uri: str | None = None
    link_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """Who said what: quoted words, the speaker as written and as the fullest name, the cue."""

    id: str
    text: str
    start_char: int
    end_char: int
    kind: str
    speaker: str | None = None
    speaker_start_char: int | None = None
    speaker_end_char: int | None = None
    speaker_name: str | None = None
    speaker_entity_id: str | None = None
    cue: str | None = None
    cue_start_char: int | None = None
    cue_end_char: int | None = None
    continues: str | None = None
    confidence: float | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """One dated entry of a live blog."""

    text: str
    headline: str | None = None
    published_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A notice printed with the story."""

    kind: str
    text: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Whose copy this article is."""

    kind: str
    of: str | None = None
    similarity: float | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What the publisher reserves."""

    is_accessible_for_free: bool | None = None
    license: str | None = None
    copyright_holder: str | None = None
    tdm_reservation: bool | None = None
    meta_robots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quality:
    """How far the record is to be trusted."""

    word_count: int = 0
    page_type: str | None = None
    extractor: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldProvenance:
    """Where a chosen value came from, and the values that lost to it."""

    field: str
    source: str
    raw: str | None = None
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enricher:
    """A component that produced part of the record."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Article:
    """One row of ``articles``."""

    schema_version: str
    article_id: str
    version_id: str
    url: str
    canonical_url: str
    source: Source
    discovery: Discovery
    first_seen_at: datetime
    ingested_at: datetime
    content_hash: str
    rights: Rights
    quality: Quality
    run_id: str
    pipeline_version: str
    version: int = 1
    action: str = "ADD"
    previous_version_id: str | None = None
    changed_fields: tuple[str, ...] = ()
    fetch: Fetch | None = None
    type: str = "NewsArticle"
    headline: str | None = None
    description: str | None = None
    text: str | None = None
    language: str | None = None
    language_confidence: float | None = None
    language_declared: str | None = None
    authors: tuple[Author, ...] = ()
    byline: str | None = None
    dateline: str | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    modified_at: datetime | None = None
    publication_date: date | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    embeds: tuple[Embed, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    links: tuple[Link, ...] = ()
    entities: tuple[Entity, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    live_updates: tuple[LiveUpdate, ...] = ()
    corrections: tuple[Correction, ...] = ()
    simhash: int | None = None
    duplicate: Duplicate | None = None
    wire_origin: str | None = None
    provenance: tuple[FieldProvenance, ...] = ()
    enrichers: tuple[Enricher, ...] = ()
