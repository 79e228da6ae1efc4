"""``newsbeam discover`` against sites on loopback: what it finds, what it asks for, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from loopback import Site, on_air
from pipelines import discover
from pipelines.cli import run
from transforms.core.sources import SourceKind, SourceList, SourceSpec, read_source_list
from transforms.fetcher import Fetcher, FetcherConfig
from transforms.find_sources import Findings, PoliteAsker, SearchRules, find_sources, read_answer

NOW = datetime(2031, 5, 2, tzinfo=UTC)


def find(site: Site, path: str = "/", rules: SearchRules | None = None) -> Findings:
    """What a search finds, without gaps, read in this process."""
    fetcher = Fetcher(FetcherConfig(allowed_networks=(ip_network("127.0.0.0/8"),)))
    asker = PoliteAsker(fetcher, gap_seconds=0.0)
    return find_sources(site.origin + path, asker=asker, read=read_answer, now=NOW, rules=rules)


def paths(site: Site, findings: Findings) -> list[str]:
    """The sources found, as paths."""
    return [spec.url.removeprefix(site.origin) for spec in findings.sources]


@pytest.fixture
def site() -> Iterator[Site]:
    with on_air() as one:
        yield one


def rss(*paths: str, title: str = "The Harbour Herald") -> str:
    items = "".join(
        f"<item><link>{{o}}{path}</link><title>{path}</title><pubDate>Thu, 01 May 2031 08:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return f'<rss version="2.0"><channel><title>{title}</title><language>en</language>{items}</channel></rss>'


def news_sitemap(*paths: str) -> str:
    entries = "".join(
        f"<url><loc>{{o}}{path}</loc><news:news><news:publication_date>2031-05-01</news:publication_date>"
        f"<news:title>{path}</news:title></news:news></url>"
        for path in paths
    )
    return f'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'


def plain_sitemap(*paths: str) -> str:
    return f"<urlset>{''.join(f'<url><loc>{{o}}{path}</loc></url>' for path in paths)}</urlset>"


def index(*paths: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{{o}}{path}</loc></sitemap>' for path in paths)}</sitemapindex>"


def declares(*paths: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths)
    return f"<html lang=en><head>{links}</head><body><p>Front page</p></body></html>"


def test_what_the_page_declares_is_verified(site: Site) -> None:
    site.add("/", declares("/rss", "/rss.atom", "/gone", "/page", "/comments/feed"))
    site.add("/rss", rss("/1", "/2"))
    site.add("/rss.atom", rss("/1", "/2"))
    site.add("/page", "<html><p>No feed here</p></html>")
    site.add("/comments/feed", rss("/c"))
    findings = find(site)
    assert paths(site, findings) == ["/rss"]
    assert [(left.url.removeprefix(site.origin), left.reason) for left in findings.left_out] == [
        ("/rss.atom", f"the same entries as {site.origin}/rss"),
        ("/comments/feed", "comments"),
    ]
    assert findings.sources[0] == SourceSpec(
        f"{site.origin}/rss",
        name="The Harbour Herald",
        language="en",
        notes="rss20, 2 entries, newest 2031-05-01T08:00Z",
    )
    assert "/feed.xml" not in site.asked  # nothing is guessed where the page names a feed


def test_usual_places_only_where_the_page_names_none(site: Site) -> None:
    site.add("/", "<html><p>Front page</p></html>")
    site.add("/rss.xml", rss("/1"))
    site.add("/feed.xml", rss("/1"))
    assert paths(site, find(site)) == ["/rss.xml"]
    assert "/feed.xml" not in site.asked


def test_a_thorough_search_tries_all_places(site: Site) -> None:
    site.add("/", declares("/rss"))
    site.add("/rss", rss("/1"))
    site.add("/index.xml", rss("/2", title="More"))
    site.add("/comments/feed", rss("/c"))
    site.add("/sitemap.xml", plain_sitemap("/1", "/2"))
    assert paths(site, find(site, rules=SearchRules(is_thorough=True))) == ["/rss", "/index.xml", "/sitemap.xml"]


def test_a_page_that_lists_feeds(site: Site) -> None:
    site.add("/", '<html><a href="/services">RSS</a></html>')
    site.add("/services", '<html><a href="/sport/rss">Sport</a> <a href="/culture/rss">Culture</a></html>')
    site.add("/sport/rss", rss("/1", title="Sport"))
    site.add("/culture/rss", rss("/2", title="Culture"))
    assert paths(site, find(site)) == ["/sport/rss", "/culture/rss"]


def test_the_page_is_a_feed(site: Site) -> None:
    site.add("/latest", rss("/1"))
    assert paths(site, find(site, "/latest")) == ["/latest"]
    assert set(site.asked) == {"/robots.txt", "/latest"}


def test_moved_feeds_are_listed_where_they_live(site: Site) -> None:
    site.add("/", declares("/old", "/today"))
    site.add("/old", "", 301, Location="/new")
    site.add("/new", rss("/1"))
    site.add("/today", "", 302, Location="/2031")
    site.add("/2031", rss("/2"))
    assert paths(site, find(site)) == ["/new", "/today"]


def test_news_sitemaps_that_robots_names(site: Site) -> None:
    site.add("/", declares("/rss"))
    site.add("/rss", rss("/1"))
    site.add("/robots.txt", "Sitemap: {o}/all.xml\nSitemap: {o}/index.xml\n")
    site.add("/all.xml", plain_sitemap("/1"))
    site.add("/index.xml", index("/pages.xml", "/news.xml"))
    site.add("/pages.xml", plain_sitemap("/2"))
    site.add("/news.xml", news_sitemap("/1"))
    findings = find(site)
    assert paths(site, findings) == ["/rss", "/news.xml"]
    assert findings.sources[1].kind is SourceKind.SITEMAP
    assert findings.sources[1].notes == "news_sitemap, 1 entry, newest 2031-05-01T00:00Z"


def test_an_index_of_dated_sitemaps_is_listed_itself(site: Site) -> None:
    site.add("/robots.txt", "Sitemap: {o}/news.xml")
    site.add("/news.xml", index("/news-2031-05.xml", "/news-2031-04.xml"))
    site.add("/news-2031-05.xml", news_sitemap("/1"))
    site.add("/news-2031-04.xml", news_sitemap("/2"))
    assert paths(site, find(site)) == ["/news.xml"]


def test_a_news_sitemap_in_its_usual_place(site: Site) -> None:
    site.add("/", declares("/rss"))
    site.add("/rss", rss("/1"))
    site.add("/sitemap_news.xml", news_sitemap("/1"))
    assert paths(site, find(site)) == ["/rss", "/sitemap_news.xml"]


def test_a_plain_sitemap_is_better_than_nothing(site: Site) -> None:
    site.add("/", "<html><p>Front page</p></html>")
    site.add("/sitemap.xml", plain_sitemap("/1"))
    assert paths(site, find(site)) == ["/sitemap.xml"]


def test_robots_is_obeyed_for_what_nobody_named(site: Site) -> None:
    site.add("/robots.txt", "User-agent: newsbeam\nDisallow: /feed\nDisallow: /rss\n")
    site.add("/", declares("/feed/main").replace("Front", '<a href="/rss/sport">RSS</a>'))
    site.add("/feed/main", rss("/1"))
    site.add("/rss/sport", rss("/2"))
    assert paths(site, find(site)) == ["/feed/main"]
    assert "/rss/sport" not in site.asked
    assert "/rss/sport" in paths(site, find(site, rules=SearchRules(obeys_robots=False)))


def test_a_page_that_robots_disallows_is_not_asked_for(site: Site) -> None:
    site.add("/robots.txt", "User-agent: *\nDisallow: /\nSitemap: {o}/news.xml")
    site.add("/news.xml", news_sitemap("/1"))
    findings = find(site)
    assert paths(site, findings) == ["/news.xml"]
    assert findings.problem == "robots.txt disallows it, or cannot be had"
    assert site.asked == ["/robots.txt", "/news.xml"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_silence_gets_it(site: Site, status: int) -> None:
    site.add("/", "", status)
    findings = find(site)
    assert findings.sources == ()
    assert findings.problem == f"HTTP {status}"
    assert site.asked == ["/robots.txt", "/"]


def test_hostile_answers_are_passed_over(site: Site) -> None:
    site.add("/", declares("/bomb", "http://169.254.169.254/feed", "/loop", "/rss", "http://[::1/x"))
    site.add("/bomb", "<a>" * 60_000)
    site.add("/loop", "", 302, Location="/loop")
    site.add("/rss", rss("/1"))
    assert paths(site, find(site)) == ["/rss"]


def test_requests_are_bounded(site: Site) -> None:
    site.add("/robots.txt", "".join(f"Sitemap: {{o}}/{number}.xml\n" for number in range(300)))
    find(site, rules=SearchRules(is_thorough=True))
    assert len(site.asked) <= 81


def call(*argv: str) -> int:
    with pytest.raises(SystemExit) as left:
        run("discover", [*argv, "--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--now", "2031-05-02"])
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[SourceSpec, ...]]:
    def specs(name: str) -> tuple[SourceSpec, ...]:
        found = read_source_list(capsys.readouterr().out, name=name)
        assert isinstance(found, SourceList), found
        return found.sources

    return specs


def test_the_command_prints_a_list_that_can_be_read(
    site: Site, read: Callable[[str], tuple[SourceSpec, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    site.add("/", declares("/rss", "/sport/rss", "/comments/feed"))
    site.add("/rss", rss("/1"))
    site.add("/sport/rss", rss("/2", title="Sport"))
    site.add("/comments/feed", rss("/3"))
    site.add("/news-sitemap.xml", news_sitemap("/1"))
    with on_air() as other:
        other.add("/", "<html></html>")
        assert call(site.origin, other.origin) == 0
    first, second, third = read("found.toml")
    assert [first.id, second.id, third.id] == ["127.0.0.1", "127.0.0.1-sport-rss", "127.0.0.1-news-sitemap-xml"]
    assert (first.url, first.name, first.language) == (f"{site.origin}/rss", "The Harbour Herald", "en")
    assert third.kind is SourceKind.SITEMAP
    assert f"{other.origin}: nothing found (no feed and no news sitemap)" in caplog.text
    assert "comments" in caplog.text
    assert site.most_at_once == 1


def test_the_command_writes_a_file(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.add("/", rss("/1"))
    path = tmp_path / "new" / "found.opml"
    assert call(site.origin, "--format", "opml", "--output", str(path)) == 0
    assert capsys.readouterr().out == f"1 source in {path}\n"
    found = read_source_list(path.read_bytes(), name="found.opml")
    assert isinstance(found, SourceList)
    assert [spec.url for spec in found.sources] == [site.origin]
    assert call(site.origin, "--output", str(tmp_path)) == 1
    printed = capsys.readouterr()
    assert "cannot be written" in printed.err
    assert site.origin in printed.out


def test_nothing_found_is_said_in_a_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(site.origin) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1] == f"newsbeam: nothing found: {site.origin}: HTTP 404"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["ftp://example.org"], "scheme 'ftp'"),
        (["https://user@example.org"], "user name"),
        ([], "URL"),
        (["example.org", "--format", "json"], "--format"),
        (["example.org", "--depth", "3"], "--depth"),
    ],
)
def test_wrong_calls(argv: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("discover", argv)
    assert left.value.code == 2
    printed = capsys.readouterr().err
    assert expected in printed
    assert len(printed.strip().splitlines()) == 1


def test_a_bare_name_is_one_of_https() -> None:
    assert discover.site_url("example.org/news") == "https://example.org/news"
    assert discover.site_url("http://example.org:8000") == "http://example.org:8000"
