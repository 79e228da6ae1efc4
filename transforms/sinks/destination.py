"""What every additional sink is asked: is it usable, take these files, put in place what you prepared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.codec import read_container
from transforms.core.layout import RunLayout
from transforms.filesystem import open_bytes


class SinkFailed(Exception):
    """A sink that did not take what it was given.  The message names the sink, and says why in a line."""


@dataclass(frozen=True, slots=True)
class SinkFile:
    """A whole file of rows of ``schema``: at ``path`` now, at ``published`` below OUTPUT when the run is out."""

    schema: str
    path: str
    records: int
    sha256: str
    published: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a sink took.  ``bodiless`` counts rows that were too large for it and went as a notice of where they are.

    ``drafts`` are (path, path where readers look) pairs of files that wait for the run to be published.
    """

    sink: str
    schema: str
    records: int
    bodiless: int = 0
    drafts: tuple[tuple[str, str], ...] = ()


class Destination(Protocol):
    """An additional sink of rows of ``schema``; ``str()`` of it is what the user wrote.  It travels to workers.

    A run calls `problem` before any work, `deliver` for each of the `portions` of its files, in any order and, where a
    worker fails, more than once; then `settle`, right before the manifest is written; or `discard` where it fails.
    What is delivered twice has the same ids.
    """

    @property
    def schema(self) -> str:
        """``article`` or ``outcome``."""

    def problem(self) -> str | None:
        """What the user has to put right first, None where nothing.  Raises `SinkFailed` where nobody answers."""

    def portions(self, files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
        """The files as they are delivered: each tuple at once, several at a time."""

    def deliver(self, portion: Sequence[SinkFile], layout: RunLayout) -> Delivered:
        """Hands the rows over.  Raises `SinkFailed`."""

    def settle(self, delivered: Sequence[Delivered], layout: RunLayout) -> None:
        """Puts in place what waits; does the same when it is called again.  Raises OSError."""

    def discard(self, layout: RunLayout) -> None:
        """Takes away what waits, after a run that failed."""


def rows_of(file: SinkFile) -> Iterator[dict[str, Any]]:
    """The rows of a file."""
    with open_bytes(file.path) as handle:
        yield from read_container(handle)


def one_by_one(files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
    """Portions of a sink that takes each file for itself."""
    return [(file,) for file in files]
