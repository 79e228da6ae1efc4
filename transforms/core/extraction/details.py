"""The smaller facts of a story: standfirst, section, keywords, language, type, rights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemas.article import FieldProvenance, Rights
from transforms.core.extraction.choice import Candidate, Choice, first
from transforms.core.extraction.dom.walk import tidy
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.jsonld import plain, strings
from transforms.core.extraction.prose import letters

MAX_DESCRIPTION = 2000
MAX_KEYWORDS = 50
MAX_SECTION = 40
MAX_KEYWORD = 100

_TAGS = re.compile(r"<[^>]{1,200}>")
_LANGUAGE = re.compile(r"^([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?$")
_TYPES = {
    "article": "NewsArticle", "newsarticle": "NewsArticle", "webpage": "NewsArticle", "itempage": "NewsArticle",
    "videoobject": "NewsArticle", "mediagallery": "NewsArticle", "imagegallery": "NewsArticle",
}  # fmt: skip
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})


def choose_description(facts: Facts, standfirst: str | None) -> Choice[str]:
    """The standfirst: as printed, then as the page gives it to others, then the feed's summary."""
    article, head = facts.article, facts.head
    raws = [
        ("html", standfirst),
        ("json-ld", article.text("description", "abstract") if article is not None else None),
        ("opengraph", head.first("og:description")),
        ("meta", head.first("description", "twitter:description", "dc.description")),
        ("feed", facts.page.request.discovery.entry_summary),
    ]
    tidied = ((source, raw, tidy(_TAGS.sub(" ", plain(raw)))[:MAX_DESCRIPTION]) for source, raw in raws if raw)
    return first("description", (Candidate(source, raw, text) for source, raw, text in tidied if text))


def stated_description(facts: Facts) -> str:
    """The description by which the printed standfirst is recognised; empty where the page has none."""
    return choose_description(facts, None).value or ""


def choose_section(facts: Facts) -> Choice[str]:
    """The section: as structured data has it, then metas, then the feed's first category."""
    article, head = facts.article, facts.head
    raws = [
        *(("json-ld", text) for text in (article.texts("articleSection") if article is not None else [])),
        *(
            ("meta", raw)
            for key in ("article:section", "section", "parsely-section", "category")
            for raw in head.all(key)
        ),
        *(("json-ld", raw) for raw in _crumbs(facts)),
        *(("feed", raw) for raw in facts.page.request.discovery.entry_categories[:1]),
    ]
    return first(
        "section", (Candidate(source, raw, tidy(plain(raw))[:MAX_KEYWORD]) for source, raw in raws if raw.strip())
    )


def _crumbs(facts: Facts) -> list[str]:
    """The innermost crumb of the page's trail that is neither the story itself nor the front page."""
    items = [one.node for one in facts.found if "ListItem" in one.types]
    names = [name for item in items for name in (strings(item.get("name")) or strings(item.get("item")))[:1]]
    title = letters(facts.head.first("og:title") or facts.head.title or "")
    own = [name for name in names if 1 < len(name) <= MAX_SECTION and letters(name) not in title]
    return own[1:][-1:] if own and not facts.is_site(own[0]) else own[1:2]


def keywords(facts: Facts) -> tuple[str, ...]:
    """Keywords as the page lists them, each once whatever its case."""
    found: dict[str, str] = {}
    for raw in _keyword_lists(facts):
        for word in re.split(r"[,;|、，]", raw):
            text = tidy(plain(word))
            if text and len(text) <= MAX_KEYWORD and not text.startswith(("http:", "https:")):
                found.setdefault(letters(text) or text, text)
    return tuple(found.values())[:MAX_KEYWORDS]


def _keyword_lists(facts: Facts) -> Iterator[str]:
    if facts.article is not None:
        yield from facts.article.texts("keywords")
    for key in ("keywords", "news_keywords", "article:tag", "parsely-tags", "sailthru.tags"):
        yield from facts.head.all(key)


def declared_language(facts: Facts) -> Choice[str]:
    """The language that the page says it is in, as BCP 47."""
    article, head = facts.article, facts.head
    raws = [
        ("html", head.language),
        ("json-ld", article.text("inLanguage") if article is not None else None),
        ("opengraph", head.first("og:locale")),
        ("meta", head.first("content-language", "language", "dc.language")),
    ]
    tidied = ((source, raw, _bcp47(raw)) for source, raw in raws if raw)
    return first("language_declared", (Candidate(source, raw, tag) for source, raw, tag in tidied if tag))


def story_type(facts: Facts) -> str:
    """The schema.org type of the story; NewsArticle where the page says nothing more exact."""
    kinds = facts.article.types if facts.article is not None else ()
    best = next((kind for kind in kinds if kind.endswith(("Article", "Posting", "Report", "Review"))), None)
    kind = best or next(iter(kinds), "NewsArticle")
    return _TYPES.get(kind.lower(), kind)


def rights(facts: Facts) -> Rights:
    """What the publisher reserves, by structured data and metas."""
    article, head = facts.article, facts.head
    robots = [value for key in ("robots", "googlebot", "googlebot-news", "bingbot") for value in head.all(key)]
    return Rights(
        is_accessible_for_free=_free(facts),
        license=(article.text("license") if article is not None else None)
        or head.link("license")
        or head.first("dc.rights"),
        copyright_holder=(article.text("copyrightHolder") if article is not None else None) or head.first("copyright"),
        tdm_reservation=_reserved(head.first("tdm-reservation"), robots),
        meta_robots=_directives(robots),
    )


def _free(facts: Facts) -> bool | None:
    raw = facts.article.raw("isAccessibleForFree") if facts.article is not None else None
    if isinstance(raw, bool):
        return raw
    text = str(raw if raw is not None else facts.head.first("article:content_tier") or "").strip().lower()
    if text in _TRUE or text == "free":
        return True
    return False if text in _FALSE or text in ("locked", "metered") else None


def _reserved(tdm: str | None, robots: list[str]) -> bool | None:
    if tdm is not None and tdm.strip() in ("0", "1"):
        return tdm.strip() == "1"
    return True if any(word in ("noai", "noimageai") for word in _directives(robots)) else None


def _directives(robots: Iterable[str]) -> tuple[str, ...]:
    words = (word.strip().lower() for value in robots for word in value.split(","))
    return tuple(dict.fromkeys(word for word in words if word))[:30]


def _bcp47(raw: str) -> str | None:
    match = _LANGUAGE.match(raw.strip())
    if match is None:
        return None
    language, script, region = match.groups()
    return "-".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


def provenance_of(*choices: Choice[str]) -> tuple[FieldProvenance, ...]:
    """The provenance of those values that were found."""
    return tuple(choice.provenance for choice in choices if choice.provenance is not None)
