"""Where the texts of feeds wait until it is known which are needed: on disk, so that no shuffle carries them."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemas.hops import FeedEntry, Page, PageRequest, StoredText
from schemas.outcome import Problem
from transforms.core.feed_texts import may_stand_in, page_of_entry, stand_in_page
from transforms.filesystem import create, join, open_bytes

STAND_INS = "stand_ins"
"""The name of an output: pages made of what a feed says itself, for pages that could not be had."""


def with_texts(
    folder: str, feed_url: str, entries: Iterable[FeedEntry], requests: Iterable[PageRequest]
) -> Iterator[PageRequest]:
    """The requests, one for each entry, with the place of the entry's text where that is the whole story."""
    texts = [page_of_entry(entry) for entry in entries]
    if not any(texts):
        yield from requests
        return
    path = join(folder, f"{hashlib.sha256(feed_url.encode('utf-8', 'replace')).hexdigest()}.texts")
    with create(path) as file:
        file.write(zlib.compress(json.dumps(texts).encode()))
    for place, (request, text) in enumerate(zip(requests, texts, strict=True)):
        yield replace(request, feed_text=StoredText(path, place)) if text else request


def stand_in(request: PageRequest, problem: Problem) -> Iterator[Page]:
    """The page that the feed's text makes, where there is one and ``problem`` lets it stand in."""
    if request.feed_text is not None and may_stand_in(problem):
        yield stand_in_page(replace(request, known=None), _text_at(request.feed_text), problem)


def _text_at(stored: StoredText) -> str:
    with open_bytes(stored.path) as file:
        return str(json.loads(zlib.decompress(file.read()))[stored.place])
