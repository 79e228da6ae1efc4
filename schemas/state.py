"""What is remembered from one run to the next: one record for each feed, page and article.

Mirrors ``feed_state.avsc``, ``page_state.avsc`` and ``article_state.avsc``.  Fields are added with a default and never
renamed, so that a state written by an older version can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.article import Discovery, Source


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed; ``url`` is as listed.

    ``moved_to`` is asked instead of ``url`` once a permanent redirect was seen on enough days; until then
    ``moving_to`` was seen on ``moving_days`` (``YYYY-MM-DD``, UTC).  ``stopped_at`` is set by 410 Gone.  Validators
    are byte for byte as sent.  ``last_ok_at`` is the last poll that did not fail, ``last_changed_at`` the last that
    brought another body.  ``ttl_seconds``, ``skip_hours`` and ``skip_days`` are the feed's own wishes.  ``window``
    is how many entries the feed showed when it was last read; ``seen`` holds 8 bytes for each entry of the last
    windows, the newest first.
    ``entries_per_day`` is a running mean; ``last_*`` tell of the newest poll: how many entries were new, how many were
    expected and how many may have been lost between the two polls.
    """

    url: str
    first_polled_at: datetime
    last_polled_at: datetime
    next_due_at: datetime
    interval_seconds: int
    interval_reason: str
    source_id: str | None = None
    moved_to: str | None = None
    moving_to: str | None = None
    moving_days: tuple[str, ...] = ()
    stopped_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    last_ok_at: datetime | None = None
    last_changed_at: datetime | None = None
    ttl_seconds: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    polls: int = 0
    error_streak: int = 0
    last_outcome: str = ""
    last_detail: str | None = None
    entries_per_day: float | None = None
    entries_seen: int = 0
    entries_lost: int = 0
    last_new: int = 0
    last_expected: float | None = None
    last_lost: int = 0
    window: int = 0
    seen: bytes = b""


@dataclass(frozen=True, slots=True)
class PageState:
    """What is known of a page; ``key`` is its `transforms.core.urls.url_key`, ``url`` as it was last listed.

    ``prints`` holds ``feed:entry`` digests: what each feed printed of the page when it was last listed.
    ``next_check_at`` is when it is asked for again though no feed says so.  ``failures`` counts requests in a row that
    gave no article, ``gone`` those that were answered with 404 or 410.
    """

    key: str
    url: str
    source: Source
    discovery: Discovery
    first_seen_at: datetime
    last_listed_at: datetime
    prints: tuple[str, ...] = ()
    last_fetched_at: datetime | None = None
    next_check_at: datetime | None = None
    outcome: str | None = None
    status: int | None = None
    failures: int = 0
    gone: int = 0
    etag: str | None = None
    last_modified: str | None = None
    payload_sha256: str | None = None
    article_id: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleState:
    """The newest version of an article, as the index keeps it.

    ``digests`` holds ``field=digest`` for each field whose change makes a new version.  The last four are what copies
    are known by, with ``simhash``: digest of headline and text, words, publisher's domain, agency.
    """

    article_id: str
    version_id: str
    version: int
    url: str
    first_seen_at: datetime
    last_seen_at: datetime
    digests: tuple[str, ...] = ()
    simhash: int | None = None
    is_deleted: bool = False
    content_hash: str = ""
    words: int = 0
    domain: str = ""
    origin: str | None = None
