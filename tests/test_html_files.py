"""HTML files as pages: which files ``--pages`` means, and a whole run over them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.sources import archive_files, page_list
from schemas.outcome import OutcomeKind, Problem
from support import Capture, Output
from transforms.core.urls import url_key
from transforms.html_files import HtmlFile, capture_of, read_html_file

NOW_TIME = datetime(2026, 11, 15, 21, 0, tzinfo=UTC)
STORY = b'<html><head><link rel="canonical" href="https://a.example/story"></head><p>The ferry.</p></html>'


def listed(*sources: object) -> list[tuple[str, str | None]]:
    return [(file.path, file.url) for file in page_list([str(source) for source in sources], NOW_TIME).files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.html", "b.htm", "deeper/c.xhtml", "deeper/notes.txt", "d [1].html"):
        path = tmp_path / "saved" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(STORY)
    return tmp_path / "saved"


def test_files_folders_and_globs(folder: Path) -> None:
    def names(source: str) -> list[str]:
        return [str(Path(path).relative_to(folder)) for path, _ in listed(folder / source)]

    assert names("a.html") == ["a.html"]
    assert names("d [1].html") == ["d [1].html"]
    assert names("*.htm*") == ["a.html", "b.htm", "d [1].html"]
    assert names(".") == ["a.html", "b.htm", "d [1].html", "deeper/c.xhtml"]
    assert len(listed(folder, folder / "a.html", f"{folder}/")) == 4


@pytest.mark.parametrize("source", ["none.html", "*.html", "notes"])
def test_nothing_there_is_a_wrong_call(source: str, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    with pytest.raises(UsageError, match="no HTML file there"):
        listed(tmp_path / source)


def test_lists_name_files_relative_to_themselves(folder: Path, tmp_path: Path) -> None:
    pages = tmp_path / "pages.csv"
    pages.write_text("url,file\nhttps://a.example/1,saved/a.html\nhttps://a.example/2,\n")
    found = page_list([str(pages)], NOW_TIME)
    assert found.files == (HtmlFile(f"{tmp_path}/saved/a.html", 0, "https://a.example/1"),)
    assert [request.url for request in found.requests] == ["https://a.example/2"]


def test_url_of_the_list_counts_for_more_than_the_files(folder: Path) -> None:
    def capture(file: HtmlFile) -> str:
        found = capture_of(file, now=NOW_TIME, max_bytes=1000)
        assert not isinstance(found, Problem)
        return found.request.url

    assert capture(HtmlFile(str(folder / "a.html"))) == "https://a.example/story"
    assert capture(HtmlFile(str(folder / "a.html"), url="https://b.example/")) == "https://b.example/"


@pytest.mark.parametrize(
    ("name", "max_bytes", "kind"),
    [
        ("a.html", 10, OutcomeKind.TOO_LARGE),
        ("gone.html", 1000, OutcomeKind.MALFORMED),
        ("deeper", 1000, OutcomeKind.MALFORMED),
    ],
)
def test_files_that_cannot_be_read(folder: Path, name: str, max_bytes: int, kind: OutcomeKind) -> None:
    path = str(folder / name)
    found = capture_of(HtmlFile(path), now=NOW_TIME, max_bytes=max_bytes)
    assert isinstance(found, Problem)
    assert found.kind is kind
    capture = capture_of(HtmlFile(path, url="https://a.example/1"), now=NOW_TIME, max_bytes=max_bytes)
    assert not isinstance(capture, Problem)
    ((_, page),) = read_html_file(path, [capture], max_bytes)
    assert isinstance(page, Problem)
    assert page.kind is kind


def test_a_run_over_files(
    newsbeam: Callable[..., Output], archive: Path, captures: list[Capture], tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, (_, body, _) in enumerate(captures[:3]):
        (folder / f"{number}.html").write_bytes(body)
    (folder / "nameless.html").write_bytes(b"<p>No address here.</p>")
    (folder / "gone.html").symlink_to(folder / "nothing")
    pages = tmp_path / "pages.csv"
    pages.write_text(f"url,file,name\n{captures[3][0]},saved/3.txt,Herald\nhttps://x.example/y,saved/lost.html,\n")
    (folder / "3.txt").write_bytes(captures[3][1])
    output = newsbeam("ingest", "--pages", str(folder), str(pages), output=tmp_path / "out")
    outcomes = dict(output.outcomes())
    assert outcomes.pop(str(folder / "nameless.html")) == "malformed"
    assert outcomes.pop("https://x.example/y") == "malformed"
    outcomes.pop(str(folder / "gone.html"), None)  # filesystems list a link that leads nowhere, or not
    assert {url_key(url): outcome for url, outcome in outcomes.items()} == {
        url_key(url): "written" for url, _, _ in captures[:4]
    }
    rows = output.rows("articles")
    assert {row["discovery"]["kind"] for row in rows} == {"html_file"}
    assert {row["fetch"]["archive_uri"].rsplit("/", 1)[1] for row in rows} == {"0.html", "1.html", "2.html", "3.txt"}

    both = newsbeam("ingest", "--pages", str(folder), "--warc", str(archive), output=tmp_path / "both")
    texts = {row["article_id"]: row["text"] for row in both.rows("articles")}
    assert all(texts[row["article_id"]] == row["text"] for row in rows)
    assert len(texts) == len(captures)


@pytest.mark.skipif(sys.platform == "darwin", reason="its filesystems refuse such names")
def test_a_name_that_is_not_utf8_costs_nobody_anything(
    newsbeam: Callable[..., Output], captures: list[Capture], tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / os.fsdecode(b"caf\xe9.html")).write_bytes(captures[0][1])
    (folder / os.fsdecode(b"caf\xe8.html")).write_bytes(b"<p>No address here.</p>")
    (folder / "plain.html").write_bytes(captures[1][1])
    output = newsbeam("ingest", "--pages", str(folder), output=tmp_path / "out")
    assert sorted(dict(output.outcomes()).values()) == ["malformed", "written", "written"]
    names = {row["fetch"]["archive_uri"].rsplit("/", 1)[1] for row in output.rows("articles")}
    assert names == {"caf\\udce9.html", "plain.html"}


@pytest.mark.skipif(sys.platform == "darwin", reason="its filesystems refuse such names")
def test_an_archive_with_such_a_name_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.warc")).write_bytes(b"")
    with pytest.raises(UsageError, match=r"caf\\udce9.warc': the name is not in UTF-8"):
        archive_files([f"{tmp_path}/*.warc"], "--warc")
