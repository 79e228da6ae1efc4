"""Whole runs of ``newsbeam ingest`` over archives: what goes in, what is on disk afterwards."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from apache_beam.metrics.metric import MetricsFilter

from pipelines import ingest
from pipelines.beam_options import beam_options
from pipelines.ingest_pipeline import build
from pipelines.running import prepared, run_to_end
from support import NOW, Capture, Output
from transforms.core.layout import WORK_FOLDER
from transforms.write import METRICS_NAMESPACE

Newsbeam = Callable[..., Output]


@pytest.fixture(scope="module")
def first_run(newsbeam: Newsbeam, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Output:
    return newsbeam("ingest", "--warc", str(archive), output=tmp_path_factory.mktemp("out") / "first")


def test_every_page_is_an_article(first_run: Output, captures: list[Capture]) -> None:
    assert {row["fetch"]["requested_url"] for row in first_run.rows("articles")} == {url for url, _, _ in captures}
    assert set(first_run.outcomes().values()) == {"written"}


def test_article_rows_hold_what_the_pages_say(first_run: Output) -> None:
    (bridge,) = [row for row in first_run.rows("articles") if "/harbour-bridge" in row["url"]]
    assert bridge["headline"].startswith("Port Ellery bridge to close for 18 months")
    assert [author["name"] for author in bridge["authors"]] == ["Marian Tull"]
    assert bridge["published_at"].isoformat() == "2026-11-14T06:30:00+00:00"
    assert bridge["language"] == "en"
    for quote in bridge["quotations"]:
        assert bridge["text"][quote["start_char"] : quote["end_char"]] == quote["text"]
    assert ("Dorothea Flint", True) in {
        (quote["speaker_name"], quote["text"].startswith("I would rather explain")) for quote in bridge["quotations"]
    }
    assert any(entity["type"] == "PERSON" for entity in bridge["entities"])


def test_manifest_agrees_with_the_files(first_run: Output) -> None:
    manifest = first_run.manifest()
    outcomes = Counter(row["outcome"] for row in first_run.rows("outcomes"))
    assert manifest["counts"]["by_outcome"] == dict(outcomes)
    assert manifest["articles"] == len(first_run.rows("articles"))
    listed = {entry["path"] for entry in manifest["files"]}
    assert listed == {name for name in first_run.bytes_by_name() if name.endswith(".avro")}


def test_nothing_temporary_is_left(first_run: Output) -> None:
    tops = {name.split("/")[0] for name in first_run.bytes_by_name()}
    assert tops == {"articles", "outcomes", "runs"}


def test_same_command_gives_the_same_bytes(
    first_run: Output, newsbeam: Newsbeam, archive: Path, tmp_path: Path
) -> None:
    again = newsbeam("ingest", "--warc", str(archive), output=tmp_path / "again")
    assert again.bytes_by_name() == first_run.bytes_by_name()


def test_a_repeated_run_replaces_itself(newsbeam: Newsbeam, archive: Path, tmp_path: Path) -> None:
    newsbeam("ingest", "--warc", str(archive), "--run_id", "daily", "--limit", "3", output=tmp_path)
    other = newsbeam("ingest", "--warc", str(archive), "--run_id", "daily-2", "--limit", "1", output=tmp_path)
    kept = {file["path"] for file in json.loads((tmp_path / "runs/daily-2.json").read_bytes())["files"]}
    assert len(kept) == 2
    assert kept <= set(other.bytes_by_name())
    again = newsbeam("ingest", "--warc", str(archive), "--run_id", "daily", "--limit", "2", output=tmp_path)
    assert len(again.rows("articles")) == 2 + 1
    assert kept <= set(again.bytes_by_name())


def test_shards_and_small_files_hold_the_same_rows(
    first_run: Output, newsbeam: Newsbeam, archive: Path, tmp_path: Path
) -> None:
    spread = newsbeam("ingest", "--warc", str(archive), "--shards", "3", output=tmp_path)
    assert len(list(tmp_path.glob("articles/*/*.avro"))) == 3
    key = lambda row: row["article_id"]  # noqa: E731 - a sort key
    assert sorted(spread.rows("articles"), key=key) == sorted(first_run.rows("articles"), key=key)


def test_limit_takes_those_listed_first(
    newsbeam: Newsbeam, archive: Path, captures: list[Capture], tmp_path: Path
) -> None:
    few = newsbeam("ingest", "--warc", str(archive), "--limit", "4", output=tmp_path)
    assert set(few.outcomes()) == {url for url, _, _ in captures[:4]}


def test_dry_run_writes_nothing(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ingest.main(["--warc", str(archive), "--output", str(tmp_path / "none"), "--dry_run", "--limit", "2"])
    printed = capsys.readouterr().out
    assert printed.count("would take") == 2
    assert not (tmp_path / "none").exists()


def test_metrics_agree_with_the_outcomes(archive: Path, tmp_path: Path) -> None:
    parsed = ingest.parser().parse_args(
        ["--warc", str(archive), "--output", str(tmp_path), "--now", NOW, "--limit", "5"]
    )
    plan = ingest.plan_of(parsed)
    with prepared(plan.sink):
        result = run_to_end(lambda pipeline: build(pipeline, plan), beam_options([], []), plan.sink)
    counters = result.metrics().query(MetricsFilter().with_namespace(METRICS_NAMESPACE))["counters"]
    counted = {counter.key.metric.name: counter.committed for counter in counters}
    assert counted == Output(tmp_path).manifest()["counts"]["by_stage_and_outcome"] == {"write/written": 5}


@pytest.mark.parametrize("runner", ["DirectRunner", "FnApiRunner"])
def test_local_runners_are_one(runner: str, newsbeam: Newsbeam, archive: Path, tmp_path: Path) -> None:
    output = newsbeam("ingest", "--warc", str(archive), "--limit", "1", "--runner", runner, output=tmp_path)
    assert len(output.rows("articles")) == 1


def test_a_newer_capture_wins_and_a_redirect_does_not(
    newsbeam: Newsbeam, captures: list[Capture], write_archive: Callable[..., Path], tmp_path: Path
) -> None:
    url, body, kind = captures[0]
    old = body.replace(b"corrosion", b"rust")
    pages = write_archive(tmp_path / "pages.warc", [(url, old, kind), (url, body, kind)])
    moved = write_archive(tmp_path / "moved.warc", [(url, b"", kind)] * 9, status="301 Moved Permanently")
    output = newsbeam("ingest", "--warc", str(moved), str(pages), output=tmp_path / "out")
    (row,) = output.rows("articles")
    assert "corrosion" in row["headline"]
    assert output.outcomes() == {url: "written"}


def test_work_folder_of_a_killed_try_is_taken_away(newsbeam: Newsbeam, archive: Path, tmp_path: Path) -> None:
    litter = tmp_path / WORK_FOLDER / "daily" / "parts" / "article" / "00000" / "half.part"
    litter.parent.mkdir(parents=True)
    litter.write_bytes(b"half")
    output = newsbeam("ingest", "--warc", str(archive), "--run_id", "daily", "--limit", "1", output=tmp_path)
    assert not [name for name in output.bytes_by_name() if WORK_FOLDER in name]
