"""The subject that the parser did not tie to its cue ('Castell, also in Lindow, said …'), found by the words."""

from __future__ import annotations

from transforms.core.quotations.grammar import SUBJECTS, Sentence, Word
from transforms.core.quotations.phrases import RELATIVE

FINITE = frozenset({"VBD", "VBZ", "VBP"})
HEADS = frozenset({"NOUN", "PROPN", "PRON", "NUM"})
PAIRS = {",": ",", "—": "—", "–": "–", "-": "-", "--": "--", ")": "("}
"""What closes an aside, and what opened it."""
BELOW = frozenset({"pobj", "prep", "compound", "amod", "nummod", "appos", "conj", "poss", "det"})
"""Relations of words inside one noun phrase to its head."""


def detached_subject(sentence: Sentence, cue: Word) -> Word | None:
    """The head of the noun phrase that ends in front of ``cue``, or in front of the aside between the two."""
    if cue.tag not in FINITE:
        return None
    last = _before_asides(sentence, cue.index - 1)
    if last < 0 or sentence.words[last].pos not in HEADS or not sentence.words[last].is_frame:
        return None
    head = _head(sentence, sentence.words[last], cue)
    is_taken = head.dep in SUBJECTS and sentence.head(head).index not in {cue.index, head.index}
    is_speaker = head.is_frame and head.pos in HEADS and head.lower not in RELATIVE
    return head if is_speaker and (not is_taken or last < cue.index - 1) else None


def _before_asides(sentence: Sentence, index: int) -> int:
    """The index of the last word at or in front of ``index`` that stands in no aside and is no adverb."""
    while index >= 0:
        word = sentence.words[index]
        if word.text in PAIRS:
            index = _opener(sentence, index) - 1
        elif word.pos == "ADV" and word.is_frame:
            is_aside = index > 0 and sentence.words[index - 1].text == sentence.words[index + 1].text == ","
            index -= 2 if is_aside else 1
        else:
            break
    return index


def _opener(sentence: Sentence, closer: int) -> int:
    """Where the aside that ends at ``closer`` begins; 0 where nothing opens it."""
    wanted = PAIRS[sentence.words[closer].text]
    return next((at for at in range(closer - 1, 0, -1) if sentence.words[at].text == wanted), 0)


def _head(sentence: Sentence, word: Word, cue: Word) -> Word:
    """The head of the phrase that ``word`` closes ('43 percent of voters' is about the percent)."""
    while word.dep in BELOW and sentence.head(word).index < cue.index and sentence.head(word).index != word.index:
        above = sentence.head(word)
        if above.pos not in HEADS and above.dep != "prep":
            return word
        if above.dep == "prep" and sentence.head(above).pos not in HEADS:
            return word
        word = above
    return word
