"""Which addresses may become links."""

from __future__ import annotations


def web_link(url: str) -> str | None:
    """``url`` where a click may follow it: http and https alone; None for any other."""
    return url if url.lower().startswith(("http://", "https://")) else None
