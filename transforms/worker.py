"""What the processes of `transforms.cpu_pool` run.

This module must not import Beam: each process would pay its import in time and memory.  One call does all the CPU work
on one element, so that it takes one trip there and back.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from schemas.article import Article
from schemas.codec import InvalidRecord, encode
from schemas.hops import Document, EncodedRecord, Feed, Page, Run
from schemas.outcome import OutcomeKind, Problem
from schemas.registry import ARTICLE
from transforms.core import extraction, language
from transforms.core.annotation import Annotator
from transforms.core.articles import annotate_article, annotate_document, make_article
from transforms.core.duplicates import print_of
from transforms.core.enrichment import next_version
from transforms.core.extraction.site_rules import SiteRules, read_site_rules, shipped
from transforms.core.feeds import parse_feed
from transforms.core.polling import polling_hints
from transforms.core.site_feeds import feed_of_sitemap
from transforms.core.sitemaps import SitemapIndex, is_sitemap
from transforms.core.urls import url_key
from transforms.core.watchlists import Watchlist, read_watchlist
from transforms.tasks import MadeArticle, SiteRulesFile, Tools, WatchlistFile

ORPHAN_CHECK_SECONDS = 2.0

NEW_OBJECTS = 20_000
"""After so many the collector looks for rubbish, where Python's own is 700: a page makes more than that, nearly all of
which goes without it.  94 ms of CPU a page instead of 99 (the best of four rounds taken in turns, 23 pages)."""


def warm() -> None:
    """Loads the tables that every page needs, 0.7 s: those of extraction, of languages and of names."""
    extraction.warm()
    language.warm()
    Annotator({}).annotate("")


def start(memory_bytes: int) -> None:
    """Readies a new process: tables loaded, the memory limit set.  A model that is not `transforms.preloaded` is loaded
    with the first text of its language: that takes up to two seconds and 150 MB."""
    _end_with_parent()
    warm()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def ready(tools: Tools) -> bool:
    """A task that returns once its process has been readied.

    Raises OSError for a model that is not there, ValueError for a watchlist that is not the one that was checked.
    """
    _annotator(tools).check()
    return True


def page_to_record(page: Page, run: Run, tools: Tools) -> MadeArticle | Problem:
    """The encoded article of ``page``."""
    article = make_article(page, run=run, annotator=_annotator(tools), rules=_site_rules(tools.site_rules))
    if isinstance(article, Problem):
        return article
    record = article_record(article)
    return record if isinstance(record, Problem) else MadeArticle(record, print_of(article))


def document_to_record(document: Document | Article, run: Run, tools: Tools) -> EncodedRecord | Problem:
    """The encoded article of a text that came without a page, or the next version of one that is annotated anew.

    An article whose annotations come out as they were is ``unchanged``.
    """
    annotator = _annotator(tools)
    if isinstance(document, Article):
        version = next_version(document, annotate_article(document, run=run, annotator=annotator))
        return version if isinstance(version, Problem) else article_record(version)
    return article_record(annotate_document(document, run=run, annotator=annotator))


def feed_to_entries(body: bytes, url: str, headers: Mapping[str, str], now: datetime) -> Feed | SitemapIndex | Problem:
    """The parsed feed; a sitemap that was listed as one is read as what it is."""
    if is_sitemap(body):
        return feed_of_sitemap(body, url=url, now=now)
    feed = parse_feed(body, url=url, headers=headers, now=now)
    return feed if isinstance(feed, Problem) else replace(feed, hints=polling_hints(body))


def sitemap_to_entries(body: bytes, url: str, now: datetime) -> Feed | SitemapIndex | Problem:
    """The parsed sitemap, as a feed; or the index of sitemaps."""
    return feed_of_sitemap(body, url=url, now=now)


def article_record(article: Article) -> EncodedRecord | Problem:
    """``article`` encoded alone; a record that its schema does not take is an outcome and harms no other."""
    try:
        data = encode(article)
    except InvalidRecord as error:
        return Problem(OutcomeKind.INVALID_RECORD, str(error), error_type="InvalidRecord")
    return EncodedRecord(ARTICLE, article.article_id, _preference(article), data)


def _preference(article: Article) -> str:
    """Sorts the copies of one article: the one found at its canonical address first, then by address."""
    asked = article.fetch.requested_url if article.fetch else article.url
    elsewhere = url_key(asked) != url_key(article.canonical_url)
    return f"{article.article_id} {int(elsewhere)} {asked}"


@cache
def _annotator(tools: Tools) -> Annotator:
    return Annotator(dict(tools.models), _watchlist(tools.watchlist) if tools.watchlist else None)


@cache
def _site_rules(file: SiteRulesFile | None) -> SiteRules:
    """The rules that come with the package, and a person's own over them."""
    return shipped().with_more(read_site_rules(file.text, file.path)) if file else shipped()


def _watchlist(file: WatchlistFile) -> Watchlist:
    """Raises ValueError where the file is no longer the one that was checked."""
    data = Path(file.path).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != file.sha256:
        raise ValueError(f"{file.path} has changed since the run began")
    return read_watchlist(data, suffix=Path(file.path).suffix.lower(), digest=digest)


def _end_with_parent() -> None:
    """Ends this process soon after the one that has the pool, or the one that it was forked from, is gone: a killed run
    leaves none behind."""
    owner, server = multiprocessing.parent_process(), os.getppid()

    def watch() -> None:
        while (owner is None or owner.is_alive()) and os.getppid() == server:
            time.sleep(ORPHAN_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="newsbeam-orphan-watch", daemon=True).start()
