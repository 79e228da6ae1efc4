"""Sitemap files as lists: of the pages in them, or, for an index, of its sitemaps."""

from __future__ import annotations

from schemas.outcome import Problem
from transforms.core.feeds.dates import OLDEST
from transforms.core.sitemaps import SitemapIndex, parse_sitemap
from transforms.core.sources.records import RawList, RawSource, SourceError, SourceKind


def read_sitemap(content: bytes, name: str) -> RawList:
    """The links of ``content``.  Those that cannot be followed are left out, with a warning."""
    found = parse_sitemap(content, url="", now=OLDEST)  # no dates are wanted of it
    if isinstance(found, Problem):
        return RawList(errors=(SourceError(name, 0, f"sitemap: {found.detail}"),))
    kind = SourceKind.SITEMAP if isinstance(found, SitemapIndex) else SourceKind.PAGE
    sources = (RawSource(0, (("url", entry.url), ("kind", kind.value))) for entry in found.entries)
    warnings = [SourceError(name, 0, f"left out: {link!r} ({reason})") for link, reason in found.rejected]
    if found.defect:
        warnings.append(SourceError(name, 0, f"ill-formed sitemap, repaired: {found.defect}"))
    return RawList(tuple(sources), warnings=tuple(warnings))
