"""Where feeds are looked for, and which of those found are listed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.finding import (
    Clue,
    Found,
    Why,
    choose_sources,
    declared_feeds,
    found_source,
    guessed_feeds,
    guessed_sitemaps,
    linked_feeds,
    named_sitemaps,
    with_ids,
)
from transforms.core.page_links import Link, PageLinks, read_page_links
from transforms.core.sources import SourceKind, SourceSpec

HOME = "https://www.example.org/"


def page(markup: str, url: str = HOME) -> PageLinks:
    found = read_page_links(f"<html>{markup}</html>".encode(), url=url)
    assert isinstance(found, PageLinks), found
    return found


def declared(markup: str) -> list[str]:
    return [clue.url.removeprefix(HOME) for clue in declared_feeds(page(f"<head>{markup}</head>"))]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('rel="alternate" type="application/rss+xml" href="/a"', ["a"]),
        ("REL=ALTERNATE TYPE='Application/Atom+XML; charset=utf-8' HREF=a", ["a"]),
        ('rel="alternate home" type="application/feed+json" href="a"', ["a"]),
        ('rel="feed" href="a"', ["a"]),
        ('rel="alternate" type="text/xml" href="rss.xml"', ["rss.xml"]),
        ('rel="alternate" type="application/json" href="wp-json/wp/v2/posts/1"', []),
        ('rel="alternate" type="application/json" href="feed.json"', ["feed.json"]),
        ('rel="alternate" hreflang="fr" href="fr/"', []),
        ('rel="alternate" media="only screen" href="https://m.example.org/"', []),
        ('rel="amphtml" href="feed/amp"', []),
        ('rel="stylesheet" href="feed.css"', []),
        ('rel="alternate" type="application/rss+xml" href="javascript:x"', []),
        ('rel="alternate" type="application/rss+xml" href=""', []),
    ],
)
def test_declared(link: str, expected: list[str]) -> None:
    assert declared(f"<link {link}>") == expected


def test_declared_feeds_follow_the_base_and_are_named() -> None:
    markup = (
        '<head><base href="/news/"><link rel="alternate" type="application/rss+xml" title="Top &amp; new" href="f"/>'
    )
    assert declared_feeds(page(markup + "</head>")) == [
        Clue("https://www.example.org/news/f", Why.DECLARED, "Top & new")
    ]


@pytest.mark.parametrize(
    ("anchor", "is_taken"),
    [
        ('href="/sport/rss">Sport', True),
        ('href="/sport/feed/">Sport', True),
        ('href="/rss-sport.xml">x', True),
        ('href="/news.atom">x', True),
        ('href="/?feed=rss2">x', True),
        ('href="/abo/dienste">RSS', True),
        ('href="/dienste">RSS-Feeds', True),
        ('href="https://feeds.example.net/herald">x', True),
        ('href="https://elsewhere.example.net/rss">x', False),
        ('href="https://reader.example.net/i/subscription/feed/https://www.example.org/rss">RSS', False),
        ('href="/feedback">Feedback', False),
        ('href="/press/story-about-rss-readers">Readers', False),
        ('href="/2031/feeding-the-ducks.html">Ducks', False),
        ('href="mailto:rss@example.org">RSS', False),
    ],
)
def test_linked(anchor: str, is_taken: bool) -> None:
    assert bool(linked_feeds(page(f"<body><a {anchor}</a></body>"), HOME)) is is_taken


def test_guesses_begin_in_the_folder_of_the_page() -> None:
    assert guessed_feeds(HOME)[0].url == "https://www.example.org/feed"
    below = [clue.url.removeprefix(HOME) for clue in guessed_feeds(f"{HOME}sport/?page=2")]
    assert below[0] == "sport/feed"
    assert "feed" in below
    assert guessed_feeds(f"{HOME}2031/story.html")[0].url == f"{HOME}feed"
    assert guessed_sitemaps(HOME)[-1].url == f"{HOME}sitemap.xml"


def test_named_sitemaps_news_first() -> None:
    named = (
        "https://a.example/s.xml",
        "ftp://a.example/n.xml",
        "https://a.example/News.xml",
        "https://a.example/s.xml",
    )
    assert [clue.url for clue in named_sitemaps(named)] == ["https://a.example/News.xml", "https://a.example/s.xml"]


def feed(*names: str, title: str | None = None, form: str = "rss20", content: str | None = None) -> Feed:
    published = datetime(2031, 5, 1, 8, 30, 59, tzinfo=UTC)
    entries = tuple(FeedEntry(f"{HOME}{name}", published_at=published, content=content) for name in names)
    return Feed(form, title=title, language="en_GB", entries=entries)


def found(path: str, one: Feed, why: Why = Why.DECLARED) -> Found:
    return found_source(Clue(HOME + path, why), HOME + path, one, None)


def test_what_is_said_of_a_feed() -> None:
    one = found("feed", feed("1", "2", title="The <b>Herald</b>", content="x" * 2000))
    assert one.spec.notes == "rss20, 2 entries, newest 2031-05-01T08:30Z, full text"
    assert (one.spec.language, one.spec.kind) == ("en-GB", SourceKind.FEED)
    assert found("n.xml", feed("1", form="news_sitemap")).spec.kind is SourceKind.SITEMAP
    empty = found_source(Clue(HOME, Why.GIVEN, "Label"), HOME, Feed("atom10"), PageLinks(language="x"))
    assert (empty.spec.name, empty.spec.language) == ("Label", None)
    assert empty.spec.notes == "atom10, 0 entries, without dates"


def listed(*some: Found, thorough: bool = False) -> tuple[list[str], list[str]]:
    kept, left = choose_sources(some, thorough=thorough)
    reasons = [f"{one.url.removeprefix(HOME)}: {one.reason}" for one in left]
    return [spec.url.removeprefix(HOME) for spec in kept], reasons


def test_order_of_the_list() -> None:
    some = (
        found("news.xml", feed("1", "2", form="news_sitemap"), Why.ROBOTS),
        found("empty", feed(), Why.DECLARED),
        found("linked", feed("5"), Why.LINKED),
        found("declared", feed("1", "2"), Why.DECLARED),
    )
    assert listed(*some) == (["declared", "linked", "empty", "news.xml"], [])


def test_one_feed_in_two_formats_is_listed_once() -> None:
    many = [str(number) for number in range(20)]
    assert listed(found("rss", feed(*many, title="H")), found("atom", feed(*many[:10], title="H", form="atom10"))) == (
        ["rss"],
        [f"atom: the same entries as {HOME}rss"],
    )
    assert listed(found("rss", feed(*many, title="H")), found("sport", feed(*many[:10], title="Sport")))[1] == []
    assert listed(found("feed", feed("1")), found("feed/", feed("9")))[0] == ["feed"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("comments/feed/", "Herald"),
        ("story/feed/", "Comments on: A story"),
        ("feed2", "Kommentare zu: Das Boot"),
        ("?feed=comments-rss2", None),
    ],
)
def test_comments_are_left_out_or_last(path: str, title: str | None) -> None:
    some = (found(path, feed("1", title=title)), found("feed", feed("2", title="Comment is free")))
    assert listed(*some) == (["feed"], [f"{path}: comments"])
    assert listed(*some, thorough=True)[0] == ["feed", path]


def test_ids_are_the_domains_and_differ() -> None:
    urls = [HOME + path for path in ("feed", "sport/rss.xml", "sport/rss.xml?a=1", "?a", "?b", "feed")]
    specs = list(with_ids(SourceSpec(url) for url in (*urls, "https://127.0.0.1/feed")))
    assert [spec.id for spec in specs] == [
        "example.org",
        "example.org-sport-rss-xml",
        "example.org-2",
        "example.org-3",
        "example.org-4",
        "127.0.0.1",
    ]


def test_page_of_many_links_is_bounded() -> None:
    many = read_page_links(b"".join(b"<a href=/%d>x</a>" % n for n in range(9000)), url=HOME)
    assert isinstance(many, PageLinks)
    assert len(many.anchors) == 2000
    bomb = read_page_links(b"<a>" * 60_000, url=HOME)
    assert isinstance(bomb, Problem)
    assert bomb.kind is OutcomeKind.TOO_LARGE


def test_page_links() -> None:
    found = page(
        '<head><title> The  Herald </title><meta property="og:site_name" content="Herald"/>'
        '<link rel="canonical" href="https://www.example.org/"><meta property="og:url" content="/no"></head>'
        '<body lang=de><a href="/x#y" title="X">words</a><a href="/x">words <b>too</b></a></body>'
    )
    assert (found.title, found.site_name, found.language) == ("The Herald", "Herald", None)
    assert found.own_urls == (HOME,)
    assert found.anchors == (Link(f"{HOME}x", text="X"), Link(f"{HOME}x", text="words too"))
