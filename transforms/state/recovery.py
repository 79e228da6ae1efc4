"""What a run finds that another left half done: a publication to finish, or litter to clear away."""

from __future__ import annotations

import logging
from datetime import datetime

from schemas.hops import Run
from transforms.clock import Clock
from transforms.core.layout import RunLayout
from transforms.core.snapshot import StateManifest, read_manifest
from transforms.filesystem import exists, folder_of, join, list_files, open_bytes, remove
from transforms.state.store import Owner, StateStore
from transforms.state.update import DRAFT
from transforms.write import Sink

logger = logging.getLogger("newsbeam")


def recover(store: StateStore, before: Owner | None) -> StateManifest | None:
    """Finishes or undoes what runs on this state left, and gives the manifest that counts then.

    A run writes its new state, publishes its articles, and puts its state in place, in this order.  So a state that
    waits is put in place if the articles are out (their manifest says so), and thrown away if they are not, together
    with article files that nobody was told of.  Raises `StateDamaged`.
    """
    current = store.manifest(before)
    for path in list_files(join(store.uri, "pending", "*.json")):
        pending = read_manifest(_contents(path), path)
        if _is_published(pending.output, pending.run_id, pending.now):
            if current is None or pending.generation == current.generation + 1:
                logger.info(
                    "the state of run %s, which had ended before it was put in place, counts now", pending.run_id
                )
                store.publish(pending)
                current = pending
        else:
            logger.info("run %s did not end: what it left is removed", pending.run_id)
            _clear(pending.output, pending.run_id, pending.now)
        remove([path])
    remove(list_files(join(store.uri, "pending", f"*{DRAFT}")))
    if before is not None and not before.is_done:
        _clear_work(before)
    prune(store, current)
    return current


def prune(store: StateStore, current: StateManifest | None) -> None:
    """Removes snapshot files that the manifest does not name."""
    named = {join(store.uri, file.path) for file in current.files} if current else set()
    kept = {folder_of(path) for path in named}
    found = [path for path in list_files(join(store.uri, "snapshots", "*", "*.avro")) if path not in named]
    remove(sorted({folder_of(path) for path in found} - kept))  # at once, which object stores do much faster
    remove([path for path in found if folder_of(path) in kept])


def _contents(path: str) -> bytes:
    with open_bytes(path) as file:
        return file.read()


def _sink(output: str, run_id: str, now: str) -> Sink:
    moment = datetime.fromisoformat(now)
    return Sink(output, Run(run_id, moment, ""), Clock(moment))


def _is_published(output: str, run_id: str, now: str) -> bool:
    sink = _sink(output, run_id, now)
    return exists(sink.path(sink.layout.manifest))


def _clear(output: str, run_id: str, now: str) -> None:
    """Removes the files of a run that has no manifest, so that its work can be done again by any run."""
    sink = _sink(output, run_id, now)
    for pattern in sink.layout.published:
        remove([path for path in list_files(sink.path(pattern)) if sink.layout.owns(path)])
    remove([sink.path(sink.layout.work)])


def _clear_work(before: Owner) -> None:
    work = RunLayout(before.run_id, datetime.min).work
    remove([join(before.output, work)])
