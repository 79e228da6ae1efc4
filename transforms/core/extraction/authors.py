"""Who wrote a story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.article import Author, FieldProvenance
from transforms.core.extraction.agencies import is_agency
from transforms.core.extraction.choice import Candidate, first
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.people import (
    distinct,
    looks_like_newsroom,
    looks_like_person,
    name_key,
    names_in,
)
from transforms.core.extraction.prose import letters

_METAS = (
    "author", "article:author", "article:author_name", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "byl", "byline", "cxenseparse:author", "citation_author", "authors", "twitter:data1",
    "shareaholic:article_author_name",
    "creator", "vr:author", "dc.contributor", "mediator_author",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authors:
    """The authors in order, and where they were found; ``flags`` say where the publisher stands in for them."""

    names: tuple[Author, ...] = ()
    provenance: FieldProvenance | None = None
    flags: tuple[str, ...] = ()


def choose_authors(facts: Facts, bylines: Sequence[str], signatures: Sequence[str] = ()) -> Authors:
    """The first source that names somebody other than the publisher; the publisher only where it signs alone.

    Structured data first, then metas, marked-up names, printed ``bylines``, author links; where all of them are silent,
    ``signatures``: lines of nothing but names.
    """
    candidates = [one for one in _candidates(facts, bylines) if one.value]
    candidates = candidates or [one for one in [_candidate("html", signatures[:1])] if one.value]
    people = [Candidate(c.source, c.raw, kept) for c in candidates if (kept := _others(c.value, facts))]
    ranked = sorted(people, key=lambda one: not _is_fuller(one, people[0])) or candidates[:1]
    chosen = first("authors", ranked)
    names = chosen.value or ()
    flags = () if people or not names else ("publisher_byline",)
    return Authors(tuple(Author(name, _profile(name, facts)) for name in names), chosen.provenance, flags)


def _candidates(facts: Facts, bylines: Sequence[str]) -> Iterator[Candidate[tuple[str, ...]]]:
    head, article = facts.head, facts.article
    if article is not None:
        for key in ("author", "creator", "contributor"):
            yield _candidate("json-ld", [_name_of(one) for one in article.objects(key)])
    metas = {key: [value for value in head.all(key) if not value.startswith(("http", "/"))] for key in _METAS}
    stated = [_candidate("meta", [raw for raw in metas["author"] if not _is_imprint(raw, facts)])]
    stated += [_candidate("meta", metas["article:author"])]
    printed = [_whole_names(_candidate("html", [line])) for line in bylines]
    yield from (one for one in stated if _is_printed(one, printed) is not False)
    yield _candidate("html", _marked(facts))
    yield from (_candidate("meta", metas[key]) for key in _METAS[2:] if key != "twitter:data1" or _signs(facts))
    yield from printed
    yield from stated
    yield _candidate("html", [profile.name for profile in head.profiles if profile.is_declared][:1])


def _is_fuller(one: Candidate[tuple[str, ...]], best: Candidate[tuple[str, ...]]) -> bool:
    """Whether the page prints all the names of a statement and further persons: systems state only the first author."""
    stated, printed = {name_key(name) for name in best.value}, {name_key(name) for name in one.value}
    return one.source == "html" and stated < printed and all(map(looks_like_person, one.value))


def _candidate(source: str, raws: Sequence[str]) -> Candidate[tuple[str, ...]]:
    names = [name for raw in raws for name in names_in(raw)]
    return Candidate(source, "; ".join(raws), tuple(distinct(names)))


def _is_printed(stated: Candidate[tuple[str, ...]], printed: Sequence[Candidate[tuple[str, ...]]]) -> bool | None:
    """Whether the page prints, in its bylines, all the names of its metas and no others; None where it prints none."""
    keys = {name_key(name) for name in stated.value}
    lines = [{name_key(name) for name in one.value} for one in printed if one.value]
    if not lines or not keys:
        return None
    is_within = any(line <= keys or all(any(key in name for key in keys) for name in line) for line in lines)
    return is_within and not any(keys < line for line in lines)


def _whole_names(printed: Candidate[tuple[str, ...]]) -> Candidate[tuple[str, ...]]:
    """A printed line's full names, where it has some: single words beside them are places."""
    whole = tuple(name for name in printed.value if " " in name or is_agency(name) or looks_like_newsroom(name))
    return Candidate(printed.source, printed.raw, whole or printed.value)


def _name_of(node: dict[str, object]) -> str:
    name = node.get("name")
    if isinstance(name, list):
        return "; ".join(str(one) for one in name)
    if isinstance(name, dict):
        name = name.get("name") or name.get("@value")
    parts = (node.get("givenName"), node.get("additionalName"), node.get("familyName"))
    return str(name or " ".join(str(part) for part in parts if part))


def _is_imprint(raw: str, facts: Facts) -> bool:
    """Whether an author field opens with the publisher: its name and its address follow."""
    return "," in raw and facts.is_site(raw.split(",", maxsplit=1)[0])


def _marked(facts: Facts) -> list[str]:
    """Names in microdata: ``name`` inside a Person, else what ``author`` itself says."""
    items = facts.head.items
    people = [item.value or item.text for item in items if item.name == "name" and item.scope == "Person"]
    authors = [item.value or item.text for item in items if item.name in ("author", "author name", "creator")]
    return distinct([name for name in people or authors if name and len(name) < 120])


def _signs(facts: Facts) -> bool:
    label = (facts.head.first("twitter:label1") or "").lower()
    return any(
        word in label for word in ("written by", "author", "verfasst", "écrit par", "escrito por", "auteur", "scritto")
    )


def _others(names: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    return tuple(
        name for name in names if is_agency(name) or looks_like_newsroom(name) or not _is_publisher(name, facts)
    )


def _is_publisher(name: str, facts: Facts) -> bool:
    """Whether a name is the publisher's; persons may bear a part of it (a Mr Stern at stern.example)."""
    return letters(name) in facts.site_keys or (facts.is_site(name) and not looks_like_person(name))


def _profile(name: str, facts: Facts) -> str | None:
    """The address of a person's page, where the page's data or a link of that name gives one."""
    key = name_key(name)
    nodes = facts.article.objects("author") if facts.article is not None else []
    urls = [node.get("url") or node.get("sameAs") for node in nodes if name_key(_name_of(node)) == key]
    urls += [profile.href for profile in facts.head.profiles if name_key(profile.name) == key]
    return next((url for raw in urls if isinstance(raw, str) and (url := facts.absolute(raw))), None)
