"""Source lists beside the golden files: names, text instead of bytes, and lists that somebody spoilt."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from transforms.core.sources import SourceError, SourceKind, SourceList, SourceSpec, read_source_list

CASES = Path(__file__).parent / "data" / "sources"
LISTS = sorted(path for path in CASES.iterdir() if not path.name.endswith(".expected.json"))
URL = "https://herald.example/feed.xml"


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_no_mutation_raises(path: Path) -> None:
    body, rng = path.read_bytes(), random.Random(path.name)  # noqa: S311  # repeatable, not secret
    for _ in range(40):
        spoilt = bytearray(body[: rng.randrange(len(body) + 1)] if rng.random() < 0.3 else body)
        for _ in range(rng.choice((1, 6)) if spoilt else 0):
            spoilt[rng.randrange(len(spoilt))] = rng.choice((rng.randrange(256), *b"[]{}:\"'&*!|<>,\n"))
        result = read_source_list(bytes(spoilt), name=path.name)
        assert isinstance(result, SourceList) or (result and all(isinstance(error, SourceError) for error in result))


@pytest.mark.parametrize("path", [path for path in LISTS if "utf-16" not in path.name and "utf-8" not in path.name])
def test_text_and_bytes_read_alike(path: Path) -> None:
    body = path.read_bytes()
    if b"ISO-8859-1" not in body:
        assert read_source_list(body.decode(), name=path.name) == read_source_list(body, name=path.name)


def test_declared_encoding_of_a_text_does_not_count() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><opml><outline text="Älv" xmlUrl="https://alv.example/"/></opml>'
    result = read_source_list(text, name="a.opml")
    assert isinstance(result, SourceList)
    assert result.sources[0].name == "Älv"


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.toml", "a.yaml", "a"])
def test_an_empty_list_has_no_sources(name: str) -> None:
    assert read_source_list(b"", name=name) == SourceList(())


def test_an_empty_opml_file_is_an_error() -> None:
    assert read_source_list(b"", name="a.opml") == [SourceError("a.opml", 0, "not OPML: no opml element")]


@pytest.mark.parametrize(
    ("written", "seconds"), [("600", 600), ("10m", 600), ("10 min", 600), ("2H", 7200), ("1d", 86400), ("1w", 604800)]
)
def test_intervals(written: str, seconds: int) -> None:
    result = read_source_list(f"url,interval\n{URL},{written}\n", name="a.csv")
    assert result == SourceList((SourceSpec(URL, interval_seconds=seconds, line=2),))


@pytest.mark.parametrize("written", ["59", "31d", "0", "-5", "1.5h", "1y", "h"])
def test_intervals_refused(written: str) -> None:
    (error,) = read_source_list(f"url,interval\n{URL},{written}\n", name="a.csv")
    assert str(error).startswith(f"a.csv:2: interval {written!r}")


def test_kind_is_a_feed_unless_said() -> None:
    result = read_source_list(f"url,kind\n{URL},\n{URL}2,Page\n", name="a.csv")
    assert isinstance(result, SourceList)
    assert [spec.kind for spec in result.sources] == [SourceKind.FEED, SourceKind.PAGE]


def test_deep_nesting_is_no_crash() -> None:
    assert str(read_source_list("[" * 1000 + "]" * 1000, name="a.yaml")[0]).startswith("a.yaml: YAML: nested too deep")
    outlines = "<outline text='x'>" * 200 + f"<outline xmlUrl='{URL}'/>"
    result = read_source_list(f"<opml>{outlines}", name="a.opml")
    assert isinstance(result, SourceList)
    assert [spec.url for spec in result.sources] == [URL]


def test_packed_sitemaps_are_lists_too() -> None:
    packed = gzip.compress(b"<urlset><url><loc>https://a.example/1</loc></url></urlset>")
    result = read_source_list(packed, name="sitemap.xml.gz")
    assert isinstance(result, SourceList)
    assert result.sources == (SourceSpec("https://a.example/1", kind=SourceKind.PAGE),)
    broken = read_source_list(b"<urlset><url><loc>https://a.ex", name="sitemap.xml")
    assert isinstance(broken, list)
    assert str(broken[0]).startswith("sitemap.xml: sitemap: nothing could be read")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'<outline text="a"b" xmlUrl="https://a.example/%d"/>', id="quotes"),
        pytest.param(b"<outline text=a xmlUrl=https://a.example/%d>", id="bare values, never closed"),
        pytest.param(b'</body></opml><opml><outline xmlUrl="https://a.example/%d"></outline>', id="glued"),
    ],
)
def test_no_source_of_a_broken_opml_is_lost(body: bytes) -> None:
    many = b"\n".join(body % number for number in range(200))
    result = read_source_list(b"<opml><body>" + many + b"</body></opml>", name="a.opml")
    assert isinstance(result, SourceList)
    assert [spec.url for spec in result.sources] == [f"https://a.example/{number}" for number in range(200)]
    assert len(result.warnings) == 1
