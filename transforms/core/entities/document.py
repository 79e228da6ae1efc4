"""From what a model found in a text and its headline to the names that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.core.entities.agree import SENTENCE_START, agreed, plain_words
from transforms.core.entities.casing import lines_of
from transforms.core.entities.clean import cleaned
from transforms.core.entities.extend import extended, joined, with_bodies, with_forenames
from transforms.core.entities.joins import with_datelines, with_listed, with_lists_apart, without_neighbours
from transforms.core.entities.names import NameSpan
from transforms.core.entities.sport import with_tables, with_teams
from transforms.core.entities.titles import in_titles
from transforms.core.entities.votes import Sources, form_of, labels_of, retyped

BRACKETED = re.compile(r"\s\((?:the |or )?[“\"'‘]?(?P<short>[A-ZÀ-Þ][\w.&-]{1,9})[”\"'’]?\)")
"""A short form that is defined behind the long one: "Harbour Workers' Union (HWU)"."""


def names_in(spans: Sequence[NameSpan], sources: Sources, language: str) -> list[NameSpan]:
    """The names in all fields of a document: cleaned, of one type throughout, found wherever they stand.

    ``sources`` gives the text by the name of its field; offsets of ``spans`` and of the result index it.  Lists and
    words that English has speak only where ``language`` is ``en``.
    """
    is_english = language == "en"
    tidy = [span for field, source in sources.items() for span in _tidy(spans, source, field, is_english)]
    typed = retyped(_defined(tidy, sources), sources)
    typed = _again(list(with_lists_apart(list(without_neighbours(typed)))), typed, sources)
    titled = [span for field in sources for span in _titles(typed, sources, field)]
    agreeing = agreed(_without_openers(_again(titled, typed, sources), sources), sources, lists=is_english)
    found = [span for field, source in sources.items() for span in _grown(agreeing, source, field)]
    return with_teams(found, sources) if is_english else found


def _again(spans: list[NameSpan], before: list[NameSpan], sources: Sources) -> list[NameSpan]:
    """``spans`` typed anew, where they are others than before."""
    return spans if sorted(spans, key=_place) == sorted(before, key=_place) else retyped(spans, sources)


def _place(span: NameSpan) -> tuple[str, int, int]:
    return (span.field, span.start, span.end)


def _tidy(spans: Sequence[NameSpan], source: str, field: str, is_english: bool) -> list[NameSpan]:
    """The spans of one field, each one name, none over another."""
    own = _apart(list(cleaned([span for span in spans if span.field == field], source)))
    own = list(extended(with_datelines(own, source, field), source))
    if not is_english:
        return own
    return with_tables(with_bodies(with_listed(own, source, field), source, field), source, field)


def _grown(spans: Sequence[NameSpan], source: str, field: str) -> Iterator[NameSpan]:
    """The spans of one field, surnames drawn to the given name before them."""
    own = [span for span in spans if span.field == field]
    yield from joined(list(with_forenames(own, source)), source)


def _without_openers(spans: Sequence[NameSpan], sources: Sources) -> list[NameSpan]:
    """Without lone words that only ever open a sentence and stand in small letters elsewhere."""
    plain = plain_words(sources)
    inner = {form_of(span.text) for span in spans if not _opens(span, sources[span.field])}
    return [
        span for span in spans if " " in span.text or form_of(span.text) in inner or form_of(span.text) not in plain
    ]


def _opens(span: NameSpan, source: str) -> bool:
    return SENTENCE_START.search(source[max(0, span.start - 3) : span.start]) is not None


def _titles(spans: Sequence[NameSpan], sources: Sources, field: str) -> Iterator[NameSpan]:
    lines = lines_of(sources[field])
    own = [span for span in spans if span.field == field]
    outside = [span for span in own if not (lines.is_title(span.start) or lines.is_capitals(span.start))]
    elsewhere = [span for span in spans if span.field != field]
    known = labels_of([*elsewhere, *outside]) if field != "text" else labels_of(outside)
    last_names = {form_of(form): span.label for span in outside + elsewhere for form in _last(span)}
    return in_titles(own, lines, {**last_names, **known})


def _last(span: NameSpan) -> Iterator[str]:
    parts = span.text.split()
    if span.label == "PERSON" and len(parts) > 1:
        yield parts[-1]


def _defined(spans: Sequence[NameSpan], sources: Sources) -> list[NameSpan]:
    """``spans`` with the short forms in brackets behind them, which are of the same type."""
    made = []
    taken = {(span.field, span.start) for span in spans}
    for span in spans:
        match = BRACKETED.match(sources[span.field], span.end)
        if match is None or span.label not in ("ORG", "GPE", "LOC", "FAC", "EVENT", "LAW") or " " not in span.text:
            continue
        start, end = match.span("short")
        if (span.field, start) not in taken and match["short"].isupper():
            made.append(replace(span, start=start, end=end, text=match["short"]))
    return [*spans, *made]


def _apart(spans: Sequence[NameSpan]) -> list[NameSpan]:
    """Without spans that overlap an earlier one."""
    kept: list[NameSpan] = []
    for span in sorted(spans, key=lambda span: (span.field, span.start, -span.end)):
        if not kept or kept[-1].field != span.field or kept[-1].end <= span.start:
            kept.append(span)
    return kept
