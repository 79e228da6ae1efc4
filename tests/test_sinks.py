"""Additional sinks: what is refused before a run, what each takes, and runs that hand their rows to several."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet
import pytest

from changing_site import ChangingSite, changing_site
from fake_bigquery import BigQuery, bigquery_on_air
from fake_gcs import cloud_in_use
from fake_pubsub import Broker, pubsub_on_air
from pipelines import enrich, ingest
from pipelines.compact import main as compact
from pipelines.errors import RunFailed, UsageError
from pipelines.sinks import add_sink_options, sinks_of
from schemas.messages import from_single_object
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.samples import sample_rows
from support import Output
from transforms.core import messages
from transforms.core.layout import RunLayout
from transforms.sinks import parquet
from transforms.sinks.bigquery import BigQueryTable
from transforms.sinks.destination import SinkFailed, SinkFile
from transforms.sinks.parquet import ParquetFolder
from transforms.sinks.pubsub import PubSubTopic
from warehouse import DAY, article, outcome, write_day

NOW = "2026-11-10T08:00:00Z"
LAYOUT = RunLayout("r.1", DAY)
TOPIC = "projects/p/topics/articles"
OUTCOMES = "projects/p/topics/outcomes"
TABLE = "p.news.articles"


def file_of(folder: Path, name: str, rows: list[dict[str, Any]], schema: str = ARTICLE) -> SinkFile:
    path = write_day(folder, schema, name, rows)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SinkFile(schema, str(path), len(rows), digest, LAYOUT.file(schema, digest))


# --- the options


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default="out")
    add_sink_options(parser)
    return parser.parse_args(argv)


def test_several_sinks_are_named_as_they_were_asked_for() -> None:
    found = sinks_of(
        parsed(
            *("--sink", "parquet", "--sink", "parquet:elsewhere/", "--sink", "bigquery:my-project:news.articles"),
            *("--sink", f"pubsub:{TOPIC}?encoding=json", "--outcome_sink", f"pubsub:{OUTCOMES}"),
            *("--sink", "bigquery:example.com:desk:news.articles"),
        )
    )
    assert [str(sink) for sink in found] == [
        "parquet:out/parquet",
        "parquet:elsewhere",
        "bigquery:my-project:news.articles",
        f"pubsub:{TOPIC}?encoding=json",
        "bigquery:example.com:desk:news.articles",
        f"pubsub:{OUTCOMES}",
    ]
    assert [sink.schema for sink in found] == [ARTICLE] * 5 + [OUTCOME]


@pytest.mark.parametrize(
    ("sink", "complaint"),
    [
        ("kafka:topic", "no such sink"),
        ("", "no such sink"),
        ("parquet:ftp://host/x", "no filesystem"),
        ("bigquery:news.articles", "project:dataset.table"),
        ("bigquery:p:news", "project:dataset.table"),
        ("bigquery:p:news.articles; DROP", "project:dataset.table"),
        ("pubsub:articles", "projects/P/topics/T"),
        ("pubsub:projects/p/topics/ab", "projects/P/topics/T"),
        ("pubsub:projects/p/topics/google-x", "projects/P/topics/T"),
        (f"pubsub:{TOPIC}?encoding=xml", "encoding=avro or encoding=json"),
        (f"pubsub:{TOPIC}?speed=high", "encoding=avro or encoding=json"),
    ],
)
def test_what_is_no_sink_costs_a_line(sink: str, complaint: str) -> None:
    for option in ("--sink", "--outcome_sink"):
        with pytest.raises(UsageError, match=complaint) as refused:
            sinks_of(parsed(option, sink))
        assert str(refused.value).startswith(option)
        assert "\n" not in str(refused.value)


def test_a_sink_is_named_once() -> None:
    with pytest.raises(UsageError, match="twice"):
        sinks_of(parsed("--sink", "parquet", "--sink", "parquet:out/parquet"))


def test_without_google_s_client_a_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.sinks.google_client.find_spec", lambda _: None)
    assert "newsbeam[gcp]" in str(BigQueryTable(ARTICLE, "p", "news", "articles").problem())


def test_without_credentials_a_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BIGQUERY_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    assert "GOOGLE_APPLICATION_CREDENTIALS" in str(BigQueryTable(ARTICLE, "p", "news", "articles").problem())
    monkeypatch.delenv("PUBSUB_EMULATOR_HOST", raising=False)
    assert "none.json" in str(PubSubTopic(ARTICLE, TOPIC).problem())


# --- parquet


def test_columns_have_every_value_of_the_rows(tmp_path: Path) -> None:
    for schema in (ARTICLE, OUTCOME):
        rows = list(sample_rows(schema_source(schema), 3))
        path = tmp_path / f"{schema}.parquet"
        with path.open("wb") as file:
            parquet.write_parquet(file, schema, rows)
        assert pyarrow.parquet.read_table(path).to_pylist() == rows
        assert [field["name"] for field in schema_source(schema)["fields"]] == polars.read_parquet(path).columns


def test_times_are_utc_for_those_who_read_columns(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 7, 30, 0, 123456, UTC)
    path = tmp_path / "articles.parquet"
    with path.open("wb") as file:
        parquet.write_parquet(file, ARTICLE, [article("a", "v", published_at=at)])
    assert str(polars.read_parquet_schema(path)["published_at"]) == "Datetime(time_unit='us', time_zone='UTC')"
    assert polars.read_parquet(path)["published_at"].to_list() == [at]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    query = f"SELECT typeof(published_at), published_at::VARCHAR FROM '{path}'"  # noqa: S608
    assert connection.execute(query).fetchall() == [
        ("TIMESTAMP WITH TIME ZONE", "2026-03-01 07:30:00.123456+00"),
    ]


def test_row_groups_end_before_they_are_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100)
    path = tmp_path / "articles.parquet"
    with path.open("wb") as file:
        parquet.write_parquet(file, ARTICLE, [article(str(n), "v", text="x" * 60) for n in range(5)])
    assert [pyarrow.parquet.ParquetFile(path).metadata.row_group(n).num_rows for n in range(3)] == [2, 2, 1]


def test_files_wait_aside_until_the_run_is_out(tmp_path: Path) -> None:
    sink = ParquetFolder(ARTICLE, str(tmp_path / "columns"))
    file = file_of(tmp_path, "one", [article("a", "v")])
    earlier = tmp_path / "columns" / LAYOUT.folder(ARTICLE) / f"r.1-{'0' * 16}.parquet"
    other = earlier.with_name(f"r.1-b-{'0' * 16}.parquet")
    earlier.parent.mkdir(parents=True)
    earlier.touch()
    other.touch()
    delivered = sink.deliver([file], LAYOUT)
    assert set(earlier.parent.iterdir()) == {earlier, other}
    for _ in range(2):
        sink.settle([delivered], LAYOUT)
        (name,) = {path.name for path in earlier.parent.iterdir()} - {other.name}
        assert name == f"r.1-{file.sha256[:16]}.parquet"
    assert not list((tmp_path / "columns").rglob("_newsbeam_work/*"))


# --- a topic


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        found.create(TOPIC, "projects/p/subscriptions/s")
        found.create(OUTCOMES)
        yield found


def test_every_row_is_a_message(broker: Broker, tmp_path: Path) -> None:
    rows = [article(f"a{number}", "v", language="en") for number in range(40)]
    delivered = PubSubTopic(ARTICLE, TOPIC).deliver([file_of(tmp_path, "one", rows)], LAYOUT)
    assert (delivered.records, delivered.bodiless) == (40, 0)
    found = {key: from_single_object(ARTICLE, data) for data, _, key in broker.published(TOPIC)}
    assert list(found.values()) != rows  # several requests are under way at once
    assert sorted(found.values(), key=lambda row: row["article_id"]) == sorted(rows, key=lambda row: row["article_id"])
    assert all(len(each.messages) == 1 for each in broker.operations("publish"))  # one ordering key a request


def test_versions_of_one_article_keep_their_order(broker: Broker, tmp_path: Path) -> None:
    rows = [article("a", f"v{number}", number) for number in range(1, 30)]
    PubSubTopic(ARTICLE, TOPIC).deliver([file_of(tmp_path, "one", rows)], LAYOUT)
    versions = [attributes["version"] for _, attributes, _ in broker.published(TOPIC)]
    assert versions == [str(number) for number in range(1, 30)]


def test_rows_without_order_share_requests(broker: Broker, tmp_path: Path) -> None:
    rows = [outcome(f"https://harbour.example/{number}", "written") for number in range(1_200)]
    sink = PubSubTopic(OUTCOME, OUTCOMES, messages.JSON)
    assert sink.deliver([file_of(tmp_path, "one", rows, OUTCOME)], LAYOUT).records == 1_200
    assert sorted(len(each.messages) for each in broker.operations("publish")) == [200, 500, 500]
    urls = {json.loads(data)["url"] for data, _, _ in broker.published(OUTCOMES)}
    assert urls == {row["url"] for row in rows}


def test_a_row_that_is_too_large_takes_no_neighbour_along(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LARGEST_BYTES", 5_000)
    rows = [article("a", "v"), article("b", "v", text="long " * 2_000), article("c", "v")]
    file = file_of(tmp_path, "one", rows)
    delivered = PubSubTopic(ARTICLE, TOPIC).deliver([file], LAYOUT)
    assert (delivered.records, delivered.bodiless) == (3, 1)
    found = {key: (data, attributes) for data, attributes, key in broker.published(TOPIC)}
    assert [bool(found[key][0]) for key in "abc"] == [True, False, True]
    assert found["b"][1]["file"] == file.published


def test_a_topic_that_is_not_there_is_found_before_the_run(broker: Broker) -> None:
    problem = PubSubTopic(ARTICLE, "projects/p/topics/none").problem()
    assert "gcloud pubsub topics create none --project p" in str(problem)
    assert PubSubTopic(ARTICLE, TOPIC).problem() is None
    broker.is_away = True
    with pytest.raises(SinkFailed, match="does not answer"):
        PubSubTopic(ARTICLE, TOPIC).problem()


def test_a_service_that_goes_away_fails_the_delivery(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transforms.pubsub.client.RETRY_SECONDS", 0.5)
    file = file_of(tmp_path, "one", [article(f"a{number}", "v") for number in range(40)])
    broker.is_away = True
    with pytest.raises(SinkFailed, match=f"^pubsub:{TOPIC}: "):
        PubSubTopic(ARTICLE, TOPIC, patience_seconds=0.0).deliver([file], LAYOUT)
    assert broker.published(TOPIC) == []


# --- a table


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[BigQuery]:
    with bigquery_on_air(TABLE) as store:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", store.origin)
        yield store


ARTICLES = BigQueryTable(ARTICLE, "p", "news", "articles")


def test_a_load_that_is_repeated_loads_once(tables: BigQuery, tmp_path: Path) -> None:
    file = file_of(tmp_path, "one", [article("a", "v"), article("b", "v")])
    for _ in range(3):
        assert ARTICLES.deliver([file], LAYOUT).records == 2
    assert [row["article_id"] for row in tables.tables[TABLE]] == ["a", "b"]
    (job,) = tables.jobs.values()
    load = job["configuration"]["load"]
    assert job["jobReference"]["jobId"].startswith("newsbeam-r-1-")
    assert job["jobReference"]["location"] == "europe-north1"
    assert load["sourceFormat"] == "AVRO"
    assert load["useAvroLogicalTypes"] is True
    assert (load["writeDisposition"], load["createDisposition"]) == ("WRITE_APPEND", "CREATE_NEVER")
    assert load["schemaUpdateOptions"] == ["ALLOW_FIELD_ADDITION"]


def test_a_load_that_failed_is_tried_under_another_id(tables: BigQuery, tmp_path: Path) -> None:
    file = file_of(tmp_path, "one", [article("a", "v")])
    tables.failing = 1
    with pytest.raises(SinkFailed, match=r"bigquery:p:news.articles: .*lightning"):
        ARTICLES.deliver([file], LAYOUT)
    assert tables.tables[TABLE] == []
    ARTICLES.deliver([file], LAYOUT)
    assert len(tables.tables[TABLE]) == 1
    assert sorted(job[-2:] for job in tables.jobs) == ["-1", "-2"]


def test_other_rows_are_another_load(tables: BigQuery, tmp_path: Path) -> None:
    ARTICLES.deliver([file_of(tmp_path, "one", [article("a", "v")])], LAYOUT)
    ARTICLES.deliver([file_of(tmp_path, "one", [article("a", "w")])], LAYOUT)
    assert [row["version_id"] for row in tables.tables[TABLE]] == ["v", "w"]


def test_a_table_that_is_not_there_is_found_before_the_run(tables: BigQuery) -> None:
    problem = BigQueryTable(ARTICLE, "p", "news", "none").problem()
    assert "newsbeam schema ddl --engine bigquery --dataset p.news" in str(problem)
    assert ARTICLES.problem() is None


def test_files_in_cloud_storage_are_one_load(tables: BigQuery) -> None:
    files = [SinkFile(ARTICLE, f"gs://b/{n}", 1, str(n), "x") for n in range(3)]
    assert ARTICLES.portions(files) == [tuple(files)]
    assert ARTICLES.portions([]) == []
    local = [SinkFile(ARTICLE, f"/out/{n}", 1, str(n), "x") for n in range(3)]
    assert ARTICLES.portions(local) == [(file,) for file in local]


# --- runs


def texts(folder: Path, *names: str) -> Path:
    path = folder / "texts.jsonl"
    lines = [{"url": f"https://harbour.example/{name}", "text": f"Ann Holm came to Ellery, {name}."} for name in names]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def run(source: Path, output: str, *sinks: str, run_id: str = "r1") -> None:
    enrich.main(["--input", str(source), "--output", output, "--now", NOW, "--run_id", run_id, *sinks])


def test_a_run_hands_its_rows_to_every_sink(broker: Broker, tables: BigQuery, tmp_path: Path) -> None:
    source, output = texts(tmp_path, "one", "two", "three"), tmp_path / "out"
    sinks = ["--sink", "parquet", "--sink", f"pubsub:{TOPIC}", "--sink", "bigquery:p:news.articles"]
    sinks += ["--outcome_sink", f"pubsub:{OUTCOMES}?encoding=json", "--outcome_sink", f"parquet:{tmp_path}/columns"]
    run(source, str(output), *sinks)
    rows = Output(output).rows("articles")
    assert len(rows) == 3

    assert polars.read_parquet(output / "parquet/articles/*/*.parquet")["version_id"].to_list() == [
        row["version_id"] for row in rows
    ]
    assert tables.tables[TABLE] == rows
    published = [from_single_object(ARTICLE, data) for data, _, _ in broker.published(TOPIC)]
    assert sorted(published, key=lambda row: row["article_id"]) == rows
    assert len(broker.published(OUTCOMES)) == 3
    assert polars.read_parquet(tmp_path / "columns/outcomes/*/*.parquet")["outcome"].to_list() == ["written"] * 3
    assert Output(output).manifest()["sinks"] == [
        {"sink": "bigquery:p:news.articles", "schema": "article", "records": 3, "bodiless": 0},
        {"sink": f"parquet:{output}/parquet", "schema": "article", "records": 3, "bodiless": 0},
        {"sink": f"pubsub:{TOPIC}", "schema": "article", "records": 3, "bodiless": 0},
        {"sink": f"parquet:{tmp_path}/columns", "schema": "outcome", "records": 3, "bodiless": 0},
        {"sink": f"pubsub:{OUTCOMES}?encoding=json", "schema": "outcome", "records": 3, "bodiless": 0},
    ]

    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run(source, str(output), *sinks)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert tables.tables[TABLE] == rows
    assert {attributes["version_id"] for _, attributes, _ in broker.published(TOPIC)} == {
        row["version_id"] for row in rows
    }


def test_a_sink_that_fails_leaves_nothing_behind(tables: BigQuery, tmp_path: Path) -> None:
    tables.failing = 1
    with pytest.raises(RunFailed, match="lightning; nothing was published") as failed:
        run(texts(tmp_path, "one"), str(tmp_path / "out"), "--sink", "parquet", "--sink", "bigquery:p:news.articles")
    assert "while running" not in str(failed.value)
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_what_cannot_be_used_is_said_before_any_work(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file")
    for sink in (f"parquet:{tmp_path}/blocked", "pubsub:projects/p/topics/none"):
        with pytest.raises(UsageError, match=f"--sink {sink}: "):
            run(texts(tmp_path, "one"), str(tmp_path / "out"), "--sink", sink)
        assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_the_state_waits_for_every_sink(
    broker: Broker, tables: BigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a failed run had fetched is asked for again by the next, and delivered under the same ids."""
    with changing_site() as site:
        site.publish(
            "/a", "Quay to be rebuilt", "The quay at Port Little will be rebuilt.", "Tue, 10 Nov 2026 06:00 GMT"
        )
        tables.failing = 1
        with pytest.raises(RunFailed, match="lightning"):
            visit(site, tmp_path, 0)
        assert not (tmp_path / "state/manifest.json").exists()
        visit(site, tmp_path, 1)
        visit(site, tmp_path, 2)
    (row,) = tables.tables[TABLE]
    assert row["version_id"] in {attributes["version_id"] for _, attributes, _ in broker.published(TOPIC)}
    assert len({attributes["version_id"] for _, attributes, _ in broker.published(TOPIC)}) == 1
    assert [row["run_id"] for row in Output(tmp_path / "out").rows("articles")] == ["at-1"]


def visit(site: ChangingSite, folder: Path, minutes: int) -> None:
    now = DAY + timedelta(minutes=minutes)
    ingest.main(
        [
            *("--feeds", f"{site.origin}/feed.xml", "--state", str(folder / "state"), "--output", str(folder / "out")),
            *("--now", now.isoformat(), "--run_id", f"at-{minutes}", "--allow_networks", "127.0.0.0/8"),
            *("--host_gap", "0", "--sink", f"pubsub:{TOPIC}", "--sink", "bigquery:p:news.articles"),
        ]
    )


def test_a_run_in_a_bucket_is_loaded_from_there(
    tables: BigQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cloud_in_use(monkeypatch, tmp_path, "harbour") as cloud:
        tables.read = lambda uri: cloud.get("harbour", uri.removeprefix("gs://harbour/")).data
        output = "gs://harbour/out"
        run(texts(tmp_path, "one", "two"), output, "--sink", "bigquery:p:news.articles", "--sink", "parquet")
        names = cloud.names("harbour")
    (job,) = tables.jobs.values()
    (uri,) = job["configuration"]["load"]["sourceUris"]
    assert uri.startswith(f"{output}/_newsbeam_work/r1/")
    assert len(tables.tables[TABLE]) == 2
    assert [name.rpartition(".")[2] for name in names] == ["avro", "avro", "parquet", "json"]


def test_a_run_is_not_repeated_after_its_files_were_merged(tmp_path: Path) -> None:
    output = tmp_path / "out"
    for name in ("one", "two"):
        run(texts(tmp_path, name), str(output), run_id=name)
    compact([str(output), "--date", "2026-11-10"])
    before = sorted(path for path in output.rglob("*") if path.is_file())
    with pytest.raises(UsageError, match=r"--run_id two: .*name another"):
        run(texts(tmp_path, "two", "more"), str(output), run_id="two")
    assert sorted(path for path in output.rglob("*") if path.is_file()) == before
    run(texts(tmp_path, "three"), str(output), run_id="three")
    assert len(Output(output).rows("articles")) == 3
