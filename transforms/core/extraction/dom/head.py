"""What a page says of itself outside its text: metas, links, microdata, marked-up times and author links."""

from __future__ import annotations

from typing import Any

from transforms.core.extraction.dom.walk import tidy
from transforms.core.extraction.head import Head, Item, Profile

MAX_METAS = 400
MAX_ITEMS = 300
"""Metas and microdata properties that are read; pages have at most some dozens."""


def read_head(tree: Any) -> Head:
    """Everything a page states about itself in its markup, as written."""
    root = tree.getroottree().getroot()
    base = root.find(".//base[@href]")
    return Head(
        metas=tuple(_metas(root)),
        links=tuple(_links(root)),
        title=_title(root),
        language=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip() or None,
        base=base.get("href") if base is not None else None,
        items=tuple(_items(root)),
        profiles=tuple(_profiles(root)),
        headings=tuple(text for h1 in root.iter("h1") if (text := _text(h1))),
    )


def _metas(root: Any) -> list[tuple[str, str]]:
    found = []
    for meta in root.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = meta.get("content")
        if key and content and content.strip():
            found.append((key.strip().lower(), content.strip()))
    return found[:MAX_METAS]


def _links(root: Any) -> list[tuple[str, str]]:
    links = ((link.get("rel"), link.get("href")) for link in root.iter("link"))
    return [(rel.lower(), href.strip()) for rel, href in links if rel and href and href.strip()][:MAX_METAS]


def _title(root: Any) -> str | None:
    title = root.find(".//head/title")
    return (tidy(title.text_content()) or None) if title is not None else None


def _items(root: Any) -> list[Item]:
    """Microdata properties, and ``time`` elements, with the text and the machine value of each."""
    found = []
    for element in root.xpath(
        "//body//*[@itemprop or self::time or (self::abbr[@title and contains(@class, 'published')])]"
    )[:MAX_ITEMS]:
        name = (element.get("itemprop") or ("datepublished" if element.tag == "abbr" else "")).strip().lower()
        value = element.get("content") or element.get("datetime") or _abbreviated(element)
        scope = element.xpath("string(ancestor::*[@itemtype][1]/@itemtype)").rsplit("/", 1)[-1]
        text = _text(element) if name != "articlebody" else ""
        found.append(Item(name or "time", value.strip(), text, scope, element.get("class") or ""))
    return found


def _abbreviated(element: Any) -> str:
    """The machine value of an ``abbr``, as hNews and Blogger print their dates."""
    return (element.get("title") or "") if element.tag == "abbr" else ""


def _profiles(root: Any) -> list[Profile]:
    """Links that name an author: ``rel=author``, or an address of a profile page."""
    links = root.xpath(
        "//body//a[@href][contains(@rel, 'author') or contains(@itemprop, 'author')"
        " or contains(@href, '/author') or contains(@href, '/autor') or contains(@href, '/auteur')]"
    )
    found = [Profile(_text(link), link.get("href").strip(), "author" in (link.get("rel") or "")) for link in links[:50]]
    return [profile for profile in found if profile.name]


def _text(element: Any) -> str:
    return tidy(element.text_content())[:500]
