"""'…», a déclaré X' and '—…—dijo X': the tag behind a quote in French and Spanish, read by its words.

The small models take a subject behind its verb for an object or for a part of the quote; the order of the words is
strict enough to go by.
"""

from __future__ import annotations

from collections.abc import Sequence

from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon

OPENS = frozenset({",", "—", "–", "-", ".", "»", "”"})
FARTHEST = 6
"""Words between a quote and its cue: a comma, auxiliary, clitics ("a-t-elle encore ajouté")."""
PHRASE = frozenset({"DET", "NOUN", "PROPN", "ADJ", "NUM", "PRON"})
DASHES = "—–-"
VERBS = frozenset({"VERB", "AUX"})
LONGEST = 14
"""Words of a name with its apposition."""


def inverted_tag(sentence: Sentence, last: int, lexicon: Lexicon) -> Attribution | None:
    """Who is named behind the cue that follows the quote whose last word is at ``last``."""
    cue = _cue(sentence.words[last + 1 : last + 1 + FARTHEST], lexicon)
    if cue is None:
        return None
    behind = sentence.words[cue.index + 1 : cue.index + 1 + LONGEST]
    between = sentence.words[last + 1 : cue.index + 1]
    pronoun = next((word for word in (*between, *behind[:2]) if _is_pronoun(word, lexicon)), None)
    phrase = (pronoun,) if pronoun is not None else _phrase(behind, lexicon)
    if not phrase:
        return None
    start = phrase[0].end - len(_bare(phrase[0])) if pronoun is not None else phrase[0].start
    end = phrase[-1].start + len(phrase[-1].text.rstrip(DASHES))
    return Attribution((start, end), (cue.start, cue.end), "cue-after", max(start, _head(phrase).start))


def _cue(words: Sequence[Word], lexicon: Lexicon) -> Word | None:
    for word in words:
        if word.masked != NOT_MASKED:
            return None
        if word.lower in lexicon.verbs and word.lower not in lexicon.clitics:
            return word
        if word.text not in OPENS and word.lower not in lexicon.clitics and not _is_pronoun(word, lexicon):
            return None
    return None


def _is_pronoun(word: Word, lexicon: Lexicon) -> bool:
    return word.is_frame and _bare(word).lower() in lexicon.pronouns | lexicon.first_person


def _bare(word: Word) -> str:
    return word.text.rpartition("-")[2]


def _head(phrase: Sequence[Word]) -> Word:
    return next((word for word in phrase if word.pos in {"NOUN", "PROPN"}), phrase[0])


def _phrase(words: Sequence[Word], lexicon: Lexicon) -> tuple[Word, ...]:
    """The noun phrase that ``words`` begin with, and an apposition without a verb behind a comma."""
    core = _run(words, lexicon)
    if not core or not any(word.pos in {"NOUN", "PROPN", "PRON"} or word.text[0].isupper() for word in core):
        return ()
    rest = words[len(core) :]
    if rest and rest[0].text == ",":
        more = _run(rest[1:], lexicon)
        closes = rest[1 + len(more) :][:1]
        if more and any(word.pos in {"NOUN", "PROPN"} for word in more) and closes and closes[0].text in ",.;:—–":
            return (*core, rest[0], *more)
    return tuple(core)


def _run(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """The words up to the first that cannot be part of a noun phrase; 'de' may stand inside."""
    run: list[Word] = []
    for word in words:
        is_part = word.pos in PHRASE or word.text[0].isupper() or word.lower in lexicon.genitives
        if not word.is_frame or not is_part or (word.pos in VERBS and not word.text[0].isupper()):
            break
        run.append(word)
    while run and run[-1].lower in lexicon.genitives:
        run.pop()
    return run
