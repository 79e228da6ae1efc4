"""The dated entries of a live blog."""

from __future__ import annotations

import re
from typing import Any

from schemas.article import LiveUpdate
from transforms.core.extraction.dom.walk import tidy
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.jsonld import plain, strings
from transforms.core.extraction.moments import read_moment

MAX_UPDATES = 500
MAX_TEXT = 20_000

_TAGS = re.compile(r"<[^>]{1,500}>")


def live_updates(facts: Facts) -> tuple[LiveUpdate, ...]:
    """The updates that a LiveBlogPosting lists, in its order; those without text are left out."""
    if facts.article is None:
        return ()
    nodes = facts.article.objects("liveBlogUpdate")[:MAX_UPDATES]
    return tuple(update for node in nodes if (update := _update(node, facts)) is not None)


def _update(node: dict[str, Any], facts: Facts) -> LiveUpdate | None:
    text = _first(node, "articleBody", "text", "description")
    headline = _first(node, "headline", "name")
    if not text and not headline:
        return None
    moment = read_moment(next(iter(strings(node.get("datePublished") or node.get("dateModified"))), ""))
    return LiveUpdate(
        text=text or headline or "",
        headline=headline,
        published_at=moment.at if moment else None,
        url=_address(next(iter(strings(node.get("url"))), None), facts),
    )


def _address(raw: str | None, facts: Facts) -> str | None:
    """Where an update stands; its fragment tells it from the others."""
    url, fragment = facts.absolute(raw), (raw or "").partition("#")[2]
    return f"{url}#{fragment}" if url and fragment else url


def _first(node: dict[str, Any], *keys: str) -> str | None:
    texts = (text for key in keys for text in strings(node.get(key)))
    return next((clean for text in texts if (clean := tidy(_TAGS.sub(" ", plain(text)))[:MAX_TEXT])), None)
