"""What is known of a running stream, for those who watch over it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from transforms.pubsub.client import Received
from transforms.state.agenda import Agenda

logger = logging.getLogger("newsbeam")


class Health(Protocol):
    """Is told what the stream does."""

    def beat(self) -> None:
        """The loop goes round."""

    def begin(self, messages: Sequence[Received]) -> None:
        """A batch of ``messages`` is in work."""

    def planned(self, agenda: Agenda) -> None:
        """What the state has planned."""

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Sequence[Received]) -> None:
        """The batch is published: its run's manifest, and how long it took."""

    def failed(self, reason: str) -> None:
        """A batch failed."""


class Lines:
    """A line of the log for each batch."""

    def beat(self) -> None:
        """Says nothing."""

    def begin(self, messages: Sequence[Received]) -> None:
        """Says nothing."""

    def planned(self, agenda: Agenda) -> None:
        """Says nothing."""

    def published(self, manifest: Mapping[str, Any], seconds: float, messages: Sequence[Received]) -> None:
        counts = ", ".join(f"{name} {count}" for name, count in manifest["counts"]["by_outcome"].items())
        logger.info("run %s: %.1f s, %d messages; %s", manifest["run_id"], seconds, len(messages), counts)

    def failed(self, reason: str) -> None:
        """Says nothing: the loop does."""
