from datetime import UTC, datetime

import pytest

from schemas.codec import encode
from schemas.hops import Run
from schemas.outcome import OK_KINDS, RETRYABLE_STATUS, OutcomeKind, Problem, Stage
from transforms.core.outcomes import (
    MAX_DETAIL,
    MAX_PAYLOAD,
    MAX_TRACEBACK,
    is_retryable,
    outcome_of,
    scrub,
)

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
RUN = Run("run-1", AT, "0.1.0")
URL = "https://harbour.example/bridge"


def row_of(problem, **details):
    return outcome_of(problem, **{"run": RUN, "stage": Stage.FETCH_PAGE, "url": URL, "at": AT, **details})


def failed(detail="it failed", **more):
    return Problem(OutcomeKind.CRASHED, detail, **more)


def test_a_row_has_all_that_is_known():
    problem = Problem(OutcomeKind.HTTP_ERROR, "503 Service Unavailable", 503, "Error", "Traceback")
    row = row_of(
        problem,
        source_id="harbour",
        article_id="a1",
        duration_ms=12,
        payload=b"<html>",
        archive_uri="a.warc",
        archive_offset=7,
    )
    assert (row.at, row.run_id, row.stage, row.url) == (AT, "run-1", "fetch_page", URL)
    assert (row.outcome, row.ok, row.retryable, row.status) == ("http_error", False, True, 503)
    assert (row.detail, row.error_type, row.traceback) == ("503 Service Unavailable", "Error", "Traceback")
    assert (row.source_id, row.article_id, row.duration_ms, row.payload) == ("harbour", "a1", 12, b"<html>")
    assert (row.archive_uri, row.archive_offset, row.attempts) == ("a.warc", 7, 1)


def test_stage_and_outcome_are_plain_text():
    row = row_of(failed())
    assert type(row.stage) is str
    assert type(row.outcome) is str


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_ok_is_what_the_table_says(kind):
    assert row_of(Problem(kind, "")).ok == (kind in OK_KINDS)


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_only_passing_trouble_is_tried_again(kind):
    assert is_retryable(kind, None) == (kind.value in {"timeout", "unreachable", "bot_wall"})


@pytest.mark.parametrize(
    "status", [None, 200, 304, 400, 401, 403, 404, 408, 410, 425, 429, 451, 500, 501, 502, 503, 504, 505]
)
def test_http_errors_are_tried_again_by_their_status(status):
    assert is_retryable(OutcomeKind.HTTP_ERROR, status) == (status in {408, 425, 429, 500, 502, 503, 504})


@pytest.mark.parametrize("kind", [OutcomeKind.NOT_HTML, OutcomeKind.MALFORMED, OutcomeKind.WRITTEN])
def test_the_status_of_another_kind_makes_nothing_retryable(kind):
    assert not any(is_retryable(kind, status) for status in RETRYABLE_STATUS)


# --- lengths


def test_the_detail_is_one_line():
    assert row_of(failed("  one\n\ttwo  three\r\n")).detail == "one two three"


@pytest.mark.parametrize("detail", ["", "  ", "\n"])
def test_no_detail_is_null(detail):
    assert row_of(failed(detail)).detail is None


def test_a_long_detail_is_cut_and_shows_it():
    assert row_of(failed("x" * MAX_DETAIL)).detail == "x" * MAX_DETAIL
    cut = row_of(failed("x" * (MAX_DETAIL + 1))).detail
    assert cut == "x" * (MAX_DETAIL - 1) + "…"


def test_a_long_traceback_is_cut_and_keeps_its_lines():
    assert row_of(failed(traceback="a\nb")).traceback == "a\nb"
    assert len(row_of(failed(traceback="x" * (MAX_TRACEBACK * 2))).traceback) == MAX_TRACEBACK
    assert row_of(failed()).traceback is None


def test_a_long_payload_is_cut():
    whole = b"x" * MAX_PAYLOAD
    assert row_of(failed(), payload=whole).payload == whole
    assert row_of(failed(), payload=whole + b"y").payload == whole


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_a_payload_is_kept_for_failures_alone(kind):
    assert row_of(Problem(kind, ""), payload=b"x").payload == (None if kind in OK_KINDS else b"x")


def test_an_empty_payload_is_a_payload():
    assert row_of(failed(), payload=b"").payload == b""


# --- rows that can always be encoded


def test_scrub_replaces_lone_surrogates_and_nothing_else():
    assert scrub("caf\ud83d \udc80") == "caf? ?"
    assert scrub("café 𝄞 \u0000") == "café 𝄞 \u0000"


def test_a_row_of_hostile_text_can_be_encoded():
    lone = "\ud83d" * 2000
    row = row_of(
        Problem(OutcomeKind.CRASHED, lone, error_type="Error", traceback=lone * 10),
        url=f"https://harbour.example/{lone}",
        payload=b"\xff\xfe",
    )
    assert encode(row)
    assert row.url.startswith("https://harbour.example/?")
