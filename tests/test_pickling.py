import dataclasses
import importlib
import inspect
import pickle
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.internal import pickler

from schemas import article, hops, outcome, state
from schemas.article import Article, Discovery, Quality, Rights, Source
from schemas.hops import PageRequest, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.clock import Clock
from transforms.core.addresses import parse_networks
from transforms.core.manifest import RunFacts
from transforms.cpu_pool import PoolConfig
from transforms.fetch import Politeness
from transforms.fetcher import FetcherConfig
from transforms.outcomes import Reporter
from transforms.sinks.parquet import ParquetFolder
from transforms.sinks.pubsub import PubSubTopic
from transforms.spread import Placement
from transforms.state.shards import StateConfig
from transforms.write import Sink

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
RUN = Run("run-1", AT, "0.1.0")
CLOCK = Clock(AT)
SINK = Sink("/nowhere/out", RUN, CLOCK)

STATE = StateConfig("/nowhere/state", RUN, "/nowhere/out", None)

KNOWN = {
    "run": RUN,
    "clock": CLOCK,
    "sink": SINK,
    "reporter": Reporter(RUN, CLOCK, Stage.EXTRACT),
    "pool": PoolConfig(models=(("en", "some_model"),), processes=2),
    "fetcher": FetcherConfig(allowed_networks=parse_networks(["127.0.0.0/8", "::1/128"])),
    "politeness": Politeness(),
    "facts": RunFacts("run-1", AT, "pinned", {"shards": 1}, {"newsbeam": "0.1.0"}, {"article": "f"}),
    "folder": "/nowhere/parts",
    "shards": 3,
    "what": "pages read",
    "max_bytes": 100,
    "limit": 5,
    "after": None,
    "copies": None,
    "guard": None,
    "destinations": (ParquetFolder("article", "/nowhere/parquet"), PubSubTopic("outcome", "projects/p/topics/t")),
    "files": None,
    "paths": None,
    "feeds": None,
    "state": STATE,
    "config": STATE,
    "kind": "feed_state",
    "count": 5,
    "hint": "a hint",
    "topic": "projects/p/topics/t",
    "placement": Placement.CLUSTER,
}
"""A value for each parameter of a step, by its name."""


def steps():
    """Every DoFn and PTransform of ours that can be made."""
    folder = Path(__file__).parent.parent / "transforms"
    for path in sorted([*folder.glob("*.py"), *folder.glob("state/*.py"), *folder.glob("sinks/*.py")]):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__ and issubclass(kind, beam.DoFn | beam.PTransform):
                yield kind


STEPS = list(steps())


def made(kind):
    parameters = (
        []
        if kind.__init__ in (beam.DoFn.__init__, beam.PTransform.__init__)
        else list(inspect.signature(kind).parameters)
    )
    unknown = [name for name in parameters if name not in KNOWN]
    assert not unknown, f"{kind.__name__} takes {unknown}: give them a value in KNOWN"
    return kind(**{name: KNOWN[name] for name in parameters})


def state_of(step):
    return {name: value for name, value in vars(step).items() if not name.startswith("_beam")}


@pytest.mark.parametrize("kind", STEPS, ids=lambda kind: kind.__name__)
def test_a_step_goes_to_a_worker_and_arrives(kind):
    step = made(kind)
    arrived = pickler.loads(pickler.dumps(step))
    assert type(arrived).__name__ == kind.__name__
    assert arrived is not step
    assert state_of(arrived) == state_of(step)


@pytest.mark.parametrize("kind", [k for k in STEPS if issubclass(k, beam.DoFn)], ids=lambda kind: kind.__name__)
def test_a_dofn_holds_nothing_that_is_only_made_on_the_worker(kind):
    assert pickle.loads(pickle.dumps(state_of(made(kind)))) == state_of(made(kind))  # noqa: S301 - our own bytes


def test_the_steps_are_found():
    names = {kind.__name__ for kind in STEPS}
    assert {
        "FetchPages",
        "MakeArticles",
        "ChoosePages",
        "AppendToParts",
        "MergeAll",
        "PublishRun",
        "WriteState",
    } <= names
    assert {"_FetchPages", "_MakeArticles", "_AppendToParts", "_PublishRun"} <= names


# --- records

SOURCE = Source("harbour", "harbour.example", "Harbour Post")
DISCOVERY = Discovery("feed", AT, entry_categories=("a", "b"))
REQUEST = PageRequest("https://harbour.example/a", SOURCE, DISCOVERY, (1, 2))

VALUES = {
    "str": "x\ud83d é",
    "bytes": b"\x00\xff",
    "int": 7,
    "float": 0.5,
    "bool": True,
    "datetime": AT,
    "date": AT.date(),
    "tuple[int, int]": (1, 2),
    "Source": SOURCE,
    "Discovery": DISCOVERY,
    "Rights": Rights(meta_robots=("noai",)),
    "Quality": Quality(3),
    "FeedAnswer": hops.FeedAnswer(AT),
    "FeedRequest": hops.FeedRequest("https://harbour.example/feed"),
    "PageRequest": REQUEST,
    "Fetch": article.Fetch("u", "u", ("v",)),
    "OutcomeKind": OutcomeKind.CRASHED,
}

RECORDS = [
    kind
    for module in (article, hops, outcome, state)
    for kind in vars(module).values()
    if dataclasses.is_dataclass(kind)
]


def filled(kind):
    required = [field for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
    return kind(**{field.name: VALUES[str(field.type)] for field in required})


@pytest.mark.parametrize("kind", sorted(set(RECORDS), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_a_record_arrives_as_it_was(kind):
    record = filled(kind)
    for arrived in (
        pickle.loads(pickle.dumps(record)),  # noqa: S301 - our own bytes
        pickler.loads(pickler.dumps(record)),
    ):
        assert arrived == record
        assert type(arrived) is kind
        assert hash(arrived) == hash(record)


@pytest.mark.parametrize("kind", sorted(set(RECORDS), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_the_coder_of_a_shuffle_gives_the_record_back(kind):
    coder = beam.coders.registry.get_coder(kind)
    record = filled(kind)
    assert coder.decode(coder.encode(record)) == record


def test_the_same_record_has_the_same_bytes_wherever_a_shuffle_compares_them():
    coder = beam.coders.registry.get_coder(Problem).as_deterministic_coder("test")
    assert coder.encode(Problem(OutcomeKind.CRASHED, "x")) == coder.encode(Problem(OutcomeKind.CRASHED, "x"))


def test_an_article_with_every_kind_of_record_arrives():
    whole = dataclasses.replace(filled(Article), entities=(article.Entity("e1", "A", "ORG", (), ()),))
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301 - our own bytes
