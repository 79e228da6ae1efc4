"""Whatever comes in, what comes out is a record or a typed problem: never another exception.

`make test` tries 2,000 inputs, the same ones each time; `make fuzz` tries 100,000 new ones.  What is found there
becomes a case in the golden files or in the hostile tests, and the example is printed to be repeated.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fuzz.mutants import mutants, seeds
from schemas.article import Article, Discovery, Fetch, Source
from schemas.codec import read_container, to_row
from schemas.hops import Document, Feed, Page, PageRequest, Run, Story
from schemas.outcome import Problem
from support import Capture, texts_in
from transforms import worker
from transforms.archives import Damage, list_captures, read_captures
from transforms.core.annotation import Annotator, installed_models
from transforms.core.articles import make_article
from transforms.core.charset import decode
from transforms.core.discovery import Capture as CaptureFound
from transforms.core.documents import article_of_row, document_of_line
from transforms.core.extraction import extract_story
from transforms.core.polling.window import window_of
from transforms.core.secrets import masked_row
from transforms.core.sitemaps import SitemapIndex
from transforms.core.sources import SourceError, SourceList, read_source_list
from transforms.core.urls import check_url, normalise_url, registrable_domain, resolve_url, url_key
from warc import write_captures

NOW = datetime(2031, 6, 1, tzinfo=UTC)
URL = "https://a.example/b"

CASES = int(os.environ.get("NEWSBEAM_FUZZ_CASES", "2000"))
"""Of all targets together."""


def fuzzed(share: float, **strategies: st.SearchStrategy[Any]) -> Callable[..., Any]:
    """Tries a target with its share of the cases: the slow ones have small shares."""
    nightly = CASES > 2000
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    chosen = settings(
        max_examples=max(1, int(CASES * share)),
        deadline=None,
        derandomize=not nightly,
        database=None,
        phases=phases,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: pytest.mark.timeout(0 if nightly else 300)(chosen(given(**strategies)(test)))


CONTENT_TYPES = st.sampled_from(
    [None, "", "text/html", "text/html; charset=utf-8", "text/html; charset=utf-16", "text/html;charset=\xff", "a/b; c"]
)


LINES = b"""\
{"url": "https://texts.example/1", "text": "A text.", "headline": "One", "language": "fr"}
{"text": "\\u201cNon\\u201d, dit-elle.", "url": "http://[2001:db8::1]:8080/a?b=c#d", "headline": null}
"""


@fuzzed(0.2, body=mutants(seeds("feeds", "*.rss", "*.atom", "*.rdf", "*.json")), kind=CONTENT_TYPES)
def test_feeds(body: bytes, kind: str | None) -> None:
    headers = {"content-type": kind} if kind is not None else {}
    found = worker.feed_to_entries(body, URL, headers, NOW)
    assert isinstance(found, Feed | SitemapIndex | Problem)
    _is_text(found)
    if not isinstance(found, Problem):
        assert all(url_key(entry.url) for entry in found.entries)
    if isinstance(found, Feed):
        assert window_of(found, None, NOW).size <= len(found.entries)


@fuzzed(0.12, payload=mutants(seeds("pages", "*.html")), kind=CONTENT_TYPES)
def test_pages(payload: bytes, kind: str | None) -> None:
    request = PageRequest(URL, Source("s", "s"), Discovery("url_list", NOW))
    found = extract_story(Page(request, Fetch(URL, URL, content_type=kind), payload), now=NOW)
    assert isinstance(found, Story | Problem)
    _is_text(found)


@fuzzed(0.03, payload=mutants(seeds("pages", "*.html")))
def test_whole_articles(payload: bytes) -> None:
    request = PageRequest(URL, Source("s", "s"), Discovery("url_list", NOW))
    page = Page(request, Fetch(URL, URL, content_type="text/html"), payload)
    article = make_article(page, run=Run("r", NOW, "1"), annotator=_annotator())
    if not isinstance(article, Problem):
        assert not isinstance(worker.article_record(article), Problem)
        assert masked_row(to_row(article))["text"] == article.text


@fuzzed(0.05, data=mutants(seeds("quotations", "*.txt")))
def test_texts(data: bytes) -> None:
    text = data[:4000].decode("utf-8", "replace")
    found = _annotator().annotate(text)
    for quotation in found.quotations:
        assert text[quotation.start_char : quotation.end_char] == quotation.text
    for entity in found.entities:
        for mention in entity.mentions:
            assert 0 <= mention.start_char < mention.end_char


@fuzzed(0.1, payload=mutants(seeds("feeds", "charset*.rss")), kind=CONTENT_TYPES)
def test_charsets(payload: bytes, kind: str | None) -> None:
    text = decode(payload, kind).text
    assert text.encode("utf-8").decode("utf-8") == text


@fuzzed(0.2, content=mutants(seeds("sources", "*")), suffix=st.sampled_from(["txt", "opml", "csv", "toml", "yaml"]))
def test_source_lists(content: bytes, suffix: str) -> None:
    found = read_source_list(content, name=f"feeds.{suffix}")
    if isinstance(found, SourceList):
        assert all(url_key(spec.url) for spec in found.sources if spec.url)
    else:
        assert found
        assert all(isinstance(error, SourceError) and str(error) for error in found)


@fuzzed(0.15, data=mutants(seeds("urls", "*")))
def test_urls(data: bytes) -> None:
    for url in data[:2000].decode("utf-8", "replace").split("\n")[:20]:
        registrable_domain(url)
        resolve_url(URL, url)
        if check_url(url) is None:
            assert normalise_url(normalise_url(url)) == normalise_url(url)
            assert url_key(normalise_url(url)) == url_key(url)


@fuzzed(0.05, data=mutants(seeds("../../schemas/history", "*.avro")))
def test_avro_files(data: bytes) -> None:
    with suppress(ValueError, KeyError, TypeError):  # says that the file is damaged, or holds other rows
        for row in read_container(BytesIO(data)):
            article = article_of_row(row)
            if isinstance(article, Article):
                assert url_key(article.canonical_url)


@fuzzed(0.05, data=mutants([LINES]))
def test_lines_of_documents(data: bytes) -> None:
    for line in data.split(b"\n"):
        found = document_of_line(line)
        if isinstance(found, Document):
            assert url_key(found.url)


@fuzzed(0.05, data=st.deferred(lambda: mutants([_archive()])))
def test_archives(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "crawl.warc")
        Path(path).write_bytes(data)
        found = list(list_captures(path, 0, NOW))
        assert all(isinstance(each, CaptureFound | Damage) for each in found)
        captures = [each for each in found if isinstance(each, CaptureFound)]
        assert all(url_key(each.request.url) for each in captures)
        if captures:
            read = list(read_captures(path, captures, 1_000_000))
            assert all(isinstance(page, Page | Problem) for _, page in read)
            assert len({capture.offset for capture, _ in read}) == len(read)


@cache
def _annotator() -> Annotator:
    return Annotator({"en": installed_models()["en"]})


@cache
def _archive() -> bytes:
    file = BytesIO()
    body = seeds("pages", "ap_style_credit.html")[0]
    pages: list[Capture] = [(f"https://a.example/{number}", body, "text/html; charset=utf-8") for number in range(3)]
    write_captures(file, pages, gzip=False)
    return file.getvalue()


def _is_text(found: object) -> None:
    """Nothing in it that cannot be written: a lone surrogate would end a run."""
    for text in texts_in(found):
        text.encode("utf-8")
