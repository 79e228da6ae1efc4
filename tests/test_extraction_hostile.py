"""Pages that no newsroom made: each must end in seconds, with a story or a typed problem, never an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from time import process_time

import pytest

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Story
from schemas.outcome import OutcomeKind, Problem
from support import texts_in
from transforms.core.extraction import extract_story, warm, wide

NOW = datetime(2031, 6, 1, tzinfo=UTC)
LIMIT = 8.0
"""CPU seconds; the slowest of these takes about two."""

PARAGRAPH = (
    "<p>The council met on Tuesday and decided, after a long debate, to repair the bridge before winter sets in.</p>"
)


def page(html: str | bytes, content_type: str | None = "text/html; charset=utf-8") -> Page:
    request = PageRequest("https://a.example/b", Source("s", "s"), Discovery("url_list", NOW))
    payload = html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass")
    return Page(request, Fetch(request.url, request.url, content_type=content_type), payload)


def body(inner: str) -> str:
    return f"<html><head><title>T</title></head><body><h1>Head</h1><article>{inner}</article></body></html>"


def live_blog(updates: int) -> str:
    update = {
        "@type": "BlogPosting",
        "headline": "Up",
        "articleBody": "text " * 100,
        "datePublished": "2031-05-01T10:00Z",
    }
    return json.dumps({"@type": "LiveBlogPosting", "headline": "Live", "liveBlogUpdate": [update] * updates})


def distinct(count: int, size: int) -> str:
    return "".join(f"<p>{f'Sentence {n} of them says {n * 7919} and ends. ' * (size // 40)}</p>" for n in range(count))


def declaring(count: int) -> str:
    text = " ".join(f"Sentence {n} of another story that says {n * 31} and ends." for n in range(count * 2))
    return f'<script type="application/ld+json">{json.dumps({"@type": "Article", "articleBody": text})}</script>'


SHAPES = {
    "distinct_paragraphs": body(distinct(20_000, 120)),
    "distinct_long_paragraphs": body(distinct(7_000, 450)),
    "distinct_quotes": body(distinct(15_000, 120).replace("<p>", "<blockquote>").replace("</p>", "</blockquote>")),
    "distinct_paragraphs_and_article_body": body(distinct(12_000, 80)) + declaring(12_000),
    "spans_in_one_paragraph": body("<p>" + "<span>word </span>" * 24_000),
    "unclosed_spans": body("<p>" + "<span>word " * 49_000),
    "links_in_one_paragraph": body("<p>" + "<a href='/x'>word</a> " * 24_000),
    "authors_in_one_byline": body("<p class='byline'>" + "<span>word </span>" * 24_000 + "</p>" + PARAGRAPH * 3),
    "times": body(
        "<div class='liveblog'>" + "<div><time>10:15</time><p>What was said then.</p></div>" * 8_000 + "</div>"
    ),
    "clock_lines": body("<div class='ticker'>" + "<p>10:15</p><p>What was said then.</p>" * 12_000 + "</div>"),
    "nested_times": body("<div class='live'>" * 200 + "<time>10:15</time>" * 9_000 + PARAGRAPH),
    "bold_lines": body("<p>" + "<b>word</b><br>" * 15_000 + "</p>"),
    "agencies_in_a_line": body("<p>" + "AP, dpa/" * 30_000 + " said so.</p>" + PARAGRAPH * 3),
    "breaks": body("<p>" + "word<br>" * 49_000),
    "paragraphs": body(PARAGRAPH * 20_000),
    "short_paragraphs": body("<p>one two three</p>" * 20_000),
    "rows": body("<table>" + "<tr><td>a</td><td>b</td></tr>" * 8_000),
    "items": body("<ul>" + "<li>an item of the list</li>" * 20_000),
    "headings": body("<h2>Heading</h2>" * 12_000),
    "nested": body("<div>" * 20_000 + PARAGRAPH),
    "nested_quotes": body("<blockquote>" * 5_000 + PARAGRAPH),
    "attributes": body("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x</p>"),
    "long_class": body(f'<div class="{"a-" * 100_000}">{PARAGRAPH * 3}</div>'),
    "one_long_line": body("<p>" + "word " * 600_000),
    "white_space": body("<p>" + " " * 2_000_000 + "x</p>"),
    "quotation_marks": body("<p>" + '"' * 200_000 + "</p>" + PARAGRAPH * 3),
    "dashes_in_a_post": body('<blockquote class="twitter-tweet">' + "— " * 50_000 + "</blockquote>"),
    "open_tags": "<html><body><p>" + "<" * 49_000,
    "open_comments": "<html><body>" + "<!--" * 40_000,
    "open_scripts": "<html><body>" + "<script" * 40_000,
    "live_blog_of_a_megabyte": body(PARAGRAPH) + f'<script type="application/ld+json">{live_blog(2000)}</script>',
    "json_ld_nested": body(PARAGRAPH) + f'<script type="application/ld+json">{"[" * 100_000}</script>',
    "json_ld_commas": body(PARAGRAPH)
    + '<script type="application/ld+json">{"headline":"x"'
    + ",," * 300_000
    + "</script>",
    "titles_of_separators": f"<html><head><title>{'a - ' * 50_000}</title></head><body>{PARAGRAPH * 4}",
    "authors": f'<html><head><meta name="author" content="{"a, " * 100_000}"></head><body>{PARAGRAPH * 4}',
    "colspan": body("<table><tr><td colspan='1000000000'>a</td><td>b</td></tr></table>" + PARAGRAPH * 3),
    "script_state": "<html><body><script>x=" + '{"a":' * 50_000 + "</script></body></html>",
    "all_bytes": bytes(range(256)) * 1000,
    "surrogates_and_nul": body(
        PARAGRAPH * 2 + "<p>a\ud800b\x00c &#xD800; &#0; d, and so the story came to its end.</p>"
    ),
}


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm()


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_ends_in_time(shape: str) -> None:
    start = process_time()
    result = extract_story(page(SHAPES[shape]), now=NOW)
    assert process_time() - start < LIMIT
    assert isinstance(result, Story | Problem)
    if isinstance(result, Story):
        assert all(text.encode("utf-8") for text in texts_in(result) if text)


@pytest.mark.parametrize(
    ("payload", "content_type", "kind"),
    [
        (b"", "text/html", OutcomeKind.NO_TEXT),
        (b"   \n ", None, OutcomeKind.NO_TEXT),
        (b"%PDF-1.7 ...", "text/html", OutcomeKind.NOT_HTML),
        (b"\x89PNG\r\n", None, OutcomeKind.NOT_HTML),
        (b"<html></html>", "application/pdf", OutcomeKind.NOT_HTML),
        (b"<html></html>", "image/jpeg", OutcomeKind.NOT_HTML),
        (b'{"a": 1}', "text/html", OutcomeKind.NOT_HTML),
        (b"just words", "text/plain", OutcomeKind.NOT_HTML),
        (b"<?xml version='1.0'?><rss version='2.0'></rss>", "text/xml", OutcomeKind.NOT_HTML),
        (b"<html><body></body></html>", "text/html", OutcomeKind.NO_TEXT),
        (b"<p>" * 60_000, "text/html", OutcomeKind.TOO_LARGE),
        (b"<p>" + b"word " * 1_000_000, "text/html", OutcomeKind.TOO_LARGE),
        (b"<html>" + b" " * (13 * 1024 * 1024), "text/html", OutcomeKind.TOO_LARGE),
        (SHAPES["attributes"].encode(), "text/html", OutcomeKind.MALFORMED),
    ],
)
def test_kind_of_problem(payload: bytes, content_type: str | None, kind: OutcomeKind) -> None:
    result = extract_story(page(payload, content_type), now=NOW)
    assert isinstance(result, Problem)
    assert result.kind == kind


def test_scrubbed_text_has_no_surrogate_and_no_nul() -> None:
    story = extract_story(page(SHAPES["surrogates_and_nul"]), now=NOW)
    assert isinstance(story, Story)
    assert not any("\ud800" <= character <= "\udfff" or character == "\x00" for character in story.text)
    assert "  " not in story.text
    assert all(line == line.strip() and line for line in story.text.split("\n"))


def test_a_failing_library_is_a_typed_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise ValueError("it broke")

    monkeypatch.setattr(wide, "bare_extraction", fails)
    result = extract_story(page(body("<p>Too short.</p>")), now=NOW)
    assert isinstance(result, Problem)
    assert (result.kind, result.error_type) == (OutcomeKind.CRASHED, "ValueError")
    assert "it broke" in (result.traceback or "")
    story = extract_story(page(body(PARAGRAPH + PARAGRAPH.replace("Tuesday", "Friday"))), now=NOW)
    assert isinstance(story, Story)


def test_a_fault_of_our_own_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("transforms.core.extraction.story.choose_headline", fails)
    with pytest.raises(ZeroDivisionError):
        extract_story(page(body(PARAGRAPH)), now=NOW)
