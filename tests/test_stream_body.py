"""The body of the stream, fed by TestStream: late, double, out of order, poisoned, and never acknowledged too early."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing import test_stream
from apache_beam.transforms.window import IntervalWindow, TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from fake_pubsub import pubsub_on_air
from paper_mailbox import PaperMailbox, PaperSink
from pipelines import ingest
from pipelines.beam_options import PRISM, beam_options, runner_of
from pipelines.stream_pipeline import StreamPlan, ending_of, work_on
from pipelines.work import models_of, pool_of
from publishers import Publishers
from schemas.codec import read_container
from schemas.hops import Capture, Run
from schemas.messages import from_single_object, schema_mark
from schemas.outcome import OutcomeKind, Problem, Stage
from schemas.registry import ARTICLE, OUTCOME
from support import Output
from transforms import archives
from transforms.archives import CHANGED, list_captures, read_captures
from transforms.clock import Clock
from transforms.core.compaction import run_of
from transforms.core.manifest import RunFacts
from transforms.core.requests import Message
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetcher import FetcherConfig, FetchLimits
from transforms.outcomes import Reporter
from transforms.sinks.destination import SinkFailed
from transforms.sinks.pubsub import PubSubTopic
from transforms.streaming import recall
from transforms.streaming.archives import Archive, _ReadArchives
from transforms.streaming.recall import Recheck
from transforms.streaming.sink import _PublishBundle
from transforms.streaming.understand import UnderstandRequests
from transforms.streaming.work import Delivery, Work
from transforms.write import Sink

NOON = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
POOL = PoolConfig(processes=1, task_seconds=30.0)

PARAGRAPHS = (
    "The night ferry to Port Little sailed again on Monday after four months in dock, with two hundred people aboard.",
    "Its owner, the Sound and Islands Line, had put the return off three times while it waited for a new gearbox.",
    "Fares stay as they were until spring, the company said, and bicycles travel without charge on weekdays.",
)


def page(headline: str, *more: str) -> str:
    text = "".join(f"<p>{each}</p>" for each in (*PARAGRAPHS, *more))
    return (
        f"<html><head><title>{headline}</title></head><body><article><h1>{headline}</h1>{text}</article></body></html>"
    )


def asks(number: int, /, **fields: str) -> Delivery:
    return delivery(number, json.dumps(fields).encode())


def delivery(number: int, data: bytes) -> Delivery:
    message = Message(data, f"pubsub:projects/p/subscriptions/s/{number}", str(number), NOON)
    return Delivery(message, f"receipt-{number}")


def story(number: int, url: str | None = None) -> Delivery:
    url = url or f"https://harbour.example/{number}"
    return asks(number, url=url, html=page(f"The ferry is back for the {number}. time"))


class Stream:
    """One stream over a made-up course of events, and what it left."""

    def __init__(self, folder: Path) -> None:
        self.output = Output(folder / "out")
        self.archives_below: tuple[str, ...] = ()
        self.mailbox = PaperMailbox(str(folder / "notes"), str(folder / "out"))
        facts = RunFacts("s", NOON, "pinned", {}, {"newsbeam": "0"}, {})
        sink = Sink(str(folder / "out"), Run("s", NOON, "0"), Clock(NOON))
        self.plan = StreamPlan(
            sink,
            facts,
            POOL,
            FetcherConfig(FetchLimits(total_seconds=5.0), (ip_network("127.0.0.0/8"),)),
            Politeness(gap_seconds=0.0, threads=4),
            self.mailbox,  # type: ignore[arg-type]
            ending_of(sink),
            recheck=Recheck(timedelta(hours=1), most=3),
        )

    def run(self, events: Callable[[Any], Any]) -> None:
        with pipeline_of_events() as pipeline:
            source = events(test_stream.TestStream(coder=beam.coders.PickleCoder()))
            self.work_on(pipeline | source.advance_watermark_to_infinity())

    def work_on(self, deliveries: beam.PCollection) -> None:
        typed = deliveries | "Typed" >> beam.Map(_as_is).with_output_types(Delivery)
        owned = typed | UnderstandRequests(self.plan.run, self.plan.sink.clock, self.archives_below)
        work_on(owned, self.plan, self.mailbox)  # type: ignore[arg-type]

    def run_all(self, *deliveries: Delivery) -> None:
        self.run(lambda source: source.add_elements([at(0, each) for each in deliveries]))

    def ids(self) -> list[str]:
        return sorted(row["version_id"] for row in self.output.rows("articles"))

    def assert_durable_before_acknowledged(self) -> None:
        """At each acknowledgement every message had its outcomes in a file that readers could see."""
        files = {path.name: path for path in self.output.folder.glob("outcomes/*/*.avro")}
        for _, receipts, visible in self.mailbox.notes("acknowledge"):
            urls = {row["url"] for name in visible if name in files for row in rows_of(files[name])}
            assert urls, f"{receipts} were acknowledged before anything could be seen"

    def files(self) -> list[Path]:
        """The files that readers see."""
        return sorted(self.output.folder.glob("*/date=*/*.avro"))

    def manifests(self) -> list[Path]:
        return sorted(self.output.folder.glob("runs/*.json"))

    def headlines(self) -> list[str]:
        return sorted(row["headline"] for row in self.output.rows("articles"))

    def said(self) -> list[tuple[str, str]]:
        return sorted((row["url"], row["outcome"]) for row in self.output.rows("outcomes"))


def pipeline_of_events() -> beam.Pipeline:
    """On a runner that knows `TestStream`: Prism where the tests run on that, else the one that Beam keeps for it."""
    options = beam_options(["--streaming"], [])
    return beam.Pipeline(options=options, runner=None if runner_of(options) == PRISM else "BundleBasedDirectRunner")


def feed(*names: str) -> Callable[[Any], bytes]:
    """A feed that lists pages of the site that it is on."""

    def answer(handler: Any) -> bytes:
        origin = f"http://{handler.headers['Host']}"
        items = "".join(f"<item><title>{name}</title><link>{origin}/{name}</link></item>" for name in names)
        return f'<rss version="2.0"><channel><title>Coast</title>{items}</channel></rss>'.encode()

    return answer


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return list(read_container(file))


def _as_is(element: Any) -> Any:
    return element


def at(minutes: float, element: Any) -> TimestampedValue:
    return TimestampedValue(element, moment(minutes))


def moment(minutes: float) -> Timestamp:
    return Timestamp.from_utc_datetime(NOON + timedelta(minutes=minutes))


@pytest.fixture
def site() -> Iterator[Publishers]:
    publishers = Publishers()
    yield publishers
    publishers.close()


@pytest.fixture
def stream(tmp_path: Path) -> Stream:
    recall.KNOWN = recall.Known()
    return Stream(tmp_path)


# --- what a stream owes to each message


def test_what_messages_carry_is_written_and_then_acknowledged(stream: Stream) -> None:
    text = asks(2, url="https://harbour.example/text", text="Ada Penn bakes bread.", headline="Bread")
    stream.run_all(story(1), text)
    assert stream.headlines() == ["Bread", "The ferry is back for the 1. time"]
    assert stream.said() == [("https://harbour.example/1", "written"), ("https://harbour.example/text", "written")]
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2"]
    stream.assert_durable_before_acknowledged()


def test_a_poisoned_message_leaves_its_bytes_and_harms_no_other(stream: Stream) -> None:
    stream.run_all(delivery(1, b"\xff\x00 no JSON"), story(2), asks(3, warc="gs://elsewhere/crawl.warc.gz"))
    assert stream.headlines() == ["The ferry is back for the 2. time"]
    outcomes = {row["url"]: row for row in stream.output.rows("outcomes")}
    refused = outcomes["pubsub:projects/p/subscriptions/s/1"]
    assert (refused["outcome"], refused["payload"]) == ("malformed", b"\xff\x00 no JSON")
    buried = [letter for _, letters, _ in stream.mailbox.notes("bury") for letter in letters]
    assert sorted(message_id for message_id, _ in buried) == ["1", "3"]
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2", "receipt-3"]
    stream.assert_durable_before_acknowledged()


def test_dead_letters_are_published_before_their_messages_are_acknowledged(stream: Stream) -> None:
    stream.run_all(delivery(1, b"[]"))
    kinds = [kind for kind, _, _ in stream.mailbox.notes()]
    assert kinds == ["hold", "bury", "acknowledge"]


def test_a_feed_is_acknowledged_when_all_that_it_led_to_is_durable(stream: Stream, site: Publishers) -> None:
    url = site.open("coast", feed=feed("one", "two", "gone"), one=page("One").encode(), two=page("Two").encode())
    stream.run_all(asks(1, feed=f"{url}/feed"))
    assert stream.headlines() == ["One", "Two"]
    assert stream.said() == [
        (f"{url}/feed", "parsed"),
        (f"{url}/gone", "http_error"),
        (f"{url}/one", "written"),
        (f"{url}/two", "written"),
    ]
    assert stream.mailbox.acknowledged() == ["receipt-1"]
    stream.assert_durable_before_acknowledged()


def test_where_a_runner_parts_what_came_of_a_message_nothing_is_acknowledged(stream: Stream) -> None:
    sink, mailbox = stream.plan.sink, stream.mailbox
    step = _PublishBundle(sink, stream.plan.facts, mailbox)  # type: ignore[arg-type]
    outcome = Reporter(sink.run, sink.clock, Stage.FETCH_PAGE).outcome(
        Problem(OutcomeKind.TIMEOUT, "slow"), "https://harbour.example/1"
    )
    one, _other = Work(None, "1", "receipt-1").becoming([outcome, outcome])
    list(step.process(one, IntervalWindow(moment(0), moment(1))))
    with pytest.raises(RuntimeError, match="1 messages were parted over bundles"):
        list(step.finish_bundle())
    assert mailbox.acknowledged() == []


def test_pages_of_a_feed_are_not_asked_for_with_every_poll(stream: Stream, site: Publishers) -> None:
    pages = {name: page(name).encode() for name in "abcde"}
    url = site.open("coast", feed=feed(*pages), **pages)
    stream.run(
        lambda source: (
            source.add_elements([at(0, asks(1, feed=f"{url}/feed"))])
            .add_elements([at(10, asks(2, feed=f"{url}/feed"))])
            .add_elements([at(20, asks(3, feed=f"{url}/feed"))])
        )
    )
    asked = [path for path in site.paths("coast") if path not in ("/feed", "/robots.txt")]
    assert sorted(asked) == ["/a", "/b", "/c", "/d", "/e"]
    not_due = [row["detail"] for row in stream.output.rows("outcomes") if row["outcome"] == "not_due"]
    assert any("3 others of its feed first" in detail for detail in not_due)
    assert any("its feed says nothing new" in detail for detail in not_due)
    assert stream.mailbox.acknowledged() == ["receipt-1", "receipt-2", "receipt-3"]


def test_a_page_that_is_asked_for_by_name_is_always_fetched(stream: Stream, site: Publishers) -> None:
    url = site.open("coast", story=page("Story").encode())
    for number in (1, 2):
        stream.run_all(asks(number, page=f"{url}/story"))
    assert site.paths("coast").count("/story") == 2
    assert len(set(stream.ids())) == 1


# --- archives

OF_THE_RUN = ("run_id", "pipeline_version", "ingested_at", "first_seen_at", "discovery", "at")
OF_OTHERS = ("duplicate",)
"""A run says which of its articles are copies of others; a stream on a cluster compares none."""


def alone(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without what depends on the run that they are of, and on its other rows."""
    kept = [{name: value for name, value in row.items() if name not in OF_THE_RUN + OF_OTHERS} for row in rows]
    return sorted(kept, key=lambda row: (row["url"], row.get("stage") or ""))


def test_an_archive_gives_the_rows_that_ingest_gives(stream: Stream, archive: Path, edition_output: Output) -> None:
    stream.archives_below = (str(archive.parent),)
    parsed = ingest.parser().parse_args(["--output", "out"])
    stream.plan = replace(stream.plan, pool=pool_of(parsed, models_of(parsed)))
    stream.run_all(asks(1, warc=str(archive)), story(2))
    assert stream.mailbox.acknowledged().count("receipt-1") == 1
    stream.assert_durable_before_acknowledged()
    other = "https://harbour.example/2"
    articles = [row for row in stream.output.rows("articles") if row["url"] != other]
    assert alone(articles) == alone(edition_output.rows("articles"))
    outcomes = [row for row in stream.output.rows("outcomes") if row["url"] != other]
    assert alone(outcomes) == alone(edition_output.rows("outcomes"))


@pytest.mark.parametrize("damage", ["none there", "cut"])
def test_a_damaged_archive_gives_what_can_be_read_and_says_what_cannot(
    stream: Stream, damage: str, archive: Path, newsbeam: Callable[..., Output], tmp_path: Path
) -> None:
    path = tmp_path / "damaged.warc.gz"
    if damage == "cut":
        path.write_bytes(archive.read_bytes()[:19_000])
    stream.archives_below = (str(tmp_path),)
    stream.run_all(asks(1, warc=str(path)))
    assert stream.mailbox.acknowledged() == ["receipt-1"]
    said = dict(stream.said())
    assert said[str(path)] == "malformed"
    if damage == "cut":
        whole = newsbeam("ingest", "--warc", str(path), output=tmp_path / "ingested")
        assert stream.said() == sorted((row["url"], row["outcome"]) for row in whole.rows("outcomes"))


def test_an_archive_that_is_too_large_is_refused_with_the_reason(stream: Stream, archive: Path) -> None:
    step = _ReadArchives(Reporter(stream.plan.run, stream.plan.sink.clock, Stage.DISCOVER), 1_000_000, most=5)
    message = asks(1, warc=str(archive)).message
    outcome, letter = (each.item for each in step.process(Work(Archive(str(archive), message), "1", "receipt-1")))
    assert (outcome.url, outcome.outcome) == (str(archive), "filtered")
    assert letter.message is message
    assert "more than 5 captures" in letter.problem.detail


def test_an_archive_that_changes_while_it_is_read_owes_an_outcome_for_each_page(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "changing.warc.gz"
    path.write_bytes(archive.read_bytes())
    listed = [each for each in list_captures(str(path), 0, NOON) if isinstance(each, Capture)]
    path.write_bytes(archive.read_bytes()[: listed[5].offset])
    read = dict(read_captures(str(path), listed, 1_000_000))
    assert list(read) == listed
    assert [each for each in listed if read[each] is CHANGED] == listed[5:]


def test_a_page_in_which_the_reading_breaks_off_is_owed_an_outcome_too(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [each for each in list_captures(str(archive), 0, NOON) if isinstance(each, Capture)]

    def page_of(capture: Capture, *_rest: Any) -> Problem:
        if capture is listed[3]:
            raise OSError("the connection was cut")
        return CHANGED

    monkeypatch.setattr(archives, "_page_of", page_of)
    read = dict(read_captures(str(archive), listed, 1_000_000))
    assert list(read) == listed
    assert [each for each in listed if "the connection was cut" in read[each].detail] == listed[3:]


def test_the_parts_of_an_archive_are_the_whole_of_its_message(stream: Stream, archive: Path) -> None:
    step = _ReadArchives(Reporter(stream.plan.run, stream.plan.sink.clock, Stage.DISCOVER), 1_000_000, most=100)
    for name in ("edition.warc.gz", "nothing.warc"):
        path = archive.parent / name
        if not path.exists():
            path.touch()
        parts = list(step.process(Work(Archive(str(path), asks(1).message), "1", "receipt-1")))
        assert sum(part.share for part in parts) == 1


# --- other sinks


def paper_sink(stream: Stream, schema: str = ARTICLE, *, fails: bool = False) -> PaperSink:
    return PaperSink(schema, stream.mailbox.path, stream.mailbox.output, fails)


def test_other_sinks_have_the_rows_before_files_are_in_place_and_these_are_before_messages_are_acknowledged(
    stream: Stream,
) -> None:
    stream.plan = replace(stream.plan, destinations=(paper_sink(stream), paper_sink(stream, OUTCOME)))
    stream.run_all(story(1))
    notes = list(stream.mailbox.notes())
    assert [kind for kind, _, _ in notes] == ["hold", "deliver", "deliver", "settle", "settle", "acknowledge"]
    assert [said[1] for kind, said, _ in notes if kind == "deliver"] == [["https://harbour.example/1"]] * 2
    assert [len(visible) for _, _, visible in notes] == [0, 0, 0, 0, 0, 2]
    (manifest,) = stream.manifests()
    assert json.loads(manifest.read_text())["sinks"] == [
        {"bodiless": 0, "records": 1, "schema": schema, "sink": "paper:"} for schema in (ARTICLE, OUTCOME)
    ]


def test_a_sink_that_fails_leaves_nothing_published_and_nothing_acknowledged(stream: Stream) -> None:
    stream.plan = replace(stream.plan, destinations=(paper_sink(stream), paper_sink(stream, OUTCOME, fails=True)))
    with pytest.raises((SinkFailed, RuntimeError), match="paper:: it is full"):  # other runners tell its text alone
        stream.run_all(story(1))
    assert list(stream.mailbox.notes("acknowledge", "settle")) == []
    given_back = {receipt for _, receipts, _ in stream.mailbox.notes("give back") for receipt in receipts}
    assert given_back == {"receipt-1"}
    assert list(stream.mailbox.notes("discard"))
    assert stream.files() == stream.manifests() == []


@pytest.mark.parametrize("encoding", ["avro", "json"])
def test_topics_have_every_row_of_articles_and_outcomes(
    stream: Stream, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = {ARTICLE: "projects/p/topics/articles", OUTCOME: "projects/p/topics/outcomes"}
    stream.plan = replace(
        stream.plan, destinations=tuple(PubSubTopic(schema, topic, encoding) for schema, topic in topics.items())
    )
    with pubsub_on_air() as broker:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broker.address)
        for topic in topics.values():
            broker.create(topic)
        stream.run_all(story(1), story(2), delivery(3, b"no"))
        articles, outcomes = (broker.published(topic) for topic in topics.values())
    rows = {row["article_id"]: row for row in stream.output.rows("articles")}
    assert {key for _, _, key in articles} == set(rows)
    for data, attributes, key in articles:
        if encoding == "avro":
            assert from_single_object(ARTICLE, data) == rows[key]
        else:
            assert json.loads(data)["text"] == rows[key]["text"]
        assert attributes["schema_fingerprint"] == schema_mark(ARTICLE).hex()
        assert (attributes["version_id"], attributes["run_id"]) == (rows[key]["version_id"], rows[key]["run_id"])
    assert Counter(said["outcome"] for _, said, _ in outcomes) == {"written": 2, "malformed": 1}
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2", "receipt-3"]


# --- time


def test_late_messages_have_files_of_their_own_and_none_is_lost(stream: Stream) -> None:
    stream.run(
        lambda source: (
            source.add_elements([at(0, story(1))])
            .advance_watermark_to(moment(24 * 60))
            .add_elements([at(-24 * 60, story(2)), at(0, story(3))])
        )
    )
    days = {path.parent.name for path in stream.output.folder.glob("articles/*/*.avro")}
    assert days == {"date=2026-11-14", "date=2026-11-15"}
    assert len(stream.headlines()) == 3
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2", "receipt-3"]


def test_messages_out_of_order_are_written_by_their_windows(stream: Stream) -> None:
    stream.run(
        lambda source: source.add_elements([at(5, story(1)), at(0, story(2)), at(3, story(3)), at(5.5, story(4))])
    )
    files = list(stream.output.folder.glob("articles/*/*.avro"))
    assert len(files) == 3  # the first and the last share the sixth minute
    assert len(stream.headlines()) == 4


def test_a_message_that_comes_twice_has_one_row(stream: Stream) -> None:
    again = Delivery(story(1).message, "receipt-again")
    stream.run(
        lambda source: (
            source.add_elements([at(0, story(1))]).advance_watermark_to(moment(5)).add_elements([at(10, again)])
        )
    )
    assert len(stream.output.rows("articles")) == 1, "the second file replaces the first: names come from content"
    assert stream.mailbox.acknowledged() == ["receipt-1", "receipt-again"]


def test_two_messages_for_one_article_give_rows_that_consumers_tell_apart_by_version(stream: Stream) -> None:
    same = "https://harbour.example/same"
    first, second = story(1, same), story(1, same)
    second = Delivery(Message(second.message.data, "pubsub:x/2", "2", NOON), "receipt-2")
    stream.run(lambda source: source.add_elements([at(0, first)]).add_elements([at(0, second)]))
    assert len(set(stream.ids())) == 1  # in two rows, or in one where a runner takes both messages in one bundle
    assert {url for url, _ in stream.said()} == {same}
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2"]


def test_an_idle_source_writes_nothing_and_what_comes_later_is_written(stream: Stream) -> None:
    stream.run(
        lambda source: (
            source.advance_watermark_to(moment(0))
            .advance_processing_time(7200)
            .advance_watermark_to(moment(120))
            .add_elements([at(121, story(1))])
        )
    )
    assert len(list(stream.output.folder.glob("articles/*/*.avro"))) == 1
    assert stream.headlines() == ["The ferry is back for the 1. time"]


@pytest.mark.skipif(
    runner_of(beam_options([], [])) == PRISM,
    reason="Prism 2.77 stalls where a TestStream has two outputs and one of them holds its watermark",
)
def test_one_slow_shard_holds_the_watermark_and_no_message_of_another(stream: Stream) -> None:
    with pipeline_of_events() as pipeline:
        source = (
            test_stream.TestStream(coder=beam.coders.PickleCoder(), output_tags=["quick", "slow"])
            .advance_watermark_to(moment(60), tag="quick")
            .add_elements([at(60, story(1))], tag="quick")
            .advance_processing_time(600)
            .add_elements([at(0, story(2))], tag="slow")
            .advance_watermark_to_infinity(tag="slow")
            .advance_watermark_to_infinity(tag="quick")
        )
        shards = pipeline | source
        stream.work_on((shards["quick"], shards["slow"]) | beam.Flatten())
    noted = [(kind, said) for kind, said, _ in stream.mailbox.notes("hold", "acknowledge")]
    assert noted.index(("acknowledge", ["receipt-1"])) < noted.index(("hold", ["receipt-2"]))
    assert sorted(stream.mailbox.acknowledged()) == ["receipt-1", "receipt-2"]


# --- what others read


def test_every_file_is_named_by_a_manifest_and_nothing_else_is_left(stream: Stream) -> None:
    stream.run_all(story(1), delivery(2, b"no"))
    named = set()
    for path in stream.output.folder.glob("runs/*.json"):
        manifest = json.loads(path.read_text())
        named |= {entry["path"] for entry in manifest["files"]}
        assert manifest["run_id"] == path.stem
        files = [stream.output.folder / entry["path"] for entry in manifest["files"]]
        assert {row["run_id"] for file in files for row in rows_of(file)} == {path.stem}
        assert {run_of(entry["path"]) for entry in manifest["files"]} == {path.stem}
    there = {str(path.relative_to(stream.output.folder)) for path in stream.output.folder.glob("*/date=*/*")}
    assert named == there
    assert not [path for path in stream.output.folder.glob("_newsbeam_work/**/*") if path.is_file()]
