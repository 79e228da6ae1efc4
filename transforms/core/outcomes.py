"""The one place where outcome rows are made: what is ok, what is worth another try, what is cut to which length."""

from __future__ import annotations

from datetime import datetime

from schemas.hops import Run
from schemas.outcome import (
    OK_KINDS,
    RETRYABLE_KINDS,
    RETRYABLE_STATUS,
    Outcome,
    OutcomeKind,
    Problem,
    Stage,
)

MAX_DETAIL = 500
"""Characters: one line that a terminal can show."""

MAX_TRACEBACK = 8 * 1024
"""Characters, as the schema promises."""

MAX_PAYLOAD = 1024 * 1024
"""Bytes, as the schema promises."""


def is_retryable(kind: OutcomeKind, status: int | None) -> bool:
    """Whether the same request may fare better later."""
    return kind in RETRYABLE_KINDS or (kind is OutcomeKind.HTTP_ERROR and status in RETRYABLE_STATUS)


def outcome_of(
    problem: Problem,
    *,
    run: Run,
    stage: Stage,
    url: str,
    at: datetime,
    source_id: str | None = None,
    article_id: str | None = None,
    duration_ms: int | None = None,
    payload: bytes | None = None,
    archive_uri: str | None = None,
    archive_offset: int | None = None,
) -> Outcome:
    """The row for what became of ``url``; ``payload`` is what the step failed on, and is cut to 1 MiB."""
    return Outcome(
        at=at,
        run_id=run.run_id,
        stage=stage.value,
        url=scrub(url),
        outcome=problem.kind.value,
        ok=problem.kind in OK_KINDS,
        retryable=is_retryable(problem.kind, problem.status),
        article_id=article_id,
        source_id=source_id,
        attempts=problem.attempts,
        status=problem.status,
        detail=one_line(problem.detail),
        error_type=problem.error_type,
        traceback=_cut(problem.traceback, MAX_TRACEBACK),
        duration_ms=duration_ms,
        payload=None if payload is None or problem.kind in OK_KINDS else payload[:MAX_PAYLOAD],
        archive_uri=None if archive_uri is None else legible(archive_uri),
        archive_offset=archive_offset,
    )


def scrub(text: str) -> str:
    """``text`` with lone surrogates replaced, so that it can be encoded."""
    return text.encode("utf-8", "replace").decode("utf-8")


def legible(path: str) -> str:
    """``path`` as a row can carry it: bytes of a name that are no UTF-8 as ``\\udcXX``, so that two names stay two."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str) -> str | None:
    """``text`` as the detail of a row: one line of at most `MAX_DETAIL` characters; None where nothing is left."""
    return _cut(" ".join(text.split()), MAX_DETAIL) or None


def _cut(text: str | None, limit: int) -> str | None:
    if text is None:
        return None
    text = scrub(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
