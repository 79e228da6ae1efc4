"""Names in headlines and other lines set as titles, where every word has a capital and the model is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.core.entities.casing import Lines
from transforms.core.entities.gazetteer import finder
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.hints import BODY, BODY_OPENING, PLACE_LAST
from transforms.core.entities.names import NameSpan
from transforms.core.entities.votes import form_of
from transforms.core.entities.wordlist import words

SENTENCE_WORDS = frozenset(
    words(
        "says said hid has have had is was are were will would wins won win loses lost calls called tells told asks "
        "gets got makes made takes took gives gave goes went faces faced hits hit sells sold slams slammed vows vowed "
        "warns warned urges urged wants backs backed dies died quits quit resigns joins signs beats corners and or on "
        "for to in of with from by at as over after before against about face plans seeks may can could should must "
        "former new old more than who what how why when where not no his her their its this that these grown deeply"
    )
)
"""Words at an end of a span in a title that belong to the sentence."""


def in_titles(spans: Sequence[NameSpan], lines: Lines, known: dict[str, str]) -> Iterator[NameSpan]:
    """``spans`` of one field with those in title lines cut to names that are known from the rest of the document.

    ``known`` gives types by form.  A span without any known name stays unless it is a person whom nothing speaks for.
    """
    for span in spans:
        if lines.is_capitals(span.start):
            yield from _known_parts(span, known)
        elif not lines.is_title(span.start) or form_of(span.text) in known:
            yield span
        else:
            yield from _in_title(span, known)


def _in_title(span: NameSpan, known: dict[str, str]) -> Iterator[NameSpan]:
    last = span.text.split()[-1].casefold()
    is_body = last in BODY | PLACE_LAST or BODY_OPENING.match(form_of(span.text))
    parts = [] if is_body else list(_known_parts(span, known))
    if parts:
        yield from parts
        return
    trimmed = _trimmed(span)
    if trimmed is not None and not (trimmed.label == "PERSON" and known and not _has_given_name(trimmed.text)):
        yield trimmed


def _known_parts(span: NameSpan, known: dict[str, str]) -> Iterator[NameSpan]:
    """The longest names inside a span that the document or the lists know."""
    tokens = [(match.start(), match.end()) for match in re.finditer(r"[\w.'’&-]*\w", span.text)]
    position = 0
    while position < len(tokens):
        for stop in range(len(tokens), position, -1):
            text = span.text[tokens[position][0] : tokens[stop - 1][1]]
            label = known.get(form_of(text)) or (span.label if finder().fullmatch(text) else None)
            if label is not None:
                start = span.start + tokens[position][0]
                yield replace(span, start=start, end=start + len(text), text=text, label=label)
                position = stop - 1
                break
        position += 1


def _trimmed(span: NameSpan) -> NameSpan | None:
    """Without words of the sentence at both ends; None where nothing is left."""
    tokens = list(re.finditer(r"\S+", span.text))
    while tokens and _is_sentence_word(tokens[-1].group()):
        tokens.pop()
    while tokens and _is_sentence_word(tokens[0].group()):
        tokens.pop(0)
    if not tokens:
        return None
    start, end = tokens[0].start(), tokens[-1].end()
    return replace(span, start=span.start + start, end=span.start + end, text=span.text[start:end])


def _has_given_name(name: str) -> bool:
    return name.split(maxsplit=1)[0].casefold() in GIVEN_NAMES


def _is_sentence_word(word: str) -> bool:
    return word.casefold() in SENTENCE_WORDS and not (len(word) > 1 and word.isupper())
