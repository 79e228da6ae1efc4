"""When a feed is asked again, and what is remembered of it."""

from transforms.core.polling.due import Due, NotDue, due, due_from
from transforms.core.polling.hints import cache_seconds, polling_hints
from transforms.core.polling.interval import Interval, next_interval
from transforms.core.polling.settle import UNCHANGED, is_unchanged, settle_feed
from transforms.core.polling.window import Window, window_of

__all__ = [
    "UNCHANGED",
    "Due",
    "Interval",
    "NotDue",
    "Window",
    "cache_seconds",
    "due",
    "due_from",
    "is_unchanged",
    "next_interval",
    "polling_hints",
    "settle_feed",
    "window_of",
]
