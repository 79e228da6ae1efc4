"""How much each source gave in a run, against what was to be expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.outcome import OK_KINDS
from schemas.state import FeedState
from transforms.core.urls import registrable_domain

_OK = frozenset(kind.value for kind in OK_KINDS)


@dataclass(frozen=True, slots=True)
class Volume:
    """What the polled feeds of one source showed.

    ``entries_expected`` is what their pace in earlier runs promised since the last poll, None where no feed of the
    source has a pace yet; ``entries_lost`` how many entries may have come and gone in between.
    """

    source_id: str
    feeds: int
    failed: int
    entries_new: int
    entries_expected: float | None
    entries_lost: int


def source_of_feed(state: FeedState) -> str:
    """The source that a feed counts for: as the source list has it, else the feed's domain."""
    return state.source_id or registrable_domain(state.url)


def volume_of(source_id: str, states: Iterable[FeedState]) -> Volume:
    """The volume of one source from the new states of its feeds."""
    states = list(states)
    expected = [state.last_expected for state in states if state.last_expected is not None]
    return Volume(
        source_id,
        feeds=len(states),
        failed=sum(state.last_outcome not in _OK for state in states),
        entries_new=sum(state.last_new for state in states),
        entries_expected=round(sum(sorted(expected)), 3) if expected else None,
        entries_lost=sum(state.last_lost for state in states),
    )
