"""What flows between the steps: one frozen record for each hop, from a feed's URL to an annotated story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.article import (
    Author,
    Boilerplate,
    Correction,
    Discovery,
    Embed,
    Enricher,
    Entity,
    Fetch,
    FieldProvenance,
    Image,
    Link,
    LiveUpdate,
    Quotation,
    Rights,
    Source,
)
from schemas.outcome import Problem
from schemas.state import FeedState, PageState


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """A feed, or a sitemap, to ask for.

    ``position`` is its place in the source list: earlier sources win ties.  ``kind`` is ``feed`` or ``sitemap``.
    ``interval_seconds`` is the time between two polls that the list asks for.  ``known`` is what earlier runs learnt.
    One that ``is_urgent`` is asked for whether or not it is due.
    """

    url: str
    position: int = 0
    source_id: str | None = None
    source_name: str | None = None
    kind: str = "feed"
    interval_seconds: int | None = None
    language: str | None = None
    known: FeedState | None = None
    is_urgent: bool = False

    @property
    def target(self) -> str:
        """Where the feed is asked for: its new address, if it has moved."""
        return (self.known.moved_to if self.known else None) or self.url


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What one request for a feed showed, apart from the feed itself.

    ``moved_to`` is where permanent redirects led.  ``cache_seconds`` is how long the server calls its answer fresh,
    ``retry_after_seconds`` the silence that it asked for.
    """

    at: datetime
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    moved_to: str | None = None
    cache_seconds: float | None = None
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed as it came, before it is parsed.  ``headers`` are those that parsing looks at, names in lower case."""

    request: FeedRequest
    final_url: str
    body: bytes
    answer: FeedAnswer
    headers: tuple[tuple[str, str], ...] = ()
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed, cleaned: absolute http(s) ``url``, text without tags, times in UTC or None.

    ``content`` is the full text as HTML where the feed carries it.  ``published_raw`` and ``updated_raw`` keep the
    dates as printed.
    """

    url: str
    entry_id: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    updated_raw: str | None = None
    summary: str | None = None
    content: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PollingHints:
    """What a feed says of when to come back: ``ttl`` or ``sy:update*`` as seconds; hours (0 to 23, GMT) and days
    (0 is Monday) that it wants to be left alone."""

    seconds: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed.

    ``format`` is feedparser's version name (``rss20``, ``atom10``, ``rss10`` …) or ``json11``.  ``defect`` says in one
    line what was ill-formed in a feed that could be read all the same.  ``rejected`` holds (raw link, reason) of
    entries that cannot be followed.
    """

    format: str
    title: str | None = None
    link: str | None = None
    language: str | None = None
    entries: tuple[FeedEntry, ...] = ()
    defect: str | None = None
    rejected: tuple[tuple[str, str], ...] = ()
    hints: PollingHints = PollingHints()


@dataclass(frozen=True, slots=True)
class StoredText:
    """Where an entry's own text waits: the ``place``-th of those in the file at ``path``."""

    path: str
    place: int


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to get, with how it was found.

    ``rank`` is (place of its source in the list, place of the page in its source): the lowest wins where several
    sources list one page.  ``known`` is what earlier runs learnt of the page, ``feed_text`` what
    the feed says in its place, should it not be had.  One that ``is_urgent`` is asked for whether or not it is due.
    """

    url: str
    source: Source
    discovery: Discovery
    rank: tuple[int, int] = (0, 0)
    known: PageState | None = None
    feed_text: StoredText | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """A page that lies in a web archive: where its record stands, not the page itself.

    ``offset`` is the byte at which the record starts in the file as stored; ``ordinal`` counts the records of the file
    from 0.  ``usable`` is false where the record holds no page (a redirect, an error, a revisit).
    """

    request: PageRequest
    archive_uri: str
    offset: int
    ordinal: int
    captured_at: datetime
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: ``payload`` is the decompressed body, ``fetch.content_type`` the header as sent.

    ``rights`` holds what headers and robots.txt reserve; what the page itself says is for extraction to find.
    ``stand_in_for`` says why the page itself could not be had, where ``payload`` is the feed's own text.
    """

    request: PageRequest
    fetch: Fetch
    payload: bytes
    rights: Rights = Rights()
    stand_in_for: Problem | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What a page says: every field of an article that extraction finds.

    ``text`` is NFC, paragraphs parted by one newline.  ``charset`` and ``charset_source`` say how the bytes were
    decoded.  ``flags`` go to ``quality.flags``.
    """

    text: str
    canonical_url: str
    charset: str | None = None
    charset_source: str | None = None
    type: str = "NewsArticle"
    headline: str | None = None
    description: str | None = None
    language_declared: str | None = None
    authors: tuple[Author, ...] = ()
    byline: str | None = None
    dateline: str | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    modified_at: datetime | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    embeds: tuple[Embed, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    links: tuple[Link, ...] = ()
    live_updates: tuple[LiveUpdate, ...] = ()
    corrections: tuple[Correction, ...] = ()
    rights: Rights = Rights()
    site_name: str | None = None
    page_type: str | None = None
    extractor: str | None = None
    flags: tuple[str, ...] = ()
    provenance: tuple[FieldProvenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Text that came without a page, to be annotated and otherwise left as it is.

    ``source_id`` is the publisher's, where it is not the registrable domain; ``entry_id`` the sender's own.
    """

    url: str
    text: str
    headline: str | None = None
    language: str | None = None
    source_id: str | None = None
    entry_id: str | None = None


@dataclass(frozen=True, slots=True)
class Annotations:
    """What annotation finds in a text: offsets index that text.

    ``embeds`` and ``boilerplate`` are those that stand in the text itself.
    """

    entities: tuple[Entity, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    embeds: tuple[Embed, ...] = ()
    boilerplate: tuple[Boilerplate, ...] = ()
    flags: tuple[str, ...] = ()
    enrichers: tuple[Enricher, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What every record of one run has in common; ``now`` is the run's clock, UTC."""

    run_id: str
    now: datetime
    pipeline_version: str


@dataclass(frozen=True, slots=True)
class EncodedRecord:
    """What waits in a part file: ``data`` is its encoding, ``key`` what the file is sorted by.

    ``schema`` is ``article`` or ``outcome``, whose data is Avro, or the name of something that only waits for its like,
    as JSON.  Those of one ``group`` meet in one shard.
    """

    schema: str
    group: str
    key: str
    data: bytes
