"""Feeds: bytes in, a ``Feed`` with clean entries out, or the ``Problem`` that says why there is none."""

from transforms.core.feeds.reader import MAX_BODY_BYTES, MAX_ENTRIES, parse_feed

__all__ = ["MAX_BODY_BYTES", "MAX_ENTRIES", "parse_feed"]
