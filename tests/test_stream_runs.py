"""The stream on one machine: messages in, rows out, acknowledged when the rows are in place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from changing_site import ChangingSite, changing_site
from fake_pubsub import Broker, pubsub_on_air
from pipelines import stream
from pipelines.errors import RunFailed, UsageError
from pipelines.local_stream import loop
from streams import START, Rig, Until, body
from support import Capture, Output
from transforms.core.layout import WORK_FOLDER

TOPIC, SUBSCRIPTION = "projects/p/topics/requests", "projects/p/subscriptions/requests"
DEAD = "projects/p/topics/dead"
ARTICLES = "projects/p/topics/articles"
TEXT = "The harbour board met on Tuesday. “We owe the crews a quay that holds,” said Ines Calder, its chair."
OF_THE_RUN = frozenset({"run_id", "ingested_at", "first_seen_at"})


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        found.create(TOPIC, SUBSCRIPTION)
        found.create(DEAD)
        yield found


@pytest.fixture
def rig(broker: Broker, tmp_path: Path) -> Rig:
    return Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"))


@pytest.fixture
def site() -> Iterator[ChangingSite]:
    with changing_site() as publisher:
        publisher.publish("/a", "Quay to be rebuilt", "The quay will be rebuilt.", "Mon, 16 Nov 2026 07:30:00 GMT")
        yield publisher


def until_done(broker: Broker) -> Until:
    return Until(lambda: not broker.waiting(SUBSCRIPTION))


def text(number: int, words: str = TEXT) -> bytes:
    return body(url=f"https://harbour.example/{number}", text=f"{words} It was meeting {number}.")


def test_an_archive_gives_the_rows_that_ingest_gives(
    broker: Broker, rig: Rig, archive: Path, newsbeam: Callable[..., Output], edition_output: Output
) -> None:
    broker.send(TOPIC, body(warc=str(archive)))
    changing = Rig(rig.folder, "--subscription", SUBSCRIPTION, "--allow_warc", str(archive.parent))
    changing.run(until_done(broker), name="streamed")
    assert without(changing.output.rows("articles"), OF_THE_RUN) == without(edition_output.rows("articles"), OF_THE_RUN)
    told = OF_THE_RUN | {"at"}
    assert without(changing.output.rows("outcomes"), told) == without(edition_output.rows("outcomes"), told)


def without(rows: list[dict[str, Any]], names: frozenset[str]) -> list[dict[str, Any]]:
    """The rows without fields, and without the moment at which their page was discovered."""
    kept = [{name: value for name, value in row.items() if name not in names} for row in rows]
    for row in kept:
        if row.get("discovery"):
            row["discovery"] = {**row["discovery"], "seen_at": None}
    return sorted(kept, key=lambda row: (row.get("article_id") or "", row["url"]))


def test_pages_that_come_along_give_the_articles_that_ingest_gives(
    broker: Broker, rig: Rig, captures: list[Capture], edition_output: Output
) -> None:
    utf8 = [(url, page.decode()) for url, page, kind in captures if "utf-8" in kind][:6]
    broker.send(TOPIC, *(body(url=url, html=page, id="desk-1") for url, page in utf8))
    rig.run(until_done(broker))
    expected = {row["url"]: row for row in edition_output.rows("articles")}
    found = rig.output.rows("articles")
    assert len(found) == 6
    for row in found:
        like = expected[row["url"]]
        for name in ("article_id", "version_id", "headline", "text", "entities", "quotations", "authors", "images"):
            assert row[name] == like[name]
        assert (row["discovery"]["kind"], row["discovery"]["entry_id"]) == ("message", "desk-1")


def test_what_cannot_be_used_is_said_and_goes_to_the_dead_letters(broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--dead_letter_topic", DEAD)
    (good, bad) = broker.send(TOPIC, text(1), b"\xff not JSON")
    broker.send(TOPIC, body(page="ftp://harbour.example/"), colour="red")
    rig.run(until_done(broker))
    assert rig.counts() == [{"malformed": 2, "written": 1}]
    rows = {row["url"]: row for row in rig.output.rows("outcomes")}
    assert rows["https://harbour.example/1"]["outcome"] == "written"
    refused = rows[f"pubsub:{SUBSCRIPTION}/{bad}"]
    assert (refused["outcome"], refused["stage"], refused["payload"]) == ("malformed", "discover", b"\xff not JSON")
    assert "not UTF-8 at byte 0" in refused["detail"]
    letters = broker.published(DEAD)
    assert [data for data, _, _ in letters] == [b"\xff not JSON", body(page="ftp://harbour.example/")]
    assert "not UTF-8" in letters[0][1]["newsbeam_reason"]
    assert letters[1][1]["colour"] == "red"
    operations = [(each.kind, each.messages) for each in broker.operations("publish", "acknowledge")][2:]
    assert [kind for kind, _ in operations] == ["acknowledge", "publish", "acknowledge"]
    assert operations[0][1] == (good,)


def test_nothing_is_acknowledged_before_it_is_in_place_and_what_comes_again_makes_no_second_row(
    broker: Broker, tmp_path: Path
) -> None:
    broker.create(ARTICLES)
    sink = ("--sink", f"pubsub:{ARTICLES}")
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"), *sink)
    seen = []

    def look(messages: tuple[str, ...]) -> None:
        run = json.loads((rig.folder / "state/manifest.json").read_text())["run_id"]
        published = [*rig.folder.glob(f"out/articles/*/{run}-*.avro"), *rig.folder.glob(f"out/runs/{run}.json")]
        seen.append((messages, run, len(published), max(path.stat().st_ctime_ns for path in published)))

    broker.on_acknowledge = look
    first = broker.send(TOPIC, text(1), text(2))
    rig.run(until_done(broker), name="one")
    second = broker.send(TOPIC, text(1), text(2, words=TEXT.replace("Tuesday", "Wednesday")))
    rig.run(until_done(broker), name="two")
    assert [(messages, run[:3], files) for messages, run, files, _ in seen] == [
        (tuple(first), "one", 2),
        (tuple(second), "two", 2),
    ]
    acknowledged = [each.at for each in broker.operations("acknowledge")]
    assert all(in_place <= at for (*_, in_place), at in zip(seen, acknowledged, strict=True))
    handed_on = (each.kind for each in broker.operations() if each.subject == ARTICLES or each.kind == "acknowledge")
    assert [kind for kind, _ in groupby(handed_on)] == ["publish", "acknowledge", "publish", "acknowledge"]
    assert rig.counts() == [{"written": 2}, {"unchanged": 1, "written": 1}]
    rows = sorted(rig.output.rows("articles"), key=lambda row: (row["url"], row["version"]))
    assert [(row["url"][-1], row["version"], row["action"]) for row in rows] == [
        ("1", 1, "ADD"),
        ("2", 1, "ADD"),
        ("2", 2, "REPLACE"),
    ]


def test_a_batch_that_fails_is_given_back_and_done_again(broker: Broker, rig: Rig) -> None:
    broker.send(TOPIC, text(1))
    obstacle = rig.folder / "out/articles"
    obstacle.parent.mkdir()
    obstacle.write_text("in the way")

    def is_over() -> bool:
        if rig.watched.failures and obstacle.is_file():
            obstacle.unlink()
        return not broker.waiting(SUBSCRIPTION)

    rig.run(Until(is_over, leaps=True))
    assert len(rig.watched.failures) == 1
    assert broker.operations("nack")
    assert rig.counts() == [{"written": 1}]
    assert not list(rig.folder.glob(f"out/{WORK_FOLDER}/*"))


def test_a_service_that_is_away_is_waited_for_and_after_a_while_no_more(
    broker: Broker, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    broker.is_away = True
    until = Until(lambda: False, leaps=True)
    with pytest.raises(RunFailed, match=r"3 batches in a row failed.*Pub/Sub does not answer"):
        rig.run(until, max_failures=3)
    assert until.now - START >= timedelta(seconds=1 + 2)
    assert not (rig.folder / "out").exists()


def test_a_subscription_that_is_not_there_is_a_wrong_call(broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, "--subscription", "projects/p/subscriptions/other")
    with pytest.raises(UsageError, match="--subscription projects/p/subscriptions/other: "):
        rig.run(Until(lambda: False))


def test_a_bug_is_no_reason_to_try_again(broker: Broker, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(loop, "build", build)
    broker.send(TOPIC, text(1))
    with pytest.raises(ZeroDivisionError):
        rig.run(until_done(broker))
    assert [each.kind for each in broker.operations()][-1] == "nack"


def test_an_output_that_cannot_be_written_is_a_wrong_call(broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, output="taken/out")
    (tmp_path / "taken").write_text("a file")
    broker.send(TOPIC, text(1))
    with pytest.raises(UsageError, match="cannot be written"):
        rig.run(until_done(broker))
    assert broker.operations("nack")


def test_feeds_and_pages_are_asked_when_due_and_an_article_that_is_edited_comes_out_again(
    site: ChangingSite, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, "--feeds", f"{site.origin}/feed.xml", "--state", str(tmp_path / "state"))

    def is_over() -> bool:
        if len(rig.watched.manifests) == 1:  # no feed tells of this
            headline, _, date = site.stories["/a"]
            site.publish("/a", headline, "The quay will not be rebuilt after all, the board decided.", date)
        return any(row["action"] == "REPLACE" for row in rig.output.rows("articles"))

    until = Until(is_over, leaps=True)
    rig.run(until)
    first, second = sorted(rig.output.rows("articles"), key=lambda row: row["version"])
    assert second["previous_version_id"] == first["version_id"]
    assert "text" in second["changed_fields"]
    assert until.now - START <= timedelta(hours=1)
    assert rig.counts()[0] == {"parsed": 1, "written": 1}
    assert rig.watched.rounds > 10 * len(rig.counts())  # where nothing is due there is no run


def test_a_page_is_asked_for_at_once_and_a_feed_with_all_its_pages(
    broker: Broker, rig: Rig, site: ChangingSite
) -> None:
    site.publish("/b", "Ferry is late again", "The ferry was late on Monday.", "Mon, 16 Nov 2026 05:00:00 GMT")
    broker.send(TOPIC, body(page=f"{site.origin}/a", source="harbour-post"))
    rig.run(until_done(broker), name="one")
    broker.send(TOPIC, body(feed=f"{site.origin}/feed.xml"), body(page=f"{site.origin}/a"))
    rig.run(until_done(broker), name="two")
    assert rig.counts() == [{"written": 1}, {"parsed": 1, "not_modified": 1, "written": 1}]
    (page,) = [row for row in rig.output.rows("articles") if row["url"].endswith("/a")]
    assert (page["source"]["id"], page["discovery"]["kind"]) == ("harbour-post", "message")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "nothing to do"),
        (("--feeds", "https://harbour.example/rss"), "--feeds needs --state"),
        (("--feeds", "https://harbour.example/rss", "--state", "s", "--dead_letter_topic", DEAD), "goes with"),
        (("--subscription", SUBSCRIPTION, "--window", "soon"), "'soon' is not a number"),
        (("--subscription", SUBSCRIPTION, "--run_for", "0"), "too small"),
    ],
)
def test_wrong_calls(argv: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        stream.main([*argv, "--output", str(tmp_path)])


def test_a_file_is_no_output(tmp_path: Path) -> None:
    """Said at once, also where nothing is due that could be written."""
    (tmp_path / "file").write_text("")
    argv = ["--feeds", "https://harbour.example/rss", "--state", str(tmp_path / "state"), "--run_for", "1s"]
    with pytest.raises(UsageError, match=r"--output .*is a file; name a folder"):
        stream.main([*argv, "--output", str(tmp_path / "file")])


def test_a_signal_ends_the_stream_when_what_is_in_work_is_published(broker: Broker, tmp_path: Path) -> None:
    broker.send(TOPIC, *(text(number) for number in range(30)))
    argv = [sys.executable, "-m", "pipelines", "stream", "--subscription", SUBSCRIPTION, "--output"]
    argv += [str(tmp_path / "out"), "--state", str(tmp_path / "state"), "--max_batch", "20", "--max_wait", "1s"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, env=dict(os.environ), text=True) as running:
        wait_for(lambda: bool(broker.operations("pull")), running)
        wait_for(lambda: any(tmp_path.glob(f"out/{WORK_FOLDER}/*")), running)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=200)
    assert running.returncode == 0, said
    assert len(Output(tmp_path / "out").rows("articles")) == 20
    assert broker.waiting(SUBSCRIPTION) == 10
    assert "the stream ends: 1 runs published" in said
    assert not list(tmp_path.glob(f"out/{WORK_FOLDER}/*"))


def wait_for(is_there: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 200
    while not is_there():
        assert running.poll() is None, "the stream ended before it was told to"
        assert time.monotonic() < deadline
        time.sleep(0.01)
