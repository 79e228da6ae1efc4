"""Runs that go on from a state: held while they run, put in place when their articles are out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.errors import RunFailed, UsageError
from transforms.core.snapshot import StateDamaged, StateManifest
from transforms.filesystem import exists, join, problem_with, remove
from transforms.state.cloud_store import CloudStore
from transforms.state.recovery import prune, recover
from transforms.state.shards import DEFAULT_SHARDS, StateConfig, check_file
from transforms.state.store import LocalStore, StateBusy, StateLost, StateStore
from transforms.state.update import pending_manifest, pending_path
from transforms.write import Sink

WHAT_TO_DO = (
    "The state was left as it is, and nothing was fetched. Restore it from a copy, or name another, empty --state: "
    "then every listed feed and page is read as if for the first time"
)

NO_PLACE = (
    "two runs cannot be kept apart there; a state is a folder of this machine or gs://bucket/path, and --output can be "
    "anywhere"
)

CHECKED_AT_ONCE = 8
"""Files of a state: from an object store each is a few round trips, and there are some fifty."""


@dataclass(frozen=True, slots=True)
class OpenState:
    """A state that this process holds; ``is_complete`` where the run to do was published before."""

    store: StateStore
    config: StateConfig
    is_complete: bool

    def commit(self) -> None:
        """Puts the new state in place.  To be called when the run's articles are published."""
        manifest = pending_manifest(self.config)
        self.store.publish(manifest)
        remove([join(self.config.uri, pending_path(self.config.run.run_id))])
        prune(self.store, manifest)


@contextmanager
def open_state(uri: str, sink: Sink, *, force: bool) -> Iterator[OpenState]:
    """Holds the state at ``uri`` for the run of ``sink``, after what an earlier run left was put right.

    Raises `RunFailed` where another run holds it or where it is damaged, `UsageError` where it cannot be used at all.
    """
    store = store_at(uri)
    try:
        with store.held(sink.run.run_id, sink.output, sink.run.now.isoformat()) as before:
            manifest = recover(store, before)
            check_state(uri, manifest)
            shards = manifest.shards if manifest else DEFAULT_SHARDS
            config = StateConfig(uri, sink.run, sink.output, manifest, shards, force=force, guard=store.guard())
            yield OpenState(store, config, is_complete=exists(sink.path(sink.layout.manifest)))
    except StateBusy as error:
        raise RunFailed(f"{error}; runs on one state go one after the other") from error
    except StateLost as error:
        raise RunFailed(f"{error}; what this run found does not count, and the next run asks again") from error
    except StateDamaged as error:
        raise RunFailed(f"the state is damaged: {error}. {WHAT_TO_DO}") from error


def seen_state(uri: str, sink: Sink, *, force: bool) -> StateConfig:
    """The state as the last run left it, for a look: it is not held, nothing in it is put right or changed.

    Raises `RunFailed` where it is damaged, `UsageError` where it cannot be used at all.
    """
    store = store_at(uri)
    try:
        manifest = store.manifest(store.last_owner())
        check_state(uri, manifest)
    except StateDamaged as error:
        raise RunFailed(f"the state is damaged: {error}. {WHAT_TO_DO}") from error
    shards = manifest.shards if manifest else DEFAULT_SHARDS
    return StateConfig(uri, sink.run, sink.output, manifest, shards, force=force)


def store_at(uri: str) -> StateStore:
    """The store at ``uri``.  Raises `UsageError` for a place where two runs could not be kept apart."""
    scheme = urlsplit(uri).scheme
    if found := re.search(r"[*?\[\]]", uri):
        raise UsageError(f"--state {uri}: '{found[0]}' stands for other names in file patterns; name it without")
    if len(scheme) <= 1:  # a folder, or one on a drive that Windows calls by a letter
        if Path(uri).is_file():
            raise UsageError(f"--state {uri}: is a file; name a folder")
        return LocalStore(uri)
    if scheme != "gs":
        raise UsageError(f"--state {uri}: {NO_PLACE}")
    if not urlsplit(uri).netloc:
        raise UsageError(f"--state {uri}: names no bucket (gs://bucket/path)")
    if problem := problem_with(uri):
        raise UsageError(f"--state {uri}: {problem}")
    return CloudStore(uri)


def check_state(uri: str, manifest: StateManifest | None) -> None:
    """Raises `StateDamaged` where a file is not what the manifest says: before anything is fetched."""
    files = manifest.files if manifest else ()
    with ThreadPoolExecutor(CHECKED_AT_ONCE) as pool:
        for checked in [pool.submit(check_file, join(uri, file.path), file) for file in files]:
            checked.result()
