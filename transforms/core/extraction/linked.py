"""The article among the objects of a page's JSON-LD."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transforms.core.extraction.jsonld import Found, by_id, plain, strings

_NEWS = ("LiveBlogPosting", "NewsArticle", "Article", "BlogPosting", "Posting", "Report", "Review")
"""Endings of the types that are stories, the most telling first."""

_OTHER = frozenset({"VideoObject", "WebPage", "ItemPage", "MediaGallery", "ImageGallery", "Recipe", "Event"})

_ORGANISATIONS = ("Organization", "Corporation", "WebSite", "Brand")


class LinkedArticle:
    """Reads the properties of the article object, references resolved; every property may be absent."""

    def __init__(self, node: dict[str, Any], types: tuple[str, ...], index: dict[str, dict[str, Any]]) -> None:
        self._node = node
        self._index = index
        self.types = types

    @property
    def is_story(self) -> bool:
        """Whether the object says that it is an article, and not just a page."""
        return any(kind.endswith(_NEWS) for kind in self.types)

    def text(self, *keys: str) -> str | None:
        """The first non-empty text among these properties."""
        return next((value for key in keys for value in strings(self._node.get(key))), None)

    def texts(self, key: str) -> list[str]:
        """Every text of a property, lists flattened."""
        return strings(self._node.get(key))

    def raw(self, key: str) -> Any:
        """The property as JSON."""
        return self._node.get(key)

    def objects(self, *keys: str) -> list[dict[str, Any]]:
        """The objects under these properties; a bare string counts as an object with that name."""
        found: list[dict[str, Any]] = []
        for key in keys:
            self._collect(self._node.get(key), found, 0)
        return found

    def _collect(self, value: Any, found: list[dict[str, Any]], depth: int) -> None:
        if isinstance(value, list) and depth < 4:
            for one in value[:200]:
                self._collect(one, found, depth + 1)
        elif isinstance(value, dict):
            key = value.get("@id")
            whole = self._index.get(key, value) if isinstance(key, str) else value
            found.append({**whole, **value})
        elif isinstance(value, str) and value.strip():
            found.append(self._index.get(value.strip(), {"name": plain(value)}))


def find_article(found: Sequence[Found], urls: frozenset[str]) -> LinkedArticle | None:
    """The object that is the page's story: an article of its own standing, the one with the page's address first."""
    stories = [(rank, n, one) for n, one in enumerate(found) if (rank := _rank(one, urls)) is not None]
    if not stories:
        return None
    best = min(stories, key=lambda story: story[:2])[2]
    return LinkedArticle(best.node, best.types, by_id(found))


def publishers(found: Sequence[Found], article: LinkedArticle | None) -> tuple[str, ...]:
    """Names under which the publisher goes in the JSON-LD."""
    names = [name for one in article.objects("publisher") for name in strings(one.get("name"))] if article else []
    for one in found:
        if not one.is_listed and any(kind.endswith(_ORGANISATIONS) for kind in one.types):
            names += [text for key in ("name", "alternateName", "legalName") for text in strings(one.node.get(key))]
    return tuple(dict.fromkeys(names))


def _rank(one: Found, urls: frozenset[str]) -> tuple[int, int, int] | None:
    story = min((n for kind in one.types for n, end in enumerate(_NEWS) if kind.endswith(end)), default=None)
    if story is None and not (_OTHER & set(one.types) and not one.is_listed):
        return None
    is_named = bool(urls & set(strings(one.node.get("url")) + strings(_page(one.node))))
    has_title = bool(one.node.get("headline") or one.node.get("name"))
    kind = len(_NEWS) if story is None else 1 if story > 1 else 0
    return (one.is_listed and not is_named, kind, 0 if is_named and has_title else 1 if has_title else 2)


def _page(node: dict[str, Any]) -> Any:
    page = node.get("mainEntityOfPage")
    return page.get("@id") or page.get("url") if isinstance(page, dict) else page
