"""When a story was published and last changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.article import FieldProvenance
from transforms.core.extraction.calendar_words import printed_moment
from transforms.core.extraction.choice import Candidate, first
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.moments import MAX_RAW, Moment, assume_zone, read_moment

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No page of the web is older; earlier dates are epochs and placeholders."""

AHEAD = timedelta(hours=48)
"""How far in the future a date may lie: zones, and stories dated for tomorrow's paper."""

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished", "date", "pubdate",
    "publishdate", "publish-date", "publish_date", "published_time", "publication_date", "published_at",
    "rnews:datepublished", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.date.created",
    "parsely-pub-date", "sailthru.date",
    "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "citation_publication_date",
    "prism.publicationdate", "article_date_original", "datecreated", "release_date", "http://ogp.me/ns/article#published_time",
    "last-modified-date", "its_publication", "time", "shareaholic:article_published_time",
)  # fmt: skip
_SURE = 4
"""Metas that stand before marked-up times in the page."""

_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time", "lastmod", "last-modified",
    "dcterms.modified", "dc.date.modified", "revised", "article.updated", "http://ogp.me/ns/article#modified_time",
)  # fmt: skip
_URL_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})[/\-_.]?(?P<m>0[1-9]|1[0-2])[/\-_.]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
)
_UPDATED = re.compile(r"updat|modif|aktualis|uppdat|oppdat|actualiz|mis à jour|обновл|aggiorn", re.IGNORECASE)


_Stated = tuple[str, str, Moment | None]
"""A date as a page gives it: source, as written, as read."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Times in UTC with how they were found; ``flags`` name what was odd."""

    published: Moment | None = None
    modified: Moment | None = None
    provenance: tuple[FieldProvenance, ...] = ()
    flags: tuple[str, ...] = ()


def choose_dates(facts: Facts, now: datetime, printed: Sequence[str], search: Callable[[], str | None]) -> Dates:
    """Published: structured data, metas, the feed, ``printed`` lines, a marked-up time, the address, a ``search``.

    Dates before 1990 and more than 48 hours ahead of ``now`` are passed over.  A time without a zone is put into the
    zone of the page's other times.  Where day and month are swapped against the feed's date, the feed is right.
    """
    flags: list[str] = []
    changes = list(_modified(facts))
    published = _believed([*_published(facts), *_last_resorts(facts, printed)], now, flags, changes)
    if not published and (found := search()):
        published = _believed([("html", found, read_moment(found))], now, flags)
    published = _against_feed(published, facts, flags)
    modified = _believed(changes, now, [])
    if modified and not published:
        published = modified
        flags.append("date_from_modified")
    chosen = first("published_at", published)
    changed = first("modified_at", modified)
    flags.extend(_oddities(chosen.value, changed.value))
    provenance = tuple(p for p in (chosen.provenance, changed.provenance) if p is not None)
    return Dates(chosen.value, changed.value, provenance, tuple(dict.fromkeys(flags)))


def _oddities(published: Moment | None, modified: Moment | None) -> Iterator[str]:
    if published is None:
        yield "no_date"
        return
    if published.precision != "day" and not published.has_zone:
        yield "zone_assumed"
    if modified is not None and modified.at + timedelta(days=1) < published.at:
        yield "modified_before_published"


def _published(facts: Facts) -> Iterator[_Stated]:
    head, article, language = facts.head, facts.article, facts.head.language
    if article is not None:
        yield from _read("json-ld", article.texts("datePublished"), language)
    yield from _read("meta", (raw for key in _PUBLISHED_METAS[:_SURE] for raw in head.all(key)), language)
    yield from _read("html", (item.value or item.text for item in head.items if item.name == "datepublished"), language)
    yield from _read("meta", (raw for key in _PUBLISHED_METAS[_SURE:] for raw in head.all(key)), language)
    if article is not None:
        yield from _read(
            "json-ld", (raw for key in ("dateCreated", "uploadDate") for raw in article.texts(key)), language
        )
    yield from _fed(facts.page.request.discovery.entry_published_at)


def _last_resorts(facts: Facts, printed: Sequence[str]) -> Iterator[_Stated]:
    """What is printed, by the day alone for want of a zone; the first ``time`` of the page; the day in the address."""
    language = facts.head.language
    for line in printed:
        moment = None if _UPDATED.search(line) else printed_moment(line, language)
        if moment is not None and not moment.has_zone:
            moment = Moment(moment.at.replace(hour=0, minute=0, second=0), "day", False)
        yield "html", line, moment
    times = [item for item in facts.head.items if item.name == "time" and item.value][:1]
    yield from _read("html", (item.value for item in times if not _UPDATED.search(item.names + item.text)))
    match = _URL_DATE.search(facts.url)
    if match:
        yield from _read("url", [f"{match['y']}-{match['m']}-{match['d']}"])


def _modified(facts: Facts) -> Iterator[_Stated]:
    head, article, language = facts.head, facts.article, facts.head.language
    if article is not None:
        yield from _read("json-ld", article.texts("dateModified"), language)
    yield from _read("html", (item.value or item.text for item in head.items if item.name == "datemodified"), language)
    yield from _read("meta", (raw for key in _MODIFIED_METAS for raw in head.all(key)), language)
    yield from _fed(facts.page.request.discovery.entry_updated_at)


def _read(source: str, raws: Iterable[str], language: str | None = None) -> Iterator[_Stated]:
    """Dates as stated for machines, or, by some systems, as printed for readers of the page's ``language``."""
    return ((source, raw, read_moment(raw) or printed_moment(raw[:MAX_RAW], language)) for raw in raws if raw)


def _fed(at: datetime | None) -> Iterator[_Stated]:
    if at is not None:
        yield "feed", at.isoformat(), Moment(at.astimezone(UTC), "second", True)


def _believed(
    stated: Iterable[_Stated], now: datetime, flags: list[str], others: Sequence[_Stated] = ()
) -> list[Candidate[Moment]]:
    """The dates that may be true, zones assumed; ``others`` are further times of the page, in whose zone it may be."""
    read = [(source, raw, moment) for source, raw, moment in stated if moment is not None]
    believed = [one for one in read if _is_in_range(one[2], now)]
    flags.extend(
        "date_in_future" if m.at > now else "date_out_of_range" for _, _, m in read if not _is_in_range(m, now)
    )
    moments, texts = [moment for _, _, moment in believed], [raw for _, raw, _ in (*believed, *others)]
    zoned = [Candidate(source, raw, assume_zone(moment, moments, texts)) for source, raw, moment in believed]
    if zoned and zoned[0].value.precision == "day":
        day = zoned[0].value
        return sorted(zoned, key=lambda one: not _refines(one.value, day))
    return zoned


def _refines(moment: Moment, day: Moment) -> bool:
    """Whether a time says more exactly what a bare day says."""
    return moment.precision != "day" and abs(moment.at - day.at - timedelta(hours=12)) <= timedelta(hours=24)


def _is_in_range(moment: Moment, now: datetime) -> bool:
    return EARLIEST <= moment.at <= now + AHEAD


def _against_feed(published: list[Candidate[Moment]], facts: Facts, flags: list[str]) -> list[Candidate[Moment]]:
    entry = facts.page.request.discovery.entry_published_at
    if not published or entry is None:
        return published
    own, fed = published[0].value.at, entry.astimezone(UTC)
    if own.day != own.month and (own.year, own.month, own.day) == (fed.year, fed.day, fed.month):
        flags.append("date_swapped")
        return sorted(published, key=lambda one: one.source != "feed")
    return published
