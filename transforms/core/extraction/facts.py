"""What a page, and the feed that listed it, state about the story before anybody reads its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from schemas.hops import Page
from transforms.core.extraction.choice import Candidate, Choice, first
from transforms.core.extraction.head import Head
from transforms.core.extraction.jsonld import Found
from transforms.core.extraction.linked import LinkedArticle, publishers
from transforms.core.extraction.prose import letters
from transforms.core.urls import normalise_url, registrable_domain, resolve_url

_SITE_METAS = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher")
_TOP_LEVEL = re.compile(r"\.[a-z.]+$")


@dataclass(frozen=True)
class Facts:
    """The page's own statements, from the most to the least formal."""

    page: Page
    head: Head
    found: tuple[Found, ...] = ()
    article: LinkedArticle | None = None

    @property
    def url(self) -> str:
        """Where the page was found, after redirects."""
        return self.page.fetch.final_url or self.page.request.url

    @cached_property
    def site_names(self) -> tuple[str, ...]:
        """Every name under which the publisher goes in this page, the most formal first."""
        names = [*publishers(self.found, self.article), *filter(None, (self.head.first(key) for key in _SITE_METAS))]
        if self.page.request.source.name:
            names.append(self.page.request.source.name)
        return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))

    @cached_property
    def site_keys(self) -> frozenset[str]:
        """The publisher's names and its domain, with and without its ending, as letters."""
        domain = registrable_domain(self.url).removeprefix("www.")
        names = (*self.site_names, domain, _TOP_LEVEL.sub("", domain), domain.partition(".")[0])
        return frozenset(key for name in names if len(key := letters(name)) > 1)

    @property
    def site_name(self) -> str | None:
        """The publisher's name for people."""
        return self.head.first("og:site_name") or next(iter(self.site_names), None)

    def is_site(self, name: str) -> bool:
        """Whether a name is the publisher's: equal to one of its names, or one with only a little more."""
        key = letters(name)
        return key in self.site_keys or any(
            len(site) > 3 and (site in key and len(site) >= 0.6 * len(key)) for site in self.site_keys
        )

    def absolute(self, reference: str | None) -> str | None:
        """An address in the page as a whole one, or None where it is not on the web."""
        if not reference:
            return None
        base = resolve_url(self.url, self.head.base) if self.head.base else self.url
        found = resolve_url(base or self.url, reference)
        return found if found and found.startswith(("http://", "https://")) else None


def page_urls(page: Page, head: Head) -> frozenset[str]:
    """The addresses under which the page may name itself."""
    urls = {page.request.url, page.fetch.final_url, head.link("canonical") or "", head.first("og:url") or ""}
    return frozenset(url for url in urls if url)


def canonical_url(facts: Facts) -> Choice[str]:
    """The address that the page gives itself, normalised, else its own.

    An address on another site counts only if the publisher owns that too, which cannot be known: it is not taken.
    A front page as the address of a story is a fault of the page's template.
    """
    given = (("html", facts.head.link("canonical")), ("opengraph", facts.head.first("og:url")), ("url", facts.url))
    found = ((source, raw, facts.absolute(raw)) for source, raw in given if raw)
    believed = [
        Candidate(source, raw, _normal(url))
        for source, raw, url in found
        if url and (source == "url" or (_is_same_site(url, facts.url) and _has_path(url)))
    ]
    return first("canonical_url", believed)


def _is_same_site(one: str, other: str) -> bool:
    return registrable_domain(one) == registrable_domain(other)


def _has_path(url: str) -> bool:
    return len(url.split("://", 1)[-1].rstrip("/").split("/")) > 1 or "?" in url


def _normal(url: str) -> str:
    try:
        return normalise_url(url)
    except ValueError:  # an address that may not be fetched still names the page
        return url
