"""Who may use a state, and which of its snapshots counts: a lock with an owner, and one manifest."""

from __future__ import annotations

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from transforms.core.manifest import to_json
from transforms.core.snapshot import StateDamaged, StateManifest, read_manifest, to_document

MANIFEST = "manifest.json"
LOCK = "lock"


class StateBusy(Exception):
    """Another run holds the state; the message says which."""


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


class LocalStore:
    """A state in a folder.  The kernel frees its lock when the process ends, however it ends."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self._lock: IO[str] | None = None

    @contextmanager
    def held(self, run_id: str, output: str, since: str) -> Iterator[Owner | None]:
        """Holds the state for a run; gives its last owner.

        Raises `StateBusy` where another process holds it, OSError where the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK).open("a+", encoding="utf-8") as lock:
            self._take(lock)
            before = _owner_in(lock)
            process = f"{platform.node()}:{os.getpid()}"
            owner = Owner(run_id, output, process, since, has_state=self._has_state(before))
            _write_owner(lock, owner)
            yield before
            # Only a run that ended well gets here: what another left is for the next to clear away.
            _write_owner(lock, replace(owner, is_done=True, has_state=self._has_state(before)))

    def manifest(self, before: Owner | None) -> StateManifest | None:
        """The manifest that counts; None where no run was published yet.

        Raises `StateDamaged`, also where it is missing and ``before``, the last owner, had one.
        """
        path = self.folder / MANIFEST
        try:
            return read_manifest(path.read_bytes(), str(path))
        except FileNotFoundError:
            if before.has_state if before else any(self.folder.glob("snapshots/*/*.avro")):
                raise StateDamaged(f"{path}: missing") from None
            return None

    def last_owner(self) -> Owner | None:
        """Who holds the state or held it last, for those who only look; None where nobody is known."""
        try:
            with (self.folder / LOCK).open(encoding="utf-8") as lock:
                return _owner_in(lock)
        except FileNotFoundError:
            return None

    def _has_state(self, before: Owner | None) -> bool:
        return (self.folder / MANIFEST).exists() or (before is not None and before.has_state)

    def publish(self, manifest: StateManifest) -> None:
        """Puts the manifest in place: at one moment the old one counts, at the next the new one."""
        draft = self.folder / f"{MANIFEST}.new"
        with draft.open("wb") as file:
            file.write(to_json(to_document(manifest)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / MANIFEST)

    def _take(self, lock: IO[str]) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _owner_in(lock)
            who = f"run {owner.run_id} (process {owner.process}, since {owner.since})" if owner else "another run"
            raise StateBusy(f"{self.folder} is in use by {who}") from None


def _owner_in(lock: IO[str]) -> Owner | None:
    lock.seek(0)
    try:
        return Owner(**json.loads(lock.read() or "null"))
    except (ValueError, TypeError):  # a lock that was never filled in, or is being written just now
        return None


def _write_owner(lock: IO[str], owner: Owner) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps(asdict(owner)))
    lock.flush()
