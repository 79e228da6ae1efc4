"""Which way a stream runs, what each runner must be told, and what the graph for it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions

from pipelines import stream
from pipelines.beam_options import JOB_SECONDS, beam_options
from pipelines.errors import UsageError
from pipelines.ingest_pipeline import IngestPlan
from pipelines.stream_pipeline import StreamPlan, build, ending_of, plan_for_cluster, run_on_cluster
from pipelines.ways import Way, be_patient, choose_way, keep_checkpoints
from schemas.hops import FeedRequest, Run
from transforms.clock import Clock
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetcher import FetcherConfig
from transforms.streaming.mailbox import Mailbox
from transforms.write import Sink

NOON = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
FLINK = ["--streaming", "--checkpointing_interval=60000", "--finish_bundle_before_checkpointing"]


def options_of(*flags: str) -> PipelineOptions:
    return beam_options(list(flags), [])


@pytest.mark.parametrize(
    ("flags", "way"),
    [
        ([], Way.LOCAL),
        (["--runner=DirectRunner"], Way.LOCAL),
        (["--runner=FnApiRunner", "--streaming"], Way.LOCAL),
        (["--runner=PrismRunner"], Way.OWN_SOURCE),
        (["--runner=FlinkRunner", *FLINK], Way.FLINK),
        (["--runner=PortableRunner", "--job_endpoint=localhost:1", *FLINK], Way.FLINK),
        (["--runner=DataflowRunner", "--streaming"], Way.DATAFLOW),
    ],
)
def test_the_runner_decides(flags: list[str], way: Way) -> None:
    assert choose_way(options_of(*flags)) is way


@pytest.mark.parametrize("missing", range(3))
def test_flink_is_refused_until_it_has_each_of_the_three(missing: int) -> None:
    flags = [flag for number, flag in enumerate(FLINK) if number != missing]
    with pytest.raises(UsageError) as refused:
        choose_way(options_of("--runner=FlinkRunner", *flags))
    assert str(refused.value).startswith(f"--runner FlinkRunner: add {FLINK[missing]} (")


def test_all_that_is_missing_is_said_in_one_line_that_can_be_copied() -> None:
    with pytest.raises(UsageError) as refused:
        choose_way(options_of("--runner=FlinkRunner"))
    assert f"add {' '.join(FLINK)} (" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("runner", ["SparkRunner", "InteractiveRunner", "DataflowRunner"])
def test_other_runners_are_refused_in_words(runner: str) -> None:
    with pytest.raises(UsageError, match=f"--runner {runner}: "):
        choose_way(options_of(f"--runner={runner}"))


def test_refused_before_anything_is_done(tmp_path: Any) -> None:
    with pytest.raises(UsageError):
        run_on_cluster(plan_of(str(tmp_path / "out")), options_of("--runner=FlinkRunner"))
    assert not (tmp_path / "out").exists()


def test_a_client_waits_for_months_unless_it_was_told_otherwise() -> None:
    for flags, seconds in (([], JOB_SECONDS), (["--job_server_timeout=30"], 30)):
        options = options_of("--runner=FlinkRunner", *FLINK, *flags)
        be_patient(options)
        assert options.view_as(PortableOptions).job_server_timeout == seconds


def test_what_flink_is_told_arrives() -> None:
    told = options_of("--runner=FlinkRunner", *FLINK, "--max_bundle_size=20").get_all_options(drop_default=True)
    assert (told["checkpointing_interval"], told["max_bundle_size"]) == (60000, 20)
    assert told["finish_bundle_before_checkpointing"] is True


def test_flink_keeps_the_checkpoints_of_a_job_that_is_gone_unless_it_is_told_otherwise() -> None:
    options = options_of("--runner=FlinkRunner", *FLINK)
    keep_checkpoints(options)
    told = options.get_all_options()
    assert told["externalized_checkpoints_enabled"] is True
    assert told["retain_externalized_checkpoints_on_cancellation"] is True


# --- the command

ASKED = ["--subscription", "projects/harbour/subscriptions/requests", "--output", "out"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--runner=FlinkRunner"], "--runner FlinkRunner: add --streaming --checkpointing_interval=60000"),
        (["--runner=FlinkRunner", *FLINK, "--state", "state"], "--state: a stream on a cluster remembers nothing"),
        (["--runner=SparkRunner"], "--runner SparkRunner: streams run without a runner"),
        (
            ["--runner=FlinkRunner", *FLINK, "--outcome_sink", "bigquery:p:news.outcomes"],
            "bigquery:p:news.outcomes: .* 1,500 loads a day",
        ),
    ],
)
def test_the_command_says_what_a_cluster_lacks(
    flags: list[str], said: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        stream.main([*ASKED, *flags])
    assert list(tmp_path.iterdir()) == []


def test_feeds_of_a_stream_on_a_cluster_come_as_messages() -> None:
    base = IngestPlan(
        plan_of().sink,
        plan_of().facts,
        PoolConfig(processes=1),
        FetcherConfig(),
        Politeness(),
        feeds=(FeedRequest("https://harbour.example/feed"),),
    )
    for each, subscription in ((base, "projects/harbour/subscriptions/requests"), (replace(base, feeds=()), None)):
        with pytest.raises(UsageError, match="feeds are asked for by messages"):
            plan_for_cluster(each, subscription)


def test_a_stream_on_a_cluster_can_end_by_the_clock() -> None:
    base = IngestPlan(plan_of().sink, plan_of().facts, PoolConfig(processes=1), FetcherConfig(), Politeness())
    plan = plan_for_cluster(base, ASKED[1], run_for=timedelta(minutes=10), window=timedelta(seconds=30))
    assert plan.ending.until == NOON + timedelta(minutes=10)
    assert plan.window_seconds == 30


# --- graphs


def plan_of(output: str = "/nowhere/out") -> StreamPlan:
    sink = Sink(output, Run("s", NOON, "0"), Clock(NOON))
    return StreamPlan(
        sink,
        RunFacts("s", NOON, "pinned", {}, {}, {}),
        PoolConfig(processes=1),
        FetcherConfig(),
        Politeness(),
        Mailbox("projects/harbour/subscriptions/requests", "s", "projects/harbour/topics/letters"),
        ending_of(sink),
    )


class Graph:
    """The graph of a stream, as a runner is given it."""

    def __init__(self, way: Way) -> None:
        pipeline = beam.Pipeline(options=PipelineOptions([], streaming=True))
        build(pipeline, plan_of(), way)
        self.components = pipeline.to_runner_api().components
        self.leaves = {
            each.unique_name: each
            for each in self.components.transforms.values()
            if not each.subtransforms and not set(each.outputs.values()) <= set(each.inputs.values())
        }

    def inputs(self, name: str) -> Iterator[str]:
        """The steps that a step reads from, directly."""
        wanted = set(self.leaves[name].inputs.values())
        yield from (each for each, found in self.leaves.items() if wanted & set(found.outputs.values()))

    def path(self, name: str) -> list[str]:
        """All steps from a source to ``name``; fails where there is more than one way."""
        steps = [name]
        while before := list(self.inputs(steps[0])):
            (single,) = before
            steps.insert(0, single)
        return steps

    def step(self, part: str) -> str:
        (found,) = (name for name in self.leaves if part in name)
        return found

    def breaks(self, steps: list[str]) -> list[str]:
        """Steps before which a runner gathers by key or spreads anew."""
        return [name for name in steps if self._breaks(self.leaves[name])]

    def _breaks(self, found: Any) -> bool:
        if found.spec.urn in ("beam:transform:group_by_key:v1", "beam:transform:flatten:v1"):
            return True
        if found.spec.urn != "beam:transform:pardo:v1":
            return False
        pardo = beam.portability.api.beam_runner_api_pb2.ParDoPayload.FromString(found.spec.payload)
        return bool(pardo.state_specs or pardo.side_inputs or pardo.timer_family_specs)


@pytest.mark.parametrize("way", [Way.OWN_SOURCE, Way.FLINK, Way.DATAFLOW])
def test_from_its_owner_to_the_file_a_message_stays_in_one_stage(way: Way) -> None:
    graph = Graph(way)
    steps = graph.path(graph.step("Publish/ParDo"))
    (owner,) = graph.breaks(steps)
    assert "Go to the owner" in owner, "one key for each domain, and nothing is gathered after it"
    assert sum("Fetch pages" in name for name in steps) == 1


def test_on_flink_the_source_has_nothing_to_remember() -> None:
    """No state, no timer, and no restriction that is deferred: what grows in its checkpoints is not there."""
    graph = Graph(Way.FLINK)
    source, pull, *_ = graph.path(graph.step("Publish/ParDo"))
    assert graph.leaves[source].spec.urn == "flink:transform:streaming_impulse:v1"
    assert not graph.breaks([pull])
    pardo = beam.portability.api.beam_runner_api_pb2.ParDoPayload.FromString(graph.leaves[pull].spec.payload)
    assert not pardo.restriction_coder_id


def test_on_dataflow_dead_letters_leave_in_the_stage_that_reads() -> None:
    graph = Graph(Way.DATAFLOW)
    steps = graph.path(next(name for name in graph.leaves if "Bury" in name and "Write" in name.rsplit("/", 1)[-1]))
    assert "Pull" in steps[0]
    assert graph.breaks(steps) == []


def test_steps_have_names_that_an_update_of_a_running_job_can_rely_on() -> None:
    graph = Graph(Way.DATAFLOW)
    names = {name.split("/")[0] for name in graph.leaves}
    assert names == {
        "Read requests",
        "Go to the owner",
        "Windows",
        "Fetch feeds",
        "Parse feeds",
        "Fetch listed sitemaps",
        "Parse listed sitemaps",
        "Indexes within indexes",
        "Leave known pages",
        "Fetch pages",
        "Read archives",
        "Articles of pages",
        "Articles of texts",
        "Publish",
    }
