"""The figures of a run for Prometheus, in the text format that node_exporter's textfile collector reads.

    python run_metrics.py out/runs/RUN_ID.json > newsbeam.prom.new && mv newsbeam.prom.new newsbeam.prom

Needs nothing but Python.  Reads the manifest, so that what is shown is what was published.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any


def lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The metrics of one run, each with its type."""
    yield from gauge("newsbeam_run_timestamp_seconds", "When the run began", [("", moment(manifest["now"]))])
    yield from gauge("newsbeam_run_articles", "Articles of the run", [("", manifest["articles"])])
    counts = manifest["counts"]["by_stage_and_outcome"]
    labelled = [(labels(name), count) for name, count in sorted(counts.items())]
    yield from gauge("newsbeam_run_outcomes", "URLs of the run, by what became of them", labelled)


def gauge(name: str, meaning: str, values: list[tuple[str, float]]) -> Iterator[str]:
    """A metric with its values by label."""
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} gauge"
    yield from (f"{name}{label} {value:.0f}" for label, value in values)


def labels(stage_and_outcome: str) -> str:
    """``fetch_page/timeout`` as labels."""
    stage, outcome = stage_and_outcome.split("/", 1)
    return f'{{stage="{stage}",outcome="{outcome}"}}'


def moment(text: str) -> float:
    """Seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    print("\n".join(lines(json.loads(Path(sys.argv[1]).read_bytes()))))
