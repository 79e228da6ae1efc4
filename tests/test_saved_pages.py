"""Which address a page that was saved as a file had."""

from __future__ import annotations

import pytest

from schemas.outcome import OutcomeKind, Problem
from transforms.core.saved_pages import url_of_saved_page

STORY = "https://www.example.org/2031/ferry"


def page(head: str = "", before: str = "") -> bytes:
    return f"<!DOCTYPE html>\n{before}<html><head>{head}</head><body><p>The ferry.</p></body></html>".encode()


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def saved_from(address: str) -> str:
    return f"<!-- saved from url=(00{len(address)}){address} -->\n"


OG_URL = f'<meta property="og:url" content="{STORY}">'
AMP = "https://m.example.org/amp/ferry?x=1"
SINGLE_FILE = f"<!--\n Page saved with SingleFile \n url: {STORY} \n saved date: x\n-->"
HTTRACK = f"<!-- Mirrored from {STORY[8:]} by HTTrack Website Copier/3.x -->"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(page(canonical(STORY)), id="canonical"),
        pytest.param(page(f"<LINK HREF='{STORY}#top' REL='Shortlink Canonical'>"), id="canonical, odd spelling"),
        pytest.param(page(OG_URL), id="og:url"),
        pytest.param(page(before=saved_from(STORY)), id="saved by a browser"),
        pytest.param(page(before=SINGLE_FILE), id="SingleFile"),
        pytest.param(page(before=HTTRACK), id="HTTrack"),
        pytest.param(page(canonical(STORY), saved_from(AMP)), id="saved from AMP"),
        pytest.param(page(canonical("https://www.example.org/") + OG_URL), id="front page as canonical"),
        pytest.param(page(canonical("/2031/ferry") + OG_URL), id="relative canonical"),
        pytest.param(page(canonical("https://example.net/a"), saved_from(STORY)), id="canonical of another site"),
        pytest.param(page(canonical(STORY)).decode().encode("utf-16"), id="UTF-16"),
        pytest.param(b"\x00\x01<html>" + canonical(STORY).encode(), id="hardly a page"),
    ],
)
def test_address(payload: bytes) -> None:
    assert url_of_saved_page(payload) == STORY


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b" \n", id="empty"),
        pytest.param(page(), id="nothing said"),
        pytest.param(page(canonical("ftp://example.org/a")), id="no scheme of the web"),
        pytest.param(page(canonical("https://user:word@example.org/a")), id="credentials"),
        pytest.param(b"%PDF-1.7 " + bytes(range(256)), id="no page"),
        pytest.param(b"<p>" * 60_000 + canonical(STORY).encode(), id="too much markup"),
    ],
)
def test_no_address(payload: bytes) -> None:
    found = url_of_saved_page(payload)
    assert isinstance(found, Problem)
    assert found.kind is OutcomeKind.MALFORMED
    assert "\n" not in found.detail
