"""The manifest of a run: what it wrote, counted, so that a consumer can check that it has the whole of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from transforms.core.secrets import masked_texts
from transforms.core.volumes import Volume

MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file that readers can see; ``path`` is relative to OUTPUT, ``size`` in bytes.

    ``counts`` pairs ``stage/outcome`` with rows, in files of outcomes.
    """

    path: str
    schema: str
    records: int
    size: int
    sha256: str
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SinkTotals:
    """What an additional sink took of a run.  ``bodiless`` of the ``records`` were too large for it, and went as a
    notice of where they are."""

    sink: str
    schema: str
    records: int
    bodiless: int = 0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before it ends.

    ``options`` are those that shape the records, ``versions`` name what made them.
    """

    run_id: str
    now: datetime
    clock: str
    options: Mapping[str, Any]
    versions: Mapping[str, str]
    schemas: Mapping[str, str]


def manifest(
    facts: RunFacts,
    files: Iterable[PublishedFile],
    timings: Mapping[str, Any] | None,
    volumes: Iterable[Volume] = (),
    sinks: Iterable[SinkTotals] = (),
) -> dict[str, Any]:
    """The manifest as plain data.  ``timings`` is None under a pinned clock."""
    files = sorted(files, key=lambda file: file.path)
    by_step: Counter[str] = Counter()
    for file in files:
        by_step.update(dict(file.counts))
    return {
        "manifest_version": MANIFEST_VERSION,
        "run_id": facts.run_id,
        "now": facts.now.isoformat(),
        "clock": facts.clock,
        "articles": _records(files, "article"),
        "outcomes": _records(files, "outcome"),
        "counts": {"by_outcome": _by_outcome(by_step), "by_stage_and_outcome": dict(sorted(by_step.items()))},
        "sources": [asdict(volume) for volume in sorted(volumes, key=lambda volume: volume.source_id)],
        "files": [_entry(file) for file in files],
        "sinks": [asdict(totals) for totals in sinks],
        "options": masked_texts(facts.options),
        "versions": dict(facts.versions),
        "schemas": dict(facts.schemas),
        "timings": timings,
    }


def to_json(document: Mapping[str, Any]) -> bytes:
    """``document`` as UTF-8 JSON for people and programs; the same document gives the same bytes."""
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _entry(file: PublishedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "schema": file.schema,
        "records": file.records,
        "bytes": file.size,
        "sha256": file.sha256,
    }


def _records(files: Iterable[PublishedFile], schema: str) -> int:
    return sum(file.records for file in files if file.schema == schema)


def _by_outcome(by_step: Mapping[str, int]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for step, count in by_step.items():
        totals[step.split("/", 1)[1]] += count
    return dict(sorted(totals.items()))
