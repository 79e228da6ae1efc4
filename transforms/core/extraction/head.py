"""What a page states about itself in its markup, as plain records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """A microdata property or a ``time`` element (``name`` is then "time")."""

    name: str
    value: str
    text: str
    scope: str = ""
    names: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A link to a person's page."""

    name: str
    href: str
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Metas and links in page order with lower-case keys; values as written."""

    metas: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    title: str | None = None
    language: str | None = None
    base: str | None = None
    items: tuple[Item, ...] = ()
    profiles: tuple[Profile, ...] = ()
    headings: tuple[str, ...] = ()

    def first(self, *keys: str) -> str | None:
        """The first value of the first key that has one."""
        return next((value for key in keys for value in self.all(key)), None)

    def all(self, key: str) -> Iterator[str]:
        """Every value of a key, in page order."""
        return (value for name, value in self.metas if name == key)

    def link(self, rel: str) -> str | None:
        """The first address with this relation."""
        return next((href for name, href in self.links if rel in name.split()), None)
