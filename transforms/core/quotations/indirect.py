"""Reported speech without marks, and speech that is partly in marks: the clause that a cue governs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.clauses import Content, has_verb
from transforms.core.quotations.contents import contents_of
from transforms.core.quotations.extent import span_of, spans, whole
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.leads import according
from transforms.core.quotations.lexicon import Lexicon

ASIDES = frozenset({"relcl", "acl", "acl:relcl", "advcl"})


@dataclass(frozen=True, slots=True)
class Reported:
    """Reported words: one span, or two where the cue stands in their middle.  ``segments`` are those inside."""

    spans: tuple[tuple[int, int], ...]
    segments: frozenset[int]
    attribution: Attribution
    goes_on: bool = True
    """Whether a quote without a speaker of its own may be carried by this one: somebody voices a main clause."""


def reported(sentence: Sentence, lexicon: Lexicon) -> Iterator[Reported]:
    """Every clause of the sentence that a cue reports and that is not itself inside such a clause."""
    taken: set[int] = set()
    found = [(content, whole(sentence, content)) for content in contents_of(sentence, lexicon)]
    for content, words in sorted(found, key=_widest_first):
        if taken & {word.index for word in (*words, content.cue)}:
            continue
        reach = spans(words, content.cue)
        if reach:
            taken.update(word.index for word in words)
            yield Reported(reach, _segments(words), content.attribution, _goes_on(content, lexicon))
    if not taken:
        yield from _after_according(sentence, lexicon)


def _widest_first(found: tuple[Content, tuple[Word, ...]]) -> tuple[int, int]:
    return (-len(found[1]), found[0].cue.index)


def _goes_on(content: Content, lexicon: Lexicon) -> bool:
    cue = content.cue
    return cue.lower in lexicon.say and cue.dep not in ASIDES and content.attribution.speaker is not None


def _segments(words: tuple[Word, ...] | list[Word]) -> frozenset[int]:
    return frozenset(word.inside for word in words) - {NOT_MASKED}


def _after_according(sentence: Sentence, lexicon: Lexicon) -> Iterator[Reported]:
    """What 'according to X' reports: the rest of the sentence, before it or behind it."""
    found = according(sentence, lexicon)
    if found is None or found.cue is None or found.speaker is None:
        return
    frame = [word for word in sentence.words if word.masked == NOT_MASKED]
    before = [word for word in frame if word.end <= found.cue[0]]
    after = [word for word in frame if word.start >= _end_of_phrase(sentence, found.cue[1], found.speaker[1])]
    if has_verb(sentence, before):
        after = []
    both = tuple(span for span in (span_of(before), span_of(after)) if span is not None)
    if both and has_verb(sentence, [*before, *after]):
        yield Reported(both, _segments([*before, *after]), found)


def _end_of_phrase(sentence: Sentence, cue_end: int, speaker_end: int) -> int:
    """Where the phrase after 'according to' ends, its relative clauses included, if a comma closes it."""
    last = next(word for word in sentence.words if word.end == cue_end)
    below = sentence.subtree(last)[-1]
    following = sentence.words[below.index + 1 : below.index + 2]
    return below.end if following and following[0].text == "," and below.end >= speaker_end else speaker_end
