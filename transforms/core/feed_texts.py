"""Feeds that carry the whole story: when an entry's own text may stand in for a page that cannot be had."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from schemas.article import Fetch, FieldProvenance
from schemas.hops import FeedEntry, Page, PageRequest, Story
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.text import plain_text

MIN_LETTERS = 600
"""Letters of text from which an entry counts as the whole story: teasers are shorter."""

TEASER_END = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|read (?:more|on|the (?:full|rest))[^.]{0,60}|continue reading[^.]{0,80}"
    r"|lire la suite[^.]{0,40}|(?:seguir|continuar) leyendo[^.]{0,40}|leer más[^.]{0,40}|weiterlesen[^.]{0,40})\W*$",
    re.IGNORECASE,
)
"""How a text ends that goes on elsewhere."""

STAND_IN_KINDS = frozenset(
    {
        OutcomeKind.HTTP_ERROR,
        OutcomeKind.TIMEOUT,
        OutcomeKind.UNREACHABLE,
        OutcomeKind.DISALLOWED,
        OutcomeKind.TOO_LARGE,
        OutcomeKind.NO_TEXT,
        OutcomeKind.BOT_WALL,
        OutcomeKind.CONSENT_PAGE,
        OutcomeKind.LOGIN_WALL,
        OutcomeKind.PAYWALL_STUB,
        OutcomeKind.NEEDS_JAVASCRIPT,
    }
)
"""Ways to fail that say nothing against the story itself."""

GONE_STATUS = frozenset({404, 410})

FLAG = "text_from_feed"
"""In `quality.flags` of an article whose page could not be had."""


def page_of_entry(entry: FeedEntry) -> str | None:
    """An HTML page made of the entry's own text; None where that is no whole story."""
    text = plain_text(entry.content or "")
    if len(text) < MIN_LETTERS or TEASER_END.search(text):
        return None
    title = html.escape(entry.title or "")
    authors = "".join(f'<meta name="author" content="{html.escape(name)}">' for name in entry.authors)
    head = f'<head><meta charset="utf-8"><title>{title}</title>{authors}</head>'
    return f"<!doctype html><html>{head}<body><article><h1>{title}</h1>{entry.content}</article></body></html>"


def may_stand_in(problem: Problem) -> bool:
    """Whether the feed's text is taken where the page ended with ``problem``.  A story that is gone is not revived."""
    return problem.kind in STAND_IN_KINDS and problem.status not in GONE_STATUS


def stand_in_page(request: PageRequest, text: str, problem: Problem) -> Page:
    """The page that stands in for one that ended with ``problem``; ``text`` as `page_of_entry` made it."""
    payload = text.encode("utf-8", "replace")
    kind = "text/html; charset=utf-8"
    fetch = Fetch(request.url, request.url, status=problem.status, content_type=kind, bytes=len(payload))
    return Page(request, fetch, payload, stand_in_for=problem)


def said_to_be_of_feed(story: Story, problem: Problem) -> Story:
    """``story``, with the word that it is the feed's, and why."""
    source = f"feed content, since the page could not be had ({problem.kind.value})"
    provenance = (FieldProvenance("text", source), *(each for each in story.provenance if each.field != "text"))
    return replace(
        story,
        extractor=f"feed content, {story.extractor}",
        flags=(*story.flags, FLAG, f"page_{problem.kind.value}"),
        provenance=provenance,
    )
