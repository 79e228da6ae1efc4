"""Which clause a cue reports: under a verb, a noun or an adjective, or around an aside.

Each frame gives the words of the clause; how far they reach in the text is decided in ``extent``.
"""

from __future__ import annotations

from collections.abc import Iterator

from transforms.core.quotations.asides import BREAKS, around, by_words, final_tag, labelled
from transforms.core.quotations.attribution import attributed
from transforms.core.quotations.clauses import Content, attribution_by, clause, is_finite
from transforms.core.quotations.grammar import NOT_MASKED, Sentence, Word
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.phrases import NOMINAL, RELATIVE
from transforms.core.quotations.subjects import is_cue, speaker_of

CLAUSAL = frozenset({"VERB", "AUX", "NOUN", "ADJ", "PROPN", "PRON", "NUM", "ADV"})
SHORTEST_INFINITIVE = 3
"""Words of an infinitive that says something: "declined to comment" does not."""
OWNERS = frozenset({"poss", "nmod:poss"})


def contents_of(sentence: Sentence, lexicon: Lexicon) -> Iterator[Content]:
    """Every reported clause of a sentence, those inside others included."""
    tag = final_tag(sentence, lexicon)
    if tag is not None:
        yield tag
    label = labelled(sentence, lexicon)
    if label is not None:
        yield label
    for word in sentence.words:
        if not word.is_frame:
            continue
        if is_cue(word, lexicon) and word.lower in lexicon.reporting:
            found = list(_under_verb(sentence, word, lexicon)) or list(around(sentence, word, lexicon))
            yield from found or by_words(sentence, word, lexicon)
            is_attitude = not found and word.dep == "acomp" and word.lower in lexicon.attitudes
            yield from _under_adjective(sentence, word, lexicon) if is_attitude else ()
        elif word.lower in lexicon.attitudes and word.pos in {"ADJ", "VERB"}:
            yield from _under_adjective(sentence, word, lexicon)
        elif word.lower in lexicon.nouns and word.pos == "NOUN":
            yield from _under_noun(sentence, word, lexicon)


def _under_verb(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    """The complement clauses of a verb ('said that …', 'urged X to …'); what the parser tore apart is one."""
    found = list(_complements(sentence, cue, lexicon))
    behind = [content for content in found if content.words[0].index > cue.index]
    if len(behind) > 1:
        words = {word for content in behind for word in content.words}
        found = [content for content in found if content not in behind]
        found.append(Content(cue, tuple(sorted(words, key=_index)), behind[0].attribution))
    yield from found


def _index(word: Word) -> int:
    return word.index


def _complements(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    for kid in sentence.kids(cue):
        if kid.masked != NOT_MASKED or kid.pos not in CLAUSAL:
            continue
        is_question = kid.dep == "advcl" and cue.lower in lexicon.asking and _is_question(sentence, kid, cue, lexicon)
        is_clause = kid.dep == "ccomp" or (kid.dep == "xcomp" and _is_gapped(kid, cue, lexicon))
        if is_question or (is_clause and _is_reported(sentence, kid, cue, lexicon)):
            method = "indirect-complement"
        elif kid.dep == "xcomp" and cue.lower in lexicon.ask_to and _has_to(sentence, kid):
            method = "indirect-infinitive"
        else:
            continue
        made = attribution_by(sentence, cue, lexicon, method)
        words = clause(sentence, kid, lexicon)
        if method == "indirect-infinitive" and cue.lower not in lexicon.tell:
            words = (*_addressed(sentence, cue, kid), *words)
        is_bare = method == "indirect-infinitive" and len(words) < SHORTEST_INFINITIVE
        if made is not None and not is_bare:
            yield Content(cue, words, made)


def _is_reported(sentence: Sentence, kid: Word, cue: Word, lexicon: Lexicon) -> bool:
    """Whether a complement clause is what was said: finite, and in front of its cue only where a comma parts them."""
    below = _behind_relative(sentence.subtree(kid), cue, lexicon)
    if below[0].index > cue.index:
        before = sentence.words[below[0].index - 1]
        if before.text == "," and below[0].lower in RELATIVE:
            return False
        if below[0].lower in lexicon.conjunctions:
            return True
        return is_finite(sentence, kid) and (sentence.subject_of(kid) is not None or _has_relative(sentence, cue))
    last = max((word.index for word in below if word.index < cue.index), default=cue.index)
    between = sentence.words[last + 1 : cue.index]
    return (
        is_finite(sentence, kid)
        and any(word.text in {",", "”"} for word in between)
        and not any(word.text in BREAKS for word in between)
    )


def _is_gapped(kid: Word, cue: Word, lexicon: Lexicon) -> bool:
    """Whether a tensed verb behind a cue in a relative clause is its clause ('which he argued seeks to …')."""
    return cue.dep == "relcl" and kid.tag in {"VBZ", "VBD"} and kid.index == cue.index + 1 and cue.lower in lexicon.say


def _behind_relative(words: tuple[Word, ...], cue: Word, lexicon: Lexicon) -> tuple[Word, ...]:
    """The words of a clause without the relative pronoun in front of its cue ('a strike that they said could …')."""
    voices = cue.dep == "relcl" and cue.lower in lexicon.say
    is_relative = voices and words[0].index < cue.index and words[0].lower in RELATIVE
    return words[1:] if is_relative and len(words) > 1 and words[1].index > cue.index else words


def _is_question(sentence: Sentence, kid: Word, cue: Word, lexicon: Lexicon) -> bool:
    """Whether 'when …' or 'if …' behind a verb of asking is what was asked rather than when that happened."""
    first = sentence.subtree(kid)[0]
    return first.index > cue.index and first.lower in lexicon.questions and sentence.words[first.index - 1].text != ","


def _has_relative(sentence: Sentence, cue: Word) -> bool:
    """Whether a cue without a clause of its own takes a relative pronoun for its subject ('which they say left …')."""
    if cue.dep != "relcl":
        return True
    first = sentence.subtree(cue)[0]
    return first.lower in RELATIVE and first.index < cue.index - 1


def _addressed(sentence: Sentence, cue: Word, verb: Word) -> tuple[Word, ...]:
    """Who is to do it ('urged the council to act', 'called on the council to act'): part of what was said."""
    for kid in sentence.kids(cue):
        if not cue.index < kid.index < verb.index or kid.masked != NOT_MASKED:
            continue
        if kid.dep in {"dobj", "obj"}:
            return sentence.subtree(kid)
        if kid.dep == "prep" and kid.lower in {"on", "for"} and kid.index == cue.index + 1:
            return tuple(word for word in sentence.subtree(kid) if word.index > kid.index)
    return ()


def _has_to(sentence: Sentence, verb: Word) -> bool:
    return any(below.lower == "to" for below in sentence.kids(verb))


def _under_adjective(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    """'is confident that …', 'was adamant that …', 'made it clear that …'."""
    above = sentence.head(cue)
    verb = above if above.pos in {"VERB", "AUX"} else cue
    subject = sentence.subject_of(verb) or sentence.subject_of(cue)
    if subject is None or not subject.is_frame or subject.lower in lexicon.first_person | lexicon.dummies:
        return
    clauses = [kid for kid in sentence.kids(cue) if kid.dep in {"ccomp", "advcl"}]
    clauses += [kid for kid in sentence.kids(above) if kid.dep == "ccomp" and cue.dep == "acomp"]
    for kid in clauses:
        is_clause = kid.masked == NOT_MASKED and kid.index > cue.index and is_finite(sentence, kid)
        if is_clause and (kid.dep == "ccomp" or sentence.subtree(kid)[0].lower == "that"):
            yield Content(cue, clause(sentence, kid, lexicon), attributed(sentence, subject, cue, "attitude"))


def _under_noun(sentence: Sentence, cue: Word, lexicon: Lexicon) -> Iterator[Content]:
    """'his claim that …', 'fears that …': by its owner or the subject of the verb above, else no report."""
    for kid in sentence.kids(cue):
        if kid.masked != NOT_MASKED or kid.index < cue.index or kid.dep not in {"acl", "ccomp", "relcl"}:
            continue
        words = clause(sentence, kid, lexicon)
        if not (words and words[0].lower in lexicon.conjunctions and words[0].dep == "mark"):
            continue
        speaker = _owner(sentence, cue) or _subject_above(sentence, cue, lexicon)
        if speaker is not None and speaker.lower in lexicon.first_person:
            continue
        if speaker is not None:
            yield Content(cue, words, attributed(sentence, speaker, cue, "noun"))


def _owner(sentence: Sentence, noun: Word) -> Word | None:
    return next((kid for kid in sentence.kids(noun) if kid.dep in OWNERS and kid.is_frame), None)


def _subject_above(sentence: Sentence, noun: Word, lexicon: Lexicon) -> Word | None:
    """The subject of the verb whose object is ``noun`` ('X expressed concern that')."""
    if noun.dep not in {"dobj", "obj"}:
        return None
    subject = speaker_of(sentence, sentence.head(noun), lexicon)
    return subject if subject is not None and subject.pos in NOMINAL else None
