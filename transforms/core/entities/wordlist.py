"""Word lists as they read best: words with blanks between them."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a list written with blanks between them."""
    return tuple(text.split())
