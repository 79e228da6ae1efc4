"""The record of a page does not depend on the pages that its process has read before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Run
from support import edition_captures
from transforms import worker
from transforms.core.annotation import installed_models, parser, words

RUN = Run("order", datetime(2026, 11, 15, 21, tzinfo=UTC), "0")


def pages() -> Iterator[Page]:
    """The pages of the edition that become articles, as if they had just been fetched."""
    for url, body, kind in edition_captures():
        request = PageRequest(url, Source("edition", "edition"), Discovery("listed", RUN.now))
        yield Page(request, Fetch(url, url, content_type=kind), body)


def records(given: list[Page], tools: worker.Tools) -> dict[str, bytes]:
    """The encoded record of each page, read in this order by a process that has read nothing."""
    worker._annotator.cache_clear()
    parser.model.cache_clear()
    made = {page.request.url: worker.page_to_record(page, RUN, tools) for page in given}
    return {url: one.record.data for url, one in made.items() if isinstance(one, worker.MadeArticle)}


def test_pages_in_another_order_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = worker.Tools(tuple(sorted(installed_models().items())))
    given = list(pages())
    expected = records(given, tools)
    assert len(expected) == len(given)
    assert records(given[::-1], tools) == expected
    monkeypatch.setattr(words, "MOST_REMEMBERED", 0)
    assert records(given[::3], tools) == {page.request.url: expected[page.request.url] for page in given[::3]}
