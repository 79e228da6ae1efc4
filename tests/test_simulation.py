"""The model of polling in bench/simulate.py: what can be reckoned by hand, and that it is the same each time."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def model() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
    try:
        import simulate
    finally:
        sys.path.pop(0)
    return simulate


def test_one_host_takes_its_turns(model: ModuleType) -> None:
    load = model.Load(feeds=2, hosts=1, window=3, answer=0.1, gap=1.0, errors=0.0, revisits=False, is_steady=False)
    result = model.Model(load).simulate()
    assert result.requests == {"feed": 2, "robots": 1, "page": 6}
    assert result.ended == pytest.approx(9 * 0.1 + 8 * 1.0)
    assert result.most_at_once == 1


def test_hosts_do_not_wait_for_each_other(model: ModuleType) -> None:
    load = model.Load(feeds=50, hosts=50, window=1, answer=0.1, gap=1.0, errors=0.0, revisits=False, is_steady=False)
    result = model.Model(load).simulate()
    assert result.ended == pytest.approx(3 * 0.1 + 2 * 1.0)
    assert result.most_at_once == 50


def test_threads_bound_what_is_under_way(model: ModuleType) -> None:
    load = model.Load(feeds=50, hosts=50, window=1, answer=0.1, gap=0.0, errors=0.0, is_steady=False, threads=10)
    assert model.Model(load).simulate().most_at_once == 10


def test_a_day_asks_for_what_was_published_and_is_the_same_each_time(model: ModuleType) -> None:
    load = model.Load(feeds=200, hosts=100, articles=1000, errors=0.0)
    first, second = model.Model(load).simulate(), model.Model(load).simulate()
    assert first == second
    assert first.requests["page"] == pytest.approx(1000, rel=0.15)
    assert first.requests["page"] == len(first.freshness)
    assert max(first.lags) <= load.every  # nothing is held up: a feed waits for the next run only


def test_failures_are_tried_again(model: ModuleType) -> None:
    calm = model.Model(model.Load(feeds=200, hosts=100, articles=1000, errors=0.0)).simulate()
    rough = model.Model(model.Load(feeds=200, hosts=100, articles=1000, errors=0.3)).simulate()
    assert rough.requests["page"] > calm.requests["page"] * 1.2
