"""Tells how much a step has before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from transforms.heartbeat import tell


class Expected(beam.DoFn):
    """Passes everything on, and tells how much it was: what a later step, behind a GroupByKey, has before it."""

    def __init__(self, what: str) -> None:
        self._what = what

    def start_bundle(self) -> None:
        self._count = 0

    def process(self, element: Any) -> Iterator[Any]:
        """Counts ``element``."""
        self._count += 1
        yield element

    def finish_bundle(self) -> None:
        if self._count:
            tell(self._what, f"{self._count} to do", expected=self._count)
