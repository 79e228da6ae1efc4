"""Source files as a person meets them: what the whole command says of a wrong one, and what becomes of a right one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.cli import run
from pipelines.errors import UsageError
from pipelines.sources import feed_requests, page_list
from transforms.core.sources import SourceList, read_source_list
from transforms.core.sources.checks import KEYS

ROOT = Path(__file__).parent.parent
NOW = datetime(2031, 6, 1, tzinfo=UTC)

URL = "url = 'https://a.example/f'\n"

WRONG = {
    "wrong key": ("s.toml", f"[[source]]\n{URL}nmae = 'A'\n", "s.toml:3: unknown key 'nmae' (did you mean 'name'?)"),
    "wrong column": ("s.csv", "url,lang\n", "s.csv:1: unknown key 'lang' (did you mean 'language'?)"),
    "wrong key in YAML": ("s.yaml", "- url: https://a.example/f\n  tag: x\n", "s.yaml:2: unknown key 'tag'"),
    "duplicate id": (
        "s.toml",
        f"[[source]]\nid = 'a'\n{URL}[[source]]\nid = 'a'\nurl = 'https://b.example/'\n",
        "s.toml:5: duplicate id 'a' (first on line 2)",
    ),
    "unknown scheme": ("s.txt", "https://a.example/f\n\ngopher://a.example/\n", "s.txt:3: unknown scheme 'gopher'"),
    "unknown scheme in OPML": (
        "s.opml",
        "<opml>\n<outline xmlUrl='feed://a.example/'/></opml>",
        "s.opml:2: unknown scheme 'feed'",
    ),
    "bad interval": ("s.csv", "url,interval\nhttps://a.example/f,soon\n", "s.csv:2: interval 'soon' is neither"),
    "interval too short": ("s.toml", f"[[source]]\n{URL}interval = 5\n", "s.toml:3: interval 5 is not between 60"),
    "bad kind": ("s.toml", f"[[source]]\n{URL}kind = 'blog'\n", "s.toml:3: kind 'blog' is none of feed, sitemap, page"),
    "page among feeds": ("s.toml", f"[[source]]\n{URL}kind = 'page'\n", "s.toml:1: a page among the feeds"),
    "file among feeds": ("s.csv", "url,file\nhttps://a.example/,a.html\n", "s.csv:2: a file among the feeds"),
    "sitemap of pages": ("s.xml", "<urlset><url><loc>https://a.example/</loc></url></urlset>", "s.xml: a page among"),
    "no TOML": ("s.toml", "[[source]\n", "s.toml:1: TOML: "),
    "no UTF-8": ("s.txt", "https://a.example/f\nhttps://b.example/\udcff\n", "s.txt:2: not UTF-8"),
    "no URL": ("s.yaml", "- name: A\n", "s.yaml:1: no url"),
    "nothing in it": ("s.toml", "# later\n", "s.toml: the list is empty"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_source_file_stops_the_command(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, text, expected = WRONG[case]
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SystemExit) as left:
        run("ingest", ["--feeds", str(tmp_path / name), "--output", str(tmp_path / "out")])
    assert left.value.code == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"newsbeam: {tmp_path}/{expected}")
    assert len(printed.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_every_error_of_a_file_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.txt").write_text("".join(f"ftp://a.example/{number}\n" for number in range(7)))
    with pytest.raises(SystemExit) as left:
        run("ingest", ["--feeds", str(tmp_path / "s.txt"), "--output", str(tmp_path / "out")])
    assert left.value.code == 2
    printed = capsys.readouterr().err
    assert [f"s.txt:{number}:" in printed for number in (1, 5, 6)] == [True, True, False]
    assert "(7 errors in " in printed


def test_an_ill_formed_opml_is_read_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.opml"
    path.write_text('<opml><body>\n<outline text="The "Best"" xmlUrl="https://a.example/f"/>\n</body></opml>')
    assert [request.url for request in feed_requests([str(path)])] == ["https://a.example/f"]
    assert f"{path}:2: ill-formed OPML, repaired" in caplog.text


def test_what_a_list_says_reaches_the_request(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        "[[source]]\nid = 'a'\nurl = 'https://a.example/f'\nname = 'A'\nlanguage = 'pt_BR'\ninterval = '2h'\n"
        "[[source]]\nurl = 'https://a.example/news.xml'\nkind = 'sitemap'\n"
    )
    first, second = feed_requests([str(path)])
    assert (first.source_id, first.source_name, first.kind) == ("a", "A", "feed")
    assert (first.language, first.interval_seconds) == ("pt-BR", 7200)
    assert (second.kind, second.position, second.source_id) == ("sitemap", 1, None)


def test_sitemap_files_list_pages_or_sitemaps(tmp_path: Path) -> None:
    pages, index = tmp_path / "sitemap.xml", tmp_path / "index.xml"
    pages.write_text("<urlset><url><loc>https://a.example/1</loc></url></urlset>")
    index.write_text("<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>")
    assert [request.url for request in page_list([str(pages)], NOW).requests] == ["https://a.example/1"]
    assert [request.kind for request in feed_requests([str(index)])] == ["sitemap"]
    with pytest.raises(UsageError, match=r"a sitemap among the pages: list https://a.example/s.xml under --feeds"):
        page_list([str(index)], NOW)


DOCUMENTED = re.findall(r"^```(toml|yaml|csv|text)\n(.*?)^```", (ROOT / "docs" / "sources.md").read_text(), re.M | re.S)


@pytest.mark.parametrize(("form", "text"), DOCUMENTED)
def test_documented_lists_can_be_read(form: str, text: str) -> None:
    found = read_source_list(text, name=f"list.{'txt' if form == 'text' else form}")
    assert isinstance(found, SourceList), found
    assert found.warnings == ()


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs" / "sources.md").read_text()
    assert len(DOCUMENTED) == 5
    assert all(f"`{key}`" in page for key in KEYS)
