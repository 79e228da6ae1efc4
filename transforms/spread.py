"""Where the work on pages happens, seen from where they were fetched.

One domain is asked by one worker, since it is owed politeness.  Its pages are another matter.  On one machine they go
straight on to the pool of processes: local runners would hold all that is shuffled in memory.  On a cluster a domain
with many pages would keep one worker busy and the others idle, so there each page goes to whichever worker is free.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from enum import StrEnum

import apache_beam as beam

from schemas.hops import Page

LEVEL = 1
"""Of zlib: pages shrink to a quarter in about a millisecond each, which is less than it costs to send them whole."""

PackedPage = tuple[Page, bytes]
"""A page without its payload, and the payload compressed."""


class Placement(StrEnum):
    """What the workers of a run are."""

    ONE_MACHINE = "one machine"
    CLUSTER = "cluster"


def packed(page: Page) -> PackedPage:
    """``page`` as it travels."""
    return replace(page, payload=b""), zlib.compress(page.payload, LEVEL)


def unpacked(travelled: PackedPage) -> Page:
    """The page as it was."""
    page, payload = travelled
    return replace(page, payload=zlib.decompress(payload))


@dataclass(eq=False)
class SpreadPages(beam.PTransform):
    """The same pages, on a cluster dealt out among all workers; on one machine nothing at all."""

    placement: Placement

    def expand(self, pages: beam.PCollection) -> beam.PCollection:
        if self.placement is Placement.ONE_MACHINE:
            return pages
        return (
            pages
            | "Pack" >> beam.Map(packed)
            | "Deal out" >> beam.Reshuffle()
            | "Unpack" >> beam.Map(unpacked).with_output_types(Page)
        )
