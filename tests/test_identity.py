import unicodedata

import pytest

from transforms.core.identity import ID_DIGITS, article_id, content_hash, payload_sha256, shard_of, version_id

PINNED = {
    article_id: (("https://harbour.example/bridge",), "26e44f1f09cd8e80fa4878de43134bdc"),
    version_id: (("a" * 32, "b" * 32), "817e118bf875c052c638a9e8ac7f8a3b"),
    content_hash: (("The bridge opens", "It opened on Monday."), "871aef8b1370a1a3937446e629d5b16d"),
}
"""Computed once: another value here would give every stored article a second id."""


@pytest.mark.parametrize("function", PINNED, ids=lambda function: function.__name__)
def test_ids_are_those_of_every_run_before(function):
    arguments, expected = PINNED[function]
    assert function(*arguments) == expected
    assert len(expected) == ID_DIGITS


def test_the_digest_of_a_payload_is_plain_sha256():
    assert payload_sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


SAME_CONTENT = [
    ("The Bridge Opens", "IT OPENED ON MONDAY."),
    ("  The\tbridge\n opens ", "It opened on\u00a0Monday.\n"),
    ("The bridge opens", "It\n\nopened on Monday."),
    ("Ｔｈｅ bridge opens", "It opened on Monday."),  # full-width letters
    ("The bridge opens", "It opened on Monda\u0079."),
]


@pytest.mark.parametrize(("headline", "text"), SAME_CONTENT)
def test_case_space_and_unicode_form_do_not_make_another_version(headline, text):
    assert content_hash(headline, text) == content_hash("The bridge opens", "It opened on Monday.")


def test_composed_and_decomposed_letters_are_the_same():
    text = "Café über Ångström"
    assert content_hash(None, unicodedata.normalize("NFD", text)) == content_hash(None, text)
    assert content_hash(None, "STRASSE") == content_hash(None, "straße")


OTHER_CONTENT = [
    ("The bridge opens", "It opened on Monday"),
    ("The bridge opens", "It opened on Tuesday."),
    ("The bridge closes", "It opened on Monday."),
    (None, "The bridge opens It opened on Monday."),
    ("The bridge opens It opened on Monday.", None),
    ("The bridge", "opens It opened on Monday."),
]


@pytest.mark.parametrize(("headline", "text"), OTHER_CONTENT)
def test_other_words_make_another_version(headline, text):
    assert content_hash(headline, text) != content_hash("The bridge opens", "It opened on Monday.")


def test_nothing_and_empty_are_the_same_content():
    assert content_hash(None, None) == content_hash("", "  ")


def test_kinds_of_ids_never_meet():
    assert len({article_id("x"), content_hash("x", None), content_hash(None, "x"), version_id("x", "")}) == 4


def test_a_url_is_taken_as_it_is():
    assert article_id("https://harbour.example/A") != article_id("https://harbour.example/a")


@pytest.mark.parametrize(
    "function", [article_id, lambda text: content_hash(text, text), lambda text: shard_of(text, 9)]
)
def test_a_lone_surrogate_has_an_id(function):
    assert function("caf\ud83d") == function("caf\ud83d")


@pytest.mark.parametrize(
    ("group", "shards", "expected"), [("a", 7, 4), ("https://harbour.example/b", 16, 2), ("", 5, 2)]
)
def test_shards_are_those_of_every_run_before(group, shards, expected):
    assert shard_of(group, shards) == expected


def test_one_shard_takes_everything():
    assert {shard_of(str(number), 1) for number in range(50)} == {0}


def test_groups_spread_evenly():
    counts = [0] * 8
    for number in range(8000):
        counts[shard_of(f"group {number}", 8)] += 1
    assert min(counts) > 850, counts
    assert max(counts) < 1150, counts
