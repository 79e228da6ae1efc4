"""Text lists: one URL a line, ``#`` begins a comment; sitemaps as robots.txt files name them."""

from __future__ import annotations

import re

from transforms.core.sources.records import RawList, RawSource, SourceKind

_COMMENT = re.compile(r"(?:^|\s)#.*")
_SITEMAP = re.compile(r"sitemap:\s*", re.IGNORECASE)


def read_text(text: str) -> RawList:
    """One source for each line that is neither blank nor a comment.

    A ``#`` inside a URL is its fragment; one after a space begins a comment.  ``Sitemap:`` before a URL gives it that
    kind.
    """
    lines = enumerate(text.splitlines(), start=1)
    stripped = ((number, _COMMENT.sub("", line).strip()) for number, line in lines)
    return RawList(tuple(RawSource(number, _values(url)) for number, url in stripped if url))


def _values(line: str) -> tuple[tuple[str, object], ...]:
    sitemap = _SITEMAP.match(line)
    return (("url", line[sitemap.end() :]), ("kind", SourceKind.SITEMAP.value)) if sitemap else (("url", line),)
