"""Sitemaps read as feeds: what is fresh, in which order, and which sitemaps of an index are asked for."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.site_feeds import FILE_STAMP_ENTRIES, SitemapRules, feed_of_sitemap
from transforms.core.sitemaps import SitemapIndex

URL = "https://herald.example/sitemap.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def url_element(path: str, lastmod: str | None = None, news: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>https://herald.example{path}</loc>{changed}{news}</url>"


def news(title: str, date: str) -> str:
    publication = "<news:publication><news:name>Herald</news:name><news:language>en</news:language></news:publication>"
    dated = f"<news:publication_date>{date}</news:publication_date><news:title>{title}</news:title>"
    return f"<news:news>{publication}{dated}</news:news>"


def urlset(*elements: str) -> bytes:
    namespace = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f"<urlset {namespace}>{''.join(elements)}</urlset>".encode()


def index(*children: tuple[str, str | None]) -> bytes:
    elements = (
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</sitemap>"
        for url, lastmod in children
    )
    return f"<sitemapindex>{''.join(elements)}</sitemapindex>".encode()


def feed(body: bytes, rules: SitemapRules | None = None) -> Feed:
    found = feed_of_sitemap(body, url=URL, now=NOW, rules=rules)
    assert isinstance(found, Feed), found
    return found


def paths(body: bytes, rules: SitemapRules | None = None) -> list[str]:
    return [entry.url.removeprefix("https://herald.example") for entry in feed(body, rules).entries]


def children(body: bytes, rules: SitemapRules | None = None) -> SitemapIndex:
    found = feed_of_sitemap(body, url=URL, now=NOW, rules=rules)
    assert isinstance(found, SitemapIndex), found
    return found


def test_news_sitemap_is_a_feed_newest_first() -> None:
    older = url_element("/tram", None, news("Tram", "2026-11-21T08:00:00Z"))
    newer = url_element("/ferry", "2026-11-23T09:00:00Z", news("Ferry", "2026-11-22T08:00:00+01:00"))
    found = feed(urlset(older, newer))
    assert (found.format, found.title, found.language, found.defect) == ("news_sitemap", "Herald", "en", None)
    assert found.entries[0] == FeedEntry(
        url="https://herald.example/ferry",
        title="Ferry",
        published_at=datetime(2026, 11, 22, 7, 0, tzinfo=UTC),
        published_raw="2026-11-22T08:00:00+01:00",
        updated_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        updated_raw="2026-11-23T09:00:00Z",
    )
    assert [entry.url[-4:] for entry in found.entries] == ["erry", "tram"]


def test_plain_sitemap_keeps_what_changed_lately_and_says_what_it_left() -> None:
    body = urlset(
        url_element("/archive", "2019-01-01"),
        url_element("/undated"),
        url_element("/yesterday", "2026-11-22T10:00:00Z"),
        url_element("/today", "2026-11-23T10:00:00Z"),
    )
    found = feed(body)
    assert found.format == "sitemap"
    assert paths(body) == ["/today", "/yesterday"]
    assert found.defect == "2 of 4 entries left out, not known to be of the last 3 days"


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, ["/today"]), (2, ["/today", "/two"]), (None, ["/today", "/two", "/old", "/undated"])],
)
def test_freshness_is_a_parameter(days: float | None, expected: list[str]) -> None:
    body = urlset(
        url_element("/undated"),
        url_element("/old", "2025-11-23T10:00:00Z"),
        url_element("/two", "2026-11-21T12:00:00Z"),
        url_element("/today", "2026-11-23T10:00:00Z"),
    )
    assert paths(body, SitemapRules(fresh_days=days)) == expected


def test_news_among_the_history_of_a_site() -> None:
    body = urlset(
        url_element("/archive", "2019-01-01"), url_element("/news", None, news("News", "2026-11-01T08:00:00Z"))
    )
    assert paths(body) == ["/news"]


def test_one_lastmod_for_all_is_the_files() -> None:
    many = [url_element(f"/{number}", "2026-11-23T10:00:00Z") for number in range(FILE_STAMP_ENTRIES)]
    assert paths(urlset(*many)) == []
    assert len(paths(urlset(*many[1:]))) == FILE_STAMP_ENTRIES - 1
    assert paths(urlset(*many, url_element("/now", "2026-11-23T11:00:00Z")))[0] == "/now"


def test_the_newest_are_kept() -> None:
    body = urlset(*(url_element(f"/{hour}", f"2026-11-23T0{hour}:00:00Z") for hour in (3, 9, 1)))
    assert paths(body, SitemapRules(max_entries=2)) == ["/9", "/3"]
    assert feed(body, SitemapRules(max_entries=2)).defect == "1 of 3 entries dropped, the oldest"


def test_the_protocols_largest_sitemap_gives_no_more_than_the_cap() -> None:
    start = NOW - timedelta(seconds=20_000)
    body = urlset(*(url_element(f"/{n}", (start + timedelta(seconds=n)).isoformat()) for n in range(20_000)))
    found = feed(body)
    assert len(found.entries) == 1000
    assert found.entries[0].url.endswith("/19999")


def test_gzip_file() -> None:
    body = urlset(url_element("/today", "2026-11-23T10:00:00Z"))
    assert paths(gzip.compress(body)) == ["/today"]
    assert paths(gzip.compress(body[:20]) + gzip.compress(body[20:])) == ["/today"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(gzip.compress(b"<urlset/>")[:10] + b"\xff" * 20, OutcomeKind.NOT_A_FEED, id="damaged gzip"),
        pytest.param(gzip.compress(b" " * (51 * 1024 * 1024)), OutcomeKind.TOO_LARGE, id="gzip bomb"),
        pytest.param(b"<!doctype html><p>No such page", OutcomeKind.NOT_A_FEED, id="page"),
    ],
)
def test_problems(body: bytes, kind: OutcomeKind) -> None:
    found = feed_of_sitemap(body, url=URL, now=NOW)
    assert isinstance(found, Problem)
    assert found.kind == kind


def test_children_news_first_then_newest() -> None:
    found = children(
        index(
            ("https://herald.example/pages-1.xml", "2026-11-23T01:00:00Z"),
            ("https://herald.example/pages-2.xml", "2026-11-23T02:00:00Z"),
            ("https://herald.example/pages-3.xml", "2020-01-01"),
            ("https://herald.example/undated.xml", None),
            ("https://herald.example/news.xml", None),
        )
    )
    names = [entry.url.rpartition("/")[2] for entry in found.entries]
    assert names == ["news.xml", "pages-2.xml", "pages-1.xml", "undated.xml"]
    assert found.defect == "1 of 5 sitemaps left out, unchanged for long"


def test_children_by_the_month_in_their_names() -> None:
    names = ("2026-11.xml", "2025-11.xml", "202610.xml", "2026/11/23.xml", "2026/11/19.xml", "1999.xml", "2000.xml")
    found = children(index(*((f"https://herald.example/sitemap-{name}", None) for name in names)))
    kept = [entry.url.partition("sitemap-")[2] for entry in found.entries]
    assert kept == ["2026/11/23.xml", "2026-11.xml", "2000.xml", "1999.xml"]


def test_children_are_capped() -> None:
    body = index(*((f"https://herald.example/{n}.xml", f"2026-11-23T0{n}:00:00Z") for n in range(5)))
    found = children(body, SitemapRules(max_children=2))
    assert [entry.url[-5:] for entry in found.entries] == ["4.xml", "3.xml"]
    assert found.defect == "3 of 5 sitemaps dropped, the oldest"


def test_children_of_other_domains_only_where_robots_names_them() -> None:
    own, sister = "https://www.example.org/sitemap.xml", "https://maps.example.org/1.xml"
    named, stranger = "https://example.net/herald.xml", "https://example.com/all.xml"
    body = index((sister, None), (named, None), (stranger, None), (own, None))
    found = feed_of_sitemap(body, url=own, now=NOW, rules=SitemapRules(named_in_robots=(named,)))
    assert isinstance(found, SitemapIndex)
    assert {entry.url for entry in found.entries} == {sister, named}
    assert found.rejected == ((stranger, "on another domain, and robots.txt does not name it"),)
