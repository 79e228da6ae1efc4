"""Sitemaps: news, plain and indexes; ill-formed, hostile and cut off."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from schemas.outcome import OutcomeKind, Problem
from transforms.core import sitemaps
from transforms.core.sitemaps import Sitemap, SitemapEntry, SitemapIndex, parse_sitemap

URL = "https://herald.example/news-sitemap.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset {XMLNS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url>
    <loc> https://herald.example/ferry?a=1&amp;b=2 </loc>
    <image:image><image:loc>https://herald.example/ferry.jpg</image:loc></image:image>
    <lastmod>2026-11-20T09:00:00Z</lastmod>
    <n:news>
      <n:publication><n:name>The Harbour Herald</n:name><n:language>en</n:language></n:publication>
      <n:publication_date>2026-11-20T08:15:00+01:00</n:publication_date>
      <n:title><![CDATA[Ferry &amp; <b>tram</b> stop]]></n:title>
      <n:keywords>ferry, tram,, ferry</n:keywords>
    </n:news>
  </url>
</urlset>
""".encode()


def urlset(inside: str) -> bytes:
    return f"<urlset {XMLNS}>{inside}</urlset>".encode()


def read(body: bytes) -> Sitemap:
    result = parse_sitemap(body, url=URL, now=NOW)
    assert isinstance(result, Sitemap), result
    return result


def urls(body: bytes) -> list[str]:
    return [entry.url for entry in read(body).entries]


def test_news_sitemap() -> None:
    sitemap = read(NEWS)
    assert sitemap == Sitemap(
        (
            SitemapEntry(
                url="https://herald.example/ferry?a=1&b=2",
                lastmod_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
                lastmod_raw="2026-11-20T09:00:00Z",
                title="Ferry & tram stop",
                published_at=datetime(2026, 11, 20, 7, 15, tzinfo=UTC),
                published_raw="2026-11-20T08:15:00+01:00",
                language="en",
                publication="The Harbour Herald",
                keywords=("ferry", "tram"),
            ),
        )
    )
    assert sitemap.entries[0].is_news


def test_plain_sitemap_keeps_order_and_each_url_once() -> None:
    sitemap = read(
        urlset("<url><loc>/b</loc><lastmod>2026-11-20</lastmod></url><url><loc>/a</loc></url><url><loc>/b</loc></url>")
    )
    assert [entry.url for entry in sitemap.entries] == ["https://herald.example/b", "https://herald.example/a"]
    assert sitemap.entries[0].lastmod_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert not sitemap.entries[0].is_news


def test_index() -> None:
    body = b"<sitemapindex><sitemap><loc>https://herald.example/1.xml.gz</loc><lastmod>2026-11-20</lastmod></sitemap>"
    index = parse_sitemap(body + b"</sitemapindex>", url=URL, now=NOW)
    assert isinstance(index, SitemapIndex)
    assert [entry.url for entry in index.entries] == ["https://herald.example/1.xml.gz"]
    assert index.entries[0].lastmod_at == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("<urlset>", id="no namespace"),
        pytest.param('<urlset xmlns="https://www.sitemaps.org/schemas/sitemap/0.9/">', id="misspelt namespace"),
        pytest.param('<urlset xmlns="http://www.google.com/schemas/sitemap/0.84">', id="old namespace"),
        pytest.param('<!-- by a tool -->\n<?xml-stylesheet href="s.xsl"?><urlset>', id="comment and stylesheet"),
        pytest.param("\n\n<urlset>", id="blank lines"),
    ],
)
def test_every_spelling_of_the_namespace(opening: str) -> None:
    assert urls(f"{opening}<url><loc>/a</loc></url></urlset>".encode()) == ["https://herald.example/a"]


def test_prefixed_elements() -> None:
    body = (
        b'<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>/a</s:loc></s:url></s:urlset>'
    )
    assert urls(body) == ["https://herald.example/a"]


def test_undeclared_news_prefix() -> None:
    (entry,) = read(
        b"<urlset><url><loc>/a</loc><news:news><news:title>A</news:title></news:news></url></urlset>"
    ).entries
    assert entry.title == "A"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-16", "UTF-16"), ("latin-1", "ISO-8859-1"), ("cp1251", "windows-1251"), ("utf-8-sig", "UTF-8")],
)
def test_charsets(encoding: str, declared: str) -> None:
    title = "Мост" if encoding == "cp1251" else "Överfart"
    text = f'<?xml version="1.0" encoding="{declared}"?><urlset {XMLNS}><url><loc>/a</loc>'
    text += f"<n:news><n:title>{title}</n:title></n:news></url></urlset>"
    assert read(text.encode(encoding)).entries[0].title == title


def test_bare_ampersand_loses_nothing() -> None:
    body = b"<urlset>\n<url><loc>https://herald.example/?a=1&b=2&amp;c=3</loc></url>\n<url><loc><![CDATA[/x?d=4&e=5]]></loc></url></urlset>"
    assert urls(body) == ["https://herald.example/?a=1&b=2&c=3", "https://herald.example/x?d=4&e=5"]
    assert read(body).defect == "line 2: bare &"


def test_half_a_url_is_left_out() -> None:
    body = b"<urlset><url><loc>https://herald.example/whole</loc></url><url><loc>https://herald.example/ha"
    assert urls(body) == ["https://herald.example/whole"]
    assert read(body).defect


def test_links_that_cannot_be_followed() -> None:
    sitemap = read(
        urlset("<url><loc>javascript:x</loc></url><url><lastmod>2026-11-20</lastmod></url><url><loc>/a</loc></url>")
    )
    assert [entry.url for entry in sitemap.entries] == ["https://herald.example/a"]
    assert sitemap.rejected == (("javascript:x", "scheme javascript"), ("", "no link"))


def test_dates_out_of_bounds_keep_their_raw_form() -> None:
    (entry,) = read(urlset("<url><loc>/a</loc><lastmod>2999-01-01</lastmod></url>")).entries
    assert (entry.lastmod_at, entry.lastmod_raw) == (None, "2999-01-01")


def test_entities_are_neither_expanded_nor_fetched() -> None:
    doctype = '<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    sitemap = read(f"{doctype}<urlset><url><loc>/x</loc><lastmod>&a;&f;</lastmod></url></urlset>".encode())
    assert sitemap.entries == (SitemapEntry("https://herald.example/x"),)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"", OutcomeKind.NOT_A_FEED, id="empty"),
        pytest.param(b"<!DOCTYPE html><html><body>Not found</body></html>", OutcomeKind.NOT_A_FEED, id="page"),
        pytest.param(b"<rss version='2.0'><channel/></rss>", OutcomeKind.NOT_A_FEED, id="feed"),
        pytest.param(b"https://herald.example/a\n", OutcomeKind.NOT_A_FEED, id="text"),
        pytest.param(b"<urlset", OutcomeKind.MALFORMED, id="cut in the root"),
        pytest.param(b"<urlset><url><loc>https://her", OutcomeKind.MALFORMED, id="cut in the first URL"),
    ],
)
def test_problems(body: bytes, kind: OutcomeKind) -> None:
    result = parse_sitemap(body, url=URL, now=NOW)
    assert isinstance(result, Problem)
    assert result.kind == kind


def test_an_empty_sitemap_is_a_sitemap() -> None:
    assert read(urlset("")) == Sitemap(())


def test_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_ENTRIES", 2)
    sitemap = read(urlset("".join(f"<url><loc>/{number}</loc></url>" for number in range(5))))
    assert [entry.url[-1] for entry in sitemap.entries] == ["0", "1"]
    assert sitemap.defect == "3 of 5 entries dropped, the last"
    monkeypatch.setattr(sitemaps, "MAX_BODY_BYTES", 10)
    result = parse_sitemap(NEWS, url=URL, now=NOW)
    assert isinstance(result, Problem)
    assert result.kind == OutcomeKind.TOO_LARGE


def test_no_mutation_raises() -> None:
    rng = random.Random(9309)  # noqa: S311  # repeatable, not secret
    inserts = (b"&#xD800;", b"&", b"<![CDATA[", b"]]>", b"<!--", b"</url>", b"<url>", b"\0", b"<:x>", b"\xff\xfe")
    for _ in range(400):
        body = bytearray(NEWS[: rng.randrange(len(NEWS))] if rng.random() < 0.3 else NEWS)
        for _ in range(rng.choice((1, 5)) if body else 0):
            body[rng.randrange(len(body))] = rng.randrange(256)
        place = rng.randrange(len(body) + 1)
        body[place:place] = rng.choice(inserts)
        result = parse_sitemap(bytes(body), url=URL, now=NOW)
        for entry in () if isinstance(result, Problem) else result.entries:
            assert entry.url.startswith(("http://", "https://"))
