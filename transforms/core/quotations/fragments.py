"""A few words in marks inside what a verb says of something: 'called the plan "a costly mistake"' is one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.indirect import Reported
from transforms.core.quotations.lexicon import Lexicon

METHODS = frozenset({"cue-fragment", "cue-verb"})
LONGEST_GAP = 12
"""Words between a cue and the marks that still belong to what it says."""
BREAKS = frozenset({",", ";", ":", "—", "–", "-", "--", "(", ")"})


def with_their_object(sentence: Sentence, fragments: Mapping[int, Attribution], lexicon: Lexicon) -> Iterator[Reported]:
    """What each cue says, from its object on ('the plan "a costly mistake"'), where marks hold a part of it only.

    ``fragments`` are the segments that count as speech, with who says them.
    """
    by_cue: dict[tuple[int, int], list[int]] = {}
    for index in sorted({word.inside for word in sentence.words} & set(fragments)):
        cue = fragments[index].cue
        if cue is not None and fragments[index].method in METHODS:
            by_cue.setdefault(cue, []).append(index)
    for cue, indices in by_cue.items():
        words = [word for word in sentence.words if word.inside in indices]
        gap = [word for word in sentence.words if cue[1] <= word.start < words[0].start]
        said = _object(gap, lexicon)
        if said:
            yield Reported(((said[0].start, words[-1].end),), frozenset(indices), fragments[indices[0]], goes_on=False)


def _object(gap: Sequence[Word], lexicon: Lexicon) -> Sequence[Word]:
    """The words between a cue and the marks that are part of what is said; none where something else stands there."""
    if not gap or len(gap) > LONGEST_GAP or any(word.masked != NOT_MASKED or word.text in BREAKS for word in gap):
        return ()
    conjunction = next((at for at, word in enumerate(gap) if word.lower in lexicon.conjunctions), 0)
    rest = gap[conjunction:]
    return rest[1:] if rest[0].lower in lexicon.ends_noun_phrase | lexicon.as_words else rest
