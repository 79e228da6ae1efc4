"""Pages that were saved as files: which address each had.

A file does not know where it came from.  What programs that save pages write into it is believed first, then what the
page says of itself: its canonical link, its og:url.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.outcome import OutcomeKind, Problem
from transforms.core.feeds.links import absolute_or_none
from transforms.core.page_links import read_page_links
from transforms.core.urls import check_url, registrable_domain

SAVED_SCAN_BYTES = 16 * 1024
"""Programs put their comment at the top of the file."""

ADVICE = "name its URL in a list with the columns url and file"

_SAVED = (
    re.compile(rb"<!--\s*saved from url=\([0-9]+\)(\S+)"),  # browsers, since Internet Explorer
    re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)"),
    re.compile(rb"<!--\s*Mirrored from (\S+) by HTTrack"),
)


def url_of_saved_page(payload: bytes) -> str | Problem:
    """The address that a saved page had.

    A canonical link is preferred to the address from which the page was saved where both are of one site, for that is
    how feeds name the page; one that names a front page is a fault of the template.  A ``Problem`` is ``malformed``:
    the file has no address in it, or is empty.
    """
    if not payload.strip():
        return Problem(OutcomeKind.MALFORMED, "the file is empty")
    saved = _saved_from(payload)
    found = [url for url in (*_own_urls(payload), saved) if url and not check_url(url)]
    if saved:
        found = [url for url in found if registrable_domain(url) == registrable_domain(saved)]
    url = next((url for url in found if _has_path(url)), None) or next(iter(found), None)
    return url or Problem(OutcomeKind.MALFORMED, f"no URL in the file: {ADVICE}")


def _saved_from(payload: bytes) -> str | None:
    head = payload[:SAVED_SCAN_BYTES]
    found = next((match[1] for pattern in _SAVED if (match := pattern.search(head))), None)
    if found is None:
        return None
    address = found.decode("utf-8", "replace").partition("#")[0]
    return absolute_or_none(address if "://" in address else f"https://{address}", "")


def _own_urls(payload: bytes) -> Iterator[str]:
    page = read_page_links(payload, url="")
    if not isinstance(page, Problem):
        yield from page.own_urls


def _has_path(url: str) -> bool:
    return bool(url.partition("://")[2].partition("/")[2])
