"""What became of one URL in one run: the outcome row, its stages and its kinds.

``OutcomeKind`` is the one list of outcomes.  Consumers treat it as open: a later version may add a kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """The step at which a URL's fate was decided."""

    DISCOVER = "discover"
    FETCH_FEED = "fetch_feed"
    PARSE_FEED = "parse_feed"
    FETCH_PAGE = "fetch_page"
    EXTRACT = "extract"
    ENRICH = "enrich"
    WRITE = "write"


class OutcomeKind(StrEnum):
    """Every outcome that newsbeam knows."""

    WRITTEN = "written"
    """An article: its row is in ``articles``."""
    PARSED = "parsed"
    """A feed: it was read, and its entries went on."""
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    """Another URL of the same run led to the same article."""
    NOT_MODIFIED = "not_modified"
    NOT_DUE = "not_due"
    """A feed, or a page that failed before: it was left alone until its time comes."""
    FILTERED = "filtered"
    REDIRECTED = "redirected"
    """An archived redirect: the story is elsewhere."""
    DISALLOWED = "disallowed"
    HTTP_ERROR = "http_error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BLOCKED_ADDRESS = "blocked_address"
    TOO_LARGE = "too_large"
    NOT_HTML = "not_html"
    NOT_A_FEED = "not_a_feed"
    MALFORMED = "malformed"
    NO_TEXT = "no_text"
    PAYWALL_STUB = "paywall_stub"
    BOT_WALL = "bot_wall"
    CONSENT_PAGE = "consent_page"
    LOGIN_WALL = "login_wall"
    SOFT_404 = "soft_404"
    HOME_PAGE = "home_page"
    """The front page, or another list of stories, in place of the article."""
    NEEDS_JAVASCRIPT = "needs_javascript"
    """An empty page that scripts fill in a browser."""
    CRASHED = "crashed"
    INVALID_RECORD = "invalid_record"


OK_KINDS = frozenset(
    {
        OutcomeKind.WRITTEN,
        OutcomeKind.PARSED,
        OutcomeKind.UNCHANGED,
        OutcomeKind.DUPLICATE,
        OutcomeKind.NOT_MODIFIED,
        OutcomeKind.NOT_DUE,
        OutcomeKind.FILTERED,
        OutcomeKind.REDIRECTED,
        OutcomeKind.DISALLOWED,
    }
)
"""Outcomes that neither a person nor a replay needs to look at."""

RETRYABLE_KINDS = frozenset({OutcomeKind.TIMEOUT, OutcomeKind.UNREACHABLE, OutcomeKind.BOT_WALL})
"""Outcomes that the same request may not meet later.  ``http_error`` depends on the status."""

RETRYABLE_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that RFC 9110 and RFC 6585 describe as passing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a step could not go on with its input; the seed of an ``Outcome``.

    ``detail`` is one line for a person.  ``error_type`` and ``traceback`` are set where a library failed.  ``attempts``
    is 0 where politeness kept the request from being made.
    """

    kind: OutcomeKind
    detail: str
    status: int | None = None
    error_type: str | None = None
    traceback: str | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of ``outcomes``; mirrors ``outcome.avsc``."""

    at: datetime
    run_id: str
    stage: str
    url: str
    outcome: str
    ok: bool
    retryable: bool
    article_id: str | None = None
    source_id: str | None = None
    attempts: int = 1
    status: int | None = None
    detail: str | None = None
    error_type: str | None = None
    traceback: str | None = None
    duration_ms: int | None = None
    payload: bytes | None = None
    archive_uri: str | None = None
    archive_offset: int | None = None
