"""Invented rows, and outputs as runs leave them, for the tests of the report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from schemas.article import Article, Discovery, Entity, Mention, Quality, Quotation, Rights, Source
from schemas.codec import to_row, write_container
from schemas.outcome import OK_KINDS, Outcome
from schemas.registry import ARTICLE, OUTCOME
from transforms.core.layout import RunLayout
from transforms.core.manifest import PublishedFile, RunFacts, manifest, to_json
from transforms.core.volumes import Volume

NOW = datetime(2026, 11, 15, 21, 0, tzinfo=UTC)

TEXT = "“The quay holds,” said Dorothea Flint.\nShe left for Saltings."
"""The quotation is at 1–16, its cue at 18–22, its speaker at 23–37; Saltings at 52–60."""

FLINT = Entity("e1", "Dorothea Flint", "PERSON", mentions=(Mention(23, 37, "Dorothea Flint"),))
SALTINGS = Entity(
    "e2", "Saltings", "GPE", mentions=(Mention(52, 60, "Saltings"), Mention(0, 8, "Saltings", "headline"))
)
QUOTE = Quotation(
    "q1",
    "The quay holds,",
    1,
    16,
    "direct",
    speaker="Dorothea Flint",
    speaker_start_char=23,
    speaker_end_char=37,
    speaker_name="Dorothea Flint",
    speaker_entity_id="e1",
    cue="said",
    cue_start_char=18,
    cue_end_char=22,
    confidence=0.97,
    method="cue-after",
)


def story(name: str = "quay", domain: str = "harbour.example", **changes: Any) -> Article:
    """A story of two paragraphs with a quotation, seen an hour after it was published."""
    url = f"https://{domain}/{name}"
    made = Article(
        schema_version="1.1",
        article_id=f"{domain}-{name}",
        version_id=f"{domain}-{name}-1",
        url=url,
        canonical_url=url,
        source=Source(domain, domain),
        discovery=Discovery("feed", NOW),
        first_seen_at=NOW,
        ingested_at=NOW,
        content_hash="0",
        rights=Rights(),
        quality=Quality(word_count=10),
        run_id="one",
        pipeline_version="0",
        headline="Saltings quay holds",
        text=TEXT,
        language="en",
        published_at=NOW - timedelta(hours=1),
        published_precision="second",
        entities=(FLINT, SALTINGS),
        quotations=(QUOTE,),
    )
    return replace(made, **changes)


def decided(url: str, outcome: str = "written", **changes: Any) -> Outcome:
    """What became of a URL."""
    ok = outcome in OK_KINDS
    return replace(Outcome(NOW, "one", "write", url, outcome, ok=ok, retryable=False), **changes)


def rows(records: Iterable[Article | Outcome]) -> list[dict[str, Any]]:
    """Records as they are read back from a file."""
    return [to_row(record) for record in records]


def write_run(
    output: Path,
    articles: Iterable[Article],
    outcomes: Iterable[Outcome] = (),
    *,
    run_id: str = "one",
    now: datetime = NOW,
    volumes: Iterable[Volume] = (),
) -> None:
    """Publishes a run: its files and its manifest.  The records are made the run's own."""
    layout = RunLayout(run_id, now)
    records = {ARTICLE: articles, OUTCOME: outcomes}
    files = [
        _file(output, layout, schema, rows(replace(each, run_id=run_id) for each in kept))
        for schema, kept in records.items()
    ]
    facts = RunFacts(run_id, now, "pinned", {}, {"newsbeam": "0"}, {})
    path = output / layout.manifest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_json(manifest(facts, [file for file in files if file], None, volumes)))


def _file(output: Path, layout: RunLayout, schema: str, kept: list[dict[str, Any]]) -> PublishedFile | None:
    if not kept:
        return None
    buffer = BytesIO()
    write_container(buffer, schema, kept)
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    path = layout.file(schema, digest)
    (output / path).parent.mkdir(parents=True, exist_ok=True)
    (output / path).write_bytes(data)
    return PublishedFile(path, schema, len(kept), len(data), digest)
