"""What a command says while it works."""

from __future__ import annotations

import io
import json
import logging

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from rich.console import Console

from pipelines.logs import LINES_EVERY_SECONDS, JsonLines, Sparing, TextLines, is_news
from pipelines.progress import ProgressBars
from transforms.expected import Expected
from transforms.heartbeat import EVERY_SECONDS, FACTS, Heartbeat, tell


def record(message: str, created: float = 0.0, **facts: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "newsbeam", "levelname": "INFO", "msg": message, "created": created})
    if facts:
        setattr(made, FACTS, facts)
    return made


def test_lines_hold_no_secret() -> None:
    for lines in (TextLines(), JsonLines()):
        assert "s3cret" not in lines.format(record("no answer from https://example.org/feed?token=s3cret"))


def test_json_lines_carry_the_numbers() -> None:
    said = json.loads(JsonLines().format(record("pages read: 3", 1_000_000_000, step="pages read", done=3)))
    assert said == {
        "time": "2001-09-09T01:46:40.000+00:00",
        "level": "INFO",
        "logger": "newsbeam",
        "message": "pages read: 3",
        "step": "pages read",
        "done": 3,
    }


def test_tracebacks_fit_into_a_json_line() -> None:
    try:
        raise ValueError("https://example.org/?token=s3cret")
    except ValueError as error:
        made = logging.LogRecord("newsbeam", logging.ERROR, "", 1, "failed", None, (type(error), error, None))
    (line,) = JsonLines().format(made).splitlines()
    assert "s3cret" not in line
    assert "ValueError" in json.loads(line)["traceback"]


def test_lines_are_sparing_with_numbers_and_with_nothing_else() -> None:
    sparing = Sparing()
    assert sparing.filter(record("begun", 100.0))
    assert sparing.filter(record("read: 1", 100.0, step="read", done=1))
    assert not sparing.filter(record("read: 2", 101.0, step="read", done=2))
    assert sparing.filter(record("written: 1", 101.0, step="written", done=1))
    assert sparing.filter(record("read: 9", 100.0 + LINES_EVERY_SECONDS, step="read", done=9))
    assert sparing.filter(record("a warning", 101.0))


def test_a_heartbeat_tells_now_and_then(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    now = iter([0.0, 0.1, 0.2, EVERY_SECONDS + 0.1])
    monkeypatch.setattr("transforms.heartbeat.time.monotonic", lambda: next(now))
    caplog.set_level(logging.INFO, logger="newsbeam")
    heart = Heartbeat("pages read")
    for _ in range(3):
        heart.beat()
    (told,) = caplog.records
    assert getattr(told, FACTS) == {"step": "pages read", "done": 3, "per_second": 5.0}


def test_what_is_to_do_is_told_before_it_is_done(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="newsbeam")
    with beam.Pipeline("FnApiRunner") as pipeline:
        passed = pipeline | beam.Create(range(7)) | beam.ParDo(Expected("pages read"))
        assert_that(passed, equal_to(list(range(7))))
    assert sum(getattr(each, FACTS)["expected"] for each in caplog.records if hasattr(each, FACTS)) == 7


def test_bars_on_a_terminal() -> None:
    screen = io.StringIO()
    bars = ProgressBars(Console(file=screen, force_terminal=True, width=100, color_system=None))
    bars.setFormatter(TextLines())
    logger = logging.Logger("newsbeam")
    logger.addHandler(bars)
    logger.warning("[bold]nobody[/bold] answers at https://example.org/?token=s3cret")
    bars.emit(record("", step="pages read", expected=40))
    bars.emit(record("", step="pages read", done=30, per_second=12.5))
    bars.emit(record("", step="pages read", done=5, per_second=12.5))
    bars.close()
    shown = screen.getvalue()
    assert "[bold]nobody[/bold] answers" in shown
    assert "s3cret" not in shown
    assert "12.5/s" in shown
    assert "35/40" in shown  # a second round of the step counted from nought


def test_words_and_numbers_go_together(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="newsbeam")
    tell("pages read", "7 to do", expected=7)
    assert caplog.messages == ["pages read: 7 to do"]


def test_beams_tracebacks_of_full_disks_are_no_news() -> None:
    def failed(name: str, error: BaseException) -> logging.LogRecord:
        return logging.LogRecord(name, logging.ERROR, "", 1, "failed", None, (type(error), error, None))

    assert not is_news(failed("apache_beam.runners.common", OSError(28, "No space left on device")))
    assert not is_news(failed("apache_beam.runners.common", KeyboardInterrupt("SIGINT")))
    assert is_news(failed("apache_beam.runners.common", KeyError("a bug")))
    assert is_news(failed("newsbeam", OSError(28, "No space left on device")))
    assert is_news(record("begun"))
