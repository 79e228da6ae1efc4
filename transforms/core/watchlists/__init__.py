"""A newsroom's own people and bodies: read, found in texts, told apart by context."""

from __future__ import annotations

from transforms.core.watchlists.linking import linked, with_watched
from transforms.core.watchlists.matching import Entry, Sighting, Watchlist
from transforms.core.watchlists.reading import BadWatchlist, read_watchlist

__all__ = ["BadWatchlist", "Entry", "Sighting", "Watchlist", "linked", "read_watchlist", "with_watched"]
"""What the rest of newsbeam uses."""
