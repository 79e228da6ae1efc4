"""Bars on a terminal for what the steps tell of themselves: how much is done, how fast, how long it may take yet."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from transforms.heartbeat import FACTS


@dataclass
class _Bar:
    """A step's bar.  A step that begins anew counts from nought: ``before`` is what was done until then."""

    task: TaskID
    before: float = 0
    done: float = 0
    expected: float = 0

    def tell(self, done: float) -> None:
        """Takes the count of a step."""
        if done < self.done:
            self.before += self.done
        self.done = done


class ProgressBars(logging.Handler):
    """Shows records with numbers as bars, and all others as lines above them."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._bars: dict[str, _Bar] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Shows one record."""
        facts = getattr(record, FACTS, None)
        if facts is None:
            self._progress.console.print(Text(self.format(record)), soft_wrap=True)
        else:
            self._show(facts)

    def close(self) -> None:
        """Takes the bars away, so that what comes next is printed on a clean screen."""
        self._progress.stop()
        super().close()

    def _show(self, facts: dict[str, Any]) -> None:
        bar = self._bar(facts["step"])
        if "done" in facts:
            bar.tell(facts["done"])
        bar.expected += facts.get("expected", 0)
        rate = f"{facts['per_second']:g}/s" if "per_second" in facts else ""
        self._progress.update(bar.task, completed=bar.before + bar.done, total=bar.expected or None, rate=rate)

    def _bar(self, step: str) -> _Bar:
        if step not in self._bars:
            self._progress.start()
            self._bars[step] = _Bar(self._progress.add_task(step, total=None, rate=""))
        return self._bars[step]
