"""Scheduled runs as commands of their own, and what is asked of those that fail and of those that follow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chaos.invariants import check_at_rest, check_output, check_state
from support import Output

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
LATER = START + timedelta(hours=12)
"""When feeds and pages that could not be had at START are due again."""

PATIENCE_SECONDS = 900.0
"""For what hangs: a run takes ten seconds, and some minutes on a machine with much else to do."""


def command(feeds: Iterable[str], folder: Path, now: datetime | None) -> list[str]:
    """A run over ``feeds``, whose output and state lie in ``folder``; without ``now`` by the system's clock."""
    return [
        *(sys.executable, "-m", "pipelines", "ingest", "--feeds", *feeds),
        *("--output", str(folder / "out"), "--state", str(folder / "state")),
        *("--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--processes", "2"),
        *(("--now", now.isoformat()) if now else ()),
    ]


def run(argv: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, **how)


def check_failed_in_a_line(failed: subprocess.CompletedProcess[str]) -> None:
    """The last line says why, and there is no traceback."""
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr, failed.stderr
    assert failed.stderr.splitlines()[-1].startswith("newsbeam: "), failed.stderr


def check_ended(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    """The run ended well, whatever failed in it, and nothing lies about."""
    assert done.returncode == 0, done.stderr
    check_at_rest(folder / "out")
    check_state(folder / "state", folder / "out")


def check_whole(folder: Path) -> None:
    """The same for what a run left that may not have ended."""
    check_output(folder / "out")
    check_state(folder / "state", folder / "out")


def outcomes(folder: Path) -> dict[str, str]:
    """URL to outcome of the run whose id is the last, that is, of the latest by its own clock."""
    rows = Output(folder / "out").rows("outcomes")
    latest = max(row["run_id"] for row in rows)
    return {row["url"]: row["outcome"] for row in rows if row["run_id"] == latest}


def headlines(folder: Path) -> set[str]:
    """The headline of each article in its newest version."""
    latest: dict[str, tuple[int, str]] = {}
    for row in Output(folder / "out").rows("articles"):
        latest[row["article_id"]] = max(latest.get(row["article_id"], (0, "")), (row["version"], row["headline"]))
    return {headline for _, headline in latest.values()}
