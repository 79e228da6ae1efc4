"""A real Flink cluster takes Java, Maven and a minute: `make test-flink` runs these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_pubsub import pubsub_on_air
from flink.cluster import Cluster, flink_cluster
from flink.jar import Missing
from flink.town import ARTICLES, LETTERS, SUBSCRIPTION, TOPIC, Town, TownStream
from publishers import Publishers


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only where this folder was asked for by name."""
    here = Path(__file__).parent
    asked = any(
        here == Path(argument.split("::")[0]).resolve() or here in Path(argument).resolve().parents
        for argument in config.args
    )
    return None if asked else True


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Open, with nothing asked for yet."""
    sites = Publishers()
    with pubsub_on_air() as broker:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", broker.address)  # before the pool is started, which hands it on
        broker.create(TOPIC, SUBSCRIPTION, ack_seconds=60)
        broker.create(LETTERS)
        broker.create(ARTICLES)
        found = Town(sites, broker)
        found.open()
        yield found
    sites.close()


@pytest.fixture
def town_cluster(town: Town, tmp_path: Path) -> Iterator[Cluster]:
    """One for each test: its workers know this town's Pub/Sub."""
    try:
        with flink_cluster(tmp_path / "cluster") as running:
            yield running
    except Missing as missing:
        pytest.skip(f"no Flink: {missing}")


@pytest.fixture
def stream(town_cluster: Cluster, town: Town, tmp_path: Path) -> Iterator[TownStream]:
    """Not begun yet."""
    made = TownStream(town_cluster, town, tmp_path)
    yield made
    made.kill()
