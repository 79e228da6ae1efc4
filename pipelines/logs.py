"""What a command says while it works: lines on standard error, for people or as JSON, without the secrets of URLs."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from transforms.core.secrets import masked

FORMATS = ("text", "json")

FACTS = "facts"
"""The attribute of a log record under which a step puts its numbers: ``extra={FACTS: {"done": 120}}``."""


class TextLines(logging.Formatter):
    """``06:00:12 what happened``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked as a whole: a traceback may show a URL too."""
        return masked(super().format(record))


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


def log_to_stderr(argv: Sequence[str]) -> None:
    """Sets logging up, in the format that ``--log_format`` among ``argv`` asks for.

    Before the options are read as a whole: what reading them says is logged too.  A wrong value is refused later.
    """
    asked = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    asked.add_argument("--log_format", default="text")
    try:
        log_format = asked.parse_known_args(list(argv))[0].log_format
    except argparse.ArgumentError:  # the option without its value
        log_format = "text"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("newsbeam").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # warns with a traceback of headers that are an outcome here
