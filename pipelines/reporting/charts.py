"""The charts of a report as data.  The page draws each, and has a table of the same numbers beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.reporting.words import counted, duration, language_name, number
from transforms.core.reporting.figures import Figures, Moment, SourceFigures, Speaker

SOURCES_CHARTED = 15
OUTLETS_CHARTED = 5
"""Outlets with a colour of their own; more could not be told apart."""

OTHER_OUTLETS = "others"


@dataclass(frozen=True, slots=True)
class Series:
    """Values for each label; ``tone`` names a colour of the page."""

    name: str
    tone: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, stacked where there are several series.  ``summary`` is what a screen reader says."""

    key: str
    title: str
    summary: str
    heading: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    horizontal: bool = False
    percent: bool = False


def charts(figures: Figures) -> dict[str, Chart]:
    """The charts by key; one that would say nothing is left out."""
    made = (make(figures) for make in (_published, _decided, _sources, _seen, _voices, _languages))
    return {chart.key: chart for chart in made if chart is not None}


def _published(figures: Figures) -> Chart | None:
    moments = figures.timeline.moments
    if not any(moment.stories for moment in moments):
        return None
    values = tuple(moment.stories for moment in moments)
    return Chart(
        "published",
        f"Stories by {figures.timeline.unit} of publication",
        f"{counted(sum(values), 'story', 'stories')}; at most {max(values)} in one {figures.timeline.unit}",
        f"{figures.timeline.unit.capitalize()}, UTC",
        _times(figures),
        (Series("stories", "accent", values),),
    )


def _decided(figures: Figures) -> Chart | None:
    moments = figures.timeline.moments
    if sum(1 for moment in moments if moment.urls_ok or moment.urls_failed) < 2:
        return None
    return Chart(
        "decided",
        f"URLs by {figures.timeline.unit} of the run",
        f"{number(figures.totals.urls)} URLs, {number(figures.totals.failed)} of them failed",
        f"{figures.timeline.unit.capitalize()}, UTC",
        _times(figures),
        (
            Series("fine", "quiet", _column(moments, lambda moment: moment.urls_ok)),
            Series("failed", "bad", _column(moments, lambda moment: moment.urls_failed)),
        ),
    )


def _sources(figures: Figures) -> Chart | None:
    sources = figures.sources[:SOURCES_CHARTED]
    if not any(source.written or source.left or source.failed for source in sources):
        return None
    return Chart(
        "sources",
        "URLs by source",
        f"{counted(len(sources), 'source', 'sources')}: what was written, left alone and failed",
        "Source",
        tuple(source.name or source.source_id for source in sources),
        (
            Series("written", "accent", _of(sources, lambda source: source.written)),
            Series("left alone", "quiet", _of(sources, lambda source: source.left)),
            Series("failed", "bad", _of(sources, lambda source: source.failed)),
        ),
        horizontal=True,
    )


def _seen(figures: Figures) -> Chart | None:
    seen = figures.freshness[0]
    if not any(share for _, share in seen.within):
        return None
    return Chart(
        "seen",
        "Share of stories seen within",
        f"Half of {counted(seen.stories, 'story', 'stories')} seen {duration(seen.median)} after publication or sooner",
        "Time since publication",
        tuple(duration(seconds) for seconds, _ in seen.within),
        (Series("share of stories", "accent", tuple(round(100 * share, 1) for _, share in seen.within)),),
        percent=True,
    )


def _voices(figures: Figures) -> Chart | None:
    speakers = figures.speakers
    if not speakers:
        return None
    return Chart(
        "voices",
        "Quotations by speaker and outlet",
        f"{speakers[0].name} is quoted most, {counted(speakers[0].times, 'time', 'times')}",
        "Speaker",
        tuple(speaker.name for speaker in speakers),
        tuple(_outlets(speakers, {source.source_id: source.name or source.source_id for source in figures.sources})),
        horizontal=True,
    )


def _outlets(speakers: Sequence[Speaker], names: dict[str, str]) -> Iterator[Series]:
    """A series for each of the outlets that quote most, and one for the others."""
    times: dict[str, int] = {}
    for speaker in speakers:
        for source, count in speaker.sources:
            times[source] = times.get(source, 0) + count
    top = sorted(times, key=lambda source: (-times[source], source))[:OUTLETS_CHARTED]
    for place, source in enumerate(top):
        yield Series(
            names.get(source, source), f"part{place + 1}", _of(speakers, lambda each, it=source: _by(each, [it]))
        )
    if others := times.keys() - set(top):
        yield Series(OTHER_OUTLETS, "quiet", _of(speakers, lambda each: _by(each, others)))


def _by(speaker: Speaker, sources: Iterable[str]) -> int:
    wanted = set(sources)
    return sum(count for source, count in speaker.sources if source in wanted)


def _languages(figures: Figures) -> Chart | None:
    if len(figures.languages) < 2:
        return None
    first, count = figures.languages[0]
    languages = counted(len(figures.languages), "language", "languages")
    return Chart(
        "languages",
        "Stories by language",
        f"{languages}; most stories are in {language_name(first)} ({count:,})",
        "Language",
        tuple(language_name(language) for language, _ in figures.languages),
        (Series("stories", "accent", tuple(count for _, count in figures.languages)),),
        horizontal=True,
    )


def _times(figures: Figures) -> tuple[str, ...]:
    form = "%d %b %H:00" if figures.timeline.unit == "hour" else "%d %b"
    return tuple(moment.start.strftime(form) for moment in figures.timeline.moments)


def _column(moments: Sequence[Moment], value: Callable[[Moment], float]) -> tuple[float, ...]:
    return tuple(value(moment) for moment in moments)


def _of(things: Sequence[SourceFigures] | Sequence[Speaker], value: Callable[..., float]) -> tuple[float, ...]:
    return tuple(value(thing) for thing in things)
