"""The headline of a story, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from transforms.core.extraction.choice import Candidate, Choice, first
from transforms.core.extraction.dom.walk import tidy
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.jsonld import plain
from transforms.core.extraction.prose import letters

MAX_CHARS = 400
MIN_STEM = 20
"""Characters of a title cut off with dots by which the whole one is known."""

MAX_SITE_WORDS = 4
"""Words in the name of a site, where only its length tells it from a part of the headline."""

_SEPARATOR = re.compile(r"\s+(?:[|–—·•»«:\\~]|-{1,2}|::)\s+|\s*[|｜]\s*|\s*[：﹣－]\s*|(?<=\w): (?=[^:]{2,40}$)")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_URGENT = re.compile(
    r"^\W*(?:breaking(?: news)?|just in|eil(?:meldung)?|urgente?|última hora|ultim[’']ora|son dakika|срочно|pilne"
    r"|терміново|flash info|alerte info)\s*(?:[:|｜–—-]|\+{2,})\s*(?=.{15})",
    re.IGNORECASE,
)
"""A label for urgent news before a headline, parted from it by a mark."""


def choose_headline(facts: Facts) -> Choice[str]:
    """The headline: what the page gives to others as its title, then its structured data, then what it prints.

    og:title stands first: it is written for readers who have nothing else of the page, and of the development pages
    whose sources differ most follow it.  A title that only wraps the printed headline in section names gives way to it.
    """
    candidates = list(_candidates(facts))
    ranked = [one for one in candidates if one.value]
    if len(ranked) == 1 and ranked[0].raw == facts.head.title:
        ranked = [replace(ranked[0], value=_without_tail(ranked[0].value))]
    if len(ranked) > 1 and (inner := _whole(ranked) or _inner(ranked)) is not None:
        ranked.sort(key=lambda one: one.value != inner)
    return first("headline", ranked)


def without_site(title: str, facts: Facts, others: frozenset[str]) -> str:
    """A title without the site's name before or after it, and without what other sources leave out."""
    text = title
    for _ in range(3):
        cut = _cut(text, facts, others)
        if cut is None:
            return text
        text = cut
    return text


def _candidates(facts: Facts) -> Iterator[Candidate[str]]:
    article, head = facts.article, facts.head
    printed = [heading for heading in head.headings if not facts.is_site(heading)]
    raws = [
        ("opengraph", head.first("og:title")),
        ("json-ld", article.text("headline") if article is not None and article.is_story else None),
        ("html", next((item.value or item.text for item in head.items if item.name == "headline"), None)),
        ("html", printed[0] if len(printed) == 1 else None),
        ("meta", head.first("twitter:title", "title", "dc.title", "parsely-title", "sailthru.title")),
        ("json-ld", article.text("name", "alternativeHeadline") if article is not None else None),
        ("html", printed[0] if printed else None),
        ("feed", facts.page.request.discovery.entry_title),
        ("html", head.title),
    ]
    tidied = [(source, raw, _tidy(raw)) for source, raw in raws if raw and _tidy(raw)]
    everything = frozenset(letters(text) for _, _, text in tidied)
    for source, raw, text in tidied:
        cleaned = without_site(text, facts, everything)
        if cleaned and letters(cleaned) not in facts.site_keys:
            yield Candidate(source, raw, cleaned)


def _tidy(raw: str) -> str:
    return _URGENT.sub("", tidy(_TAGS.sub("", plain(raw)))[:MAX_CHARS])


def _cut(text: str, facts: Facts, others: frozenset[str]) -> str | None:
    """The text without its last or first part where that is the site's name, or without what no other source has."""
    marks = list(_SEPARATOR.finditer(text))
    if not marks:
        return None
    tail, lead = marks[-1], marks[0]
    told = [*(text[: mark.start()] for mark in marks), *(text[mark.end() :] for mark in marks)]
    if (known := next((part for part in told if letters(part) in others), None)) is not None:
        return known.strip()
    for rest, part in ((text[: tail.start()], text[tail.end() :]), (text[lead.end() :], text[: lead.start()])):
        if rest.strip() and (facts.is_site(part) or _is_domain(part)):
            return rest.strip()
    return None


def _without_tail(title: str) -> str:
    """A window title without its last part where that is short, as names of sites are; nobody else tells them apart."""
    marks = list(_SEPARATOR.finditer(title))
    if not marks:
        return title
    rest, tail = title[: marks[-1].start()].strip(), title[marks[-1].end() :]
    return rest if len(tail.split()) <= MAX_SITE_WORDS and len(rest) > len(tail) else title


def _is_domain(text: str) -> bool:
    return re.fullmatch(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+", text.strip()) is not None and not text.strip()[-1].isdigit()


def _whole(ranked: list[Candidate[str]]) -> str | None:
    """The headline of which the first candidate is only the beginning, cut off with dots."""
    stem = ranked[0].value.rstrip(" .…")
    if not ranked[0].value.endswith(("...", "…")) or len(stem) < MIN_STEM:
        return None
    others = (one.value for one in ranked[1:] if one.value.startswith(stem) and not one.value.endswith(("...", "…")))
    return next(others, None)


def _inner(ranked: list[Candidate[str]]) -> str | None:
    """The headline that two other sources agree on and that the first one holds between section names."""
    best = ranked[0].value
    if "|" not in best:
        return None
    rest = [one.value for one in ranked[1:]]
    return next((text for text in rest if rest.count(text) > 1 and len(text) > 15 and text in best), None)
