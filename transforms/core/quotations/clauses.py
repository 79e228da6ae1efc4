"""A reported clause: what reports it, the words that are its own, and the tests that tell it from other clauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.core.quotations.attribution import Attribution, attributed
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.subjects import agent_of, outermost, speaker_of

ADDED = frozenset({"advcl", "parataxis", "acl"})
FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})


@dataclass(frozen=True, slots=True)
class Content:
    """A clause and what reports it: ``words`` are the clause's own, ``begin`` is the index where it starts."""

    cue: Word
    words: tuple[Word, ...]
    attribution: Attribution


def is_finite(sentence: Sentence, verb: Word) -> bool:
    """Whether a clause has a tensed verb; where the tagger has no such tags it is taken to have one."""
    tags = {verb.tag, *(kid.tag for kid in sentence.kids(verb) if kid.dep in {"aux", "auxpass", "cop"})}
    return bool(tags & FINITE) or verb.tag == verb.pos


def has_verb(sentence: Sentence, words: Sequence[Word]) -> bool:
    """Whether ``words`` hold a tensed verb with its subject: the least that a sentence has."""
    return any(is_finite(sentence, word) and sentence.subject_of(word) is not None for word in words)


def attribution_by(sentence: Sentence, cue: Word, lexicon: Lexicon, method: str) -> Attribution | None:
    """Who does the saying of ``cue``; nobody is named in a passive, and reporters do not quote themselves: None."""
    here = (cue.start, cue.end)
    if is_passive(sentence, cue):
        agent = agent_of(sentence, cue)
        return attributed(sentence, agent, cue, method) if agent is not None else Attribution(None, here, method)
    subject = speaker_of(sentence, outermost(sentence, cue, lexicon), lexicon)
    if subject is None or subject.lower in lexicon.first_person | lexicon.anybody:
        return None
    return attributed(sentence, subject, cue, method)


def is_passive(sentence: Sentence, cue: Word) -> bool:
    if (
        cue.tag == "VBN"
        and cue.dep in {"advcl", "acl"}
        and not any(kid.dep.startswith("aux") for kid in sentence.kids(cue))
    ):
        return True
    return any(kid.dep in {"auxpass", "nsubjpass", "aux:pass", "nsubj:pass"} for kid in sentence.kids(cue))


def clause(sentence: Sentence, head: Word, lexicon: Lexicon) -> tuple[Word, ...]:
    """The words below ``head`` as far as they are what was said: no whole quote, no further cue with its own clause."""
    left_out: set[int] = set()
    for word in sentence.subtree(head):
        if word.index == head.index:
            continue
        if word.masked != NOT_MASKED or adds(sentence, word, lexicon):
            left_out.update(below.index for below in sentence.subtree(word))
    return tuple(word for word in sentence.subtree(head) if word.index not in left_out)


def adds(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether a word starts a report of its own (', adding that …', ', while Y said …', 'and praised …')."""
    if word.dep == "conj" and word.lower in lexicon.verbs and word.tag in {"VBD", "VBZ"}:
        goes_on = any(kid.dep == "ccomp" or kid.masked != NOT_MASKED for kid in sentence.kids(word))
        return sentence.subject_of(word) is None and (goes_on or sentence.head(word).tag not in {"VBD", "VBZ"})
    is_verb = word.lower in lexicon.reporting and word.pos in {"VERB", "AUX"}
    if word.dep not in ADDED or not is_verb:
        return False
    first = sentence.subtree(word)[0]
    before = sentence.words[first.index - 1] if first.index else first
    if before.text not in {",", "–", "—", "-", "--"}:
        return False
    return word.tag == "VBG" or (sentence.subject_of(word) is not None and first.lower in lexicon.contrasts)
