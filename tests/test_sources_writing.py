"""Source lists that are written can be read: what comes back is what went in."""

from __future__ import annotations

import pytest

from transforms.core.feeds.text import fold
from transforms.core.sources import (
    LIST_FORMATS,
    SourceKind,
    SourceList,
    SourceSpec,
    read_source_list,
    write_source_list,
)

AWKWARD = 'Häfen "Nord" & <Süd> \\ # 7; =1+1, Überseestraße\u2028\tund\n\x7fmehr 🌊'
SPECS = (
    SourceSpec("https://herald.example/feed.xml", "herald.example", "The Herald", "en", notes="25 entries"),
    SourceSpec("https://deich.example/?feed=rss2&lang=de#top", "deich", AWKWARD, "de-AT", notes=f"1 # {AWKWARD}"),
    SourceSpec("https://mill.example/news.xml", "mill", kind=SourceKind.SITEMAP),
)
FOLDED = fold(AWKWARD)


def read(form: str, specs: tuple[SourceSpec, ...] = SPECS) -> tuple[SourceSpec, ...]:
    printed = write_source_list(specs, form=form, heading="Found\nfor # you -- today")
    found = read_source_list(printed.encode(), name={"text": "list.txt"}.get(form, f"list.{form}"))
    assert isinstance(found, SourceList), found
    assert found.warnings == ()
    return found.sources


@pytest.mark.parametrize("form", LIST_FORMATS)
def test_what_is_written_can_be_read(form: str) -> None:
    found = read(form)
    assert [(spec.url, spec.kind) for spec in found] == [(spec.url, spec.kind) for spec in SPECS]
    if form != "text":
        assert [spec.name for spec in found] == ["The Herald", FOLDED, SPECS[2].url if form == "opml" else None]
        assert [spec.language for spec in found] == ["en", "de-AT", None]
    if form not in ("text", "opml"):
        assert [spec.id for spec in found] == ["herald.example", "deich", "mill"]


@pytest.mark.parametrize("form", ["toml", "yaml", "text"])
def test_notes_are_comments(form: str) -> None:
    printed = write_source_list(SPECS, form=form, heading="Found today")
    assert "# Found today" in printed
    assert "25 entries" in printed
    assert all(spec.notes is None for spec in read(form))


@pytest.mark.parametrize("form", LIST_FORMATS)
def test_one_source(form: str) -> None:
    assert [spec.url for spec in read(form, SPECS[:1])] == [SPECS[0].url]


def test_text_lists_name_sitemaps_as_robots_files_do() -> None:
    errors = read_source_list("sitemap:https://a.example/n.xml # ours\nhttps://a.example/sitemap: x\n", name="l.txt")
    assert isinstance(errors, list)
    assert [str(error) for error in errors] == ["l.txt:2: not a URL: 'https://a.example/sitemap: x'"]
    found = read_source_list("Sitemap: https://a.example/n.xml\n", name="l.txt")
    assert isinstance(found, SourceList)
    assert [(spec.url, spec.kind, spec.line) for spec in found.sources] == [
        ("https://a.example/n.xml", SourceKind.SITEMAP, 1)
    ]
