"""Whole runs over sitemaps: an index, its news sitemap, the pages that it lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loopback import Site, on_air
from pipelines import ingest
from support import Capture, Output

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
ON_LOOPBACK = ("--allow_networks", "127.0.0.0/8", "--host_gap", "0")


def put(site: Site, captures: list[Capture]) -> list[str]:
    """The captures as pages of the site; their URLs there."""
    for number, (_, body, kind) in enumerate(captures):
        site.add(f"/{number}.html", body.decode(), **{"Content-Type": kind})
    return [f"{site.origin}/{number}.html" for number in range(len(captures))]


def entry(url: str, lastmod: str, title: str | None = None) -> str:
    news = f"<news:news><news:publication_date>{lastmod}</news:publication_date><news:title>{title}</news:title>"
    return f"<url><loc>{url}</loc><lastmod>{lastmod}</lastmod>{f'{news}</news:news>' if title else ''}</url>"


@pytest.fixture
def sources(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "sources.toml"
        path.write_text(text)
        return str(path)

    return write


def test_from_an_index_to_articles(
    newsbeam: Callable[..., Output], captures: list[Capture], sources: Callable[[str], str], tmp_path: Path
) -> None:
    with on_air() as site:
        first, second, third, old = put(site, captures[:4])
        site.add(
            "/index.xml",
            "<sitemapindex><sitemap><loc>{o}/news.xml</loc></sitemap><sitemap><loc>{o}/pages.xml</loc>"
            "<lastmod>2026-11-15</lastmod></sitemap><sitemap><loc>https://elsewhere.example/s.xml</loc></sitemap>"
            "</sitemapindex>",
        )
        news = entry(first, "2026-11-15T06:00:00Z", "Ferry") + entry(second, "2026-11-14T06:00:00Z", "Tram")
        site.add("/news.xml", f"<urlset {NEWS}>{news}</urlset>")
        site.add("/pages.xml", f"<urlset>{entry(third, '2026-11-15')}{entry(old, '2019-01-01')}</urlset>")
        listed = sources(f"[[source]]\nid = 'herald'\nurl = '{site.origin}/index.xml'\nkind = 'sitemap'\n")
        output = newsbeam("ingest", "--feeds", listed, *ON_LOOPBACK, output=tmp_path / "out")
    assert output.outcomes() == {
        f"{site.origin}/index.xml": "parsed",
        f"{site.origin}/news.xml": "parsed",
        f"{site.origin}/pages.xml": "parsed",
        "https://elsewhere.example/s.xml": "malformed",
        first: "written",
        second: "written",
        third: "written",
    }
    rows = {row["url"]: row for row in output.rows("articles")}
    discovery = rows[first]["discovery"]
    assert (discovery["kind"], discovery["feed_url"]) == ("sitemap", f"{site.origin}/news.xml")
    assert discovery["entry_title"] == "Ferry"
    assert {row["source"]["id"] for row in rows.values()} == {"herald"}


def test_a_sitemap_among_the_feeds_is_read_as_what_it_is(
    newsbeam: Callable[..., Output], captures: list[Capture], tmp_path: Path
) -> None:
    with on_air() as site:
        (page,) = put(site, captures[:1])
        site.add("/news.xml", f"<urlset {NEWS}>{entry(page, '2026-11-15T06:00:00Z', 'Ferry')}</urlset>")
        output = newsbeam("ingest", "--feeds", f"{site.origin}/news.xml", *ON_LOOPBACK, output=tmp_path / "out")
    assert output.outcomes() == {f"{site.origin}/news.xml": "parsed", page: "written"}


def test_a_new_page_is_found_though_the_index_is_unchanged(
    captures: list[Capture], sources: Callable[[str], str], tmp_path: Path
) -> None:
    with on_air() as site:
        first, second = put(site, captures[:2])
        site.add("/index.xml", "<sitemapindex><sitemap><loc>{o}/news.xml</loc></sitemap></sitemapindex>", ETag='"1"')
        old, new = (entry(url, "2026-11-15T06:00:00Z", "A") for url in (first, second))
        site.add("/news.xml", f"<urlset {NEWS}>{old}</urlset>")
        listed = sources(f"[[source]]\nurl = '{site.origin}/index.xml'\nkind = 'sitemap'\n")
        for hour, entries in (("06", old), ("12", new + old)):
            site.add("/news.xml", f"<urlset {NEWS}>{entries}</urlset>")
            places = ("--state", str(tmp_path / "state"), "--output", str(tmp_path / hour))
            ingest.main(["--feeds", listed, *ON_LOOPBACK, *places, "--now", f"2026-11-15T{hour}:30:00Z"])
    assert [row["url"] for row in Output(tmp_path / "06").rows("articles")] == [first]
    assert [row["url"] for row in Output(tmp_path / "12").rows("articles")] == [second]
