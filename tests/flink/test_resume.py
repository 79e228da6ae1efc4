"""A stream on Flink that is stopped, or loses its JobManager, and goes on: from a savepoint, from a checkpoint, or from
nothing at all, since what it has to know is in the subscription."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flink.cluster import Cluster, wait_until
from flink.town import SECONDS, Town, TownStream, assert_all_is_there

pytestmark = pytest.mark.timeout(3 * SECONDS)


def savepoint(cluster: Cluster) -> str:
    """Stops the running job with a savepoint, as ``flink stop`` does, and says where that is."""
    (job,) = (job for job, state in cluster.jobs().items() if state == "RUNNING")
    request = cluster.rest(f"/jobs/{job}/stop", {"drain": False})["request-id"]
    path = f"/jobs/{job}/savepoints/{request}"
    wait_until(lambda: cluster.rest(path)["status"]["id"] == "COMPLETED", "the savepoint", SECONDS)
    return str(cluster.rest(path)["operation"]["location"])


def checkpoints(cluster: Cluster) -> list[Path]:
    """Those that were finished, the newest last: only these have metadata."""
    finished = [path.parent for path in (cluster.folder / "checkpoints").glob("*/chk-*/_metadata")]
    return sorted(finished, key=lambda path: int(path.name.removeprefix("chk-")))


def test_a_savepoint_is_gone_on_from(town_cluster: Cluster, town: Town, stream: TownStream) -> None:
    stream.begin()
    town.ask_for_pages()
    stream.until_busy()
    print(f"\n{town.done()} done, {town.in_hand()} in hand: stopped with a savepoint")
    place = savepoint(town_cluster)
    assert stream.wait() == 0, stream.said()
    town.ask_for_the_rest()
    print(f"{town.done()} done, {town.in_hand()} in hand: begun again from {Path(place).name}")
    stream.begin(f"--savepoint_path={place}")
    stream.until_all_is_done()
    stream.end()
    assert_all_is_there(town, stream.output)


RESUMED: dict[str, Callable[[Cluster], list[str]]] = {
    "the newest checkpoint": lambda cluster: [f"--savepoint_path={checkpoints(cluster)[-1].as_uri()}"],
    "nothing": lambda _: [],
}


@pytest.mark.parametrize("origin", RESUMED)
def test_a_lost_jobmanager_costs_time_alone(origin: str, town_cluster: Cluster, town: Town, stream: TownStream) -> None:
    stream.begin()
    stream.until(lambda: bool(checkpoints(town_cluster)), "a checkpoint")
    town.ask_for_pages()
    stream.until_busy()
    print(f"\n{town.done()} done, {town.in_hand()} in hand: the JobManager is killed")
    town_cluster.kill("jobmanager")
    assert stream.wait() == 1, stream.said()
    print(stream.said().strip().splitlines()[-1])
    town_cluster.start("jobmanager")
    town_cluster.wait_until_ready()
    town.ask_for_the_rest()
    print(f"{town.done()} done, {town.in_hand()} in hand: begun again from {origin}")
    stream.begin(*RESUMED[origin](town_cluster))
    stream.until_all_is_done()
    stream.end()
    assert_all_is_there(town, stream.output)
