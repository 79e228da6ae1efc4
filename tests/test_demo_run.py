"""The demo: every page of the edition ends as its file name says, and those who speak in it are found."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from pipelines.demo import command, press
from pipelines.demo.command import as_called
from pipelines.demo.publishers import load_publishers
from support import Output

SPEAKERS_FOUND = 0.85
"""The share of the edition's English quotations whose speaker has the right full name.  Never lowered."""


REQUESTS = 52
"""What a run asks the edition's servers: four robots.txt files, five feeds, 35 pages, tries again; answers that
redirect are not counted.  Never raised."""


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The paths that the edition's servers are asked for, in order."""
    return []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, asked: list[str]) -> tuple[Output, str]:
    folder = tmp_path_factory.mktemp("demo")
    printed = io.StringIO()
    inner = press.Press.file_for
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(press.Press, "file_for", lambda server, path: asked.append(path) or inner(server, path))
        command.main(["--output", str(folder / "out")])  # raises where a page ends otherwise
    return Output(folder / "out"), printed.getvalue()


def test_summary_answers_what_happened(demo: tuple[Output, str]) -> None:
    output, printed = demo
    assert f"{len(output.rows('articles'))} articles" in printed
    assert "All 35 pages ended as the edition says they should." in printed
    assert "who said what" in printed
    assert str(output.folder) in printed


def test_every_feed_and_page_has_one_outcome(demo: tuple[Output, str]) -> None:
    output, _ = demo
    outcomes = output.outcomes()
    assert sum(kind == "parsed" for kind in outcomes.values()) == 5
    assert {"written", "paywall_stub", "consent_page", "soft_404", "http_error", "timeout", "not_html"} <= set(
        outcomes.values()
    )


def test_redirect_is_followed_and_recorded(demo: tuple[Output, str]) -> None:
    output, _ = demo
    moved = [row for row in output.rows("articles") if row["fetch"]["requested_url"] != row["fetch"]["final_url"]]
    assert len(moved) == 1
    assert moved[0]["url"] == moved[0]["fetch"]["final_url"]


def test_few_requests_are_made(demo: tuple[Output, str], asked: list[str]) -> None:
    assert 40 < len(asked) <= REQUESTS, asked


def test_headlines_authors_and_dates(demo: tuple[Output, str]) -> None:
    output, _ = demo
    by_path = {row["url"].split("/", 3)[3]: row for row in output.rows("articles")}
    for publisher in load_publishers():
        for page in publisher.expectations:
            row = by_path.get(page.final_path.lstrip("/"))
            if page.outcome != "written" or row is None:
                continue
            assert row["headline"] == page.headline
            assert [author["name"] for author in row["authors"]] == list(page.authors), page.path
            assert row["published_at"] == page.published, page.path


def test_who_said_what(demo: tuple[Output, str]) -> None:
    output, _ = demo
    by_path = {row["url"].split("/", 3)[3]: row for row in output.rows("articles")}
    right, wrong = 0, []
    for publisher in load_publishers():
        for page in publisher.expectations:
            row = by_path.get(page.final_path.lstrip("/"))
            if row is None or row["language"] != "en":
                continue
            for expected in page.quotations:
                found = [quote for quote in row["quotations"] if expected.opening in quote["text"]]
                if any(quote["speaker_name"] == expected.speaker for quote in found):
                    right += 1
                else:
                    names = [quote["speaker_name"] for quote in found]
                    wrong.append(f"{page.path}: “{expected.opening}” by {expected.speaker}, found {names}")
    assert right / (right + len(wrong)) >= SPEAKERS_FOUND, "\n".join(wrong)


def test_what_can_be_pasted_is_found_by_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "newsbeam"
    script.write_text("")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_called(str(script)) == "newsbeam"
    assert as_called(".venv/bin/newsbeam") == ".venv/bin/newsbeam"
    assert as_called("/home/a b/newsbeam") == "'/home/a b/newsbeam'"
    assert as_called("pipelines/__main__.py") == "newsbeam"
