import json

import pytest

from schemas.hops import Document
from schemas.outcome import OutcomeKind, Problem
from transforms.core.documents import document_of_line

GOOD = {"url": "https://texts.example/1", "text": "A text."}


def read(value):
    return document_of_line(value if isinstance(value, bytes) else json.dumps(value).encode())


def test_a_line_is_a_document():
    assert read({**GOOD, "headline": "One", "language": "fr"}) == Document(
        "https://texts.example/1", "A text.", "One", "fr"
    )


@pytest.mark.parametrize("more", [{}, {"headline": None, "language": None}, {"headline": "", "language": ""}])
def test_headline_and_language_may_be_missing(more):
    assert read({**GOOD, **more}) == Document("https://texts.example/1", "A text.")


def test_other_keys_are_passed_over():
    assert read({**GOOD, "id": 7, "tags": []}) == read(GOOD)


@pytest.mark.parametrize("text", ["  A\ttext. \n", "cafe\u0301", "\ufeffA", "𝄞\u2028x\r\n\r\n", "\u0000a"])
def test_the_text_is_taken_to_the_last_code_point(text):
    assert read({**GOOD, "text": text}).text == text


def test_a_byte_order_mark_and_line_ends_are_no_part_of_the_line():
    line = json.dumps(GOOD).encode()
    assert read(b"\xef\xbb\xbf" + line + b"\r\n") == read(line)


BAD = {
    "empty": (b"", "not a line of JSON"),
    "text": (b"hello", "not a line of JSON"),
    "cut": (b'{"url": "x", "text": "', "not a line of JSON"),
    "two on a line": (b'{"url": "x", "text": "y"} {}', "not a line of JSON"),
    "latin-1": (b'{"url": "x", "text": "caf\xe9"}', "not a line of JSON"),
    "utf-16": (json.dumps(GOOD).encode("utf-16"), "not a line of JSON"),
    "deep": (b"[" * 100_000, "not a line of JSON"),
    "a number of many digits": (b'{"url": "x", "text": ' + b"9" * 5000 + b"}", "not a line of JSON"),
    "array": (b'["url", "text"]', "not a JSON object"),
    "null": (b"null", "not a JSON object"),
    "number": (b"7", "not a JSON object"),
    "nothing": ({}, "url and text must be there"),
    "no url": ({"text": "A text."}, "url must be there"),
    "no text": ({"url": "x"}, "text must be there"),
    "empty url": ({**GOOD, "url": ""}, "url must be there"),
    "blank text": ({**GOOD, "text": " \n\t"}, "text must be there"),
    "null text": ({**GOOD, "text": None}, "text must be there"),
    "list for text": ({**GOOD, "text": ["A"]}, "text must be there"),
    "number for url": ({**GOOD, "url": 7}, "url must be there"),
    "number for headline": ({**GOOD, "headline": 7}, "headline must be text or null"),
    "list for language": ({**GOOD, "language": ["fr"]}, "language must be text or null"),
    "false for both": ({**GOOD, "headline": False, "language": 0}, "headline and language must be text or null"),
}


@pytest.mark.parametrize(("line", "detail"), BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_malformed_and_says_why(line, detail):
    problem = read(line)
    assert isinstance(problem, Problem)
    assert problem.kind is OutcomeKind.MALFORMED
    assert problem.detail.startswith(detail)
