"""Whether a block of the page is part of a text that something else holds to be the story."""

from __future__ import annotations

from transforms.core.extraction.prose import letters

PROBE = 48
"""Letters compared at each end of a block: enough to be unique in a page, and edits inside do not matter."""


class Evidence:
    """A text to look blocks up in, compared by letters and digits alone."""

    def __init__(self, text: str) -> None:
        self._letters = letters(text)

    def __len__(self) -> int:
        return len(self._letters)

    def share(self, block: str) -> float:
        """How much of a block the text holds: 0, a half (one end of it) or 1."""
        own = letters(block)
        if not own:
            return 0.0
        if len(own) <= 2 * PROBE:
            return float(own in self._letters)
        return ((own[:PROBE] in self._letters) + (own[-PROBE:] in self._letters)) / 2
