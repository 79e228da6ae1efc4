import pytest

from transforms.core.reporting.counting import Lags, Newest, TopCounts


def test_top_counts_most_first_and_ties_by_key():
    counts = TopCounts()
    for key in "bacabb":
        counts.add(key)
    assert counts.top(2) == [("b", 3), ("a", 2)]
    counts.add("c")
    assert counts.top(3) == [("b", 3), ("a", 2), ("c", 2)]
    assert counts.shortfall == 0


def test_ties_are_settled_by_the_second_count():
    counts = TopCounts()
    for key in "abc":
        counts.add(key)
    assert [key for key, _ in counts.top(3, {"a": 1, "b": 9, "c": 1}.__getitem__)] == ["b", "a", "c"]


def test_counts_in_bounded_memory_say_how_far_off_they_may_be():
    keys = [key for number in range(2000) for key in (f"often {number % 5}", f"once {number}")]
    counts = TopCounts(most=200)
    for key in keys:
        counts.add(key)
    assert len(list(counts.items())) <= 200
    assert counts.shortfall > 0
    top = counts.top(5)
    assert {key for key, _ in top} == {f"often {number}" for number in range(5)}
    assert all(400 - counts.shortfall <= count <= 400 for _, count in top)


@pytest.mark.parametrize("percent", [1, 50, 90, 99, 100])
def test_percentiles_are_within_one_per_cent(percent):
    lags = Lags()
    for seconds in range(1, 10_001):
        lags.add(seconds)
    assert lags.percentile(percent) == pytest.approx(percent * 100, rel=0.0101)


def test_no_time_at_all_is_no_time():
    lags = Lags()
    for seconds in (-5, 0, 0.4):
        lags.add(seconds)
    assert len(lags) == 3
    assert lags.percentile(50) == 0


def test_no_duration_has_no_percentile():
    assert Lags().percentile(50) is None
    assert Lags().share_within(60) == 0


def test_share_within():
    lags = Lags()
    for seconds in (10, 3000, 4000, 90_000):
        lags.add(seconds)
    assert lags.share_within(3600) == 0.5
    assert lags.share_within(86_400) == 0.75


def test_newest_keeps_the_highest_and_makes_no_others():
    made = []

    def make(key):
        made.append(key)
        return key

    newest = Newest(2)
    for key in (5, 9, 1, 7, 3):
        newest.offer(key, lambda key=key: make(key))
    assert list(newest) == [9, 7]
    assert newest.offered == 5
    assert made == [5, 9, 7]
