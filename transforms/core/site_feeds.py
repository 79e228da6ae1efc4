"""Sitemaps as sources of news: what a site lists of its pages, read as a feed is read.

An entry with anything of the news schema is taken as a feed's entry is: a news sitemap lists what was published
lately.  A plain sitemap lists a site's whole history, so of its entries only those that changed lately are kept:

* an entry counts as fresh when its lastmod lies within ``fresh_days`` before now;
* an entry without lastmod is left out: nothing tells it from the archive;
* where many entries share one lastmod to the second, it is the moment at which the file was written, and says nothing
  of the pages: they count as entries without one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from schemas.hops import Feed, FeedEntry
from schemas.outcome import Problem
from transforms.core.sitemaps import Sitemap, SitemapEntry, SitemapIndex, parse_sitemap
from transforms.core.urls import registrable_domain

MAX_ENTRIES = 1000
"""What a news sitemap may hold by Google's rules for publishers."""

MAX_CHILDREN = 20
"""Sitemaps of one index that are asked for in one poll; the largest publishers list some thousand, one a day."""

FRESH_DAYS = 3
"""A long weekend; news sitemaps keep two days."""

FILE_STAMP_ENTRIES = 50
"""From so many entries with one and the same lastmod on, it is taken for the file's own (judged)."""

MAX_REJECTED = 100

_NEVER = datetime.min.replace(tzinfo=UTC)
_NEWS_NAME = re.compile(r"news|latest|recent|actualit|aktuell|noticia|notizie|nyheter", re.IGNORECASE)
_PERIOD = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?([0-3][0-9]))?)?(?![0-9])")


@dataclass(frozen=True, slots=True)
class SitemapRules:
    """Which part of a sitemap is taken.

    ``fresh_days`` bounds the age of a plain sitemap's entries and of an index's children; None takes all, for a
    backfill.  ``named_in_robots`` holds the sitemaps that the site's robots.txt names: those may lie on other domains
    (sitemaps.org, cross submits).
    """

    fresh_days: float | None = FRESH_DAYS
    max_entries: int = MAX_ENTRIES
    max_children: int = MAX_CHILDREN
    named_in_robots: tuple[str, ...] = ()


def feed_of_sitemap(
    body: bytes, *, url: str, now: datetime, rules: SitemapRules | None = None
) -> Feed | SitemapIndex | Problem:
    """Read the sitemap that came from ``url`` as ``body``, which may be a gzip file.

    A ``Feed`` has the format ``news_sitemap`` or ``sitemap`` and its entries newest first; ``published_at`` is the
    news schema's, ``updated_at`` the lastmod.  What the rules leave out is counted in ``defect``.  A ``SitemapIndex``
    holds the sitemaps that are worth asking for now, best first; those of other domains stand in its ``rejected``.
    A child may be an index again: how deep to go is the caller's to bound.  ``Problem`` as ``parse_sitemap`` gives it.
    """
    rules = rules or SitemapRules()
    found = parse_sitemap(body, url=url, now=now)
    if isinstance(found, Problem):
        return found
    if isinstance(found, SitemapIndex):
        return _children(found, url, now, rules)
    return _feed(found, now, rules)


def _feed(sitemap: Sitemap, now: datetime, rules: SitemapRules) -> Feed:
    news = [entry for entry in sitemap.entries if entry.is_news]
    fresh = _fresh(_without_file_stamp(sitemap.entries), now, rules.fresh_days)
    newest = sorted(fresh, key=_newest_date, reverse=True)[: rules.max_entries]
    stale, over = len(sitemap.entries) - len(fresh), len(fresh) - len(newest)
    notes = (
        sitemap.defect,
        f"{stale} of {len(sitemap.entries)} entries left out, not known to be of the last {rules.fresh_days:g} days"
        if stale and rules.fresh_days is not None
        else None,
        f"{over} of {len(fresh)} entries dropped, the oldest" if over else None,
    )
    return Feed(
        format="news_sitemap" if news else "sitemap",
        title=next((entry.publication for entry in news if entry.publication), None),
        language=next((entry.language for entry in news if entry.language), None),
        entries=tuple(_feed_entry(entry) for entry in newest),
        defect=_joined(notes),
        rejected=sitemap.rejected[:MAX_REJECTED],
    )


def _feed_entry(entry: SitemapEntry) -> FeedEntry:
    return FeedEntry(
        url=entry.url,
        title=entry.title,
        published_at=entry.published_at,
        published_raw=entry.published_raw,
        updated_at=entry.lastmod_at,
        updated_raw=entry.lastmod_raw,
        categories=entry.keywords,
    )


def _newest_date(entry: SitemapEntry) -> datetime:
    return max(entry.published_at or _NEVER, entry.lastmod_at or _NEVER)


def _without_file_stamp(entries: Sequence[SitemapEntry]) -> list[SitemapEntry]:
    """The entries, without their lastmod where it can only be the file's."""
    stamps = {entry.lastmod_at for entry in entries}
    if len(entries) < FILE_STAMP_ENTRIES or len(stamps) > 1:
        return list(entries)
    return [replace(entry, lastmod_at=None) for entry in entries]


def _fresh(entries: Iterable[SitemapEntry], now: datetime, days: float | None) -> list[SitemapEntry]:
    if days is None:
        return list(entries)
    oldest = now - timedelta(days=days)
    return [entry for entry in entries if entry.is_news or (entry.lastmod_at and entry.lastmod_at >= oldest)]


def _children(index: SitemapIndex, url: str, now: datetime, rules: SitemapRules) -> SitemapIndex:
    """The children worth asking for: those that may be asked and are not known to be stale, best first, capped."""
    own = {registrable_domain(url)}
    others = [entry for entry in index.entries if entry.url != url]
    allowed = [entry for entry in others if _may_be_asked(entry.url, own, rules.named_in_robots)]
    foreign = [entry.url for entry in others if not _may_be_asked(entry.url, own, rules.named_in_robots)]
    fresh = [entry for entry in allowed if not _is_stale(entry, now, rules.fresh_days)]
    best = sorted(fresh, key=_worth, reverse=True)[: rules.max_children]
    stale, over = len(allowed) - len(fresh), len(fresh) - len(best)
    notes = (
        index.defect,
        f"{stale} of {len(index.entries)} sitemaps left out, unchanged for long" if stale else None,
        f"{over} of {len(fresh)} sitemaps dropped, the oldest" if over else None,
    )
    rejected = (*index.rejected, *((link, "on another domain, and robots.txt does not name it") for link in foreign))
    return SitemapIndex(tuple(best), _joined(notes), rejected[:MAX_REJECTED])


def _may_be_asked(link: str, own: Collection[str], named: Collection[str]) -> bool:
    """Else anybody's index could send us to anybody's host."""
    return registrable_domain(link) in own or link in named


def _is_stale(child: SitemapEntry, now: datetime, days: float | None) -> bool:
    """A sitemap that did not change lately lists nothing that did.  A name with a month of the past says as much."""
    if days is None:
        return False
    oldest = now - timedelta(days=days)
    if child.lastmod_at:
        return child.lastmod_at < oldest
    period = period_in_name(child.url)
    is_dated = len(period) > 1  # four digits alone may be a running number
    return is_dated and period < (oldest.year, oldest.month, oldest.day)[: len(period)]


def _worth(child: SitemapEntry) -> tuple[bool, datetime, tuple[int, ...]]:
    """News before the rest, then the newest by lastmod, then by the period in the name; the index's order after."""
    return bool(_NEWS_NAME.search(_path(child.url))), child.lastmod_at or _NEVER, period_in_name(child.url)


def period_in_name(link: str) -> tuple[int, ...]:
    """(year, month, day) as far as the name of a sitemap tells them: ``/sitemap-2031-04.xml``."""
    found = list(_PERIOD.finditer(_path(link)))
    return tuple(int(part) for part in found[-1].groups() if part) if found else ()


def _path(link: str) -> str:
    return link.partition("://")[2].partition("/")[2]


def _joined(notes: Iterable[str | None]) -> str | None:
    return "; ".join(note for note in notes if note) or None
