"""Answers that say 200 and hold no article: walls in many languages, lists of stories, and stories that speak of both.

``data/walls/KIND.txt`` holds one page a line, ``title || body``; ``data/lies/*.html`` are whole pages with their case
in a comment at the head, where ``final_url`` is the place to which a redirect led and ``entry_title`` what a feed said.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Story
from schemas.outcome import Problem
from transforms.core.extraction import extract_story

DATA = Path(__file__).parent / "data"
NOW = datetime(2031, 6, 1, tzinfo=UTC)
URL = "https://paper.example/2031/05/ferry-stops"
TEASERS = "".join(
    f'<div class="teaser"><h3><a href="/2031/{number}">The pier will be rebuilt, part {number}</a></h3>'
    f"<p>The council voted on Tuesday night to close the old pier for a year, report {number} says.</p></div>"
    for number in range(6)
)


def kind_of(html: str, url: str = URL, final_url: str = URL, entry_title: str | None = None) -> str:
    """What becomes of the page: the kind of its problem, or ``story``."""
    request = PageRequest(url, Source("s", "s"), Discovery("feed", NOW, entry_title=entry_title))
    page = Page(request, Fetch(url, final_url, content_type="text/html; charset=utf-8"), html.encode())
    result = extract_story(page, now=NOW)
    if isinstance(result, Problem):
        assert len(result.detail) <= 200
        return result.kind.value
    assert isinstance(result, Story)
    return "story"


def walls() -> list[Any]:
    """(kind, title, body) of every line."""
    found = []
    for path in sorted((DATA / "walls").glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        found += [
            pytest.param(path.stem, *line.split("||", 1), id=f"{path.stem}-{number}")
            for number, line in enumerate(lines)
        ]
    return found


@pytest.mark.parametrize(("kind", "title", "body"), walls())
def test_wall(kind: str, title: str, body: str) -> None:
    assert kind_of(f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>") == kind


LIES = sorted((DATA / "lies").glob("*.html"))


def load(path: Path) -> tuple[dict[str, Any], str]:
    head, _, html = path.read_text(encoding="utf-8").removeprefix("<!--").partition("-->\n")
    return json.loads(head), html


@pytest.mark.parametrize("path", LIES, ids=lambda path: path.stem)
def test_page(path: Path) -> None:
    case, html = load(path)
    assert kind_of(html, case["url"], case.get("final_url", case["url"]), case.get("entry_title")) == case["expect"]


def test_there_are_many_cases() -> None:
    assert len(walls()) >= 95
    assert len({load(path)[0]["why"] for path in LIES}) == len(LIES) >= 20


@pytest.mark.parametrize(("kind", "title", "body"), [wall for wall in walls() if wall.values[0] == "soft_404"])
def test_teasers_do_not_make_a_missing_page_a_story(kind: str, title: str, body: str) -> None:
    html = (
        f"<html><head><title>{title}</title></head><body><main>{body}<section>{TEASERS}</section></main></body></html>"
    )
    assert kind_of(html) in (kind, "home_page", "no_text")


TOLD = ("The harbour master", "A spokeswoman for the council", "The captain of the ferry", "An engineer at the yard")
STORY = "".join(
    f"<p>{who} said on Monday that no ferry would run until the pier had been rebuilt from its piles.</p>"
    for who in TOLD
)


@pytest.mark.parametrize(("kind", "title", "body"), walls())
def test_a_story_keeps_its_text_beside_a_walls_words(kind: str, title: str, body: str) -> None:
    """The overlay of a consent tool, a form or a notice for browsers without scripts, around a story that says so."""
    meta = '<meta property="og:type" content="article"><meta property="article:published_time" content="2031-05-01">'
    html = (
        f"<html><head><title>The ferry stops for a year</title>{meta}</head><body>"
        f'<div class="overlay"><div>{body}</div></div>'
        f"<article><h1>The ferry stops for a year</h1>{STORY}</article></body></html>"
    )
    assert kind_of(html) == "story"


@pytest.mark.parametrize(
    ("asked", "got", "kind"),
    [
        (URL, "https://www.paper.example/", "home_page"),
        (URL, "https://m.paper.example/index.html", "home_page"),
        (URL, "https://paper.example/2031/05/ferry-stops-2", "story"),
        (URL, "https://ferry.paper.example/", "story"),
        (URL, "https://other.example/", "story"),
        (URL, "https://paper.example/?p=7", "story"),
        ("https://paper.example/", "https://www.paper.example/", "story"),
    ],
)
def test_where_a_redirect_leads(asked: str, got: str, kind: str) -> None:
    heading = "<h1>The ferry stops for a year</h1>"
    html = f"<html><head><title>A</title></head><body>{heading}{STORY}</body></html>"
    assert kind_of(html, asked, got) == kind
