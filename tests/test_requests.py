"""Messages that ask for work: every form, every way to get it wrong, and what comes of two for one page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from schemas.outcome import OutcomeKind, Problem
from transforms.core.requested import carried_page, document_of, feed_request, page_request
from transforms.core.requests import (
    MAX_ID_CHARS,
    MAX_MESSAGE_BYTES,
    MAX_TEXT_CHARS,
    Asked,
    Message,
    Request,
    newest_first_of_each,
    request_of,
)

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
PAGE = "https://harbour.example/story"


def message(body, **fields) -> Message:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(data, "pubsub:projects/p/subscriptions/s/7", **{"message_id": "7", "published_at": AT, **fields})


def asked(body, **options) -> Request:
    found = request_of(message(body), **options)
    assert isinstance(found, Request), found
    return found


@pytest.mark.parametrize(
    ("body", "kind", "target"),
    [
        ({"feed": "https://harbour.example/rss"}, Asked.FEED, "https://harbour.example/rss"),
        ({"page": PAGE}, Asked.PAGE, PAGE),
        ({"url": PAGE, "html": "<p>Rain."}, Asked.HTML, PAGE),
        ({"url": PAGE, "text": "Rain.", "headline": "Weather"}, Asked.TEXT, PAGE),
        ({"warc": "gs://crawl/a.warc.gz"}, Asked.WARC, "gs://crawl/a.warc.gz"),
        ({"page": PAGE, "source": None, "language": "", "id": None, "version": 1}, Asked.PAGE, PAGE),
    ],
)
def test_every_form_is_read(body, kind, target):
    found = asked(body, archives_below=["gs://crawl"])
    assert (found.asked, found.target) == (kind, target)


BAD = {
    b"": "not JSON",
    b"{": "not JSON",
    b"\xff": "not UTF-8 at byte 0",
    b"[" * 100_000: "not JSON",
    b'"page"': "not an object",
    b"[]": "not an object",
    b"{}": "none of one of feed",
    b'{"page": NaN}': "not JSON: NaN",
    b'{"page": "https://a.example/1", "page": "https://a.example/2"}': 'the key "page" stands there twice',
    b'{"feed": "https://a.example/1", "page": "https://a.example/2"}': "feed and page",
    b'{"page": "https://a.example/1", "sorce": "a"}': 'unknown key "sorce" (did you mean "source"?)',
    b'{"page": "https://a.example/1", "html": "a"}': "page and html",
    b'{"page": "https://a.example/1", "url": "a"}': 'unknown key "url" beside "page"',
    b'{"text": "Rain."}': "no url beside text",
    b'{"url": "https://a.example/1"}': "none of one of feed",
    b'{"url": "https://a.example/1", "text": "  "}': "text must be text, and not empty",
    b'{"url": "https://a.example/1", "text": ["Rain."]}': "text must be text",
    b'{"url": "https://a.example/1", "text": "half \\ud800"}': "half a character (a lone surrogate) at 5",
    b'{"page": 7}': "page must be text",
    b'{"page": "file:///etc/passwd"}': "scheme 'file' is not http or https",
    b'{"page": "https://user:word@a.example/"}': "a user name in the URL",
    b'{"feed": "https://a.example/\\n"}': "character",
    b'{"page": "https://a.example/1", "version": 2}': "version 2; this newsbeam reads version 1",
    b'{"page": "https://a.example/1", "version": true}': "version true",
    b'{"page": "https://a.example/1", "language": "english please"}': "no code such as en",
    b'{"page": "https://a.example/1", "id": 7}': "id must be text",
    b'{"page": "https://a.example/1", "source": "a\\u0007b"}': "source has control characters",
    b'{"warc": "gs://crawl/*.warc.gz"}': "warc must name one file",
}


@pytest.mark.parametrize("body", BAD, ids=lambda body: body[:50].decode("latin-1"))
def test_a_bad_message_says_what_is_wrong(body):
    found = request_of(message(body), archives_below=["gs://crawl"])
    assert isinstance(found, Problem)
    assert found.kind is OutcomeKind.MALFORMED
    assert BAD[body] in found.detail


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b" " * (MAX_MESSAGE_BYTES + 1), "bytes are more than"),
        ({"url": PAGE, "text": "a" * (MAX_TEXT_CHARS + 1)}, "characters, and may have 1000000"),
        ({"page": PAGE, "id": "a" * (MAX_ID_CHARS + 1)}, "id has 201 characters"),
        ({"page": "https://a.example/" + "a" * 5000}, "characters are more than 4096"),
    ],
)
def test_limits(body, said):
    found = request_of(message(body))
    assert isinstance(found, Problem)
    assert said in found.detail


def test_a_text_and_a_message_may_be_as_long_as_the_limits():
    asked({"url": PAGE, "text": "a" * MAX_TEXT_CHARS})
    body = json.dumps({"url": PAGE, "html": ""}).encode()
    asked(body.replace(b'""', b'"' + b"a" * (MAX_MESSAGE_BYTES - len(body)) + b'"'))


@pytest.mark.parametrize(
    "uri", ["gs://other/a.warc", "gs://crawling/a.warc", "/etc/passwd", "gs://crawl/../other/a.warc", "gs://crawl"]
)
def test_archives_are_read_only_where_that_is_allowed(uri):
    found = request_of(message({"warc": uri}), archives_below=["gs://crawl/"])
    assert isinstance(found, Problem)
    assert found.kind is OutcomeKind.BLOCKED_ADDRESS


def test_no_archive_is_read_unless_a_place_is_named():
    assert isinstance(request_of(message({"warc": "gs://crawl/a.warc"})), Problem)


def test_what_the_sender_says_goes_into_what_is_asked_for():
    more = {"source": "harbour-post", "language": "fr", "id": "desk-1"}
    feed = feed_request(asked({"feed": PAGE, **more}))
    assert (feed.url, feed.source_id, feed.language, feed.is_urgent) == (PAGE, "harbour-post", "fr", True)
    page = page_request(asked({"page": PAGE, **more}), now=AT, place=3)
    assert (page.source.id, page.source.domain, page.discovery.entry_id) == (
        "harbour-post",
        "harbour.example",
        "desk-1",
    )
    assert (page.discovery.kind, page.rank) == ("message", (-2, 3))
    text = document_of(asked({"url": PAGE, "text": "Il pleut.", "headline": "Météo", **more}))
    assert (text.text, text.headline, text.language) == ("Il pleut.", "Météo", "fr")
    assert (text.source_id, text.entry_id) == ("harbour-post", "desk-1")


def test_without_an_id_of_the_sender_that_of_the_message_counts():
    assert document_of(asked({"url": PAGE, "text": "Rain."})).entry_id == "7"


def test_a_page_that_came_along_is_the_string_whatever_it_says_of_its_charset():
    page = carried_page(asked({"url": PAGE, "html": '<meta charset="latin1"><p>Météo'}), now=AT + timedelta(hours=1))
    assert page.payload.decode() == '<meta charset="latin1"><p>Météo'
    assert (page.fetch.content_type, page.fetch.fetched_at) == ("text/html; charset=utf-8", AT)


def test_attributes_are_kept():
    found = request_of(message({"page": PAGE}, attributes=(("desk", "night"),)))
    assert isinstance(found, Request)
    assert found.message.attributes == (("desk", "night"),)


def test_of_several_messages_for_one_page_the_newest_counts():
    def said(number, **body):
        found = request_of(message(body, message_id=str(number), published_at=AT + timedelta(seconds=number)))
        assert isinstance(found, Request)
        return found

    old = said(1, url=PAGE, text="One.")
    same_page = said(2, page=PAGE.replace("https://", "http://www.") + "/")
    new = said(3, url=PAGE, text="Two.")
    feed = said(4, feed=PAGE)
    for order in ([old, same_page, new, feed], [feed, new, same_page, old]):
        kept, passed = newest_first_of_each(order)
        assert sorted(request.message.message_id for request in kept) == ["3", "4"]
        assert sorted((request.message.message_id, problem.kind) for request, problem in passed) == [
            ("1", OutcomeKind.DUPLICATE),
            ("2", OutcomeKind.DUPLICATE),
        ]
