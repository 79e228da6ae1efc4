"""The same figures in a few lines: did it work, what failed, what next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipelines.reporting.gathering import Report
from pipelines.reporting.words import counted, duration, moment, number, share
from pipelines.shown import harmless
from transforms.core.reporting.advice import verdict
from transforms.core.reporting.figures import Figures

SHOWN = 5


def summary_lines(report: Report) -> Iterator[str]:
    """Lines for a terminal; control characters of strangers are made visible."""
    figures = report.figures
    yield from (harmless(line) for line in [verdict(figures), *_facts(figures)])
    for heading, lines in (("to look at:", _advice(figures)), ("ill sources:", _ill(figures))):
        yield from (harmless(line) for line in _listed(heading, lines))


def _facts(figures: Figures) -> Iterator[str]:
    totals, seen = figures.totals, figures.freshness[0]
    yield f"  {_period(figures)}"
    yield f"  {counted(totals.changed, 'changed version', 'changed versions')}, {number(totals.withdrawn)} withdrawn"
    if seen.stories:
        yield f"  seen after publication: half {duration(seen.median)}, 90 % {duration(seen.p90)}"
    quoted = share(totals.attributed, totals.quotations)
    yield f"  {counted(totals.quotations, 'quotation', 'quotations')}, {quoted} with a named speaker"
    copies = sum(count for _, count in figures.copies.kinds)
    yield f"  copies {share(copies, totals.stories)}, from agencies {share(figures.copies.wire, totals.stories)}"
    if figures.speakers:
        most = ", ".join(f"{speaker.name} ({speaker.times})" for speaker in figures.speakers[:SHOWN])
        yield f"  quoted most: {most}"


def _period(figures: Figures) -> str:
    period = figures.period
    runs = counted(len(period.runs), "run", "runs")
    if period.first == period.last:
        return f"{runs}, {moment(period.last)}"
    return f"{runs} from {moment(period.first)} to {moment(period.last)}"


def _advice(figures: Figures) -> Iterator[str]:
    for advice in figures.advice:
        yield f"  {advice.count:6d}  {advice.what}"
        yield f"          {advice.todo}"


def _ill(figures: Figures) -> Iterator[str]:
    ill = [source for source in figures.sources if source.signs]
    for source in ill[:SHOWN]:
        yield f"  {source.name or source.source_id}: {', '.join(source.signs)}"
    if len(ill) > SHOWN:
        yield f"  … and {len(ill) - SHOWN} more"


def _listed(heading: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", heading, *found] if found else []
