"""How far a reported clause reaches in the text, where the parser cuts it short."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.core.quotations.clauses import Content
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word

TRIM = frozenset(",;:.–—-!?()“”\"'…")
SHORTEST = 2
"""Words of the shortest clause worth a row."""
STOPS = frozenset({";", ":", "–", "—", "-", "--"})
VERBS = frozenset({"VERB", "AUX"})
DATELINE_DASHES = frozenset({"–", "—", "-", "--"})
LONGEST_DATELINE = 10
"""Words of a dateline with its dash."""
JOINS = frozenset({"and", "but", "or"})
GLOSSES = frozenset({"which", "who", "whom"})
OWN = frozenset({"conj", "cc", "parataxis"})


def whole(sentence: Sentence, content: Content) -> tuple[Word, ...]:
    """The words of a clause with what the parser hung above it: its conjunction, its last phrases."""
    cue = content.cue
    after = [word for word in content.words if word.index > cue.index]
    if not after:
        return content.words[_behind_dateline(sentence) :] if content.words[0].index == 0 else content.words
    first = _begin(sentence, cue, after[0])
    last = _end(sentence, cue, after[-1])
    gap = [word for word in sentence.words[first : after[0].index] if word.masked == NOT_MASKED]
    tail = [word for word in sentence.words[after[-1].index + 1 : last + 1] if word.masked == NOT_MASKED]
    return _without_gloss(sentence, tuple(sorted({*content.words, *gap, *tail}, key=_index)))


def _without_gloss(sentence: Sentence, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words without a last ', which …': there the reporter mostly explains what was said."""
    last = next(word for word in reversed(words) if word.text not in TRIM or word is words[0])
    for at in range(len(words) - 2, SHORTEST, -1):
        if words[at].text == ",":
            return words[:at] if _is_gloss(sentence, words[at + 1], last) else words
    return words


def _is_gloss(sentence: Sentence, first: Word, last: Word) -> bool:
    """Whether a relative clause that begins with ``first`` reaches to ``last``."""
    verbs = (word for word in sentence.ancestors(first) if word.dep == "relcl")
    clause = next(verbs, None)
    return first.lower in GLOSSES and clause is not None and sentence.subtree(clause)[-1].index >= last.index


def _behind_dateline(sentence: Sentence) -> int:
    """The index of the first word behind a dateline ('LINDOW, Ont. — '), 0 where there is none."""
    dash = next((word.index for word in sentence.words[:LONGEST_DATELINE] if word.text in DATELINE_DASHES), 0)
    places = [word for word in sentence.words[:dash] if word.text[0].isalpha()]
    is_dateline = bool(places) and all(word.text[0].isupper() and word.pos not in VERBS for word in places)
    return dash + 1 if is_dateline else 0


def _index(word: Word) -> int:
    return word.index


def _begin(sentence: Sentence, cue: Word, first: Word) -> int:
    """Where the clause starts: at a conjunction between the cue and its first word, if one stands there."""
    for word in sentence.words[cue.index + 1 : first.index]:
        if word.lower == "that" and word.is_frame and word.dep in {"mark", "det", "nsubj", "dobj"}:
            return word.index
    return first.index


def _end(sentence: Sentence, cue: Word, last: Word) -> int:
    """Where it ends: with what belongs to the cue as long as that is no clause or aside of its own."""
    below = {word.index for word in sentence.subtree(cue)}
    stops = {
        sentence.subtree(kid)[0].index
        for kid in sentence.kids(cue)
        if kid.index > last.index and kid.dep in OWN and kid.text not in TRIM
    }
    end = last.index
    goes_on = 0
    for word in sentence.words[last.index + 1 :]:
        goes_on = _joining(sentence, word) or max(0, goes_on - 1)
        is_own = word.index not in below or (word.index in stops and not goes_on)
        if is_own or word.text in STOPS or word.masked != NOT_MASKED or (word.text == "," and not goes_on):
            break
        end = word.index if not goes_on else end
    return end


def _joining(sentence: Sentence, word: Word) -> int:
    """How many words from ``word`` on join more of what was said (', but that …', ', because …'); 0 for none."""
    comma = int(word.text == ",")
    here = [following.lower for following in sentence.words[word.index + comma : word.index + comma + 2]]
    joins = here[:1] == ["because"] or (here[:1] != [] and here[0] in JOINS and here[1:] == ["that"])
    return comma + 2 if joins else 0


def spans(words: Sequence[Word], cue: Word) -> tuple[tuple[int, int], ...]:
    """The spans before and behind the cue, half-open, without the punctuation around them."""
    before = [word for word in words if word.index < cue.index]
    after = [word for word in words if word.index > cue.index]
    return tuple(span for span in (span_of(before), span_of(after)) if span is not None)


def span_of(words: list[Word]) -> tuple[int, int] | None:
    """From the first to the last word that is no punctuation; None where too few are left."""
    while words and (words[0].text in TRIM and words[0].inside == NOT_MASKED):
        words = words[1:]
    while words and (words[-1].text in TRIM and words[-1].inside == NOT_MASKED):
        words = words[:-1]
    if sum(word.text[0].isalnum() for word in words) < SHORTEST:
        return None
    return words[0].start, words[-1].end
