"""Who may use a state, and which of its snapshots counts: a lock with an owner, and one manifest."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

from transforms.core.manifest import to_json
from transforms.core.snapshot import StateDamaged, StateManifest, read_manifest, to_document
from transforms.filesystem import join, list_files

MANIFEST = "manifest.json"
LOCK = "lock"


class StateBusy(Exception):
    """Another run holds the state; the message says which."""


class StateLost(Exception):
    """This run does not hold the state any more, so it must not publish; the message says who does."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a state, or held it last.

    ``is_done`` once that run had cleaned up after itself; ``has_state`` if a manifest was there in its time.
    """

    run_id: str
    output: str
    process: str
    since: str
    is_done: bool = False
    has_state: bool = False

    def __str__(self) -> str:
        return f"run {self.run_id} (process {self.process}, since {self.since})"


class StateStore(Protocol):
    """A state somewhere: its lock and its manifest.  Methods raise OSError where the place cannot be used."""

    @property
    def uri(self) -> str:
        """STATE, as Beam's filesystems take it."""

    def held(self, run_id: str, output: str, since: str) -> AbstractContextManager[Owner | None]:
        """Holds the state for a run; gives its last owner.  Raises `StateBusy` where another holds it.

        Raises `StateLost` at the end where the run failed because it did not hold the state any more.
        """

    def manifest(self, before: Owner | None) -> StateManifest | None:
        """The manifest that counts; None where no run was published yet.

        Raises `StateDamaged`, also where it is missing and ``before``, the last owner, had one.
        """

    def last_owner(self) -> Owner | None:
        """Who holds the state or held it last, for those who only look; None where nobody is known."""

    def publish(self, manifest: StateManifest) -> None:
        """Puts the manifest in place: at one moment the old one counts, at the next the new one.

        Raises `StateLost` where this run does not hold the state any more.
        """

    def guard(self) -> Callable[[], None]:
        """What any process of the run that holds the state calls before it publishes; it raises `StateLost`."""


class LocalStore:
    """A `StateStore` in a folder.  The kernel frees its lock when the process ends, however it ends."""

    def __init__(self, folder: str) -> None:
        self.uri = folder
        self._folder = Path(folder)

    @contextmanager
    def held(self, run_id: str, output: str, since: str) -> Iterator[Owner | None]:
        """Raises OSError where the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / LOCK).open("a+", encoding="utf-8", errors="replace") as lock:
            self._take(lock)
            before = _owner_in(lock)
            owner = Owner(run_id, output, this_process(), since, has_state=self._has_state(before))
            _write_owner(lock, owner)
            yield before
            # Only a run that ended well gets here: what another left is for the next to clear away.
            _write_owner(lock, replace(owner, is_done=True, has_state=self._has_state(before)))

    def manifest(self, before: Owner | None) -> StateManifest | None:
        path = self._folder / MANIFEST
        try:
            return read_manifest(path.read_bytes(), str(path))
        except FileNotFoundError:
            check_missing(self.uri, before)
            return None

    def last_owner(self) -> Owner | None:
        try:
            with (self._folder / LOCK).open(encoding="utf-8", errors="replace") as lock:
                return _owner_in(lock)
        except FileNotFoundError:
            return None

    def publish(self, manifest: StateManifest) -> None:
        draft = self._folder / f"{MANIFEST}.new"
        with draft.open("wb") as file:
            file.write(to_json(to_document(manifest)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / MANIFEST)

    def guard(self) -> Callable[[], None]:
        """To be called while the state is held."""
        return StillOwner(self.uri, self.last_owner())

    def _has_state(self, before: Owner | None) -> bool:
        return (self._folder / MANIFEST).exists() or (before is not None and before.has_state)

    def _take(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateBusy(f"{self.uri} is in use by {_owner_in(lock) or 'another run'}") from None


def check_missing(uri: str, before: Owner | None) -> None:
    """Raises `StateDamaged` where a state without a manifest must have had one."""
    if before.has_state if before else list_files(join(uri, "snapshots", "*", "*.avro")):
        raise StateDamaged(f"{join(uri, MANIFEST)}: missing")


def read_owner(text: str | bytes) -> Owner | None:
    """The owner that a lock names; None for a lock that was never filled in, or is being written just now."""
    try:
        return owner_of(json.loads(text or "null"))
    except ValueError:
        return None


def owner_of(document: Any) -> Owner | None:
    """The owner as plain data has it."""
    try:
        return Owner(**document)
    except TypeError:
        return None


def this_process() -> str:
    """``host:pid``, for people."""
    return f"{platform.node()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class StillOwner:
    """Raises `StateLost` where the lock in ``folder`` names another than ``owner``; goes to other processes.

    A job on a cluster outlives the process that started it and held the lock: then the next run may have taken it.
    """

    folder: str
    owner: Owner | None

    def __call__(self) -> None:
        holder = LocalStore(self.folder).last_owner()
        if holder != self.owner:
            raise StateLost(f"the process that held {self.folder} is gone, and it was taken over by {holder}")


def _owner_in(lock: IO[str]) -> Owner | None:
    lock.seek(0)
    return read_owner(lock.read())


def _write_owner(lock: IO[str], owner: Owner) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps(asdict(owner)))
    lock.flush()
