"""Feeds from strangers: no bytes make ``parse_feed`` raise, and what comes out keeps its promises."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from schemas.hops import Feed, FeedEntry
from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds import MAX_BODY_BYTES, MAX_ENTRIES, parse_feed
from transforms.core.feeds.repair import without_bad_references
from transforms.core.feeds.text import plain_text

CASES = sorted(path for path in (Path(__file__).parent / "data" / "feeds").iterdir() if ".expected." not in path.name)
URL = "https://herald.example/feed.xml"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
INSERTS = (
    b"&#xD800;", b"&#0;", b"&#x110000;", b"&#;", b"&", b"<![CDATA[", b"]]>", b"<!", b"<?", b"\0", b"\xff\xfe",
    b"<item>", b"</item>", b"<image>", b"</image>", b"</width>", b"<gml:pos>1</gml:pos>", b"</cc:license>",
    b"<link><x/>", b"<title>", b"</title>", b"<svg>", b"</svg>", b'<link href="http://[x"/>', b' xml:base="http://["',
)  # fmt: skip
DECLARED = (b"undefined", b"idna", b"punycode", b"hex", b"utf-7", b"\xff", b"a\0b", b"utf-16", b"unicode_escape")


def mutations(body: bytes, rng: random.Random) -> Iterator[bytes]:
    """Cut off, bytes flipped, markup inserted, pieces taken out, another encoding declared."""
    for _ in range(12):
        place = rng.randrange(len(body) + 1)
        yield body[:place]
        yield body[:place] + rng.choice(INSERTS) + body[place:]
        yield body[:place] + body[place + rng.randrange(1, 60) :]
        flipped = bytearray(body)
        for _ in range(rng.choice((1, 8))):
            flipped[rng.randrange(len(flipped))] = rng.randrange(256)
        yield bytes(flipped)
    yield b'<?xml version="1.0" encoding="' + rng.choice(DECLARED) + b'"?>' + body[body.find(b"?>") + 2 :]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_mutation_raises(path: Path) -> None:
    for body in mutations(path.read_bytes(), random.Random(path.name)):  # noqa: S311  # repeatable, not secret
        result = parse_feed(body, url=URL, now=NOW)
        if isinstance(result, Problem):
            assert result.kind in (OutcomeKind.NOT_A_FEED, OutcomeKind.MALFORMED)
            assert result.detail
            assert "\n" not in result.detail
        else:
            check_promises(result)


def check_promises(feed: Feed) -> None:
    assert len(feed.entries) <= MAX_ENTRIES
    assert len({(entry.entry_id, entry.url) for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        check_entry(entry)


def check_entry(entry: FeedEntry) -> None:
    assert urlsplit(entry.url).scheme in ("http", "https")
    assert urlsplit(entry.url).hostname
    for moment in (entry.published_at, entry.updated_at):
        assert moment is None or (
            moment.utcoffset() == timedelta(0) and datetime(1990, 1, 1, tzinfo=UTC) <= moment <= NOW + timedelta(days=2)
        )
    texts = (entry.url, entry.entry_id, entry.title, entry.summary, entry.content, *entry.authors, *entry.categories)
    assert not any(UNWANTED.search(text) for text in texts if text)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_same_bytes_same_feed(path: Path) -> None:
    body = path.read_bytes()
    assert parse_feed(body, url=URL, now=NOW) == parse_feed(body, url=URL, now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"/etc/passwd", id="a file name"),
        pytest.param(b"https://herald.example/feed", id="a URL"),
        pytest.param(b"[" * 100_000, id="a deep array"),
        pytest.param(b"{" * 100_000, id="deep braces"),
        pytest.param(b'{"a":' * 100_000, id="deep objects"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), id="a picture"),
        pytest.param(b"<" * 10_000, id="angle brackets"),
        pytest.param(b"<item><title>half an entry", id="nothing but half an entry"),
        pytest.param(b"\xff\xfe", id="a byte order mark"),
    ],
)
def test_what_is_no_feed(body: bytes) -> None:
    result = parse_feed(body, url=URL, now=NOW)
    assert isinstance(result, Problem)
    assert result.kind == OutcomeKind.NOT_A_FEED


def test_too_large_is_not_parsed() -> None:
    result = parse_feed(b"<rss>" + b" " * MAX_BODY_BYTES, url=URL, now=NOW)
    assert isinstance(result, Problem)
    assert result.kind == OutcomeKind.TOO_LARGE


def long_feed(dates: list[str]) -> bytes:
    items = "".join(
        f"<item><title>{number}</title><link>https://herald.example/{number}</link>{date}</item>"
        for number, date in enumerate(dates)
    )
    return f'<rss version="2.0"><channel><title>Long</title>{items}</channel></rss>'.encode()


def test_newest_entries_stay_in_the_feeds_order() -> None:
    days = [f"<pubDate>{2000 + number % 26}-01-01T00:00:{number // 26:02d}Z</pubDate>" for number in range(520)]
    feed = parse_feed(long_feed(days), url=URL, now=NOW)
    assert isinstance(feed, Feed)
    assert len(feed.entries) == MAX_ENTRIES
    numbers = [int(entry.title or "") for entry in feed.entries]
    assert numbers == [number for number in range(520) if number % 26]  # the twenty of the year 2000 are the oldest
    assert feed.defect == "20 of 520 entries dropped, the oldest"


def test_without_dates_the_first_entries_count_as_newest() -> None:
    feed = parse_feed(long_feed([""] * 502), url=URL, now=NOW)
    assert isinstance(feed, Feed)
    assert [entry.title for entry in feed.entries] == [str(number) for number in range(MAX_ENTRIES)]


def test_header_names_in_any_case() -> None:
    body = "<rss version='2.0'><channel><item><title>Мост</title><link>/a</link></item></channel></rss>".encode(
        "cp1251"
    )
    for name in ("content-type", "Content-Type", "CONTENT-TYPE"):
        feed = parse_feed(body, url=URL, headers={name: "text/xml; charset=windows-1251"}, now=NOW)
        assert isinstance(feed, Feed)
        assert feed.entries[0].title == "Мост"


def test_content_location_is_not_obeyed() -> None:
    body = b"<rss version='2.0'><channel><item><title>A</title><link>/a</link></item></channel></rss>"
    feed = parse_feed(body, url=URL, headers={"Content-Location": "https://evil.example/"}, now=NOW)
    assert isinstance(feed, Feed)
    assert feed.entries[0].url == "https://herald.example/a"


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<!-- -->" * 60_000, id="comments"),
        pytest.param("<!--" * 100_000, id="comments that never end"),
        pytest.param("<script>" * 50_000, id="scripts that never end"),
        pytest.param("<a href=\"'" * 50_000, id="quotes that never end"),
        pytest.param("<a " * 100_000, id="tags that never end"),
        pytest.param("&" * 500_000, id="ampersands"),
    ],
)
@pytest.mark.timeout(5)
def test_cleaning_is_linear(markup: str) -> None:
    assert len(plain_text(markup)) <= len(markup)


@pytest.mark.timeout(5)
def test_repair_is_linear() -> None:
    body = b"&#xD83D;" * 200_000
    assert without_bad_references(body) == b"&#xFFFD;" * 200_000
