"""Who does the saying: the subject of a cue, over conjunctions, participles, passives and inversion."""

from __future__ import annotations

from transforms.core.quotations.detached import detached_subject
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.phrases import NOMINAL, RELATIVE

INHERITS = frozenset({"conj", "advcl", "acl", "xcomp", "pcomp", "prep", "ccomp", "dep", "parataxis", "acomp"})
NOT_A_SUBJECT = frozenset({"npadvmod", "advmod", "prep", "punct", "obl:tmod", "obl:mod", "obl"})


def is_cue(word: Word, lexicon: Lexicon) -> bool:
    """Whether a verb of the reporter's can introduce speech."""
    return word.is_frame and word.pos in {"VERB", "AUX"} and word.lower in lexicon.verbs


def is_phrasal(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether a verb introduces speech with the word behind it ('shot back')."""
    behind = sentence.words[word.index + 1 : word.index + 2]
    return word.is_frame and bool(behind) and (word.lower, behind[0].lower) in lexicon.phrasal


def outermost(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Word:
    """The cue that a cue without a subject of its own goes on from.

    In 'X said the move was Y's and added …' and 'X said it was late, adding …' that is "said", whatever the parser
    hung the second verb on.
    """
    if sentence.subject_of(cue) is not None or cue.dep not in {"conj", "advcl", "acl"}:
        return cue
    found = cue
    for above in sentence.ancestors(cue):
        if above.dep == "ccomp" and is_say(sentence.head(above), lexicon):
            found = sentence.head(above)
    return found


def is_say(word: Word, lexicon: Lexicon) -> bool:
    """Whether a verb of the reporter's voices something."""
    return is_cue(word, lexicon) and word.lower in lexicon.say


def speaker_of(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Word | None:
    """The head of the noun phrase that does the saying of ``cue``, or None."""
    found = _by_grammar(sentence, cue, lexicon)
    is_own = found is None and cue.dep not in INHERITS
    return detached_subject(sentence, cue) if is_own and cue.lower in lexicon.say else found


def _by_grammar(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Word | None:
    seen: set[int] = set()
    verb = cue
    while verb.index not in seen:
        seen.add(verb.index)
        subject = agent_of(sentence, verb) or sentence.subject_of(verb)
        if subject is not None and subject.is_frame:
            return _antecedent(sentence, verb, subject)
        if verb is cue:
            inverted = _inverted(sentence, verb)
            if inverted is not None:
                return inverted
        above = sentence.head(verb)
        if verb.dep == "xcomp" and above.lower in lexicon.causing:
            caused = next((kid for kid in sentence.kids(above) if kid.dep in {"dobj", "obj"}), None)
            if caused is not None and caused.is_frame and caused.index < verb.index:
                return caused
        if verb.dep in {"relcl", "acl", "acl:relcl"} and above.pos in NOMINAL:
            governor = _governor(sentence, verb, above)
            if governor is None:
                return above if above.is_frame else None
            verb = governor
            continue
        if verb.dep not in INHERITS:
            return None
        verb = above
    return None


def _governor(sentence: Sentence, verb: Word, noun: Word) -> Word | None:
    """The verb whose subject speaks where the parser hangs a participle on the nearest noun.

    That is so behind a comma ('X thanked Y, adding …') and where the noun is its object ('X put out a note saying …').
    """
    before = sentence.words[verb.index - 1] if verb.index else verb
    is_object = noun.dep in {"dobj", "obj"} or (noun.dep == "pobj" and sentence.head(noun).lower == "to")
    if verb.tag != "VBG" or (before.text != "," and not is_object):
        return None
    return next((above for above in sentence.ancestors(noun) if above.pos == "VERB" and above.is_frame), None)


def agent_of(sentence: Sentence, verb: Word) -> Word | None:
    """The doer of a passive ('was criticised by X')."""
    for kid in sentence.kids(verb):
        if kid.dep == "agent":
            return next((below for below in sentence.kids(kid) if below.dep == "pobj" and below.is_frame), None)
        if kid.dep == "obl:agent" and kid.is_frame:
            return kid
    return None


def _antecedent(sentence: Sentence, verb: Word, subject: Word) -> Word | None:
    if subject.lower not in RELATIVE:
        return subject
    head = sentence.head(verb)
    return head if head.index != verb.index and head.is_frame and head.pos in NOMINAL else None


def _inverted(sentence: Sentence, verb: Word) -> Word | None:
    """The noun phrase right after a cue that follows a quote ('said the old man'), whatever the parser called it."""
    if verb.index == 0 or sentence.words[verb.index - 1].masked == NOT_MASKED:
        return None
    for kid in sentence.kids(verb):
        if kid.index > verb.index and kid.is_frame and kid.pos in NOMINAL and kid.dep not in NOT_A_SUBJECT:
            return kid
    return None
