"""Reported speech without marks, and speech that is partly in marks: the clause that a cue governs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.speakers import Attribution, according, attributed, is_cue, speaker_of

CONTENT = frozenset({"ccomp"})
TRIM = frozenset(",;:.–—-!?()“”\"'…")
SHORTEST = 2
"""Words of the shortest clause worth a row."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Reported words: one span, or two where the cue stands in their middle.  ``segments`` are those inside."""

    spans: tuple[tuple[int, int], ...]
    segments: frozenset[int]
    attribution: Attribution


def reported(sentence: Sentence, lexicon: Lexicon) -> Iterator[Reported]:
    """Every clause of the sentence that a cue reports, the outermost first."""
    taken: set[int] = set()
    for cue in sentence.words:
        if cue.index in taken or not _reports(cue, lexicon):
            continue
        for found, words in [*_contents(sentence, cue, lexicon), *_around(sentence, cue, lexicon)]:
            taken.update(word.index for word in words)
            yield found
    if not taken:
        yield from _after_according(sentence, lexicon)


def _reports(word: Word, lexicon: Lexicon) -> bool:
    return is_cue(word, lexicon) and (word.lower in lexicon.reporting)


def _contents(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[tuple[Reported, tuple[Word, ...]]]:
    subject = speaker_of(sentence, cue)
    if subject is None or subject.lower in lexicon.first_person:
        return
    for kid in sentence.kids(cue):
        if not _is_content(sentence, cue, kid, lexicon):
            continue
        words = _clause(sentence, kid, lexicon)
        spans = _spans(words, cue)
        if spans:
            made = attributed(sentence, subject, cue, "indirect-complement")
            segments = frozenset(word.inside for word in words) - {NOT_MASKED}
            yield Reported(spans, segments, made), words


def _around(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[tuple[Reported, tuple[Word, ...]]]:
    """The sentence around a cue in commas ('The plan, X said, will fail'; '…, as X put it')."""
    subject = sentence.subject_of(cue)
    is_aside = cue.dep == "parataxis" or (cue.dep == "advcl" and _starts_with(sentence, cue, lexicon.as_words))
    if (
        not is_aside
        or sentence.head(cue).pos not in {"VERB", "AUX", "ADJ"}
        or subject is None
        or not subject.is_frame
        or cue.lower not in lexicon.say
    ):
        return
    if any(kid.dep in CONTENT for kid in sentence.kids(cue)) or subject.lower in lexicon.first_person:
        return
    aside = {word.index for word in sentence.subtree(cue)}
    words = tuple(
        word for word in sentence.subtree(sentence.head(cue)) if word.index not in aside and word.masked == NOT_MASKED
    )
    spans = _spans(words, cue)
    if spans:
        segments = frozenset(word.inside for word in words) - {NOT_MASKED}
        yield Reported(spans, segments, attributed(sentence, subject, cue, "aside")), words


def _starts_with(sentence: Sentence, word: Word, starts: frozenset[str]) -> bool:
    return sentence.subtree(word)[0].lower in starts


def _is_content(sentence: Sentence, cue: Word, kid: Word, lexicon: Lexicon) -> bool:
    if kid.masked != NOT_MASKED:
        return False
    if kid.dep in CONTENT:
        return kid.pos in {"VERB", "AUX", "NOUN", "ADJ", "PROPN", "PRON", "NUM", "ADV"}
    return (
        kid.dep == "xcomp" and cue.lower in lexicon.ask_to and any(below.lower == "to" for below in sentence.kids(kid))
    )


def _clause(sentence: Sentence, head: Word, lexicon: Lexicon) -> tuple[Word, ...]:
    """The words below ``head`` as far as they are what was said: no whole quote, no further cue with its own clause."""
    left_out: set[int] = set()
    for word in sentence.subtree(head):
        if word.index == head.index:
            continue
        if word.masked != NOT_MASKED or _adds(sentence, word, lexicon):
            left_out.update(below.index for below in sentence.subtree(word))
    return tuple(word for word in sentence.subtree(head) if word.index not in left_out)


def _adds(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether a word starts a report of its own (', adding that …', ', while Y said …')."""
    if word.dep not in {"advcl", "parataxis"} or word.lower not in lexicon.reporting or word.pos not in {"VERB", "AUX"}:
        return False
    first = sentence.subtree(word)[0]
    before = sentence.words[first.index - 1] if first.index else first
    if before.text not in {",", "–", "—", "-", "--"}:
        return False
    return word.tag == "VBG" or (sentence.subject_of(word) is not None and first.lower in lexicon.contrasts)


def _spans(words: Sequence[Word], cue: Word) -> tuple[tuple[int, int], ...]:
    before = [word for word in words if word.index < cue.index]
    after = [word for word in words if word.index > cue.index]
    return tuple(span for span in (_span(before), _span(after)) if span is not None)


def _span(words: list[Word]) -> tuple[int, int] | None:
    while words and (words[0].text in TRIM and words[0].inside == NOT_MASKED):
        words = words[1:]
    while words and (words[-1].text in TRIM and words[-1].inside == NOT_MASKED):
        words = words[:-1]
    if sum(word.text[0].isalnum() for word in words) < SHORTEST:
        return None
    return words[0].start, words[-1].end


def _after_according(sentence: Sentence, lexicon: Lexicon) -> Iterator[Reported]:
    """What 'according to X' reports: the rest of the sentence, before it or behind it."""
    found = according(sentence, lexicon)
    if found is None or found.cue is None or found.speaker is None:
        return
    cue_start, speaker_end = found.cue[0], found.speaker[1]
    frame = [word for word in sentence.words if word.masked == NOT_MASKED]
    before = [word for word in frame if word.end <= cue_start]
    after = [word for word in frame if word.start >= speaker_end]
    spans = tuple(span for span in (_span(before), _span(after)) if span is not None)
    if spans:
        segments = frozenset(word.inside for word in (*before, *after)) - {NOT_MASKED}
        yield Reported(spans, segments, found)
