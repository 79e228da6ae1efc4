"""A stream in this process, for tests: its clock and the moment when it is to stop are theirs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines import stream, stream_options
from pipelines.beam_options import beam_options
from pipelines.local_stream.loop import Stream, StreamPlan
from support import Output

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
PATIENCE_SECONDS = 240.0


@dataclass
class Watched:
    """Told by the stream what it does; keeps it."""

    manifests: list[Mapping[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    rounds: int = 0

    def beat(self, carried: Any) -> None:
        self.rounds += 1

    def begin(self, messages: Any) -> None:
        """Not kept."""

    def planned(self, agenda: Any) -> None:
        """Not kept."""

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Any) -> None:
        self.manifests.append(manifest)

    def failed(self, reason: str) -> None:
        self.failures.append(reason)


class Until:
    """A clock, and an order to stop once ``is_over``.  Where ``leaps``, waiting takes no time: the clock goes on."""

    def __init__(self, is_over: Callable[[], bool], *, leaps: bool = False) -> None:
        self.now = START
        self._is_over = is_over
        self._leaps = leaps
        self._deadline = time.monotonic() + PATIENCE_SECONDS

    @property
    def is_asked(self) -> bool:
        assert time.monotonic() < self._deadline, "the stream did not get there"
        return self._is_over()

    def wait(self, seconds: float) -> bool:
        if self._leaps:
            self.now += timedelta(seconds=max(seconds, 1.0))
        return self.is_asked

    def clock(self) -> datetime:
        return self.now


class Rig:
    """A stream that writes below ``folder``."""

    def __init__(self, folder: Path, *argv: str, output: str = "out") -> None:
        self.folder = folder
        self.watched = Watched()
        self._argv = [*argv, "--output", str(folder / output), "--max_wait", "1s"]
        self._argv += ["--allow_networks", "127.0.0.0/8", "--host_gap", "0"]
        self.output = Output(folder / output)

    def run(self, until: Until, **changes: Any) -> None:
        """The stream, until it is over."""
        parsed = stream_options.parser().parse_args(self._argv)
        plan = pinned(stream.plan_of(parsed, beam_options([], [])))
        with stream._intake(parsed) as intake, stream._dead_letters(parsed.dead_letter_topic) as dead_letters:
            Stream(
                replace(plan, **changes), intake, until, self.watched, clock=until.clock, dead_letters=dead_letters
            ).run()

    def counts(self) -> list[Mapping[str, int]]:
        """What the runs said, one after the other."""
        return [dict(manifest["counts"]["by_outcome"]) for manifest in self.watched.manifests]


def pinned(plan: StreamPlan) -> StreamPlan:
    """The plan with runs whose clock stands still, as ``--now`` makes it."""
    return replace(plan, base=replace(plan.base, facts=replace(plan.base.facts, clock="pinned")))


def body(**fields: Any) -> bytes:
    """A message."""
    return json.dumps(fields).encode()
