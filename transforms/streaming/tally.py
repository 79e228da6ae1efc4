"""What the processes of a stream have in hand when it ends, told in files beside the mark of its ending.

Flink's impulses have no end, so the command that started the stream has to know when it may cancel the job.  Nothing is
lost where it errs: what was not acknowledged comes again.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from transforms.clock import Clock
from transforms.filesystem import create, list_files, open_bytes
from transforms.streaming.ending import LOOK_EVERY_SECONDS, Ending, Lookout

logger = logging.getLogger("newsbeam")


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages that a process has pulled, and those that it has acknowledged or given back; another may have pulled
    these."""

    pulled: int = 0
    settled: int = 0


def begin_telling(ending: Ending, count: Callable[[], Tally]) -> None:
    """From now on, in the background: once the ending has come, this process tells what it counts, again and again."""
    Thread(target=_tell, args=(ending, count), name="newsbeam-tally", daemon=True).start()


def _tell(ending: Ending, count: Callable[[], Tally]) -> None:
    lookout, path = Lookout(ending, Clock()), f"{ending.mark}-{uuid.uuid4().hex}"
    told = None
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            if lookout.has_come() and (now := count()) != told:
                with create(path) as file:
                    file.write(f"{now.pulled} {now.settled}".encode())
                told = now
        except OSError as error:
            logger.warning("%s: cannot be asked or told of the end of the stream: %s", ending.mark, error)


def in_hand(ending: Ending) -> int | None:
    """Messages that all processes have in hand, as far as they have told; None while one is telling."""
    tallies = [_read(path) for path in list_files(f"{ending.mark}-*")]
    if any(each is None for each in tallies):
        return None
    return sum(each.pulled - each.settled for each in tallies if each)


def _read(path: str) -> Tally | None:
    with open_bytes(path) as file:
        numbers = file.read().split()
    return Tally(int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else None
