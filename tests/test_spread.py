"""Pages on their way to other workers."""

from __future__ import annotations

from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest
from schemas.outcome import OutcomeKind, Problem
from transforms.spread import Placement, SpreadPages, packed

NOW = datetime(2026, 11, 15, tzinfo=UTC)


def page(number: int, payload: bytes) -> Page:
    url = f"https://news.example/{number}"
    request = PageRequest(url, Source(id="news", name="News", domain="news.example"), Discovery("list", seen_at=NOW))
    return Page(request, Fetch(requested_url=url, final_url=url, fetched_at=NOW), payload)


PAGES = [
    page(1, b"<p>Rain is expected over Port Little.</p>" * 200),
    page(2, b""),
    Page(page(3, b"").request, page(3, b"").fetch, b"\xff\x00", stand_in_for=Problem(OutcomeKind.TIMEOUT, "too slow")),
]


@pytest.mark.parametrize("placement", Placement)
def test_pages_arrive_as_they_were(placement: Placement) -> None:
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        arrived = pipeline | beam.Create(PAGES) | SpreadPages(placement)
        assert_that(arrived, equal_to(PAGES))


def test_a_page_travels_compressed() -> None:
    bare, payload = packed(PAGES[0])
    assert not bare.payload
    assert len(payload) < len(PAGES[0].payload) / 10
