"""Noun phrases: how far the name of a speaker reaches."""

from __future__ import annotations

from transforms.core.quotations.grammar import Sentence, Word

RELATIVE = frozenset({"who", "which", "that", "whom", "whose", "qui", "que", "dont", "quien", "quienes"})
CLAUSES = frozenset({"relcl", "acl", "acl:relcl", "advcl", "ccomp", "parataxis", "xcomp", "dep"})
NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM", "DET", "ADJ"})
NOT_IN_NAME = frozenset({"“", "”", ":", ";", "—", "–"})


def noun_phrase(sentence: Sentence, head: Word) -> tuple[Word, ...]:
    """The reporter's words around ``head`` that name it: titles, modifiers and appositions, no clauses."""
    keep = {head.index}
    stack = [head]
    while stack:
        for kid in sentence.kids(stack.pop()):
            if kid.dep == "case" and kid.head == head.index:
                continue
            if kid.dep not in CLAUSES and kid.is_frame and kid.text not in NOT_IN_NAME:
                keep.add(kid.index)
                stack.append(kid)
    first = last = head.index
    while first - 1 in keep:
        first -= 1
    while last + 1 in keep:
        last += 1
    return _without_punctuation(sentence.words[first : last + 1], head)


def _without_punctuation(words: tuple[Word, ...], head: Word) -> tuple[Word, ...]:
    while len(words) > 1 and not words[-1].text[-1].isalnum() and words[-1] is not head:
        words = words[:-1]
    while len(words) > 1 and not words[0].text[0].isalnum() and words[0] is not head:
        words = words[1:]
    return words
