"""Secrets in URLs are fetched with and never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.secrets import masked, masked_row, may_hold_secrets

HIDDEN = "s3cr3tValue0123456789"


@pytest.mark.parametrize(
    "url",
    [
        f"https://example.org/feed?token={HIDDEN}",
        f"https://example.org/feed?page=2&API_KEY={HIDDEN}&lang=en",
        f"https://example.org/feed?api-key={HIDDEN}#top",
        f"https://example.org/a#access_token={HIDDEN}",
        f"https://example.org/a;jwt={HIDDEN}",
        f"https://reader:{HIDDEN}@example.org/feed",
        f"https://{HIDDEN}@example.org/feed",
        f"https://example.org/feed?key={HIDDEN}",
        f"https://bucket.example.org/a?X-Amz-Expires=60&X-Amz-Signature={HIDDEN}",
        f"cannot read 'https://example.org/feed?password={HIDDEN}': refused",
    ],
)
def test_secrets_are_masked(url: str) -> None:
    assert HIDDEN not in masked(url)
    assert "example.org" in masked(url)
    assert masked(masked(url)) == masked(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/news?key=sport",
        "https://example.org/news?id=20261123&code=ab12",
        "https://example.org/2026/tokens-and-keys?q=token",
        "https://example.org/story?sid=12345678901234567890",
        "https://example.org/@reporter/story",
        "mail to desk@example.org about https://example.org/",
    ],
)
def test_what_chooses_a_page_stays(url: str) -> None:
    assert masked(url) == url


def test_two_keys_stay_two_addresses() -> None:
    assert masked("https://example.org/feed?key=abcdefgh12345678") != masked(
        "https://example.org/feed?key=abcdefgh12345679"
    )


def test_rows_are_masked_at_any_depth() -> None:
    row = {
        "url": f"https://example.org/?token={HIDDEN}",
        "text": f"Send https://example.org/?token={HIDDEN} to nobody.",
        "source": {"feed_url": f"https://example.org/feed?token={HIDDEN}"},
        "links": [{"url": f"https://example.org/?token={HIDDEN}", "rel": None}],
        "discovery": {"entry_id": f"https://example.org/?token={HIDDEN}"},
        "fetch": {"redirects": [f"https://example.org/?token={HIDDEN}"], "archive_uri": None},
        "rights": {"license": f"https://example.org/?token={HIDDEN}"},
        "provenance": [{"alternatives": [f"https://example.org/?token={HIDDEN}"]}],
    }
    shown = masked_row(row)
    assert HIDDEN not in str({**shown, "text": ""})
    assert shown["text"] == row["text"]  # offsets index the untouched text


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    assert masked(masked(text)) == masked(text)


ADDRESSES = st.from_regex(
    r"https?://([a-zé:]{1,8}@)?x[/?&#;]{1,2}(Token|to\u212aen|jwt|key|Sig|\u017fig|q)=[a-z0-9é&]{0,30}", fullmatch=True
)


@given(st.text(max_size=20), ADDRESSES)
def test_what_would_be_masked_is_seen_in_the_bytes(before: str, address: str) -> None:
    text = before + address
    assert masked(text) == text or may_hold_secrets(text.encode())


def test_a_plain_story_is_not_looked_through() -> None:
    assert not may_hold_secrets("Ada Penn: “Who knows?” https://example.org/a?page=2 desk@example.org".encode())
