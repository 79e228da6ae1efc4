"""What messages ask for, as the steps of a run take it."""

from __future__ import annotations

from datetime import datetime

from schemas.article import Discovery, Fetch
from schemas.hops import Document, FeedRequest, Page, PageRequest
from transforms.core.discovery import source_of
from transforms.core.identity import payload_sha256
from transforms.core.requests import Request

MESSAGE = "message"
"""How records say that a message asked for their page."""

FIRST_PAGES, FIRST_FEEDS = -2, -1
"""The ranks of what messages ask for: pages by themselves, then those of feeds, then all that is listed."""


def feed_request(request: Request) -> FeedRequest:
    """The feed that is asked for, whether or not it is due."""
    return FeedRequest(
        request.target, FIRST_FEEDS, source_id=request.source_id, language=request.language, is_urgent=True
    )


def page_request(request: Request, *, now: datetime, place: int = 0) -> PageRequest:
    """The page that is asked for, or that the message carries; ``place`` is that of the message among others."""
    found = Discovery(kind=MESSAGE, seen_at=now, entry_id=request.entry_id)
    source = source_of(request.target, request.source_id)
    return PageRequest(request.target, source, found, rank=(FIRST_PAGES, place), is_urgent=True)


def carried_page(request: Request, *, now: datetime) -> Page:
    """The page whose HTML came with the message; it counts as fetched when the message was published."""
    payload = request.body.encode()
    fetch = Fetch(
        requested_url=request.target,
        final_url=request.target,
        fetched_at=request.message.published_at,
        # A string of JSON has been decoded: what the page says of its charset was of other bytes.
        content_type="text/html; charset=utf-8",
        bytes=len(payload),
        payload_sha256=payload_sha256(payload),
    )
    return Page(page_request(request, now=now), fetch, payload)


def document_of(request: Request) -> Document:
    """The text that came with the message."""
    return Document(
        request.target,
        request.body,
        request.headline,
        request.language,
        source_id=request.source_id,
        entry_id=request.entry_id,
    )
