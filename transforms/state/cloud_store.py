"""A state in a bucket: the lock is a lease, the manifest is put in place of the very one that was read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from transforms.core.manifest import to_json
from transforms.core.snapshot import StateManifest, read_manifest, to_document
from transforms.filesystem import join
from transforms.google_storage import CloudObjects
from transforms.state.lease import Lease, LeaseTimes, Objects, check_held, read_note, swap, take
from transforms.state.store import LOCK, MANIFEST, Owner, StateLost, check_missing, this_process

logger = logging.getLogger("newsbeam")


class CloudStore:
    """A `StateStore` on Google Cloud Storage."""

    def __init__(self, uri: str, objects: Objects | None = None, times: LeaseTimes | None = None) -> None:
        self.uri = uri
        self._objects = objects or CloudObjects(uri)
        self._times = times or LeaseTimes()
        self._lease: Lease | None = None
        self._generation = 0  # of the manifest that was read

    @contextmanager
    def held(self, run_id: str, output: str, since: str) -> Iterator[Owner | None]:
        """Holds the state, and lets go of it however the run ends; one that is killed is silent, and so found out."""
        owner = Owner(run_id, output, this_process(), since, has_state=self._has_manifest())
        lease, before = take(self._objects, owner, self._times)
        self._lease = lease
        lease.start_renewing()
        try:
            yield before
            # Only a run that ended well gets here: what another left is for the next to clear away.
            _let_go(lease, replace(owner, is_done=True, has_state=self._has_manifest() or lease.owner.has_state))
        except Exception as error:
            self._check_lost(lease, error)
            raise
        finally:
            self._lease = None
            _let_go(lease)

    def manifest(self, before: Owner | None) -> StateManifest | None:
        """Remembers which generation it read: `publish` replaces no other."""
        stored = self._objects.read(MANIFEST)
        if stored is None:
            self._generation = 0
            check_missing(self.uri, before)
            return None
        self._generation = stored.generation
        return read_manifest(stored.data, join(self.uri, MANIFEST))

    def last_owner(self) -> Owner | None:
        """Asks for the lock object and takes nothing."""
        note = read_note(self._objects.read(LOCK))
        return note.owner if note else None

    def publish(self, manifest: StateManifest) -> None:
        """Renews the lock first: that this succeeds is the proof that nobody took it over."""
        if self._lease:
            self._lease.renew()
        generation = swap(self._objects, MANIFEST, to_json(to_document(manifest)), self._generation)
        if generation is None:
            raise StateLost(f"{join(self.uri, MANIFEST)} was replaced by another run")
        self._generation = generation

    def guard(self) -> Callable[[], None]:
        """To be called while the state is held."""
        return HeldStill(self.uri, self._lease.token if self._lease else "")

    def _has_manifest(self) -> bool:
        return self._objects.read(MANIFEST) is not None

    def _check_lost(self, lease: Lease, error: Exception) -> None:
        """Raises `StateLost` where that explains ``error``."""
        if isinstance(error, StateLost):
            return
        try:
            check_held(self._objects, lease.token)
        except StateLost as lost:
            raise lost from error
        except OSError:
            return  # what ended the run is said, not this


@dataclass(frozen=True)
class HeldStill:
    """Raises `StateLost` where the lock at ``uri`` is not the one with ``token`` any more; goes to other machines."""

    uri: str
    token: str

    def __call__(self) -> None:
        check_held(CloudObjects(self.uri), self.token)


def _let_go(lease: Lease, owner: Owner | None = None) -> None:
    try:
        lease.let_go(owner)
    except StateLost:
        return  # whoever has it frees it
    except OSError as error:
        logger.warning("the lock of the state was not freed, and holds up the next run for a while: %s", error)
