"""What a command says while it works: lines on standard error, for people or as JSON, without the secrets of URLs."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from pipelines.progress import ProgressBars
from pipelines.shown import shown
from transforms.core.secrets import masked
from transforms.heartbeat import FACTS

FORMATS = ("text", "json")

LINES_EVERY_SECONDS = 5.0
"""Between two lines on the same step."""


class TextLines(logging.Formatter):
    """``06:00:12 what happened``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked as a whole: a traceback may show a URL too."""
        return shown(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, and the numbers of the step."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info:
            said["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


class Sparing(logging.Filter):
    """Lets through what is news, and of the numbers of each step one record now and then."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether ``record`` is shown."""
        facts = getattr(record, FACTS, None)
        if facts is None or "done" not in facts:
            return True
        before = self._told.setdefault(facts["step"], record.created)
        if 0 < record.created - before < LINES_EVERY_SECONDS:
            return False
        self._told[facts["step"]] = record.created
        return True


def is_news(record: logging.LogRecord) -> bool:
    """False for Beam's traceback of a full disk, a Ctrl-C or the like: the command ends with a line that says it."""
    is_beams = record.name.split(".")[0] == "apache_beam"
    return not (is_beams and record.exc_info and isinstance(record.exc_info[1], OSError | KeyboardInterrupt))


def log_to_stderr(argv: Sequence[str]) -> None:
    """Sets logging up, in the format that ``--log_format`` among ``argv`` asks for.

    Before the options are read as a whole: what reading them says is logged too.  A wrong value is refused later.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[_handler(_asked_format(argv))])
    logging.getLogger("newsbeam").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # warns with a traceback of headers that are an outcome here


def _asked_format(argv: Sequence[str]) -> str:
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    options.add_argument("--log_format", default="text")
    try:
        return str(options.parse_known_args(list(argv))[0].log_format)
    except argparse.ArgumentError:  # the option without its value
        return "text"


def _handler(log_format: str) -> logging.Handler:
    if log_format == "text" and sys.stderr.isatty():
        handler: logging.Handler = ProgressBars(Console(stderr=True))
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.addFilter(Sparing())
    handler.addFilter(is_news)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    return handler
