"""Who speaks, within one sentence: the cue that governs a quote and the subject of that cue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from transforms.core.quotations.attribution import Attribution, attributed
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.inversion import inverted_tag
from transforms.core.quotations.leads import according, colon, named_before_colon
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.subjects import is_cue, is_phrasal, outermost, speaker_of

CLOSES_TAG = frozenset({".", ";", "and", "but", "as", "while", "because", "or", "when", "if"})
VERBS = frozenset({"VERB", "AUX"})
LONGEST_NAME, SHORT_NAME = 8, 3
"""Words between a quote and its cue where the parser sees none: of a phrase, of a bare name."""
TAG_WINDOW = 14
"""Words after a quote among which its cue is looked for: a name with title and apposition fits."""


def attribution_of(sentence: Sentence, segment: int, lexicon: Lexicon) -> Attribution | None:
    """Who said ``segment`` by the words of its own sentence, or None."""
    places = [word for word in sentence.words if segment in (word.masked, word.inside)]
    if not places:
        return None
    if places[0].masked == NOT_MASKED:
        found = _first(sentence, _above(sentence, places, lexicon), lexicon)
    else:
        found = _utterance(sentence, places[0].index, places[-1].index, lexicon)
    return found or according(sentence, lexicon) or colon(sentence, places[0].index, lexicon)


def _utterance(sentence: Sentence, first: int, last: int, lexicon: Lexicon) -> Attribution | None:
    """Who said a whole utterance: the frame that leads in where there is one, else the tag behind it."""
    if lexicon.clitics:
        inverted = inverted_tag(sentence, last, lexicon)
        if inverted is not None:
            return inverted
    by_name = named_before_colon(sentence, first, lexicon)
    if by_name is not None:
        return by_name
    lead_in = list(_lead_in(sentence, first, lexicon))
    tag = list(_tag(sentence, last, lexicon))
    governing = list(_governing(sentence, first, last))
    leads_in = _leads_in(sentence, first, lexicon)
    goes_on = bool(tag) and sentence.words[last - 1].text == ","
    order = [*lead_in, *tag] if leads_in and not goes_on else [*tag, *lead_in]
    by_words = None if leads_in or tag else _tag_by_words(sentence, last, lexicon)
    return by_words or _first(sentence, [*order, *governing], lexicon)


def _tag_by_words(sentence: Sentence, last: int, lexicon: Lexicon) -> Attribution | None:
    """'…," Will wrote', '…," said Will' and '…," a letter from the firm read.' by their words alone."""
    words = sentence.words[last + 1 : last + TAG_WINDOW]
    cue = next((word for word in words[:LONGEST_NAME] if word.lower in lexicon.say and word.is_frame), None)
    if cue is None:
        return None
    behind = sentence.words[cue.index + 1 : cue.index + 5]
    run = list(takewhile(_is_name_like, behind)) if cue is words[0] else list(words[: words.index(cue)])
    closes = not behind or behind[0].text in {".", ","}
    is_phrase = closes and bool(run) and run[0].pos == "DET" and not any(word.pos in VERBS for word in run)
    if not run or not (is_phrase or (len(run) <= SHORT_NAME and all(_is_name_like(word) for word in run))):
        return None
    head = run[1] if is_phrase and len(run) > 1 else run[-1]
    return Attribution((run[0].start, run[-1].end), (cue.start, cue.end), "cue-after", head.start)


def _is_name_like(word: Word) -> bool:
    return word.is_frame and word.text[0].isupper() and word.text[-1].isalpha()


def _first(sentence: Sentence, cues: Sequence[tuple[Word, str]], lexicon: Lexicon) -> Attribution | None:
    for cue, method in cues:
        subject = speaker_of(sentence, outermost(sentence, cue, lexicon), lexicon)
        if subject is not None and not (method == "cue-verb" and subject.lower in lexicon.first_person):
            return attributed(sentence, subject, cue, method)
    return None


def _tag(sentence: Sentence, last: int, lexicon: Lexicon) -> Iterator[tuple[Word, str]]:
    """The cue of '"…" she said' and '"…," as X put it': the first behind the quote, with its subject there too."""
    follows_as = sentence.words[last + 1 : last + 2] and sentence.words[last + 1].lower in lexicon.as_words
    for word in sentence.words[last + 1 : last + TAG_WINDOW]:
        if word.masked != NOT_MASKED or (word.lower in CLOSES_TAG and not (word.index == last + 1 and follows_as)):
            return
        if (is_cue(word, lexicon) or is_phrasal(sentence, word, lexicon)) and (
            not follows_as or word.lower in lexicon.as_said
        ):
            subject = speaker_of(sentence, word, lexicon)
            if subject is not None and subject.index > last:
                yield word, "cue-after"
                return


def _lead_in(sentence: Sentence, first: int, lexicon: Lexicon) -> Iterator[tuple[Word, str]]:
    """The cue of 'X said, "…"': the nearest before the quote, back to the quote before."""
    for word in reversed(sentence.words[:first]):
        if word.masked != NOT_MASKED:
            return
        if is_cue(word, lexicon) or is_phrasal(sentence, word, lexicon):
            cue = _announcing(sentence, word, first, lexicon)
            is_split = any(before.masked != NOT_MASKED for before in sentence.words[: cue.index])
            yield cue, "split" if is_split else "cue-before"


def _announcing(sentence: Sentence, cue: Word, first: int, lexicon: Lexicon) -> Word:
    """The cue that hands over: the outer one in 'X said she had learned: "…"' and 'X said if they go, "…"'."""
    is_thought = cue.lower in lexicon.mind | lexicon.weak | lexicon.naming
    if cue.index >= first - 2 or not (sentence.words[first - 1].text == ":" or is_thought):
        return cue
    found = cue
    for word in (cue, *sentence.ancestors(cue)):
        above = sentence.head(word)
        if word.dep == "ccomp" and above.is_frame and above.lower in lexicon.say and above.index < cue.index:
            found = above
    return found


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


def speaker_names(sentences: Sequence[Sentence], lexicon: Lexicon) -> tuple[tuple[int, int], ...]:
    """Proper names that are subjects of verbs of saying: people whom a model of names may have missed."""
    found = set()
    for sentence in sentences:
        for cue in sentence.words:
            if cue.lower in lexicon.say and is_cue(cue, lexicon):
                subject = speaker_of(sentence, cue, lexicon)
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
