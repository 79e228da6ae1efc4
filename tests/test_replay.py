"""newsbeam replay: which failures are chosen, in which way each is run, and what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopback import Site, on_air
from pipelines import replay
from pipelines.errors import UsageError
from schemas.codec import to_row, write_container
from schemas.outcome import OK_KINDS, Outcome, OutcomeKind, Stage
from support import NOW, Output
from transforms.core.outcomes import MAX_PAYLOAD
from transforms.core.replay import Failure, Way, choose, failure_of, last_words, stored_page, way_of

AT = datetime(2026, 11, 14, 6, tzinfo=UTC)

FAILURE = Failure("https://harbour.example/a", "fetch_page", "timeout", False, True, AT, "run-1", "a.avro", 0)
STORED = replace(FAILURE, stage="extract", outcome="crashed", retryable=False, payload_bytes=100)

# --- which way


@pytest.mark.parametrize(
    ("failure", "way"),
    [
        (FAILURE, Way.PAGE),
        (STORED, Way.STORED),
        (replace(STORED, payload_bytes=MAX_PAYLOAD), Way.PAGE),
        (replace(STORED, payload_bytes=0), Way.PAGE),
        (replace(STORED, is_archived=True), Way.STORED),
        (replace(STORED, is_archived=True, payload_bytes=MAX_PAYLOAD), Way.NOT),
        (replace(FAILURE, stage="fetch_feed"), Way.FEED),
        (replace(FAILURE, stage="parse_feed", payload_bytes=9), Way.FEED),
        (replace(FAILURE, stage="enrich", payload_bytes=9), Way.NOT),
        (replace(FAILURE, stage="discover", url="list.txt:7"), Way.NOT),
        (replace(FAILURE, url="crawl.warc.gz:7"), Way.NOT),
        (replace(FAILURE, stage="fetch_feed", url="https://harbour.example/rss?api_key=***12ab"), Way.NOT),
    ],
)
def test_the_way_of_a_failure(failure: Failure, way: Way) -> None:
    choice = way_of(failure)
    assert choice.way is way
    assert (choice.reason is not None) == (way is Way.NOT)


def test_a_stored_page_with_a_masked_address_is_read_all_the_same() -> None:
    assert way_of(replace(STORED, url="https://harbour.example/a?token=***12ab")).way is Way.STORED


# --- which rows


def later(row: Failure, outcome: OutcomeKind) -> Failure:
    return replace(row, outcome=outcome, ok=outcome in OK_KINDS, at=row.at + timedelta(hours=1), run_id="run-2")


def test_what_a_later_run_made_good_is_left_alone() -> None:
    assert choose([FAILURE, later(FAILURE, OutcomeKind.WRITTEN)]) == []
    assert choose([later(FAILURE, OutcomeKind.WRITTEN), FAILURE]) == []


@pytest.mark.parametrize("kind", [OutcomeKind.NOT_DUE, OutcomeKind.FILTERED])
def test_a_row_that_decides_nothing_does_not_hide_the_failure(kind: OutcomeKind) -> None:
    assert [choice.failure for choice in choose([FAILURE, later(FAILURE, kind)])] == [FAILURE]


def test_of_two_failures_of_a_url_the_last_one_counts() -> None:
    rows = [later(FAILURE, OutcomeKind.UNREACHABLE), FAILURE]
    assert [row.outcome for row in last_words(rows)] == ["unreachable"]


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [replace(FAILURE, url=f"https://harbour.example/{number}", place=number) for number in range(5)]
    assert choose(rows) == choose(rows[::-1])


def test_left_to_itself_it_chooses_what_may_come_out_otherwise() -> None:
    gone = replace(FAILURE, url="https://harbour.example/gone", outcome="http_error", retryable=False)
    stored = replace(STORED, url="https://harbour.example/stored")
    assert [choice.failure for choice in choose([FAILURE, gone, stored])] == [FAILURE, stored]


def test_what_is_named_is_chosen_whatever_the_hope() -> None:
    gone = replace(FAILURE, url="https://harbour.example/gone", outcome="http_error", retryable=False)
    assert [choice.failure for choice in choose([FAILURE, gone], outcomes=["http_error"])] == [gone]
    assert [choice.failure for choice in choose([FAILURE, gone, STORED], stages=["fetch_page"])] == [FAILURE, gone]
    assert choose([FAILURE, gone], outcomes=["http_error"], stages=["extract"]) == []


# --- whole runs


def article(words: str) -> bytes:
    paragraphs = "".join(
        f"<p>{words}, part {number}: the harbour board said on Monday that the ferry would sail again in spring.</p>"
        for number in range(6)
    )
    return f"<html lang=en><head><title>{words}</title></head><body><article><h1>{words}</h1>{paragraphs}".encode()


def outcome(url: str, stage: Stage, kind: OutcomeKind, **details: object) -> Outcome:
    return Outcome(AT, "run-1", stage, url, kind, kind in OK_KINDS, kind is OutcomeKind.TIMEOUT, **details)


def write_outcomes(folder: Path, rows: list[Outcome]) -> Path:
    path = folder / "outcomes" / "date=2026-11-14" / "run-1.avro"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_container(file, "outcome", [to_row(row) for row in rows])
    return path.parent.parent


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with on_air() as site:
        site.add("/robots.txt", "User-agent: *\nAllow: /")
        site.add("/late", article("Ferry sails").decode(), **{"Content-Type": "text/html"})
        site.add(
            "/feed",
            "<rss version='2.0'><channel><title>Harbour</title><item><link>{o}/listed</link></item></channel></rss>",
            **{"Content-Type": "application/rss+xml"},
        )
        site.add("/listed", article("Bridge opens").decode(), **{"Content-Type": "text/html"})
        yield site


@pytest.fixture(scope="module")
def failed(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outcomes of a run on a bad day."""
    rows = [
        outcome(
            "https://harbour.example/crash",
            Stage.EXTRACT,
            OutcomeKind.CRASHED,
            source_id="harbour",
            status=200,
            payload=article("Crane falls"),
        ),
        outcome("https://harbour.example/fine", Stage.WRITE, OutcomeKind.WRITTEN),
        outcome(f"{site.origin}/late", Stage.FETCH_PAGE, OutcomeKind.TIMEOUT),
        outcome(f"{site.origin}/feed", Stage.FETCH_FEED, OutcomeKind.TIMEOUT, source_id="harbour"),
        outcome("https://harbour.example/feed?api_key=***12ab", Stage.FETCH_FEED, OutcomeKind.TIMEOUT),
    ]
    return write_outcomes(tmp_path_factory.mktemp("failed"), rows)


def run(failed: Path, output: Path, *argv: str) -> Output:
    place = ["--input", str(failed), "--output", str(output), "--now", NOW]
    replay.main([*place, "--allow_networks", "127.0.0.0/8", "--host_gap", "0", *argv])
    return Output(output)


@pytest.fixture(scope="module")
def again(failed: Path, tmp_path_factory: pytest.TempPathFactory) -> Output:
    return run(failed, tmp_path_factory.mktemp("again") / "out")


def test_every_failure_has_its_new_outcome(again: Output, site: Site) -> None:
    assert again.outcomes() == {
        "https://harbour.example/crash": "written",
        f"{site.origin}/late": "written",
        f"{site.origin}/feed": "parsed",
        f"{site.origin}/listed": "written",
        "https://harbour.example/feed?api_key=***12ab": "filtered",
    }


def test_an_article_of_a_stored_page_says_where_it_came_from(again: Output) -> None:
    (row,) = [row for row in again.rows("articles") if row["url"] == "https://harbour.example/crash"]
    assert row["source"]["id"] == "harbour"
    assert row["discovery"]["kind"] == "replay"
    assert row["fetch"]["fetched_at"] == AT
    assert row["fetch"]["status"] == 200
    assert row["headline"] == "Crane falls"
    assert row["run_id"] != "run-1"


def test_the_same_command_gives_the_same_bytes(again: Output, failed: Path, tmp_path: Path) -> None:
    assert run(failed, tmp_path / "out").bytes_by_name() == again.bytes_by_name()


def test_only_what_is_named_is_run(failed: Path, tmp_path: Path) -> None:
    chosen = run(failed, tmp_path / "out", "--outcome", "crashed")
    assert list(chosen.outcomes()) == ["https://harbour.example/crash"]


def test_a_replay_into_the_same_output_leaves_nothing_to_do(
    failed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = write_outcomes(
        tmp_path,
        [outcome("https://harbour.example/x", Stage.EXTRACT, OutcomeKind.CRASHED, payload=article("Crane falls"))],
    )
    run(home, tmp_path)
    run(home, tmp_path)
    assert capsys.readouterr().out.splitlines()[-1] == "nothing to run again"


def test_a_dry_run_lists_and_writes_nothing(
    failed: Path, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = len(site.asked)
    run(failed, tmp_path / "out", "--dry_run")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"would ask again   {site.origin}/feed  (fetch_feed/timeout, run run-1)"
    assert lines[2].startswith("would read again  https://harbour.example/crash")
    assert "1 cannot run again, 2 would ask again, 1 would read again" in lines
    assert not (tmp_path / "out").exists()
    assert len(site.asked) == asked


def test_of_a_whole_output_the_outcomes_are_read(
    failed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(failed, tmp_path / "in" / "outcomes")
    (tmp_path / "in" / "articles").mkdir()
    (tmp_path / "in" / "articles" / "a.avro").write_bytes(b"rows of another kind")
    run(tmp_path / "in", tmp_path / "out", "--dry_run")
    assert "1 cannot run again, 2 would ask again, 1 would read again" in capsys.readouterr().out.splitlines()


def test_a_limit_takes_the_first_by_url(failed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(failed, tmp_path / "out", "--dry_run", "--limit", "1")
    assert "1 would ask again" in capsys.readouterr().out.splitlines()


def test_a_replay_with_the_state_gives_the_next_version(failed: Path, tmp_path: Path) -> None:
    state = ["--state", str(tmp_path / "state")]
    run(failed, tmp_path / "out", *state, "--outcome", "crashed", "--run_id", "one")
    second = run(failed, tmp_path / "out", *state, "--outcome", "crashed", "--run_id", "two")
    rows = [row["outcome"] for row in second.rows("outcomes") if row["run_id"] == "two"]
    assert rows == ["unchanged"]


# --- what is said of wrong calls


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["--input", "nowhere", "--output", "out"], "nowhere/**: no such file"),
        (["--output", "out"], "--input"),
        (["--input", "x", "--output", "out", "--outcome", "written"], "invalid choice"),
        (["--input", "x", "--output", "out", "--stag", "extract"], "--stag"),
    ],
)
def test_a_wrong_call_is_said(argv: list[str], complaint: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=complaint.replace("*", r"\*")):
        replay.main(argv)


def test_a_file_that_holds_no_outcomes_is_named(tmp_path: Path) -> None:
    (tmp_path / "other.avro").write_bytes(b"no Avro")
    with pytest.raises(UsageError, match=r"other\.avro: not an Avro file of outcomes"):
        replay.main(["--input", str(tmp_path), "--output", str(tmp_path / "out")])


def test_a_row_is_read_without_its_payload() -> None:
    row = to_row(outcome("https://harbour.example/a", Stage.EXTRACT, OutcomeKind.CRASHED, payload=b"abc"))
    assert failure_of(row, "x.avro", 7).payload_bytes == 3
    assert stored_page(row, now=AT).payload == b"abc"
