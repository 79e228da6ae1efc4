"""newsbeam report on outputs as runs leave them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import report
from pipelines.cli import run
from pipelines.errors import RunFailed, UsageError
from pipelines.reporting.gathering import gather
from pipelines.reporting.reading import Selection
from reports import NOW, decided, story, write_run
from transforms.compact import DayOfOutput, compact_day

DAY = timedelta(days=1)
MEGABYTE = 1024 * 1024


def stories_of(output: Path, **selection: object) -> int:
    return gather(Selection(str(output), **selection), 10, 10).figures.totals.stories  # type: ignore[arg-type]


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Three days with a run each, one story a day more."""
    for number in range(3):
        stories = [story(f"{number} {each}") for each in range(number + 1)]
        write_run(tmp_path, stories, [decided("https://a.example/")], run_id=f"run{number}", now=NOW + number * DAY)
    return tmp_path


def test_a_page_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, [story()], [decided("https://a.example/1"), decided("https://a.example/2", "timeout")])
    report.main([str(tmp_path)])
    printed = capsys.readouterr().out
    assert printed.startswith("1 story from 1 source. 1 of 2 URLs failed.\n")
    assert "--fetch_timeout" in printed
    assert printed.endswith(f"The page: {tmp_path}/report.html\n")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not list(tmp_path.glob("*.part"))


def test_the_summary_alone(tmp_path: Path) -> None:
    write_run(tmp_path, [story()])
    report.main([str(tmp_path), "--no_html"])
    assert not list(tmp_path.rglob("*.html"))


def test_a_page_elsewhere(tmp_path: Path) -> None:
    write_run(tmp_path / "out", [story()])
    report.main([str(tmp_path / "out"), "--html", str(tmp_path / "new" / "page.html")])
    assert (tmp_path / "new" / "page.html").exists()


@pytest.mark.parametrize(
    ("selection", "stories"),
    [
        ({}, 6),
        ({"first": NOW.date() + DAY}, 5),
        ({"last": NOW.date()}, 1),
        ({"first": NOW.date() + DAY, "last": NOW.date() + DAY}, 2),
        ({"run_id": "run2"}, 3),
    ],
    ids=str,
)
def test_which_runs(month: Path, selection: dict[str, object], stories: int) -> None:
    assert stories_of(month, **selection) == stories


def test_a_compacted_day_counts_the_same(month: Path) -> None:
    write_run(month, [story("more")], [decided("https://a.example/more")], run_id="more")
    before = gather(Selection(str(month)), 10, 10).figures
    assert compact_day(DayOfOutput(str(month), NOW.date()), MEGABYTE, NOW) is not None
    assert gather(Selection(str(month)), 10, 10).figures == before
    assert stories_of(month, run_id="more") == 1
    assert stories_of(month, run_id="run0") == 1


def test_files_of_a_run_that_has_not_ended_are_left_alone(month: Path) -> None:
    (month / "runs" / "run2.json").unlink()
    assert stories_of(month) == 3


def test_an_earlier_headline_is_looked_for_in_the_days_before(month: Path) -> None:
    first = story("0 0")
    change = story(
        "0 0",
        version=2,
        version_id="2",
        previous_version_id=first.version_id,
        action="REPLACE",
        changed_fields=("headline",),
        headline="Another",
        ingested_at=NOW + 3 * DAY,
    )
    write_run(month, [change], run_id="late", now=NOW + 3 * DAY)
    (found,) = gather(Selection(str(month), run_id="late"), 10, 10).figures.headlines
    assert (found.before, found.after) == (first.headline, "Another")


def test_a_run_that_wrote_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, [])
    report.main([str(tmp_path)])
    assert capsys.readouterr().out.startswith("Nothing was read.")


def test_texts_without_outcomes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, [story(published_at=None, published_precision=None, language=None)])
    report.main([str(tmp_path)])
    assert capsys.readouterr().out.startswith("1 story from 1 source.\n")


@pytest.mark.parametrize(
    ("argv", "wrong"),
    [
        (["--run_id", "nope"], "no finished run there with the id nope"),
        (["--date", "2020-01-01"], "no finished run there in these days"),
        (["--date", "2026-11-15", "--to", "2026-11-16"], "--date is one day"),
        (["--from", "2026-11-16", "--to", "2026-11-15"], "later than"),
        (["--html", "x", "--no_html"], "one of the two"),
        (["--articles", "0"], "--articles"),
    ],
)
def test_wrong_calls(tmp_path: Path, argv: list[str], wrong: str) -> None:
    write_run(tmp_path, [story()])
    with pytest.raises(UsageError, match=wrong):
        report.main([str(tmp_path), *argv])


def test_a_folder_that_is_no_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("report", [str(tmp_path)])
    assert left.value.code == 2
    assert capsys.readouterr().err == f"newsbeam: {tmp_path}: no finished run there\n"


@pytest.mark.parametrize("damage", [b"", b"nothing of the kind", b"[]", b'{"now": "today"}', b'{"now": 5}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, damage: bytes) -> None:
    write_run(tmp_path, [story()])
    (tmp_path / "runs" / "one.json").write_bytes(damage)
    with pytest.raises(RunFailed, match=r"one\.json"):
        stories_of(tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write_run(tmp_path, [story()])
    (path,) = tmp_path.glob("articles/*/*.avro")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RunFailed, match=path.name):
        stories_of(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_run(tmp_path, [story()], [decided("https://a.example/")])
    (path,) = tmp_path.glob("articles/*/*.avro")
    path.unlink()
    with pytest.raises(RunFailed, match=path.name):
        stories_of(tmp_path)


def test_runs_are_told_by_their_time(tmp_path: Path) -> None:
    for number, name in enumerate(["z", "a"]):
        write_run(tmp_path, [story(name)], run_id=name, now=NOW + number * timedelta(minutes=5))
    period = gather(Selection(str(tmp_path), date(2026, 11, 15), date(2026, 11, 15)), 10, 10).figures.period
    assert (period.first, period.last) == (NOW, datetime(2026, 11, 15, 21, 5, tzinfo=UTC))


def test_the_demo_edition(edition_output, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found = gather(Selection(str(edition_output.folder)), 500, 2000)
    manifest = edition_output.manifest()
    assert found.figures.totals.stories == manifest["articles"] == len(found.articles)
    assert found.figures.totals.urls == manifest["outcomes"] == len(found.urls)
    assert sum(len(json.loads(row)["quotations"]) for row in found.articles) == found.figures.totals.quotations
