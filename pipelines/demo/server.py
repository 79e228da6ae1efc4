"""Serves the embedded edition on loopback, each publisher from an address of its own.

with serve_edition() as edition:
    run(feeds=edition.feeds)
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.demo.press import Press
from pipelines.demo.publishers import Expectation, ExpectedQuotation, Publisher, ServedFile, load_publishers
from schemas.outcome import OutcomeKind

FALLBACK_HOST = "127.0.0.1"
"""macOS and some containers configure no other loopback address."""


@dataclass(frozen=True, slots=True)
class DemoPage:
    """A page that a feed of the edition lists, with what a run should make of it.

    ``final_url`` differs from ``url`` where a redirect leads on.  Headline, authors and ``published`` are given for
    written pages; ``quotations`` are some of those the page holds.
    """

    url: str
    final_url: str
    outcome: OutcomeKind
    headline: str | None
    authors: tuple[str, ...]
    published: datetime | None
    quotations: tuple[ExpectedQuotation, ...]


@dataclass(frozen=True, slots=True)
class DemoPublisher:
    """A publisher on the air; ``origin`` is scheme, address and port without a final slash."""

    key: str
    name: str
    language: str
    origin: str


@dataclass(frozen=True, slots=True)
class DemoEdition:
    """The edition on the air: absolute URLs of its feeds and of every page that they list."""

    publishers: tuple[DemoPublisher, ...]
    feeds: tuple[str, ...]
    pages: tuple[DemoPage, ...]

    def origin(self, key: str) -> str:
        """The origin of the publisher in the folder ``key``; raises ``KeyError`` where there is none."""
        return {publisher.key: publisher.origin for publisher in self.publishers}[key]


@contextmanager
def serve_edition(*, host_prefix: str = "127.0.1", port: int = 0) -> Iterator[DemoEdition]:
    """Puts the edition on the air until the block ends.

    Publisher number i has the address ``host_prefix.i`` and ``port`` (0: any free one), or, where that address does
    not exist, 127.0.0.1 with port ``port + i - 1``.  Raises ``OSError`` where a port is taken.
    """
    publishers = load_publishers()
    with ExitStack() as stack:
        presses = {
            publisher.key: stack.enter_context(_bind(f"{host_prefix}.{number}", port, number))
            for number, publisher in enumerate(publishers, start=1)
        }
        origins = {key: press.origin for key, press in presses.items()}
        for publisher in publishers:
            stack.enter_context(presses[publisher.key].on_air(_answers(publisher, origins), _redirects(publisher)))
        yield _edition(publishers, origins)


def _bind(host: str, port: int, number: int) -> Press:
    try:
        return Press(host, port)
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
    return Press(FALLBACK_HOST, port and port + number - 1)


def _answers(publisher: Publisher, origins: dict[str, str]) -> dict[str, ServedFile]:
    return {file.path: _with_addresses(file, publisher.key, origins) for file in publisher.files}


def _redirects(publisher: Publisher) -> dict[str, str]:
    return {redirect.path: redirect.target for redirect in publisher.redirects}


def _with_addresses(file: ServedFile, own_key: str, origins: dict[str, str]) -> ServedFile:
    if not file.is_text:
        return file
    body = file.body.replace(b"{{base}}", origins[own_key].encode("ascii"))
    for key, origin in origins.items():
        body = body.replace(f"{{{{base:{key}}}}}".encode("ascii"), origin.encode("ascii"))
    return replace(file, body=body)


def _edition(publishers: tuple[Publisher, ...], origins: dict[str, str]) -> DemoEdition:
    return DemoEdition(
        publishers=tuple(DemoPublisher(p.key, p.name, p.language, origins[p.key]) for p in publishers),
        feeds=tuple(origins[p.key] + feed.path for p in publishers for feed in p.feeds),
        pages=tuple(_page(origins[p.key], expectation) for p in publishers for expectation in p.expectations),
    )


def _page(origin: str, expectation: Expectation) -> DemoPage:
    return DemoPage(
        url=origin + expectation.path,
        final_url=origin + expectation.final_path,
        outcome=expectation.outcome,
        headline=expectation.headline,
        authors=expectation.authors,
        published=expectation.published,
        quotations=expectation.quotations,
    )
