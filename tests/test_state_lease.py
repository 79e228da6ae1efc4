"""The lock and the manifest of a state in a bucket: who wins, who waits, who lost."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from transforms.core.snapshot import StateDamaged, StateManifest, read_manifest
from transforms.google_storage import Changed, Stored
from transforms.state.cloud_store import CloudStore
from transforms.state.lease import STALE_SECONDS, LeaseTimes, LockNote, check_held, held_by, take
from transforms.state.store import LOCK, MANIFEST, Owner, StateBusy, StateLost

NEVER = LeaseTimes(renew=10_000.0)
"""Renewed by the test alone."""
MORNING = Owner("morning", "gs://harbour/news", "quay:17", "2026-11-16T08:00:00+00:00")
EVENING = Owner("evening", "gs://harbour/news", "pier:18", "2026-11-16T18:00:00+00:00")


def nothing(name):
    """Is done before a put."""


class Memory:
    """Objects with a clock that tests set.  ``before_write`` is called with the name, before the put is judged."""

    uri = "harbour/state"

    def __init__(self):
        self.stored = {}
        self.time = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
        self.generation = 0
        self.before_write = nothing
        self.loses_answers = False
        self.is_away = False
        self._lock = threading.Lock()

    def read(self, name):
        return self.stored.get(name)

    def write(self, name, data, generation):
        self.before_write(name)
        if self.is_away:
            raise OSError("the service is away")
        with self._lock:
            there = self.stored.get(name)
            if generation != (there.generation if there else 0):
                raise Changed(name)
            self.generation += 1
            self.stored[name] = Stored(data, self.generation, self.time)
            if self.loses_answers:
                raise Changed("the put of the second try, after the answer to the first was lost")
            return self.generation

    def now(self):
        return self.time

    def wait(self, seconds):
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def objects():
    return Memory()


def store(objects):
    return CloudStore(objects.uri, objects, NEVER)


def manifest(generation, run_id="morning"):
    return StateManifest(generation, run_id, "gs://harbour/news", "2026-11-16T08:00:00+00:00", 2, ())


def published(objects):
    return read_manifest(objects.stored[MANIFEST].data, "manifest").run_id


def hold(store, owner):
    return store.held(owner.run_id, owner.output, owner.since)


# --- who holds it


def test_the_second_is_told_who_holds_it_and_since_when_it_was_silent(objects):
    take(objects, MORNING, NEVER)
    objects.wait(90)
    with pytest.raises(StateBusy) as refusal:
        take(objects, EVENING, NEVER)
    said = str(refusal.value)
    assert "harbour/state is in use by run morning (process quay:17, since 2026-11-16T08:00:00+00:00)" in said
    assert "last heard of 90 s ago" in said
    assert held_by(objects).owner == MORNING


def test_of_many_at_once_one_wins(objects):
    outcomes = []
    together = threading.Barrier(8)

    def compete(number):
        together.wait()
        try:
            take(objects, Owner(f"run-{number}", "out", "host", "now"), NEVER)
            outcomes.append(number)
        except StateBusy:
            outcomes.append(None)

    threads = [threading.Thread(target=compete, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number is not None]
    assert len(outcomes) == 8
    assert held_by(objects).owner.run_id == f"run-{winner}"


@pytest.mark.parametrize(("silence", "is_free"), [(STALE_SECONDS, False), (STALE_SECONDS + 1, True)])
def test_a_silent_holder_is_replaced_after_a_while(objects, silence, is_free):
    take(objects, MORNING, NEVER)
    objects.wait(silence)
    if is_free:
        assert take(objects, EVENING, NEVER)[1] == MORNING
    else:
        with pytest.raises(StateBusy):
            take(objects, EVENING, NEVER)


def test_a_holder_that_is_heard_of_stays(objects):
    lease, _ = take(objects, MORNING, NEVER)
    for _ in range(5):
        objects.wait(STALE_SECONDS - 1)
        lease.renew()
    with pytest.raises(StateBusy):
        take(objects, EVENING, NEVER)


def test_a_holder_that_speaks_up_at_the_last_moment_stays(objects):
    lease, _ = take(objects, MORNING, NEVER)
    objects.wait(STALE_SECONDS + 1)

    def speak_up(name):
        objects.before_write = nothing
        lease.renew()

    objects.before_write = speak_up
    with pytest.raises(StateBusy, match="run morning"):
        take(objects, EVENING, NEVER)
    check_held(objects, lease.token)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b'{"owner": {"name": 1}}', b'{"owner": 1}', b"\xff"])
def test_a_lock_that_says_nothing_is_somebodys_until_it_is_old(objects, data):
    objects.write(LOCK, data, 0)
    with pytest.raises(StateBusy, match="another run"):
        take(objects, EVENING, NEVER)
    objects.wait(STALE_SECONDS + 1)
    assert take(objects, EVENING, NEVER)[1] is None


# --- the end of a run


def test_a_run_that_ended_well_leaves_the_state_free_at_once(objects):
    with hold(store(objects), MORNING) as before:
        assert before is None
    with hold(store(objects), EVENING) as before:
        assert before == Owner(**{**_fields(MORNING), "process": before.process, "is_done": True})


def test_a_run_that_failed_leaves_it_free_but_not_done(objects):
    with pytest.raises(RuntimeError), hold(store(objects), MORNING):
        raise RuntimeError("no such luck")
    with hold(store(objects), EVENING) as before:
        assert (before.run_id, before.is_done) == ("morning", False)


def test_a_run_that_was_stopped_leaves_it_free(objects):
    with pytest.raises(KeyboardInterrupt), hold(store(objects), MORNING):
        raise KeyboardInterrupt
    assert held_by(objects) is None


def test_a_lock_that_cannot_be_freed_is_no_failure(objects, caplog):
    with hold(store(objects), MORNING):
        objects.is_away = True
    assert "was not freed" in caplog.text


def test_who_only_looks_takes_nothing(objects):
    assert store(objects).last_owner() is None
    take(objects, MORNING, NEVER)
    kept = dict(objects.stored)
    assert store(objects).last_owner() == MORNING
    assert objects.stored == kept


# --- the manifest


def test_the_manifest_is_put_and_read(objects):
    with hold(store(objects), MORNING):
        pass
    mine = store(objects)
    with hold(mine, EVENING) as before:
        assert mine.manifest(before) is None
        mine.publish(manifest(1))
        mine.publish(manifest(2))
        assert mine.manifest(before) == manifest(2)


def test_a_manifest_that_another_replaced_is_left_alone(objects):
    mine = store(objects)
    mine.manifest(None)
    other = store(objects)
    other.manifest(None)
    other.publish(manifest(1, "other"))
    with pytest.raises(StateLost, match="replaced by another run"), hold(mine, MORNING):
        mine.publish(manifest(1))
    assert published(objects) == "other"


def test_a_manifest_that_was_there_and_is_gone_is_damage(objects):
    mine = store(objects)
    with hold(mine, MORNING):
        mine.manifest(None)
        mine.publish(manifest(1))
    del objects.stored[MANIFEST]
    for _ in range(2):  # the next owner knows it too
        again = store(objects)
        with pytest.raises(StateDamaged, match=r"manifest\.json: missing"), hold(again, EVENING) as before:
            again.manifest(before)


@pytest.mark.parametrize("name", [LOCK, MANIFEST])
def test_a_put_whose_answer_was_lost_was_done(objects, name):
    mine = store(objects)
    objects.before_write = lambda written: setattr(objects, "loses_answers", written == name)
    with hold(mine, MORNING):
        mine.manifest(None)
        mine.publish(manifest(1))
        mine.publish(manifest(2))
    assert published(objects) == "morning"
    assert mine.last_owner().is_done


# --- a lock that was lost


def taken_over(objects):
    objects.wait(STALE_SECONDS + 1)
    return take(objects, EVENING, NEVER)


def publish_too_late(objects, store):
    taken_over(objects)
    store.publish(manifest(1))


def fail_because_of(objects):
    taken_over(objects)
    raise RuntimeError("a file that the other run removed")


def test_a_run_that_lost_the_lock_publishes_nothing(objects):
    mine = store(objects)
    with pytest.raises(StateLost, match="taken over by run evening"), hold(mine, MORNING):
        publish_too_late(objects, mine)
    assert MANIFEST not in objects.stored
    assert held_by(objects).owner == EVENING  # what is not its own it does not free


def test_a_run_that_lost_the_lock_says_so_whatever_it_failed_of(objects):
    with pytest.raises(StateLost, match="run evening") as failure, hold(store(objects), MORNING):
        fail_because_of(objects)
    assert isinstance(failure.value.__cause__, RuntimeError)


def test_a_lock_that_was_taken_over_and_freed_is_lost_too(objects):
    lease, _ = take(objects, MORNING, NEVER)
    taken_over(objects)[0].let_go()
    with pytest.raises(StateLost):
        lease.renew()
    with pytest.raises(StateLost):
        check_held(objects, lease.token)


def test_a_lock_that_nobody_took_is_not_lost_by_silence(objects):
    mine = store(objects)
    with hold(mine, MORNING):
        mine.manifest(None)
        objects.wait(STALE_SECONDS * 10)
        mine.publish(manifest(1))
    assert published(objects) == "morning"


@pytest.mark.parametrize("token", ["", "another"])
def test_another_token_holds_nothing(objects, token):
    take(objects, MORNING, NEVER)
    with pytest.raises(StateLost):
        check_held(objects, token)


# --- renewal in the background


def beats(objects, at_least):
    """Waits until the lock was put so many times again."""
    deadline = time.monotonic() + 60
    while held_by(objects).beat < at_least:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_the_lock_is_renewed_while_it_is_held(objects):
    with hold(CloudStore(objects.uri, objects, LeaseTimes(renew=0.001)), MORNING):
        beats(objects, 3)
    assert held_by(objects) is None
    last = objects.stored[LOCK]
    time.sleep(0.02)
    assert objects.stored[LOCK] is last


def test_renewal_goes_on_when_the_service_comes_back(objects, caplog):
    failures = threading.Event()

    def fail_twice(name):
        objects.is_away = len(caplog.messages) < 2
        if not objects.is_away:
            failures.set()

    with hold(CloudStore(objects.uri, objects, LeaseTimes(renew=0.001)), MORNING):
        objects.before_write = fail_twice
        assert failures.wait(60)
        beats(objects, 1)
    assert "could not be renewed" in caplog.text


def test_a_note_is_read_back(objects):
    note = LockNote(MORNING, "t", 3)
    objects.write(LOCK, note.to_bytes(), 0)
    assert held_by(objects) == note


def _fields(owner):
    return {name: getattr(owner, name) for name in ("run_id", "output", "process", "since", "is_done", "has_state")}
