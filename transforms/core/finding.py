"""Where a site's feeds and news sitemaps may lie, and which of those found are worth listing.

Only judgement stands here; `transforms.find_sources` asks the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from urllib.parse import urljoin, urlsplit

from schemas.hops import Feed
from transforms.core.feeds.text import fold
from transforms.core.page_links import Link, PageLinks
from transforms.core.sources import SourceKind, SourceSpec
from transforms.core.urls import registrable_domain, url_key

WELL_KNOWN = (
    "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds", "/feed.json", "/rss/all.xml",
    "/index.rdf", "/?feed=rss2",
)  # fmt: skip
"""Paths of the usual systems, the commonest first."""

SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/sitemaps/news.xml", "/sitemap.xml")

MAX_DECLARED = 40
MAX_LINKED = 20

SAME_SHARE = 0.8
"""Share of common entries from which two feeds are one in two formats (judged)."""

FULL_TEXT_CHARS = 1000
"""Characters of content, markup included, from which an entry carries its story."""

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_LOOSE_TYPES = ("text/xml", "application/xml", "text/rss", "text/rss+xml", "application/json", "application/rss", "")
_FEED_PATH = re.compile(
    r"(?:^|[/_.-])(?:rss|rss2|atom|feeds?|rdf)(?:/|$|\?|(?:[._-][\w.-]{0,40})?\.(?:xml|rdf|json|php|aspx?)(?:$|\?))"
    r"|\.(?:rss|atom|rdf)(?:$|\?)|[?&](?:feed|format|output|type|alt)=(?:rss|rss2|atom|feed)\b",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(r"\W*(?:rss|atom|(?:rss|web|news)[ -]?feeds?|feeds?|xml)\W*", re.IGNORECASE)
_FEED_HOST = re.compile(r"(?:^|\.)(?:feeds?\d?|rss|feedburner|feedproxy)\.", re.IGNORECASE)
_COMMENTS_PATH = re.compile(r"/comments?(?:/|[-_.]|$)|comments?[-_]?(?:feed|rss)|[?&]feed=comments", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(
    r"^\W*(?:comments? (?:on|for|feed)|kommentare (?:zu|für)|commentaires (?:sur|pour)|comentarios (?:en|de)"
    r"|comentários (?:sobre|em)|commenti (?:a|su)|reacties op|kommentarer (?:till|til|på))\b|»\s*comments? feed",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SLUG = re.compile(r"[^a-z0-9]+")


class Why(IntEnum):
    """How a place was found, the surest first."""

    GIVEN = 0
    DECLARED = 1
    LINKED = 2
    GUESSED = 3
    ROBOTS = 4


@dataclass(frozen=True, slots=True)
class Clue:
    """A place to look at; ``label`` is what the site calls it."""

    url: str
    why: Why
    label: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A feed or sitemap that was read; ``spec.notes`` says what is in it, ``entries`` are its links as keys."""

    spec: SourceSpec
    why: Why
    entries: frozenset[str]
    is_comments: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A feed that is not listed, with the reason."""

    url: str
    reason: str


def declared_feeds(page: PageLinks) -> list[Clue]:
    """The feeds that the page's link elements name."""
    links = (link for link in page.links if _is_declared(link))
    return [Clue(link.url, Why.DECLARED, link.text) for link in links][:MAX_DECLARED]


def linked_feeds(page: PageLinks, page_url: str) -> list[Clue]:
    """Links that look like feeds, or like a page that lists feeds."""
    anchors = (link for link in page.anchors if _is_feed_link(link, page_url))
    return [Clue(link.url, Why.LINKED, link.text) for link in anchors][:MAX_LINKED]


def guessed_feeds(page_url: str) -> list[Clue]:
    """The well-known places, below the page's own folder first where it has one."""
    folder = urlsplit(page_url).path.rstrip("/")
    is_folder = folder and "." not in folder.rpartition("/")[2]
    own = [urljoin(page_url, f"{folder}{path}") for path in WELL_KNOWN[:4]] if is_folder else []
    return [Clue(url, Why.GUESSED) for url in (*own, *(urljoin(page_url, path) for path in WELL_KNOWN))]


def named_sitemaps(named: Iterable[str]) -> list[Clue]:
    """The sitemaps that a robots.txt names, those of news first."""
    urls = dict.fromkeys(url for url in named if url.startswith(("http://", "https://")))
    return [Clue(url, Why.ROBOTS) for url in sorted(urls, key=lambda url: "news" not in url.lower())]


def guessed_sitemaps(page_url: str) -> list[Clue]:
    """The usual names of news sitemaps, and the usual place of any sitemap last."""
    return [Clue(urljoin(page_url, path), Why.GUESSED) for path in SITEMAP_PATHS]


def found_source(clue: Clue, url: str, feed: Feed, page: PageLinks | None) -> Found:
    """What a feed or sitemap that lives at ``url`` comes to; ``page`` is where the search began."""
    is_sitemap = feed.format.endswith("sitemap")
    name = fold(feed.title or clue.label or (page.site_name if page else "") or "")[:200]
    spec = SourceSpec(
        url=url,
        name=name or None,
        language=_language(feed.language) or _language(page.language if page else None),
        kind=SourceKind.SITEMAP if is_sitemap else SourceKind.FEED,
        notes=_contents(feed),
    )
    is_comments = bool(_COMMENTS_PATH.search(url.partition("://")[2]) or _COMMENTS_TITLE.search(name))
    return Found(spec, clue.why, frozenset(_key(entry.url) for entry in feed.entries), is_comments)


def choose_sources(found: Iterable[Found], *, thorough: bool) -> tuple[list[SourceSpec], list[LeftOut]]:
    """The sources to list, best first, and those left out.

    Feeds come before sitemaps, feeds with entries before empty ones, and as they were found after that.  Left out are
    the same feed in another format and, unless the search is ``thorough``, feeds of comments.
    """
    kept: list[Found] = []
    left: list[LeftOut] = []
    for one in sorted(found, key=_rank):
        twin = next((other for other in kept if _are_twins(one, other)), None)
        if twin:
            left.append(LeftOut(one.spec.url, f"the same entries as {twin.spec.url}"))
        elif one.is_comments and not thorough:
            left.append(LeftOut(one.spec.url, "comments"))
        else:
            kept.append(one)
    return [one.spec for one in kept], left


def _is_declared(link: Link) -> bool:
    """``rel=alternate`` alone means translations, AMP and printing too: type or address must speak of a feed."""
    relations = link.rel.split()
    kind = link.type.partition(";")[0].strip()
    if "feed" in relations or kind in _FEED_TYPES:
        return "stylesheet" not in relations
    return "alternate" in relations and kind in _LOOSE_TYPES and looks_like_feed(link.url)


def _is_feed_link(link: Link, page_url: str) -> bool:
    if _FEED_HOST.search(urlsplit(link.url).hostname or ""):
        return True
    is_own = registrable_domain(link.url) == registrable_domain(page_url)
    return is_own and (looks_like_feed(link.url) or bool(_FEED_WORDS.fullmatch(link.text)))


def looks_like_feed(url: str) -> bool:
    """Whether an address is one that feeds have."""
    parts = urlsplit(url)
    return bool(_FEED_PATH.search(f"{parts.path}?{parts.query}" if parts.query else parts.path))


def _rank(one: Found) -> tuple[bool, bool, bool, int]:
    return one.is_comments, one.spec.kind is SourceKind.SITEMAP, not one.entries, one.why


def _are_twins(one: Found, other: Found) -> bool:
    """The same place, or one feed in two formats: one of a kind that share nearly all, or all that the shorter has."""
    if _key(one.spec.url) == _key(other.spec.url):
        return True
    if one.spec.kind is not other.spec.kind or not one.entries or not other.entries:
        return False
    common = len(one.entries & other.entries)
    is_part = one.spec.name == other.spec.name and common == min(len(one.entries), len(other.entries))
    return is_part or common >= SAME_SHARE * len(one.entries | other.entries)


def with_ids(specs: Iterable[SourceSpec]) -> Iterator[SourceSpec]:
    """The specs of one list, each URL once: the publisher's domain is the id of its first source, the others' ids say
    more."""
    specs = {spec.url: spec for spec in specs}.values()
    taken: set[str] = set()
    for spec in specs:
        domain = registrable_domain(spec.url)[:50]
        words = _SLUG.sub("-", urlsplit(spec.url).path.lower()).strip("-")[-40:].strip("-")
        options = (domain, f"{domain}-{words}" if words else f"{domain}-2", *(f"{domain}-{n}" for n in range(2, 1000)))
        identifier = next(option for option in options if option not in taken)
        taken.add(identifier)
        yield replace(spec, id=identifier)


def _contents(feed: Feed) -> str:
    dates = [date for entry in feed.entries if (date := entry.published_at or entry.updated_at)]
    count = f"{len(feed.entries)} {'entry' if len(feed.entries) == 1 else 'entries'}"
    parts = [feed.format, count, f"newest {_minute(max(dates))}" if dates else "without dates"]
    full = sum(len(entry.content or "") >= FULL_TEXT_CHARS for entry in feed.entries)
    return ", ".join([*parts, "full text"] if full * 2 > len(feed.entries) else parts)


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def _language(printed: str | None) -> str | None:
    tag = (printed or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def _key(url: str) -> str:
    try:
        return url_key(url)
    except ValueError:
        return url
