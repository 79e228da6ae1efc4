"""What a page states of itself and links to, for those who look for feeds in it or for its own address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.outcome import OutcomeKind, Problem
from transforms.core import charset
from transforms.core.extraction import markup
from transforms.core.extraction.dom.parse import PARSER_FAILURES, parse
from transforms.core.feeds.links import absolute_or_none
from transforms.core.feeds.text import fold

MAX_LINKS = 2000
"""Links of each sort that are read; front pages have some hundred."""

MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Link:
    """A link with an absolute http(s) address.

    ``rel`` and ``type`` are in lower case, '' where they are not given; ``text`` is a link element's title or an
    anchor's words.
    """

    url: str
    rel: str = ""
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PageLinks:
    """``links`` are link elements, ``anchors`` are ``a`` elements, each in page order.

    ``own_urls`` are the addresses that the page gives itself, canonical link and og:url; only absolute ones count.
    """

    links: tuple[Link, ...] = ()
    anchors: tuple[Link, ...] = ()
    own_urls: tuple[str, ...] = ()
    title: str | None = None
    site_name: str | None = None
    language: str | None = None


def read_page_links(payload: bytes, *, url: str, content_type: str | None = None) -> PageLinks | Problem:
    """Read the page that came from ``url`` as ``payload``.

    A ``Problem`` is ``malformed`` (nothing to parse) or ``too_large`` (more markup than a parser should be given).
    """
    html = markup.reduce(charset.decode(payload, content_type).text).html
    if problem := markup.excess(html):
        return problem
    try:
        root = parse(html).getroottree().getroot()
    except PARSER_FAILURES as error:
        return Problem(OutcomeKind.MALFORMED, f"no page: {error}"[:200], error_type=type(error).__name__)
    base_element = root.find(".//base[@href]")
    base = (absolute_or_none(base_element.get("href"), url) if base_element is not None else None) or url
    return PageLinks(
        links=tuple(_links(root, "link", base)),
        anchors=tuple(_links(root, "a", base)),
        own_urls=tuple(_own_urls(root)),
        title=_short(root.findtext(".//head/title")),
        site_name=_short(_meta(root, "og:site_name", "application-name")),
        language=_short(root.get("lang") or _meta(root, "og:locale", "content-language", "language")),
    )


def _links(root: Any, tag: str, base: str) -> Iterator[Link]:
    seen: set[Link] = set()
    for element in root.iter(tag):
        link = _link(element, base)
        if link and link not in seen:
            seen.add(link)
            yield link
        if len(seen) >= MAX_LINKS:
            return


def _link(element: Any, base: str) -> Link | None:
    url = absolute_or_none(element.get("href"), base)
    if not url:
        return None
    text = element.get("title") or ("" if element.tag == "link" else element.text_content())
    return Link(url.partition("#")[0], _lower(element, "rel"), _lower(element, "type"), fold(text)[:MAX_TEXT])


def _lower(element: Any, attribute: str) -> str:
    return fold(element.get(attribute) or "").lower()[:MAX_TEXT]


def _own_urls(root: Any) -> Iterator[str]:
    given = [link.get("href") for link in root.iter("link") if "canonical" in _lower(link, "rel").split()]
    for address in (*given, _meta(root, "og:url")):
        if address and (url := absolute_or_none(address, "")):
            yield url.partition("#")[0]


def _meta(root: Any, *names: str) -> str | None:
    """The first of the metas called so that says something, in the order of the names."""
    metas = [(_lower(meta, "property") or _lower(meta, "name") or _lower(meta, "http-equiv"), meta.get("content"))
             for meta in root.iter("meta")]  # fmt: skip
    return next((content for name in names for key, content in metas if key == name and content), None)


def _short(text: str | None) -> str | None:
    return fold(text)[:MAX_TEXT] or None if text else None
