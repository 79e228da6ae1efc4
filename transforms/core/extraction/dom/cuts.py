"""Embedded posts and players, taken out of the tree before anybody reads its text."""

from __future__ import annotations

from typing import Any

from schemas.article import Embed
from transforms.core.extraction.dom.walk import EMBED_MARK, tidy
from transforms.core.extraction.embeds import (
    has_signature,
    is_advert,
    provider_of_class,
    provider_of_url,
    social,
)

MAX_EMBEDS = 300
_HOSTS = ("blockquote", "div", "section", "article", "iframe", "video", "audio", "amp-iframe", "amp-youtube")
_AMP = ("amp-twitter", "amp-instagram", "amp-facebook", "amp-tiktok", "amp-video", "amp-brightcove", "amp-audio")
_SOURCES = (
    "src",
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-url",
    "data-href",
    "data-instgrm-permalink",
    "cite",
)


def cut_embeds(tree: Any) -> list[Embed]:
    """Take posts and players out of a tree, an empty mark in the place of each, and return them in page order."""
    found: list[tuple[Any, Embed]] = []
    taken: set[Any] = set()
    for element in tree.iter(*_HOSTS, *_AMP):
        if len(found) >= MAX_EMBEDS:
            break
        if taken and any(outer in taken for outer in element.iterancestors()):
            continue
        embed = _embed(element)
        if embed is not None:
            found.append((element, embed))
            taken.add(element)
    for number, (element, _) in enumerate(found):
        _replace(element, number)
    return [embed for _, embed in found]


def _embed(element: Any) -> Embed | None:
    tag = element.tag
    if tag in ("div", "section", "article", "blockquote"):
        provider = provider_of_class(element.get("class") or "")
        if provider is not None:
            return social(provider, tidy(element.text_content()), _link(element))
        return _bare_post(element) if tag == "blockquote" else None
    return _player(element, tag)


def _bare_post(quote: Any) -> Embed | None:
    """A post whose classes were lost: a quotation with a signature and a link to the post."""
    text = tidy(quote.text_content())
    url = _link(quote)
    if url is None or not has_signature(text):
        return None
    kind, provider = provider_of_url(url)
    return social(provider, text, url) if kind == "social" and provider else None


def _player(element: Any, tag: str) -> Embed | None:
    url = _source(element)
    if url and is_advert(url):
        return None
    if tag in ("video", "audio", "amp-video", "amp-audio", "amp-brightcove"):
        return Embed(kind="audio" if tag.endswith("audio") else "video", url=url)
    if tag == "amp-youtube" and element.get("data-videoid"):
        return Embed("video", "youtube", f"https://www.youtube.com/watch?v={element.get('data-videoid')}")
    if tag.startswith("amp-") and tag != "amp-iframe":
        network = tag.removeprefix("amp-")
        return Embed("social", "x" if network == "twitter" else network, url)
    return Embed(*provider_of_url(url), url) if url else None


def _source(element: Any) -> str | None:
    inner = element.find("source") if element.tag in ("video", "audio") else None
    values = [*(element.get(key) for key in _SOURCES), inner.get("src") if inner is not None else None]
    url: str | None = next((value.strip() for value in values if value and value.strip()), None)
    if url and url.startswith("//"):
        url = f"https:{url}"
    return url if url and url.startswith("http") else None


def _link(element: Any) -> str | None:
    """The address of a post: its own attribute, else its last link to a known network, else its last link."""
    own = _source(element)
    links = [link.get("href") for link in element.iter("a") if (link.get("href") or "").startswith("http")]
    known = [link for link in links if provider_of_url(link)[0] == "social"]
    return own or next(iter((known or links)[-1:]), None)


def _replace(element: Any, number: int) -> None:
    parent = element.getparent()
    if parent is None:
        return
    mark = element.makeelement(EMBED_MARK, {"n": str(number)})
    mark.tail = element.tail
    parent.replace(element, mark)
