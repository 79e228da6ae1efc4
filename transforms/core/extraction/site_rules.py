"""Rules for single sites: what no general rule can know, as data.

A file of rules is TOML, a table a domain:

    ["paper.example"]
    cut = ["//div[@class='app-hint']"]      # elements that are no part of the story
    take = ["//section[@id='chapters']"]    # elements that are the story, and nothing else is

A rule holds for its domain and all hosts under it; the longest domain that fits wins.  ``cut`` goes to `boilerplate`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from transforms.core.extraction.dom.rules import check

MAX_CHARS = 1_000_000
MAX_EXPRESSIONS = 50
"""XPaths for one site."""

_KEYS = ("cut", "take")
_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_AT_LINE = re.compile(r"\(at line (\d+)")


class BadSiteRules(ValueError):
    """A file of rules that cannot be used; its text is one line and names the file and the line."""


@dataclass(frozen=True, slots=True)
class SiteRule:
    """XPaths of what is cut out of a site's pages, and of what alone is the story in them."""

    cut: tuple[str, ...] = ()
    take: tuple[str, ...] = ()


NO_RULE = SiteRule()


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The rule of each domain."""

    by_domain: Mapping[str, SiteRule] = field(default_factory=dict)

    def of(self, url: str) -> SiteRule:
        """The rule for the page at ``url``; an empty one where there is none."""
        try:
            labels = (urlsplit(url).hostname or "").lower().split(".")
        except ValueError:
            return NO_RULE
        hosts = (".".join(labels[n:]) for n in range(len(labels)))
        return next((self.by_domain[host] for host in hosts if host in self.by_domain), NO_RULE)

    def with_more(self, others: SiteRules) -> SiteRules:
        """These rules and others; for a domain in both, the other's."""
        return SiteRules({**self.by_domain, **others.by_domain})


@cache
def shipped() -> SiteRules:
    """The rules that come with the package."""
    name = "site_rules.toml"
    return read_site_rules((files("transforms.core.extraction") / name).read_text(encoding="utf-8"), name)


def read_site_rules(text: str, name: str) -> SiteRules:
    """The rules in a file's text.  Raises BadSiteRules, with ``name`` and the line, where one cannot be used."""
    if len(text) > MAX_CHARS:
        raise BadSiteRules(f"{name}: more than {MAX_CHARS} characters")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_LINE.search(str(error))
        line = int(match.group(1)) if match else text.count("\n") + 1
        raise BadSiteRules(f"{name}:{line}: no TOML: {error}") from error
    return SiteRules({domain.lower(): _rule(domain, table, text, name) for domain, table in tables.items()})


def _rule(domain: str, table: Any, text: str, name: str) -> SiteRule:
    where = f"{name}:{_line_of(domain, text)}"
    if not _DOMAIN.fullmatch(domain.lower()):
        raise BadSiteRules(f'{where}: no domain: {domain!r} (write ["paper.example"], quoted)')
    if not isinstance(table, dict) or not table:
        raise BadSiteRules(f"{where}: {domain}: no cut and no take")
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise BadSiteRules(f"{where}: {domain}: unknown key {unknown[0]!r} (known: cut, take)")
    return SiteRule(*(_expressions(key, table.get(key, []), where, text, name) for key in _KEYS))


def _expressions(key: str, values: Any, where: str, text: str, name: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadSiteRules(f"{where}: {key} is no list of XPaths")
    if len(values) > MAX_EXPRESSIONS:
        raise BadSiteRules(f"{where}: {key}: more than {MAX_EXPRESSIONS} XPaths")
    for value in values:
        try:
            check(value)
        except ValueError as error:
            raise BadSiteRules(f"{name}:{_line_of(value, text)}: {key}: {value!r}: {error}") from error
    return tuple(values)


def _line_of(value: str, text: str) -> int:
    """The first line that holds a value, else 1."""
    return next((number for number, line in enumerate(text.split("\n"), 1) if value in line), 1)
