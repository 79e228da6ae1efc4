"""What to do about what failed, in words that name the option or the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.outcome import OutcomeKind as Kind
from transforms.core.reporting.figures import Advice, Figures, SourceFigures

TODO: Mapping[tuple[Kind, ...], tuple[str, str]] = {
    (Kind.CRASHED, Kind.INVALID_RECORD): (
        "Faults of newsbeam or of a library",
        "Report them: their rows in outcomes/ have the traceback. newsbeam replay runs them again.",
    ),
    (Kind.NOT_A_FEED, Kind.MALFORMED): (
        "Not readable",
        "Check the address or the file; newsbeam discover finds the feeds of a site.",
    ),
    (Kind.HTTP_ERROR,): (
        "Answered with an error",
        "The list of URLs has the status. What passes (429, 5xx) is asked for again; take dead links off the list.",
    ),
    (Kind.TIMEOUT, Kind.UNREACHABLE): (
        "No answer in time",
        "The next run asks again. If a site stays slow, raise --fetch_timeout.",
    ),
    (Kind.BOT_WALL, Kind.LOGIN_WALL, Kind.PAYWALL_STUB, Kind.CONSENT_PAGE): (
        "A wall in place of the story",
        "Ask the publisher for access. Nothing is worked around.",
    ),
    (Kind.SOFT_404, Kind.HOME_PAGE): (
        "No story there",
        "Mostly dead links in feeds: nothing to do, unless a source has many.",
    ),
    (Kind.NO_TEXT, Kind.NEEDS_JAVASCRIPT): (
        "No text found",
        "If a browser shows text, give a rule for the site (--site_rules).",
    ),
    (Kind.NOT_HTML,): ("Documents of another kind", "Nothing to do, or take them off the list."),
    (Kind.TOO_LARGE,): ("Too large", "If they are stories, raise --max_page_mb."),
    (Kind.BLOCKED_ADDRESS,): (
        "An address that is not public",
        "If the network is your own, name it with --allow_networks.",
    ),
}
"""Kinds of outcomes to (what they are, what to do)."""

OTHER = ("Failed in a way that this version does not know", "The list of URLs has the reasons.")


def advice(counts: Mapping[str, int], sources: Sequence[SourceFigures]) -> tuple[Advice, ...]:
    """Most urgent first: feeds, then pages by number.  ``counts`` are URLs by outcome, failed ones only."""
    known = {kind.value for kinds in TODO for kind in kinds}
    pages = [Advice(sum(counts.get(kind, 0) for kind in kinds), *words) for kinds, words in TODO.items()]
    pages.append(Advice(sum(count for kind, count in counts.items() if kind not in known), *OTHER))
    found = [*_of_feeds(sources), *sorted(pages, key=lambda each: -each.count)]
    return tuple(each for each in found if each.count)


def _of_feeds(sources: Sequence[SourceFigures]) -> list[Advice]:
    return [
        Advice(
            sum(source.feeds_failing or 0 for source in sources),
            "Feeds that failed when they were last asked",
            "Check the address in a browser; newsbeam state show URL says since when.",
        ),
        Advice(
            sum(source.entries_lost or 0 for source in sources),
            "Entries that may have come and gone between two looks",
            "Run more often, or give these feeds a shorter interval.",
        ),
        Advice(
            sum("quiet" in source.signs for source in sources),
            "Sources with less than half of what was to be expected",
            "Compare with the site: a feed may have moved or stopped.",
        ),
    ]


def verdict(figures: Figures) -> str:
    """Did it work: one sentence."""
    totals = figures.totals
    if not totals.urls and not totals.stories:
        return "Nothing was read."
    stories = f"{_counted(totals.stories, 'story', 'stories')} from {_counted(_giving(figures), 'source', 'sources')}"
    if not totals.urls:
        return f"{stories}."
    if not totals.failed:
        return f"{stories}. None of {_counted(totals.urls, 'URL', 'URLs')} failed."
    return f"{stories}. {totals.failed:,} of {_counted(totals.urls, 'URL', 'URLs')} failed."


def _giving(figures: Figures) -> int:
    return sum(1 for source in figures.sources if source.stories)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
