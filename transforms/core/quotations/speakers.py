"""Who speaks, within one sentence: the cue that governs a quote and the subject of that cue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from transforms.core.quotations.grammar import NOT_MASKED, SUBJECTS, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.phrases import NOMINAL, RELATIVE, noun_phrase

INHERITS = frozenset({"conj", "advcl", "acl", "xcomp", "pcomp", "prep", "ccomp", "dep", "parataxis"})
NOT_A_SUBJECT = frozenset({"npadvmod", "advmod", "prep", "punct", "obl:tmod", "obl:mod", "obl"})
CLOSES_TAG = frozenset({".", ";", "and", "but", "as", "while", "because", "or", "when", "if"})
HYPHENS = re.compile(r"(?:-(?:t-)?(?=\w))?")
"""What French puts before an inverted pronoun ('a-t-il dit')."""
TAG_WINDOW = 14
"""Words after a quote among which its cue is looked for: a name with title and apposition fits."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said a segment, how we know: spans of the text, half-open, or None."""

    speaker: tuple[int, int] | None
    cue: tuple[int, int] | None
    method: str
    head: int | None = None
    """Where the head word of the speaker starts."""


def attribution_of(sentence: Sentence, segment: int, lexicon: Lexicon) -> Attribution | None:
    """Who said ``segment`` by the words of its own sentence, or None."""
    places = [word for word in sentence.words if segment in (word.masked, word.inside)]
    if not places:
        return None
    if places[0].masked == NOT_MASKED:
        found = _first(sentence, _above(sentence, places, lexicon), lexicon)
    else:
        found = _utterance(sentence, places[0].index, places[-1].index, lexicon)
    return found or according(sentence, lexicon) or _colon(sentence, places[0].index)


def attributed(sentence: Sentence, subject: Word, cue: Word | None, method: str) -> Attribution:
    """An attribution to the whole noun phrase around ``subject``."""
    phrase = noun_phrase(sentence, subject)
    start = phrase[0].start + HYPHENS.match(phrase[0].text).end()  # type: ignore[union-attr]  # it matches anything
    return Attribution(
        (start, phrase[-1].end), (cue.start, cue.end) if cue is not None else None, method, subject.start
    )


def _utterance(sentence: Sentence, first: int, last: int, lexicon: Lexicon) -> Attribution | None:
    """Who said a whole utterance: the frame that leads in where there is one, else the tag behind it."""
    lead_in = list(_lead_in(sentence, first, lexicon))
    tag = list(_tag(sentence, last, lexicon))
    governing = list(_governing(sentence, first, last))
    leads_in = _leads_in(sentence, first, lexicon)
    goes_on = bool(tag) and sentence.words[last - 1].text == ","
    order = [*lead_in, *tag] if leads_in and not goes_on else [*tag, *lead_in]
    by_words = None if leads_in or tag else _tag_by_words(sentence, last, lexicon)
    return by_words or _first(sentence, [*order, *governing], lexicon)


def _tag_by_words(sentence: Sentence, last: int, lexicon: Lexicon) -> Attribution | None:
    """'…," Will wrote' and '…," said Will' by their words alone, for names that the parser takes for other words."""
    words = sentence.words[last + 1 : last + TAG_WINDOW]
    cue = next((word for word in words[:4] if word.lower in lexicon.say and word.is_frame), None)
    if cue is None:
        return None
    behind = sentence.words[cue.index + 1 : cue.index + 5]
    run = list(takewhile(_is_name_like, behind)) if cue is words[0] else list(words[: words.index(cue)])
    if not run or not all(_is_name_like(word) for word in run):
        return None
    return Attribution((run[0].start, run[-1].end), (cue.start, cue.end), "cue-after", run[-1].start)


def _is_name_like(word: Word) -> bool:
    return word.is_frame and word.text[0].isupper() and word.text[-1].isalpha()


def _first(sentence: Sentence, cues: Sequence[tuple[Word, str]], lexicon: Lexicon) -> Attribution | None:
    for cue, method in cues:
        subject = speaker_of(sentence, cue)
        if subject is not None and not (method == "cue-verb" and subject.lower in lexicon.first_person):
            return attributed(sentence, subject, cue, method)
    return None


def _tag(sentence: Sentence, last: int, lexicon: Lexicon) -> Iterator[tuple[Word, str]]:
    """The cue of '"…" she said' and '"…," said X': the first behind the quote, with its subject there too."""
    for word in sentence.words[last + 1 : last + TAG_WINDOW]:
        if word.masked != NOT_MASKED or word.lower in CLOSES_TAG:
            return
        if is_cue(word, lexicon):
            subject = speaker_of(sentence, word)
            if subject is not None and subject.index > last:
                yield word, "cue-after"
                return


def _lead_in(sentence: Sentence, first: int, lexicon: Lexicon) -> Iterator[tuple[Word, str]]:
    """The cue of 'X said, "…"': the nearest before the quote, back to the quote before."""
    for word in reversed(sentence.words[:first]):
        if word.masked != NOT_MASKED:
            return
        if is_cue(word, lexicon):
            is_split = any(before.masked != NOT_MASKED for before in sentence.words[: word.index])
            yield word, "split" if is_split else "cue-before"


def _leads_in(sentence: Sentence, first: int, lexicon: Lexicon) -> bool:
    """Whether the words before a quote hand over to it."""
    before = sentence.words[first - 1] if first else None
    return before is not None and before.is_frame and (before.text in {",", ":"} or is_cue(before, lexicon))


def _governing(sentence: Sentence, first: int, last: int) -> Iterator[tuple[Word, str]]:
    """The verb above the quote, listed or not ('"…," she beamed')."""
    inside = sentence.words[first : last + 1]
    head = next((word for word in inside if not first <= word.head <= last), inside[0])
    for above in sentence.ancestors(head):
        if above.is_frame and above.pos == "VERB":
            yield above, "cue-verb"
            return


def _above(sentence: Sentence, places: Sequence[Word], lexicon: Lexicon) -> list[tuple[Word, str]]:
    """The cues above a few quoted words that are part of the reporter's sentence, the nearest first."""
    indices = {word.index for word in places}
    head = next((word for word in places if word.head not in indices), places[0])
    ancestors = [word for word in sentence.ancestors(head) if word.is_frame]
    found = [word for word in ancestors if is_cue(word, lexicon)]
    if not found:
        found = [word for word in reversed(sentence.words[: places[0].index]) if is_cue(word, lexicon)]
    others = [word for word in ancestors if word.pos == "VERB" and word not in found]
    return [*((word, "cue-fragment") for word in found), *((word, "cue-verb") for word in others)]


def is_cue(word: Word, lexicon: Lexicon) -> bool:
    """Whether a verb of the reporter's can introduce speech."""
    return word.is_frame and word.pos in {"VERB", "AUX"} and word.lower in lexicon.verbs


def speaker_of(sentence: Sentence, cue: Word) -> Word | None:
    """The head of the noun phrase that does the saying of ``cue``, or None."""
    seen: set[int] = set()
    verb = cue
    while verb.index not in seen:
        seen.add(verb.index)
        subject = _agent(sentence, verb) or sentence.subject_of(verb)
        if subject is not None and subject.is_frame:
            return _antecedent(sentence, verb, subject)
        if verb is cue:
            inverted = _inverted(sentence, verb)
            if inverted is not None:
                return inverted
        above = sentence.head(verb)
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
    if verb.tag != "VBG" or (before.text != "," and noun.dep not in {"dobj", "obj"}):
        return None
    return next((above for above in sentence.ancestors(noun) if above.pos == "VERB" and above.is_frame), None)


def speaker_names(sentences: Sequence[Sentence], lexicon: Lexicon) -> tuple[tuple[int, int], ...]:
    """Proper names that are subjects of verbs of saying: people whom a model of names may have missed."""
    found = set()
    for sentence in sentences:
        for cue in sentence.words:
            if cue.lower in lexicon.say and is_cue(cue, lexicon):
                subject = speaker_of(sentence, cue)
                if subject is not None and _names_somebody(subject, lexicon):
                    found.add(_run_of_names(sentence, subject))
    return tuple(sorted(found))


def _names_somebody(word: Word, lexicon: Lexicon) -> bool:
    if not word.text[0].isupper() or word.lower in lexicon.persons | lexicon.pronouns | lexicon.first_person:
        return False
    return word.pos == "PROPN" or (word.pos in {"NOUN", "ADJ", "VERB"} and word.tag != "NNS" and word.index > 0)


def _run_of_names(sentence: Sentence, head: Word) -> tuple[int, int]:
    first = head.index
    while first > 0 and sentence.words[first - 1].pos == "PROPN" and sentence.words[first - 1].is_frame:
        first -= 1
    return sentence.words[first].start, head.end


def _agent(sentence: Sentence, verb: Word) -> Word | None:
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


def according(sentence: Sentence, lexicon: Lexicon) -> Attribution | None:
    """The speaker of 'according to X'; the whole phrase is the cue."""
    for index, word in enumerate(sentence.words):
        if word.lower not in lexicon.according_starts or not word.is_frame:
            continue
        for phrase in lexicon.according:
            found = sentence.words[index : index + len(phrase)]
            if tuple(part.lower for part in found) == phrase:
                subject = _object_after(sentence, found[-1])
                if subject is not None:
                    made = attributed(sentence, subject, None, "according-to")
                    return Attribution(made.speaker, (word.start, found[-1].end), made.method, made.head)
    return None


def _object_after(sentence: Sentence, preposition: Word) -> Word | None:
    for kid in sentence.kids(preposition):
        if kid.index > preposition.index and kid.is_frame and kid.pos in NOMINAL:
            return kid
    above = sentence.head(preposition)
    is_marker = preposition.dep in {"case", "mark", "fixed", "dep"} and above.index > preposition.index
    return above if is_marker and above.is_frame and above.pos in NOMINAL else None


def _colon(sentence: Sentence, first: int) -> Attribution | None:
    """The subject of a sentence that ends in a colon before the quote ('Smith was blunt: "…"')."""
    before = sentence.words[first - 1] if first else None
    if before is None or before.text != ":":
        return None
    return lead_in_speaker(sentence, sentence.words[:first])


def lead_in_speaker(sentence: Sentence, words: Sequence[Word]) -> Attribution | None:
    """Whom ``words``, which end in a colon, announce."""
    frame = [word for word in words if word.is_frame]
    for word in frame:
        if word.dep in SUBJECTS and word.lower not in RELATIVE:
            return attributed(sentence, word, None, "colon")
    nominal = [word for word in frame if word.pos in {"PROPN", "NOUN"}]
    return attributed(sentence, nominal[0], None, "colon") if nominal else None
