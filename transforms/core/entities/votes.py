"""One type for a name throughout a document: what the model says of each mention, and what stands around them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from transforms.core.entities.gazetteer import prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.hints import (
    ACTED,
    BODY,
    GIVEN,
    LAST_WORD,
    NAMED,
    PLACE,
    PLACE_LAST,
    PLACES,
    SPOKE,
    TITLE,
    around,
    family,
    inside,
)
from transforms.core.entities.names import PARTICLES, NameSpan, surname

MODEL = 2
"""Weight of what the model says of one mention."""

Sources = Mapping[str, str]
Votes = defaultdict[str, Counter[str]]


def form_of(text: str) -> str:
    """What two spans of one name have in common: casing and the kind of apostrophe do not count."""
    return text.casefold().replace("’", "'")


def retyped(spans: Sequence[NameSpan], sources: Sources) -> list[NameSpan]:
    """``spans`` with one type for each name; ``sources`` are the text and the headline by the name of the field."""
    votes: Votes = defaultdict(Counter)
    models: Votes = defaultdict(Counter)
    for span in spans:
        form = form_of(span.text)
        models[form][span.label] += 1
        votes[form][family(span.label)] += MODEL
        if family(span.label) in NAMED:
            _add(votes[form], around(span, sources[span.field]))
    for form, counted in votes.items():
        _add(counted, inside(form))
    _share_by_surname(votes)
    _share_by_first_word(votes)
    _share_by_given_name(votes)
    elected = {form: _elected(counted, form, models) for form, counted in votes.items()}
    surnames = {surname(form) for form, label in elected.items() if label == "PERSON" and " " in form}
    return [replace(span, label=_here(span, elected, surnames, sources)) for span in spans]


def _here(span: NameSpan, elected: Mapping[str, str], surnames: set[str], sources: Sources) -> str:
    """The type of one mention: that of its name, but a person where the surname of one is a place too and speaks."""
    form = form_of(span.text)
    if elected[form] in PLACES and form in surnames:
        here = Counter[str]()
        _add(here, around(span, sources[span.field]))
        here["PERSON"] += SPOKE if ACTED.match(sources[span.field], span.end) else 0
        return "PERSON" if here["PERSON"] > here[PLACE] else elected[form]
    return elected[form]


def _add(counted: Counter[str], hints: Iterable[tuple[str, int]]) -> None:
    for label, weight in hints:
        counted[label] += weight


def _share_by_surname(votes: Votes) -> None:
    """A full name and its surname alone have one type: both count what both have."""
    by_last: defaultdict[str, list[str]] = defaultdict(list)
    for form in votes:
        if _may_be_person(form):
            by_last[surname(form)].append(form)
    for last, forms in by_last.items():
        if last not in votes or prior(last) is not None:
            continue
        together = Counter[str]()
        for form in (*forms, last):
            together.update(votes[form])
        if any(_first(votes[form]) == "PERSON" for form in forms):
            together["PERSON"] += TITLE
        if _first(together) == "PERSON" or together["PERSON"] >= GIVEN:
            for form in (*forms, last):
                votes[form]["PERSON"] += sum(together.values())


def _share_by_first_word(votes: Votes) -> None:
    """The first word of a company's name alone is the company, unless it is known as something else."""
    for form in list(votes):
        first, *others = form.split()
        if others and others[-1] in BODY and first in votes and prior(first) is None:
            votes[first]["ORG"] += LAST_WORD


def _share_by_given_name(votes: Votes) -> None:
    """The given name of a person alone is that person."""
    for form in list(votes):
        first, *others = form.split()
        is_given = first in votes and first in GIVEN_NAMES and prior(first) is None
        if others and is_given and _may_be_person(form) and _first(votes[form]) == "PERSON":
            votes[first]["PERSON"] += TITLE + sum(votes[first].values())


def _may_be_person(form: str) -> bool:
    parts = form.split()
    is_plain = all(part.replace("-", "").replace(".", "").replace("'", "").isalpha() for part in parts)
    small = {"of", "the", "and", "for", "in"} & set(parts)
    return 1 < len(parts) < 6 and is_plain and not small and parts[-1] not in BODY | PLACE_LAST | PARTICLES


def _elected(counted: Counter[str], form: str, models: Votes) -> str:
    chosen = _first(counted)
    if chosen != PLACE:
        return chosen
    listed = prior(form)
    if listed in PLACES:
        return str(listed)
    places = Counter(
        {label: count for label, count in models[form].items() if label in PLACES and _is_kind(form, label)}
    )
    return _first(places) if places else "GPE"


def _is_kind(form: str, label: str) -> bool:
    """A lone word is no building."""
    return label != "FAC" or " " in form


def _first(counted: Counter[str]) -> str:
    return min(counted, key=lambda label: (-counted[label], label))


def labels_of(spans: Iterable[NameSpan]) -> dict[str, str]:
    """The type of each name, by its form."""
    return {form_of(span.text): span.label for span in spans}
