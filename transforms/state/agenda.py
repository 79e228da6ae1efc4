"""When something of a state is due next: asked between runs, so that a run is made only where there is work for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.codec import from_row
from schemas.hops import FeedRequest
from schemas.state import FeedState
from transforms.core.polling import due_from
from transforms.core.snapshot import FEEDS, PAGES
from transforms.state.shards import StateConfig, read_shard

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedTimes:
    """Of a feed: when it is due (`NEVER` for one that is stopped), and when it last worked."""

    due_from: datetime
    last_ok_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is planned.  A listed feed that ``times`` does not have was never asked; ``pages_from`` is when the first
    page is to be looked at."""

    feeds: Sequence[FeedRequest]
    times: Mapping[str, FeedTimes]
    pages_from: datetime = NEVER

    def due_feeds(self, now: datetime) -> tuple[FeedRequest, ...]:
        """The listed feeds that are due."""
        return tuple(feed for feed in self.feeds if self._due_from(feed, now) <= now)

    def is_due(self, now: datetime) -> bool:
        """Whether there is anything to ask for."""
        return self.pages_from <= now or any(self._due_from(feed, now) <= now for feed in self.feeds)

    def next_at(self, now: datetime) -> datetime:
        """When there will be something to ask for, as far as is known now; `NEVER` where nothing is planned."""
        return min([self.pages_from, *(self._due_from(feed, now) for feed in self.feeds)])

    def _due_from(self, feed: FeedRequest, now: datetime) -> datetime:
        times = self.times.get(feed.url)
        return times.due_from if times else now


class Planner:
    """Makes the agenda of a state; reads only the files that have changed since it last looked."""

    def __init__(self, feeds: Sequence[FeedRequest]) -> None:
        self._feeds = feeds
        self._listed = frozenset(feed.url for feed in feeds)
        self._of_feeds: dict[str, dict[str, FeedTimes]] = {}
        self._of_pages: dict[str, datetime] = {}

    def agenda(self, config: StateConfig) -> Agenda:
        """What the state of ``config`` has planned, as seen at the time of its run.  Raises `StateDamaged`."""
        now = config.run.now
        self._of_feeds = {
            path: self._of_feeds.get(path) or dict(self._feed_times(config, shard, now))
            for path, shard in _files(config, FEEDS)
        }
        self._of_pages = {
            path: self._of_pages.get(path) or _first_check(config, shard) for path, shard in _files(config, PAGES)
        }
        times = {url: each for shard in self._of_feeds.values() for url, each in shard.items()}
        return Agenda(self._feeds, times, min(self._of_pages.values(), default=NEVER))

    def _feed_times(self, config: StateConfig, shard: int, now: datetime) -> Iterator[tuple[str, FeedTimes]]:
        for row in read_shard(config, FEEDS, shard):
            if row["url"] in self._listed:
                known = from_row(FeedState, row)
                yield known.url, FeedTimes(due_from(known, now) or NEVER, known.last_ok_at)


def _files(config: StateConfig, kind: str) -> Iterator[tuple[str, int]]:
    """(path, shard): a path names one content for ever."""
    files = config.manifest.files if config.manifest else ()
    return ((file.path, file.shard) for file in files if file.kind == kind)


def _first_check(config: StateConfig, shard: int) -> datetime:
    checks = (row["next_check_at"] for row in read_shard(config, PAGES, shard))
    return min((check for check in checks if check), default=NEVER)
