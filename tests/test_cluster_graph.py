"""The graph that a cluster is given: what its workers do together, and what has to pass through one of them.

Read from the pipeline's portable form, fused by Beam's own fuser, so that nothing has to run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import translations

from pipelines import ingest
from pipelines.ingest_pipeline import build
from support import NOW
from transforms.core.snapshot import StateManifest
from transforms.spread import Placement
from transforms.state.shards import StateConfig

KEYS = {
    "Gather domain": "registrable domain: one worker asks a domain, its pages go on to all",
    "Gather candidates": "a 16th of the pages; paths of parts, no candidates",
    "Gather captures": "a 64th of the places in archives; paths of parts, no captures",
    "Gather prints": "a shard of the output; paths of parts, no fingerprints",
    "Each key once": "a block of a fingerprint",
    "Gather articles": "a shard of the output; paths of parts, no records",
    "Gather outcomes": "a shard of the output; paths of parts, no rows",
    "Gather shard": "a shard of the state: what was learnt, no articles",
    "Gather source": "a source; one number for each feed",
}
"""What each step that gathers is keyed by.  A new one must say so here, and that there are many."""

ONE_KEY = {
    "Take": "--limit: the first N requests, at most N of them",
}
"""Steps that bring all together in one place, and why they may."""

SIDE_INPUTS = {
    "After": "the path of the new state's manifest",
    "Publish": "paths and sizes of the run's files; one number a source",
    "Write pending": "one entry for each shard of the state that was written",
    "Of earlier runs": "seven short keys for each article of the run, so that 30 days of articles are not shuffled",
}
"""What is handed whole to each worker of a step.  None grows with what earlier runs wrote."""


@cache
def graph(placement: Placement, *flags: str) -> beam_runner_api_pb2.Pipeline:
    """The portable form of a run with every kind of source, and a state."""
    parsed = ingest.parser().parse_args(
        [
            *("--feeds", "https://news.example/feed.xml", "--pages", "https://news.example/a"),
            *("--output", "/nowhere/out", "--now", NOW, *flags),
        ]
    )
    plan = ingest.plan_of(parsed)
    before = StateManifest(1, "before", "/nowhere/out", NOW, 16, ())
    state = StateConfig("/nowhere/state", plan.run, plan.sink.output, before, keep=timedelta(days=90))
    plan = replace(plan, placement=placement, state=state, archives=("/nowhere/a.warc.gz",))
    pipeline = beam.Pipeline(options=PipelineOptions([]))
    build(pipeline, plan)
    return pipeline.to_runner_api()


@dataclass(frozen=True)
class Fused:
    """Steps that run in one go, without a shuffle between them."""

    steps: frozenset[str]

    def has(self, *parts: str) -> bool:
        """Whether each of ``parts`` is in the name of some step."""
        return all(any(part in step for step in self.steps) for part in parts)


@cache
def stages(placement: Placement) -> list[Fused]:
    _, fused = translations.create_and_optimize_stages(
        graph(placement),
        phases=translations.standard_optimize_phases(),
        known_runner_urns=frozenset(
            {common_urns.primitives.FLATTEN.urn, common_urns.primitives.GROUP_BY_KEY.urn, IMPULSE}
        ),
    )
    return [Fused(frozenset(step.unique_name for step in stage.transforms)) for stage in fused]


IMPULSE = common_urns.primitives.IMPULSE.urn

FETCH = "Fetch pages/Fetch"
EXTRACTIONS = ("Articles from the web", "Articles from feeds 0", "Articles from feeds 1", "Articles from archives")


@pytest.mark.parametrize("extraction", EXTRACTIONS)
def test_on_a_cluster_no_stage_both_fetches_and_extracts(extraction: str) -> None:
    assert any(stage.has(FETCH) for stage in stages(Placement.CLUSTER))
    assert any(stage.has(extraction) for stage in stages(Placement.CLUSTER))
    assert not [stage for stage in stages(Placement.CLUSTER) if stage.has(FETCH, extraction)]


def test_on_one_machine_no_page_is_shuffled() -> None:
    assert [stage for stage in stages(Placement.ONE_MACHINE) if stage.has(FETCH, "Articles from the web")]


def test_extraction_and_encoding_are_one_stage() -> None:
    (stage,) = [stage for stage in stages(Placement.CLUSTER) if stage.has("Articles from the web")]
    assert stage.has("Keep articles")


@pytest.mark.parametrize("extraction", EXTRACTIONS)
def test_pages_come_straight_from_a_shuffle_with_many_keys(extraction: str) -> None:
    """Pages of the web are dealt out at random; archives are read in 64 tasks."""
    (stage,) = [stage for stage in stages(Placement.CLUSTER) if stage.has(extraction)]
    assert stage.has("Deal out") or stage.has("Gather captures") or stage.has("Read captures/Read")


def named(urn: str, *flags: str) -> set[str]:
    """Whole names of the steps with ``urn``."""
    steps = graph(Placement.CLUSTER, *flags).components.transforms.values()
    return {step.unique_name for step in steps if step.spec.urn == urn}


def test_every_step_that_gathers_has_many_keys() -> None:
    gathering = named(common_urns.primitives.GROUP_BY_KEY.urn)
    reshuffles = named(common_urns.composites.RESHUFFLE.urn)
    unknown = {
        name
        for name in gathering
        if not any(f"/{known}" in f"/{name}" for known in KEYS)
        and not any(name.startswith(f"{reshuffle}/") for reshuffle in reshuffles)
    }
    assert not unknown, f"say in KEYS what these are keyed by: {sorted(unknown)}"


def test_what_brings_all_together_is_named() -> None:
    combining = {
        name
        for name in named(common_urns.composites.COMBINE_GLOBALLY.urn, "--limit", "5")
        | named(common_urns.composites.COMBINE_PER_KEY.urn, "--limit", "5")
        if not any(f"/{known}" in f"/{name}" for known in [*KEYS, *ONE_KEY])
    }
    assert not combining, f"say in KEYS or ONE_KEY why these may: {sorted(combining)}"


def test_nothing_that_grows_is_handed_whole_to_every_worker() -> None:
    found = set()
    for step in graph(Placement.CLUSTER).components.transforms.values():
        if step.spec.urn == common_urns.primitives.PAR_DO.urn:
            payload = beam_runner_api_pb2.ParDoPayload.FromString(step.spec.payload)
            if payload.side_inputs:
                found.add(step.unique_name)
    unknown = {name for name in found if not any(f"/{known}" in f"/{name}" for known in SIDE_INPUTS)}
    assert found
    assert not unknown, f"say in SIDE_INPUTS how large these grow: {sorted(unknown)}"
