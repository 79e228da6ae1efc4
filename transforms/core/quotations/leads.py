"""Speakers named by a phrase rather than by a verb: 'according to X', 'X: "…"'."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.core.quotations.attribution import Attribution, attributed
from transforms.core.quotations.grammar import SUBJECTS, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.phrases import NOMINAL, RELATIVE

DASHES = frozenset({"-", "–", "—", "--"})
LONGEST_NAME = 6
"""Words of a name in front of a colon, its title included."""


def according(sentence: Sentence, lexicon: Lexicon) -> Attribution | None:
    """The speaker of 'according to X'; the whole phrase is the cue."""
    for index, word in enumerate(sentence.words):
        if word.lower not in lexicon.according_starts or not word.is_frame:
            continue
        has_quote = index == 0 and any(not part.is_frame for part in sentence.words)
        for phrase in (*lexicon.according, *(lexicon.according_quotes if has_quote else ())):
            found = sentence.words[index : index + len(phrase)]
            if tuple(part.lower for part in found) == phrase:
                subject = _object_after(sentence, found[-1]) or _object_after(sentence, found[0], len(found))
                if subject is not None:
                    made = attributed(sentence, subject, None, "according-to")
                    return Attribution(made.speaker, (word.start, found[-1].end), made.method, made.head)
    return None


def _object_after(sentence: Sentence, preposition: Word, width: int = 1) -> Word | None:
    """The noun that a preposition, the first of ``width`` words, governs."""
    last = preposition.index + width - 1
    for kid in sentence.kids(preposition):
        if kid.index > last and kid.is_frame and kid.pos in NOMINAL:
            return kid
    above = sentence.head(preposition)
    is_marker = preposition.dep in {"case", "mark", "fixed", "dep"} and above.index > preposition.index
    return above if is_marker and above.is_frame and above.pos in NOMINAL else None


def colon(sentence: Sentence, first: int, lexicon: Lexicon) -> Attribution | None:
    """The subject of a sentence that ends in a colon before the quote ('Smith was blunt: "…"')."""
    before = sentence.words[first - 1] if first else None
    if before is None or before.text != ":":
        return None
    return named_before_colon(sentence, first, lexicon) or lead_in_speaker(sentence, sentence.words[:first])


def named_before_colon(sentence: Sentence, first: int, lexicon: Lexicon) -> Attribution | None:
    """The name that stands alone before a colon, at the start or behind a dash ('Mixed views - Ann Smith: "…"')."""
    if first < 2 or sentence.words[first - 1].text != ":":
        return None
    start = first - 1
    while start > 0 and _is_in_name(sentence, start - 1, first - 1, lexicon):
        start -= 1
    stands_alone = start == 0 or sentence.words[start - 1].text in DASHES
    if start == first - 1 or not stands_alone or first - 1 - start > LONGEST_NAME:
        return None
    run = sentence.words[start : first - 1]
    if run[0].lower in lexicon.pointers:
        return None
    if run[0].lower in lexicon.say and len(run) > 1:
        return Attribution((run[1].start, run[-1].end), (run[0].start, run[0].end), "colon", run[-1].start)
    is_pair = any(word.lower in lexicon.joins for word in run)
    return Attribution((run[0].start, run[-1].end), None, "colon", run[0 if is_pair else -1].start)


def _is_in_name(sentence: Sentence, index: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a word before a colon is part of a name or joins two ('Ann Smith and Jo Berg: "…"')."""
    word = sentence.words[index]
    joins = word.lower in lexicon.joins and 0 < index < end - 1 and is_capital(sentence.words[index - 1])
    return word.is_frame and (joins or is_capital(word))


def is_capital(word: Word) -> bool:
    """Whether a word can be part of a name by its letters."""
    return word.text[0].isupper() and (word.text[-1].isalpha() or word.text[-1] == ".")


def lead_in_speaker(sentence: Sentence, words: Sequence[Word]) -> Attribution | None:
    """Whom ``words``, which end in a colon, announce."""
    frame = [word for word in words if word.is_frame]
    for word in frame:
        if word.dep in SUBJECTS and word.lower not in RELATIVE:
            return attributed(sentence, word, None, "colon")
    nominal = [word for word in frame if word.pos in {"PROPN", "NOUN"}]
    return attributed(sentence, nominal[0], None, "colon") if nominal else None
