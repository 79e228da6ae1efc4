"""A mailbox that notes what it is told, and what readers could see at that moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.streaming.work import DeadLetter


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

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        self._note("bury", [[each.message.message_id, each.problem.detail] for each in letters])

    def _note(self, what: str, said: list[Any]) -> None:
        visible = sorted(path.name for path in Path(self.output).glob("*/date=*/*.avro"))
        with Path(self.path).open("a") as file:
            file.write(json.dumps([what, said, visible]) + "\n")

    def notes(self, *kinds: str) -> Iterator[tuple[str, list[Any], list[str]]]:
        """(what, about what, files that readers could see), in order."""
        for line in Path(self.path).read_text().splitlines() if Path(self.path).exists() else ():
            what, said, visible = json.loads(line)
            if not kinds or what in kinds:
                yield what, said, visible

    def acknowledged(self) -> list[str]:
        """Receipts, in the order in which they were acknowledged."""
        return [receipt for _, said, _ in self.notes("acknowledge") for receipt in said]
