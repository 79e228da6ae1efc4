"""What a person reads after a run: did it work, what failed, what next.  All of it read back from what was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.shown import shown_line
from schemas.codec import read_container
from transforms.filesystem import open_bytes
from transforms.write import Sink

FAILURES_SHOWN = 8
QUOTES_SHOWN = 6
QUOTE_CHARACTERS = 96


def read_manifest(sink: Sink) -> dict[str, Any]:
    """The manifest that the run published."""
    with open_bytes(sink.path(sink.layout.manifest)) as file:
        loaded: dict[str, Any] = json.loads(file.read())
    return loaded


def rows(sink: Sink, manifest: Mapping[str, Any], schema: str) -> Iterator[dict[str, Any]]:
    """The rows of ``schema`` in the files of the run."""
    for entry in manifest["files"]:
        if entry["schema"] == schema:
            with open_bytes(sink.path(entry["path"])) as file:
                yield from read_container(file)


def summary(sink: Sink, manifest: dict[str, Any]) -> str:
    """A few lines for the terminal."""
    lines = [
        f"{manifest['articles']} articles, {manifest['outcomes']} outcomes in {sink.output} (run {manifest['run_id']})",
        *(f"  {count:6d}  {name}" for name, count in _largest_first(manifest["counts"]["by_outcome"])),
    ]
    failures = [row for row in rows(sink, manifest, "outcome") if not row["ok"]]
    if failures:
        lines += ["", "to look at:", *(_failure(row) for row in failures[:FAILURES_SHOWN])]
        if len(failures) > FAILURES_SHOWN:
            lines.append(f"  … and {len(failures) - FAILURES_SHOWN} more: outcomes/ has a row with the reason for each")
    return "\n".join(lines)


def who_said_what(sink: Sink, manifest: dict[str, Any], count: int = QUOTES_SHOWN) -> list[str]:
    """A line for each of a few quotations with a speaker's full name, the surest first, one an article."""
    found = []
    for article in rows(sink, manifest, "article"):
        quotes = [quote for quote in article["quotations"] if quote["speaker_name"] and len(quote["text"].split()) > 4]
        if quotes:
            best = max(quotes, key=lambda quote: quote["confidence"] or 0)
            found.append((-(best["confidence"] or 0), article["url"], best))
    return [_quoted(quote) for _, _, quote in sorted(found, key=lambda item: item[:2])[:count]]


def _largest_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _failure(row: dict[str, Any]) -> str:
    detail = f"  ({row['detail']})" if row["detail"] else ""
    return f"  {row['outcome']:<16} {shown_line(row['url'] + detail)}"


def _quoted(quote: dict[str, Any]) -> str:
    text = " ".join(quote["text"].split())
    if len(text) > QUOTE_CHARACTERS:
        text = text[: QUOTE_CHARACTERS - 1] + "…"
    return shown_line(f"  {quote['speaker_name']}: “{text}”")
