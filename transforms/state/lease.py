"""A lock where no kernel frees it: an object that names its holder, renewed as long as that one lives.

Whoever holds it puts it again every `RENEW_SECONDS`; nobody else may, since each put names the generation that it
replaces.  One that was not put again for `STALE_SECONDS` is taken over.  Ages are by the clock of the service alone.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Protocol

from transforms.google_storage import Changed, Stored
from transforms.state.store import LOCK, Owner, StateBusy, StateLost, owner_of

RENEW_SECONDS = 60.0
"""Far below the limit of one put a second to an object, and ten chances before the lock is stale."""

STALE_SECONDS = 600.0
"""Longer than a network is away or a virtual machine stands still while it is moved, and one round of a run that is
scheduled every ten minutes: a run that was killed costs the next one or two."""

logger = logging.getLogger("newsbeam")


class Objects(Protocol):
    """Objects by name, put on a condition: `transforms.google_storage.CloudObjects` is one."""

    @property
    def uri(self) -> str:
        """Where they are."""

    def read(self, name: str) -> Stored | None:
        """The object; None where there is none."""

    def write(self, name: str, data: bytes, generation: int) -> int:
        """Puts it in place of ``generation`` (0: of nothing), and gives its new one.  Raises `Changed`."""

    def now(self) -> datetime:
        """The time by the clock that dates the objects."""


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds."""

    renew: float = RENEW_SECONDS
    stale: float = STALE_SECONDS


@dataclass(frozen=True, slots=True)
class LockNote:
    """What the lock object says.  ``token`` is of one holder alone, ``beat`` counts its puts."""

    owner: Owner
    token: str
    beat: int = 0
    is_held: bool = True

    def to_bytes(self) -> bytes:
        """The note as JSON."""
        return json.dumps(asdict(self)).encode()


def read_note(stored: Stored | None) -> LockNote | None:
    """The note in a lock object; None where there is none or it says nothing that newsbeam wrote."""
    try:
        document = json.loads(stored.data) if stored else {}
        owner = owner_of(document.pop("owner", None))
        return LockNote(owner, **document) if owner else None
    except (ValueError, TypeError, AttributeError):
        return None


def swap(objects: Objects, name: str, data: bytes, generation: int) -> int | None:
    """Puts ``data`` in place of ``generation`` and gives the new one; None where another was faster.

    A put that was done though its answer was lost is refused when the client tries again: its bytes tell.
    """
    try:
        return objects.write(name, data, generation)
    except Changed:
        stored = objects.read(name)
        return stored.generation if stored and stored.data == data else None


def held_by(objects: Objects) -> LockNote | None:
    """Who holds the lock now."""
    note = read_note(objects.read(LOCK))
    return note if note and note.is_held else None


def check_held(objects: Objects, token: str) -> None:
    """Raises `StateLost` where the lock is not held with ``token``."""
    holder = held_by(objects)
    if holder is None or holder.token != token:
        raise _lost(objects, holder)


class Lease:
    """The lock, held by this process."""

    def __init__(self, objects: Objects, note: LockNote, generation: int, times: LeaseTimes) -> None:
        self._objects = objects
        self._note = note
        self._generation = generation
        self._times = times
        self._one_at_a_time = Lock()
        self._ended = Event()

    @property
    def owner(self) -> Owner:
        """What the lock says of this run."""
        return self._note.owner

    @property
    def token(self) -> str:
        """By which the lock object tells this holder from others."""
        return self._note.token

    def renew(self) -> None:
        """Puts the lock again.  Raises `StateLost` where it was taken over, OSError where the service is away."""
        with self._one_at_a_time:
            if not self._ended.is_set():
                self._put(replace(self._note, beat=self._note.beat + 1))

    def let_go(self, owner: Owner | None = None) -> None:
        """Frees the lock, at most once.  ``owner`` is what it is to say of this run, if not what it said so far.

        Raises what `renew` raises.
        """
        with self._one_at_a_time:
            if not self._ended.is_set():
                self._ended.set()
                self._put(replace(self._note, owner=owner or self._note.owner, is_held=False))

    def start_renewing(self) -> None:
        """Renews the lock in the background until it is let go."""
        Thread(target=self._keep, name="newsbeam-lease", daemon=True).start()

    def _put(self, note: LockNote) -> None:
        generation = swap(self._objects, LOCK, note.to_bytes(), self._generation)
        if generation is None:
            raise _lost(self._objects, held_by(self._objects))
        self._note, self._generation = note, generation

    def _keep(self) -> None:
        while not self._ended.wait(self._times.renew):
            try:
                self.renew()
            except StateLost:
                return  # found again by whoever is about to publish
            except OSError as error:
                logger.warning("the lock of the state could not be renewed, and will be tried again: %s", error)


def take(objects: Objects, owner: Owner, times: LeaseTimes) -> tuple[Lease, Owner | None]:
    """Takes the lock for ``owner``; gives it with the last owner.  Raises `StateBusy` where another holds it."""
    stored = objects.read(LOCK)
    before = read_note(stored)
    if stored and (before is None or before.is_held):
        _check_stale(objects, stored, before, times)
    had_state = before is not None and before.owner.has_state
    note = LockNote(replace(owner, has_state=owner.has_state or had_state), uuid.uuid4().hex)
    generation = swap(objects, LOCK, note.to_bytes(), stored.generation if stored else 0)
    if generation is None:
        raise StateBusy(f"{objects.uri} is in use by {_name(held_by(objects))}, which was faster by a moment")
    return Lease(objects, note, generation, times), before.owner if before else None


def _check_stale(objects: Objects, stored: Stored, before: LockNote | None, times: LeaseTimes) -> None:
    silent = objects.now() - stored.updated
    if silent <= timedelta(seconds=times.stale):
        raise StateBusy(
            f"{objects.uri} is in use by {_name(before)}, last heard of {max(silent.total_seconds(), 0):.0f} s ago"
            f" (after {times.stale:.0f} s of silence the next run takes over)"
        )
    logger.warning("%s was not heard of for %.0f s: its state is taken over", _name(before), silent.total_seconds())


def _lost(objects: Objects, holder: LockNote | None) -> StateLost:
    return StateLost(f"this run was not heard of for too long, and {objects.uri} was taken over by {_name(holder)}")


def _name(note: LockNote | None) -> str:
    return str(note.owner) if note else "another run"
