"""The command ``newsbeam``."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from pipelines.errors import RunFailed, UsageError
from pipelines.logs import log_to_stderr
from pipelines.shown import shown
from pipelines.signals import stopped_by_signals
from transforms import fork_server
from transforms.collector import importing

COMMANDS = {
    "ingest": ("pipelines.ingest", "feeds, pages and archives in, annotated articles out"),
    "stream": ("pipelines.stream", "the same without an end: feeds when they are due, and what messages ask for"),
    "enrich": ("pipelines.enrich", "annotates text that is already there"),
    "replay": ("pipelines.replay", "runs failed work again, from what the outcomes carry"),
    "state": ("pipelines.state", "tells what is known of a feed or a page, and why it is or is not due"),
    "discover": ("pipelines.discover", "finds the feeds and news sitemaps of sites"),
    "report": ("pipelines.report", "one page and a summary: what came in, what failed, what next"),
    "export": ("pipelines.export", "writes articles as ninjs or JSON-LD"),
    "compact": ("pipelines.compact", "merges the small files of a day"),
    "schema": ("pipelines.schema", "the contract for warehouses: schemas, checks, tables and views"),
    "doctor": ("pipelines.doctor", "looks whether a run could work here, and says what to do"),
    "demo": ("pipelines.demo.command", "ingests a small edition of invented news, offline"),
}
"""Name to (module with a ``main``, what it does); the module is imported only when it is called."""

POOLED = frozenset({"ingest", "stream", "enrich", "replay", "demo"})
"""Commands that work on pages in a pool of processes on this machine."""

ELSEWHERE = frozenset({"-h", "--help", "--dry_run", "--runner"})
"""Options of calls that need no pool here."""

HELP = """\
newsbeam reads news feeds and pages and writes annotated articles as Avro.

commands:
{commands}

newsbeam COMMAND --help tells more.  newsbeam --version prints the version."""


def main() -> NoReturn:
    """The console script."""
    argv = sys.argv[1:]
    if not argv or argv[0] in ("-h", "--help"):
        print(help_text())
        sys.exit(0 if argv else 2)
    if argv[0] == "--version":
        from pipelines.facts import newsbeam_version

        print(newsbeam_version())
        sys.exit(0)
    run(argv[0], argv[1:])


def help_text() -> str:
    """What ``newsbeam --help`` prints."""
    return HELP.format(commands="\n".join(f"  {name:<8} {what}" for name, (_, what) in COMMANDS.items()))


def run(command: str, argv: Sequence[str]) -> NoReturn:
    """Runs one command and exits: 0 finished, 1 failed or stopped, 2 a wrong call."""
    log_to_stderr(argv)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without the letters of a headline
    try:
        with stopped_by_signals():
            _call(command, argv)
            sys.stdout.flush()
    except UsageError as error:
        _leave(2, str(error))
    except RunFailed as error:
        _leave(1, str(error))
    except KeyboardInterrupt as stopped:
        signal = str(stopped).partition(" ")[0]  # Beam adds the step that was under way
        _leave(1, f"stopped by {signal}; the same command starts it again" if signal else "stopped")
    except BrokenPipeError:  # whoever read has gone
        _flush_or_drop()
        _leave(1, "")
    except OSError as error:  # a full disk, a bucket that went away: not of our making, and said in a line
        _flush_or_drop()
        _leave(1, f"the run failed: {error}")
    _leave(0, "")


def _call(command: str, argv: Sequence[str]) -> None:
    if command not in COMMANDS:
        raise UsageError(f"unknown command '{command}' (commands: {', '.join(COMMANDS)})")
    module, _ = COMMANDS[command]
    if command in POOLED and ELSEWHERE.isdisjoint(word.partition("=")[0] for word in argv):
        fork_server.start()  # loads spaCy while this process loads Beam
    with importing():
        called = importlib.import_module(module)
    called.main(argv)


def _flush_or_drop() -> None:
    """Empties the buffer of stdout, to nowhere if need be: at its end Python would try once more, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(code: int, message: str) -> NoReturn:
    if message:
        print(f"newsbeam: {shown(message)}", file=sys.stderr)
    sys.exit(code)
