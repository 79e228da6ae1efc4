"""A model of scheduled runs over many feeds: requests, freshness, lateness, concurrency, the busiest host.

    python bench/simulate.py [--feeds 18000] [--hosts 9000] [--articles 50000] [--days 1]
    python bench/simulate.py --check      # the model against a real run on loopback, seconds

A run asks for the feeds that are due, then for the pages that are new or due, and the next begins at its time or when
the last has ended.  Who is asked when is decided by the project's own HostQueue and polling rules.  Made up are feeds
on hosts by Zipf's law, entries as a Poisson process in proportion to a Zipf weight of the feed, answers with an
exponential time and failures by chance.  Each feed's pace is taken as known; work on pages takes no time; windows never
overrun; a failed page is tried up to seven times.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.hops import PollingHints
from transforms.core.host_queue import HostQueue, Ready, Wait
from transforms.core.pacing import HostTimes, Pace
from transforms.core.polling import next_interval
from transforms.core.polling.interval import retry_interval
from transforms.core.revisits import CHECKS, FIRST_RETRY, MAX_FAILURES

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is polled, and how; times in seconds, ``articles`` a day in all, ``errors`` a share of requests."""

    feeds: int = 18_000
    hosts: int = 9_000
    articles: float = 50_000
    days: float = 1.0
    skew: float = 0.8
    window: int = 30
    answer: float = 0.5
    errors: float = 0.01
    gap: float = 1.0
    every: float = 600.0
    threads: int = 128
    revisits: bool = True
    is_steady: bool = True
    seed: int = 1


@dataclass(slots=True)
class Result:
    """What happened; times in seconds."""

    requests: Counter[str] = field(default_factory=Counter)
    lags: list[float] = field(default_factory=list)
    freshness: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    busy: Counter[int] = field(default_factory=Counter)
    most_at_once: int = 0
    in_flight_seconds: float = 0.0
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """A request: a feed's poll, a page's (``published`` and how many looks and failures it has had) or a robots.txt."""

    kind: str
    host: int
    feed: int = -1
    published: float = 0.0
    looks: int = 0
    failures: int = 0


def zipf(count: int, skew: float) -> list[float]:
    """Shares of the first ``count`` ranks, 1 in all."""
    weights = [1 / rank**skew for rank in range(1, count + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def places(load: Load, chance: random.Random) -> list[int]:
    """The host of each feed; every host has one feed where there are enough."""
    rest = max(load.feeds - load.hosts, 0)
    return [
        *range(min(load.hosts, load.feeds)),
        *chance.choices(range(load.hosts), zipf(load.hosts, load.skew), k=rest),
    ]


class Model:
    """The runs of a load, one after the other."""

    def __init__(self, load: Load) -> None:
        self.load, self.chance, self.result = load, random.Random(load.seed), Result()  # noqa: S311 - no secret
        self.host = places(load, self.chance)
        shares = zipf(load.feeds, load.skew)
        self.chance.shuffle(shares)
        self.per_day = [share * load.articles for share in shares]
        self.times = HostTimes()
        self.failed = [0] * load.feeds
        self.looked = [-DAY * load.window / max(pace, 0.01) for pace in self.per_day]
        self.due: list[tuple[float, int]] = []
        for feed in range(load.feeds):
            start = self.chance.random() * self.interval(feed) if load.is_steady else 0.0
            self.looked[feed] = start - self.interval(feed) if load.is_steady else self.looked[feed]
            self.due.append((start, feed))
        heapq.heapify(self.due)
        self.later: list[tuple[float, int, Job]] = []
        self.robots: dict[int, float] = {}

    def interval(self, feed: int) -> float:
        """Seconds between two polls that work, by the project's rule."""
        return next_interval(
            per_day=self.per_day[feed], window=self.load.window, listed=None, hints=PollingHints(),
            cache_seconds=None, overran=False, before=None,
        ).seconds  # fmt: skip

    def simulate(self) -> Result:
        """Runs until the days are over; a single one where the load is not steady."""
        now, end = 0.0, self.load.days * DAY
        while now < end:
            over = self.run(now)
            self.result.runs.append(over - now)
            self.result.ended = over
            if not self.load.is_steady:
                break
            now = max(over, math.floor(now / self.load.every + 1) * self.load.every)
        return self.result

    def run(self, now: float) -> float:
        """One run: feeds, then pages; gives its end."""
        pages: list[Job] = []
        feeds = []
        while self.due and self.due[0][0] <= now:
            due, feed = heapq.heappop(self.due)
            self.result.lags.append(now - due)
            feeds.append(Job("feed", self.host[feed], feed))
        polled = self.drain(feeds, now)
        for job, at, works in polled:
            pages += self.polled(job, at, works)
        after = max([now, *(at for _, at, _ in polled)])
        while self.later and self.later[0][0] <= now:
            pages.append(heapq.heappop(self.later)[2])
        asked = [self.robots_of(host, after) for host in dict.fromkeys(job.host for job in pages)]
        read = self.drain([job for job in asked if job] + pages, after)
        for job, at, works in read:
            self.read(job, at, works)
        return max([after, *(at for _, at, _ in read)])

    def drain(self, jobs: Sequence[Job], now: float) -> list[tuple[Job, float, bool]]:
        """(job, end of its answer, whether it worked) of every job, asked politely."""
        queue: HostQueue[Job] = HostQueue(Pace(gap_seconds=self.load.gap), self.times)
        for job in jobs:
            queue.add(str(job.host), job, now)
        flying: list[tuple[float, int, Job]] = []
        ended: list[tuple[Job, float, bool]] = []
        while len(queue) or flying:
            ready = queue.next_ready(now) if len(flying) < self.load.threads else None
            if isinstance(ready, Ready):
                takes = self.load.answer * self.chance.expovariate(1.0) if self.load.is_steady else self.load.answer
                self.count(ready.item, takes)
                heapq.heappush(flying, (now + takes, len(ended) + len(flying), ready.item))
                self.result.most_at_once = max(self.result.most_at_once, len(flying))
                continue
            wake = now + ready.seconds if isinstance(ready, Wait) else math.inf
            if flying and flying[0][0] <= wake:
                now, _, job = heapq.heappop(flying)
                queue.finished(str(job.host), now)
                ended.append((job, now, self.chance.random() >= self.load.errors))
            else:
                now = wake
        return ended

    def count(self, job: Job, takes: float) -> None:
        self.result.requests[job.kind] += 1
        self.result.busy[job.host] += 1
        self.result.in_flight_seconds += takes

    def polled(self, job: Job, at: float, works: bool) -> list[Job]:
        """What a poll shows that is new; the feed's next one is planned."""
        feed = job.feed
        if not works:
            self.failed[feed] += 1
            wait = retry_interval(self.failed[feed], passing=True, retry_after=None, key=str(feed)).seconds
            heapq.heappush(self.due, (at + wait, feed))
            return []
        since, self.looked[feed], self.failed[feed] = self.looked[feed], at, 0
        heapq.heappush(self.due, (at + self.interval(feed), feed))
        return [Job("page", job.host, feed, when) for when in self.entries(feed, since, at)]

    def entries(self, feed: int, since: float, until: float) -> list[float]:
        """When entries came between two looks; in a load that is not steady the window is full."""
        if not self.load.is_steady:
            return [since] * self.load.window
        found, moment, pace = [], since, self.per_day[feed] / DAY
        while pace and (moment := moment + self.chance.expovariate(pace)) < until:
            found.append(moment)
        return found[-self.load.window :]

    def robots_of(self, host: int, now: float) -> Job | None:
        """robots.txt counts for a day."""
        if self.robots.get(host, -DAY) > now - DAY:
            return None
        self.robots[host] = now
        return Job("robots", host)

    def read(self, job: Job, at: float, works: bool) -> None:
        """A page that came counts once; then, or after a failure, it is planned for later."""
        if job.kind == "robots":
            return
        if works and not job.looks:
            self.result.freshness.append(at - job.published)
        failures = 0 if works else job.failures + 1
        if failures:
            when = at + FIRST_RETRY.total_seconds() * 2 ** (failures - 1) if failures < MAX_FAILURES else math.inf
        else:
            checks = (job.published + check.total_seconds() for check in CHECKS)
            when = next((max(check, at + 1800) for check in checks if check > at), math.inf)
        if self.load.revisits and when < self.load.days * DAY:
            again = Job("look" if works or job.looks else "page", job.host, job.feed, job.published,
                        job.looks + works, failures)  # fmt: skip
            heapq.heappush(self.later, (when, self.result.requests.total() + len(self.later), again))


def share(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` of ``values`` lies."""
    return sorted(values)[min(int(part * len(values)), len(values) - 1)] if values else 0.0


def report(load: Load, result: Result) -> str:
    """The figures in lines."""
    span = max(result.ended, 1e-9)
    asked, (host, most) = result.requests.total(), result.busy.most_common(1)[0]
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in sorted(result.requests.items()))
    return "\n".join(
        (
            f"{load}",
            f"requests: {asked:,} ({kinds}) in {span:,.0f} s, {asked / span:.1f}/s",
            f"under way at once: mean {result.in_flight_seconds / span:.1f}, most {result.most_at_once}",
            f"feeds late: p50 {share(result.lags, 0.5):.0f} s, p95 {share(result.lags, 0.95):.0f} s, "
            f"most {max(result.lags, default=0):.0f} s",
            f"published to fetched: p50 {share(result.freshness, 0.5) / 60:.1f} min, "
            f"p95 {share(result.freshness, 0.95) / 60:.1f} min",
            f"runs: {len(result.runs)}, p50 {share(result.runs, 0.5):.0f} s, longest {max(result.runs):.0f} s",
            f"busiest host: number {host}, {most:,} requests, {most * (load.gap + load.answer) / span:.1%} of its time",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with a real run on loopback")
    for name in ("feeds", "hosts", "articles", "days", "skew", "window", "answer", "errors", "gap", "every", "threads"):
        default = Load.__dataclass_fields__[name].default
        parser.add_argument(f"--{name}", type=type(default), default=default, help="default: %(default)s")
    options = vars(parser.parse_args())
    if options.pop("check"):
        from simulation_check import check

        check()
        return
    load = Load(**options)
    print(report(load, Model(load).simulate()))


if __name__ == "__main__":
    main()
