"""A mailbox and a sink that note what they are told, and what readers could see at that moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.core.layout import RunLayout
from transforms.sinks.destination import Delivered, SinkFailed, SinkFile, one_by_one, rows_of
from transforms.streaming.work import DeadLetter


def note(path: str, output: str, what: str, said: list[Any]) -> None:
    """Adds a line to the notes at ``path``: what was done, about what, and which files readers saw at that moment."""
    visible = sorted(found.name for found in Path(output).glob("*/date=*/*.avro"))
    with Path(path).open("a") as file:
        file.write(json.dumps([what, said, visible]) + "\n")


@dataclass(frozen=True)
class PaperSink:
    """A `Destination` that takes notes beside those of a `PaperMailbox`, and fails where ``fails``."""

    schema: str
    path: str
    output: str
    fails: bool = False

    def __str__(self) -> str:
        return "paper:"

    def problem(self) -> str | None:
        return None

    def portions(self, files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
        return one_by_one(files)

    def deliver(self, portion: Sequence[SinkFile], layout: RunLayout) -> Delivered:
        (file,) = portion
        note(self.path, self.output, "deliver", [layout.run_id, sorted(row["url"] for row in rows_of(file))])
        if self.fails:
            raise SinkFailed(f"{self}: it is full")
        return Delivered(str(self), self.schema, file.records)

    def settle(self, delivered: Sequence[Delivered], layout: RunLayout) -> None:
        note(self.path, self.output, "settle", [layout.run_id, len(delivered)])

    def discard(self, layout: RunLayout) -> None:
        note(self.path, self.output, "discard", [layout.run_id])


@dataclass(frozen=True)
class PaperMailbox:
    """Goes to workers by pickle; its notes are lines of the file at ``path``, what readers see lies in ``output``."""

    path: str
    output: str

    def desk(self) -> PaperMailbox:
        return self

    def hold(self, receipts: Sequence[str]) -> None:
        self._note("hold", list(receipts))

    def acknowledge(self, receipts: Sequence[str]) -> None:
        self._note("acknowledge", sorted(receipts))

    def give_back(self, receipts: Sequence[str]) -> None:
        self._note("give back", sorted(receipts))

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        self._note("bury", [[each.message.message_id, each.problem.detail] for each in letters])

    def _note(self, what: str, said: list[Any]) -> None:
        note(self.path, self.output, what, said)

    def notes(self, *kinds: str) -> Iterator[tuple[str, list[Any], list[str]]]:
        """(what, about what, files that readers could see), in order."""
        for line in Path(self.path).read_text().splitlines() if Path(self.path).exists() else ():
            what, said, visible = json.loads(line)
            if not kinds or what in kinds:
                yield what, said, visible

    def acknowledged(self) -> list[str]:
        """Receipts, in the order in which they were acknowledged."""
        return [receipt for _, said, _ in self.notes("acknowledge") for receipt in said]
