"""Clauses that a cue does not govern: the sentence in front of a tag or around an aside, and what stands further on."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.core.quotations.attribution import Attribution, attributed
from transforms.core.quotations.clauses import FINITE, Content, attribution_by, has_verb
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.phrases import noun_phrase

SHORTEST_FRONT = 3
"""Words of the shortest statement in front of a tag."""
BREAKS = frozenset({";", ":"})
LONGEST_LABEL = 6
"""Words of a name in front of a colon."""
LONGEST_TAG = 9
"""Words from the cue to the end of '…, X told the inquiry on Monday.'"""


def final_tag(sentence: Sentence, lexicon: Lexicon) -> Content | None:
    """The sentence in front of '…, X said on Monday.', by its words: long sentences are where the parser errs."""
    words = sentence.words
    cue = next((word for word in reversed(words) if word.is_frame and word.lower in lexicon.say), None)
    if cue is None or cue.tag not in FINITE or len(words) - cue.index > LONGEST_TAG:
        return None
    subject = sentence.subject_of(cue)
    if subject is None or not subject.is_frame or subject.index > cue.index:
        return None
    phrase = noun_phrase(sentence, subject)
    comma = phrase[0].index - 1
    is_tag = phrase[-1].index + 3 >= cue.index and _closes(words[cue.index + 1 :], lexicon)
    if not is_tag or comma < SHORTEST_FRONT or words[comma].text != "," or not _is_statement(sentence, words[:comma]):
        return None
    return Content(cue, words[:comma], attributed(sentence, subject, cue, "final-tag"))


def _closes(behind: tuple[Word, ...], lexicon: Lexicon) -> bool:
    """Whether nothing is reported behind the cue."""
    return not any(
        word.text == "," or word.lower in lexicon.conjunctions or word.tag in FINITE or word.masked != NOT_MASKED
        for word in behind
    )


def _is_statement(sentence: Sentence, front: tuple[Word, ...]) -> bool:
    """Whether the words in front of a tag are a main clause of the reporter's, without a quote."""
    if any(word.masked != NOT_MASKED or word.text in BREAKS for word in front) or not has_verb(sentence, front):
        return False
    is_adverbial = front[0].tag in {"IN", "WRB"}
    return not is_adverbial or any(word.dep in {"ccomp", "ROOT"} for word in front)


def labelled(sentence: Sentence, lexicon: Lexicon) -> Content | None:
    """What follows a name and a colon at the start of a line, in headlines and scripts ('Ann Smith: we will go')."""
    words = sentence.words
    colon = next((word.index for word in words[: LONGEST_LABEL + 1] if word.text == ":"), 0)
    if not 0 < colon < len(words) - 2 or words[0].lower in lexicon.pointers:
        return None
    label, said = words[:colon], words[colon + 1 :]
    is_name = label[-1].pos == "PROPN" and all(word.is_frame and word.text[0].isupper() for word in label)
    if not is_name or any(word.masked != NOT_MASKED for word in said) or not has_verb(sentence, said):
        return None
    return Content(words[colon], said, Attribution((label[0].start, label[-1].end), None, "label", label[-1].start))


def around(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    """The sentence around a cue in commas ('The plan, X said, will fail'; '…, as X put it')."""
    subject = sentence.subject_of(cue)
    if subject is not None and cue.lower in lexicon.say and _is_parenthesis(sentence, cue, subject):
        aside = {word.index for word in (*noun_phrase(sentence, subject), cue)}
        rest = tuple(word for word in sentence.words if word.index not in aside)
        if subject.lower not in lexicon.first_person and has_verb(sentence, rest):
            yield Content(cue, rest, attributed(sentence, subject, cue, "aside"))
        return
    is_aside = cue.dep == "parataxis" or (cue.dep == "advcl" and _is_as_aside(sentence, cue, lexicon))
    if (
        not is_aside
        or sentence.head(cue).pos not in {"VERB", "AUX", "ADJ"}
        or subject is None
        or not subject.is_frame
        or cue.lower not in lexicon.say
        or subject.lower in lexicon.first_person
    ):
        return
    aside = {word.index for word in sentence.subtree(cue)}
    words = tuple(
        word for word in sentence.subtree(sentence.head(cue)) if word.index not in aside and word.masked == NOT_MASKED
    )
    yield Content(cue, words, attributed(sentence, subject, cue, "aside"))


def _is_parenthesis(sentence: Sentence, cue: Word, subject: Word) -> bool:
    """Whether ', X said,' stands in the middle of a sentence without a quote, whatever the parser hung it on."""
    if any(word.masked != NOT_MASKED for word in sentence.words) or not subject.is_frame or cue.tag not in FINITE:
        return False
    first = noun_phrase(sentence, subject)[0].index
    before, behind = sentence.words[max(0, first - 1)], sentence.words[cue.index + 1 : cue.index + 2]
    follows = first < cue.index and cue.index - subject.index <= 2
    return follows and first > 1 and before.text == "," and bool(behind) and behind[0].text == ","


def _is_as_aside(sentence: Sentence, cue: Word, lexicon: Lexicon) -> bool:
    """Whether 'as X said' reports the sentence around it rather than tells when something happened."""
    below = sentence.subtree(cue)
    return below[0].lower in lexicon.as_words and cue.lower in lexicon.as_said and below[-1].index - cue.index <= 2


def by_words(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    """'… said on Friday that …' where the parser hung the clause elsewhere: from the conjunction to the end."""
    if cue.lower not in lexicon.clausal:
        return
    after = [word for word in sentence.words[cue.index + 1 :] if word.masked == NOT_MASKED]
    first = next((word for word in after if word.lower in lexicon.conjunctions), None)
    if first is None or first.index - cue.index > 12 or first.tag not in {"IN", "SCONJ"}:
        return
    if any(word.text in {",", ";", ":"} for word in sentence.words[cue.index + 1 : first.index]):
        return
    made = attribution_by(sentence, cue, lexicon, "indirect-words")
    words = tuple(word for word in after if word.index >= first.index)
    if made is not None and len(words) > 3:
        yield Content(cue, words, made)
