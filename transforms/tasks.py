"""What the steps ask of the processes of `transforms.cpu_pool`, without what the work takes.

A step needs the names of tasks and the shapes that go there and come back.  spaCy, trafilatura and their tables are a
second of imports and 150 MB, so each task imports `transforms.worker` where it runs and the process of a pipeline never
does.  Like that module this one must not import Beam.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.article import Article
from schemas.hops import Document, EncodedRecord, Feed, Page, Run
from schemas.outcome import Problem
from transforms.core.duplicates import Print
from transforms.core.sitemaps import SitemapIndex

Models = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WatchlistFile:
    """A watchlist that was checked: where it lies, and the SHA-256 of its bytes."""

    path: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.path} sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class SiteRulesFile:
    """A file of rules for single sites that was checked: where it lay, the SHA-256 of its bytes, and its text."""

    path: str
    sha256: str
    text: str

    def __str__(self) -> str:
        return f"{self.path} sha256:{self.sha256}"


@dataclass(frozen=True, slots=True)
class Tools:
    """What the work on a page needs: (language, spaCy package) pairs, the newsroom's watchlist and site rules."""

    models: Models = ()
    watchlist: WatchlistFile | None = None
    site_rules: SiteRulesFile | None = None


@dataclass(frozen=True, slots=True)
class MadeArticle:
    """An encoded article, and what is compared of it to find its copies."""

    record: EncodedRecord
    print: Print


def start(memory_bytes: int) -> None:
    """Readies a new process: see `transforms.worker.start`."""
    from transforms import worker

    worker.start(memory_bytes)


def ready(tools: Tools) -> bool:
    """Returns once a process is ready: see `transforms.worker.ready`."""
    from transforms import worker

    return worker.ready(tools)


def page_to_record(page: Page, run: Run, tools: Tools) -> MadeArticle | Problem:
    """The encoded article of ``page``."""
    from transforms import worker

    return worker.page_to_record(page, run, tools)


def document_to_record(document: Document | Article, run: Run, tools: Tools) -> EncodedRecord | Problem:
    """The encoded article of a text, or the next version of an article: see `transforms.worker.document_to_record`."""
    from transforms import worker

    return worker.document_to_record(document, run, tools)


def feed_to_entries(body: bytes, url: str, headers: Mapping[str, str], now: datetime) -> Feed | SitemapIndex | Problem:
    """The parsed feed, or the sitemap that was listed as one."""
    from transforms import worker

    return worker.feed_to_entries(body, url, headers, now)


def sitemap_to_entries(body: bytes, url: str, now: datetime) -> Feed | SitemapIndex | Problem:
    """The parsed sitemap, as a feed; or the index of sitemaps."""
    from transforms import worker

    return worker.sitemap_to_entries(body, url, now)
