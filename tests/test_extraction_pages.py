"""Pages written for this project, one file each, with what extraction must make of them in a comment at their head."""

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

PAGES = sorted((Path(__file__).parent / "data" / "pages").glob("*.html"))
NOW = datetime(2031, 6, 1, tzinfo=UTC)


def load(path: Path) -> tuple[dict[str, Any], Page]:
    """The case at the head of a file, and the page below it."""
    source = path.read_text(encoding="utf-8")
    head, _, html = source.removeprefix("<!--").partition("-->\n")
    case = json.loads(head)
    times = ("entry_published_at", "entry_updated_at")
    entry = {k: datetime.fromisoformat(v) if k in times else v for k, v in case.get("entry", {}).items()}
    request = PageRequest(case["url"], Source("s", "s", case.get("source_name")), Discovery("feed", NOW, **entry))
    payload = html.encode(case.get("charset", "utf-8"))
    kind = case.get("content_type", "text/html; charset=utf-8")
    return case, Page(request, Fetch(case["url"], case["url"], content_type=kind), payload)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path: Path) -> None:
    case, page = load(path)
    result = extract_story(page, now=NOW)
    expected = case["expect"]
    if "problem" in expected:
        assert isinstance(result, Problem), result
        assert result.kind == expected["problem"], result
        return
    assert isinstance(result, Story), result
    for field, value in expected.items():
        assert observed(result, field, value) == value, field


def observed(story: Story, field: str, expected: Any) -> Any:
    """What a story says of a field, in the shape in which cases write it."""
    if field in _READERS:
        return _READERS[field](story, expected)
    value = getattr(story, field)
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _picked(items: Any, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same keys of each item as the case names."""
    keys = [list(want) for want in wanted] + [["url"]] * (len(items) - len(wanted))
    return [{k: _plain(getattr(item, k)) for k in names} for item, names in zip(items, keys, strict=False)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _boilerplate(story: Story, expected: dict[str, list[str]]) -> dict[str, list[str]]:
    lines = {kind: [line.text for line in story.boilerplate if line.kind == kind] for kind in expected}
    return {kind: [text for text in texts if text in expected[kind]] for kind, texts in lines.items()}


def _source_of(story: Story, expected: dict[str, str]) -> dict[str, str | None]:
    sources = {one.field: one.source for one in story.provenance}
    return {field: sources.get(field) for field in expected}


_READERS = {
    "text": lambda story, _: story.text.split("\n"),
    "lacks": lambda story, words: [word for word in words if word not in story.text],
    "authors": lambda story, _: [author.name for author in story.authors],
    "author_urls": lambda story, _: [author.url for author in story.authors],
    "links": lambda story, _: [link.url for link in story.links],
    "embeds": lambda story, wanted: _picked(story.embeds, wanted),
    "images": lambda story, wanted: _picked(story.images, wanted),
    "corrections": lambda story, wanted: _picked(story.corrections, wanted),
    "live_updates": lambda story, wanted: _picked(story.live_updates, wanted),
    "boilerplate": _boilerplate,
    "flags": lambda story, wanted: [flag for flag in story.flags if flag in wanted],
    "sources": _source_of,
    "alternatives": lambda story, wanted: {
        one.field: list(one.alternatives) for one in story.provenance if one.field in wanted
    },
    "is_accessible_for_free": lambda story, _: story.rights.is_accessible_for_free,
    "tdm_reservation": lambda story, _: story.rights.tdm_reservation,
    "meta_robots": lambda story, _: list(story.rights.meta_robots),
    "license": lambda story, _: story.rights.license,
}


def test_cases_cover_many_kinds() -> None:
    assert len(PAGES) >= 25
    assert len({load(path)[0]["why"] for path in PAGES}) == len(PAGES)


@pytest.mark.parametrize("path", PAGES[::5], ids=lambda path: path.stem)
def test_same_page_twenty_times(path: Path) -> None:
    _, page = load(path)
    assert len({repr(extract_story(page, now=NOW)) for _ in range(20)}) == 1


def test_order_of_pages_does_not_matter() -> None:
    pages = [load(path)[1] for path in PAGES]
    forth = [extract_story(page, now=NOW) for page in pages]
    back = [extract_story(page, now=NOW) for page in reversed(pages)]
    assert forth == back[::-1]
