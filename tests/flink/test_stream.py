"""``newsbeam stream`` on a Flink cluster, whose parts are killed while messages are in work: none is lost."""

from __future__ import annotations

import pytest

from flink.cluster import Cluster
from flink.town import SECONDS, Town, TownStream, assert_all_is_there

pytestmark = pytest.mark.timeout(3 * SECONDS)


def test_killed_parts_lose_no_message_and_sigterm_ends_it(
    town_cluster: Cluster, town: Town, stream: TownStream
) -> None:
    stream.begin()
    town.ask_for_pages()
    town.ask_for_the_rest()
    stream.until_busy()
    print(f"\n{town.done()} done, {town.in_hand()} in hand: the TaskManager is killed")
    town_cluster.kill("taskmanager")
    town_cluster.start("taskmanager")
    stream.until_busy()
    print(f"{town.done()} done, {town.in_hand()} in hand: a Python worker is killed")
    for worker in town_cluster.workers()[:1]:
        worker.kill()
    stream.until_all_is_done()
    stream.end()
    assert_all_is_there(town, stream.output)
