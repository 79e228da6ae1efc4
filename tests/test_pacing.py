import math
import random
from datetime import UTC, datetime

import pytest

from schemas.outcome import OutcomeKind
from transforms.core.host_queue import HostQueue, Ready, TurnedAway, Wait
from transforms.core.pacing import LOOK_AGAIN_SECONDS, HostTimes, Pace, http_date, retry_after_seconds


def queue_of(*items, **pace):
    """A queue with items like ``a1``: the letter is the host."""
    queue = HostQueue(Pace(**pace))
    for item in items:
        queue.add(item[0], item, now=0.0)
    return queue


def taken(queue, now):
    """Everything that may start at ``now``, as items."""
    items = []
    while isinstance(decision := queue.next_ready(now), Ready):
        items.append(decision.item)
    return items


def test_an_empty_queue_has_nothing():
    assert queue_of().next_ready(0.0) is None


def test_each_host_is_asked_once_at_a_time():
    queue = queue_of("a1", "a2", "b1", "c1", "b2")
    assert taken(queue, 0.0) == ["a1", "b1", "c1"]
    assert queue.next_ready(99.0) == Wait(math.inf)
    assert len(queue) == 2


def test_a_gap_follows_each_answer():
    queue = queue_of("a1", "a2", "a3", gap_seconds=2.0)
    assert taken(queue, 0.0) == ["a1"]
    queue.finished("a", 5.0)
    assert queue.next_ready(5.0) == Wait(2.0)
    assert queue.next_ready(6.5) == Wait(0.5)
    assert taken(queue, 7.0) == ["a2"]


def test_a_gap_holds_for_items_that_come_later():
    queue = queue_of("a1", gap_seconds=2.0)
    assert taken(queue, 0.0) == ["a1"]
    queue.finished("a", 1.0)
    queue.add("a", "a2", 1.5)
    assert queue.next_ready(1.5) == Wait(1.5)
    queue.add("b", "b1", 1.5)
    assert taken(queue, 1.5) == ["b1"]
    assert taken(queue, 3.0) == ["a2"]


def test_a_slow_host_holds_up_no_other():
    queue = queue_of("a1", "a2", "b1", "b2", "b3", gap_seconds=1.0)
    assert taken(queue, 0.0) == ["a1", "b1"]
    for now, item in ((1.0, "b2"), (2.0, "b3")):
        queue.finished("b", now - 1.0)
        assert taken(queue, now) == [item]
    assert queue.next_ready(50.0) == Wait(math.inf)


def test_hosts_take_turns_in_the_order_in_which_they_became_free():
    queue = queue_of("a1", "a2", "a3", "b1", "b2", "c1", "c2", gap_seconds=1.0)
    assert taken(queue, 0.0) == ["a1", "b1", "c1"]
    for host, now in (("c", 1.0), ("a", 1.2), ("b", 1.1)):
        queue.finished(host, now)
    assert taken(queue, 9.0) == ["c2", "b2", "a2"]


def test_retry_after_silences_the_whole_host():
    queue = queue_of("a1", "a2", "b1", gap_seconds=1.0)
    assert taken(queue, 0.0) == ["a1", "b1"]
    queue.finished("a", 1.0, retry_after=30.0)
    assert queue.next_ready(2.0) == Wait(29.0)
    assert taken(queue, 31.0) == ["a2"]


def test_a_short_retry_after_does_not_shorten_the_gap():
    queue = queue_of("a1", "a2", gap_seconds=5.0)
    taken(queue, 0.0)
    queue.finished("a", 0.0, retry_after=1.0)
    assert queue.next_ready(0.0) == Wait(5.0)


def test_a_host_that_wants_more_silence_than_we_have_is_given_up():
    queue = queue_of("a1", "a2", "a3", "b1", patience_seconds=60.0)
    assert taken(queue, 0.0) == ["a1", "b1"]
    queue.finished("a", 10.0, retry_after=3_600.0)
    away = [queue.next_ready(20.0), queue.next_ready(20.0)]
    assert [decision.item for decision in away] == ["a2", "a3"]
    assert all(isinstance(decision, TurnedAway) for decision in away)
    assert {decision.problem.kind for decision in away} == {OutcomeKind.UNREACHABLE}
    assert "3590 s" in away[0].problem.detail
    assert queue.next_ready(20.0) is None
    queue.add("a", "a4", 100.0)
    assert queue.next_ready(100.0).item == "a4"
    queue.add("a", "a5", 3_610.0)
    assert queue.next_ready(3_610.0) == Ready("a", "a5")


def refusals(queue, *retry_after):
    """Answer request after request with these wishes for silence; gives the last decision, at once after the last."""
    now = 0.0
    for seconds in retry_after:
        assert isinstance(queue.next_ready(now), Ready)
        queue.finished("a", now, seconds)
        decision = queue.next_ready(now)
        now += max(seconds or 0.0, 1.0)
    return decision


def test_a_host_that_wants_a_little_silence_again_and_again_is_given_up():
    items = [f"a{number}" for number in range(9)]
    assert refusals(queue_of(*items, patience_seconds=60.0), 25.0, 25.0) == Wait(25.0)
    assert isinstance(refusals(queue_of(*items, patience_seconds=60.0), 25.0, 25.0, 25.0), TurnedAway)
    assert refusals(queue_of(*items, patience_seconds=60.0), 25.0, 25.0, None, 25.0, 25.0) == Wait(25.0)


def test_silence_is_capped_at_a_week():
    queue = queue_of("a1", patience_seconds=1e12)
    taken(queue, 0.0)
    queue.finished("a", 0.0, retry_after=1e9)
    queue.add("a", "a2", 0.0)
    assert queue.next_ready(0.0) == Wait(7 * 86_400.0)


@pytest.mark.parametrize(("delay", "gap"), [(0.1, 1.0), (5.0, 5.0), (9_999.0, 120.0), (math.inf, 120.0)])
def test_a_crawl_delay_widens_the_gap_within_bounds(delay, gap):
    queue = queue_of("a1", "a2", gap_seconds=1.0, max_crawl_delay=120.0)
    taken(queue, 0.0)
    queue.slow_down("a", delay, 0.0)
    queue.finished("a", 0.0)
    assert queue.next_ready(0.0) == Wait(gap)


def test_a_crawl_delay_is_remembered_while_the_host_is_idle():
    queue = queue_of("a1", gap_seconds=1.0)
    queue.slow_down("a", 10.0, 0.0)
    taken(queue, 0.0)
    queue.finished("a", 0.0)
    assert queue.next_ready(20.0) is None
    queue.add("a", "a2", 20.0)
    queue.add("a", "a3", 20.0)
    assert taken(queue, 20.0) == ["a2"]
    queue.finished("a", 21.0)
    assert queue.next_ready(21.0) == Wait(10.0)


def test_pages_of_a_host_are_limited():
    queue = queue_of("a1", "a2", "a3", "b1", "a4", max_pages_per_host=2)
    decisions = [queue.next_ready(0.0) for _ in range(4)]
    assert [decision.item for decision in decisions] == ["a3", "a4", "a1", "b1"]
    assert decisions[0].problem.kind == OutcomeKind.FILTERED
    queue.finished("a", 0.0)
    assert taken(queue, 1.0) == ["a2"]
    queue.finished("a", 1.0)
    assert queue.next_ready(500.0) is None
    queue.add("a", "a5", 500.0)
    assert isinstance(queue.next_ready(500.0), TurnedAway)


def test_hosts_that_are_done_are_forgotten():
    queue = HostQueue(Pace(gap_seconds=1.0))
    for number in range(1_000):
        queue.add(f"host{number}", "item", float(number))
        queue.next_ready(float(number))
        queue.finished(f"host{number}", float(number))
    assert len(queue._lines) < 5
    assert len(queue._times) < 5


def test_any_course_of_events_is_polite_fair_and_complete():
    """Play random courses with a fake clock: each host one at a time, its gaps kept, every item once."""
    for seed in range(30):
        source = random.Random(seed)  # noqa: S311 - a course of events, not a secret
        items = [f"{source.choice('abcdefgh')}{number}" for number in range(120)]
        queue, now, under_way, free_at, seen = HostQueue(Pace(gap_seconds=1.0)), 0.0, {}, {}, []
        waiting = list(items)
        while waiting or len(queue) or under_way:
            if waiting and source.random() < 0.6:
                item = waiting.pop()
                queue.add(item[0], item, now)
            decision = queue.next_ready(now)
            if isinstance(decision, Ready):
                assert decision.host not in under_way
                assert now >= free_at.get(decision.host, 0.0)
                under_way[decision.host] = now + source.random() * 3
                seen.append(decision.item)
                continue
            now += min(source.random(), decision.seconds if isinstance(decision, Wait) else 1.0)
            for host in [host for host, end in under_way.items() if end <= now]:
                del under_way[host]
                silence = source.choice([None, None, 4.0])
                queue.finished(host, now, silence)
                free_at[host] = now + (silence or 1.0)
        assert sorted(seen) == sorted(items)


def test_what_goes_on_comes_before_what_is_new_and_is_no_page_of_its_own():
    queue = queue_of("a1", "a2", gap_seconds=1.0, max_pages_per_host=2)
    assert taken(queue, 0.0) == ["a1"]
    queue.resume("a", "a1 goes on", 0.5)
    queue.resume("a", "b1 came over", 0.6)
    assert len(queue) == 3
    queue.finished("a", 1.0)
    for now, item in ((2.0, "a1 goes on"), (3.0, "b1 came over"), (4.0, "a2")):
        assert taken(queue, now) == [item]
        queue.finished("a", now)
    assert queue.next_ready(99.0) is None


def test_a_turn_that_took_no_request_is_followed_by_no_gap():
    queue = queue_of("a1", "a2", "a3", gap_seconds=1.0)
    assert taken(queue, 0.0) == ["a1"]
    queue.finished("a", 0.0)
    assert taken(queue, 1.0) == ["a2"]
    queue.returned("a", 1.5)
    assert taken(queue, 1.5) == ["a3"]


def shared_queues(*items, **pace):
    times = HostTimes()
    queues = [HostQueue(Pace(**pace), times) for _ in items]
    for queue, item in zip(queues, items, strict=True):
        queue.add(item[0], item, 0.0)
    return queues


def test_queues_that_share_their_times_share_a_host():
    one, other = shared_queues("a1", "a2", gap_seconds=1.0)
    assert taken(one, 0.0) == ["a1"]
    assert other.next_ready(0.0) == Wait(LOOK_AGAIN_SECONDS)
    one.finished("a", 3.0)
    assert other.next_ready(3.0) == Wait(1.0)
    assert taken(other, 4.0) == ["a2"]
    other.finished("a", 4.0)
    assert one.next_ready(99.0) is None
    assert other.next_ready(99.0) is None


def test_silence_and_crawl_delay_hold_for_every_queue():
    one, other = shared_queues("a1", "a2", gap_seconds=1.0, patience_seconds=60.0)
    one.slow_down("a", 5.0, 0.0)
    taken(one, 0.0)
    one.finished("a", 0.0)
    assert other.next_ready(LOOK_AGAIN_SECONDS) == Wait(5.0 - LOOK_AGAIN_SECONDS)
    one.add("a", "a3", 1.0)
    assert taken(one, 5.0) == ["a3"]
    one.finished("a", 5.0, retry_after=100.0)
    assert other.next_ready(5.0 + LOOK_AGAIN_SECONDS).item == "a2"
    assert other.next_ready(6.0) is None


def test_the_crawl_delay_of_a_domain_is_the_longest_of_its_hosts():
    queue = queue_of("a1", "a2", gap_seconds=1.0)
    taken(queue, 0.0)
    for delay in (3.0, 9.0, 2.0):
        queue.slow_down("a", delay, 0.0)
    queue.finished("a", 0.0)
    assert queue.next_ready(0.0) == Wait(9.0)


NOW = datetime(2031, 5, 7, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 07 May 2031 12:01:30 GMT", 90.0),
        ("Wed, 07 May 2031 14:01:30 +0200", 90.0),
        ("Wed, 07 May 2031 12:01:30", 90.0),
        ("Wednesday, 07-May-31 12:01:30 GMT", 90.0),
        ("Wed, 07 May 2031 11:00:00 GMT", 0.0),
        ("Wed, 07 May 2042 12:00:00 GMT", 604_800.0),
        ("999999999999999999999999", 604_800.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1.5", None),
        ("٣", None),
        ("Wed, 99 May 2031 12:01:30 GMT", None),
        ("Wed, 07 May 2031 12:01:30 +9999999999", None),
    ],
)
def test_retry_after_is_read(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Wed, 07 May 2031 12:00:00 GMT", NOW),
        ("Wed, 07 May 2031 14:00:00 +0200", NOW),
        (" Wed, 07 May 2031 12:00:00 ", NOW),
        ("Wednesday, 07-May-31 12:00:00 GMT", NOW),
        ("Wed May  7 12:00:00 2031", NOW),
        ("0", None),
        ("-1", None),
        ("", None),
        ("Wed, 99 May 2031 12:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
    ],
)
def test_dates_of_headers_are_read(value, moment):
    assert http_date(value) == moment
