"""What a model's attribute ruler makes of tagged words, worked out once for each kind of word.

The ruler tries its hundred patterns on every word of every sentence, though nearly all of them look at one word alone:
at its letters, tag and dependency.  So what it says of a word is remembered by these.  Where one of the few patterns
of several words could apply, the ruler itself is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Token

LOOKED_AT = ("LOWER", "TAG", "POS", "DEP")
"""What patterns ask of a word, besides whether it is a space, which its letters tell."""

GIVEN = ("TAG", "POS", "DEP")
"""What is read of a word; patterns that give something else, such as lemmas, do not matter."""

MOST_REMEMBERED = 100_000
"""Kinds of words, at about 300 bytes each; then the memory starts anew."""

Pattern = Sequence[Mapping[str, Any]]

Kind = tuple[Any, ...]
"""What is looked at of a word: its letters in lower case, and the numbers that spaCy has for the rest."""


class Grammar(NamedTuple):
    """What is known of a word: detailed tag, part of speech, dependency label."""

    tag: str
    pos: str
    dep: str


class CoarseTags:
    """Gives the grammar of the words of parsed documents, as if the attribute ruler of ``nlp`` had been run on them."""

    def __init__(self, nlp: Language) -> None:
        self._vocab = nlp.vocab
        self._ruler: Any = nlp.get_pipe("attribute_ruler") if nlp.has_pipe("attribute_ruler") else None
        patterns = list(_patterns(self._ruler)) if self._ruler else []
        triggers = [_trigger(pattern) for pattern in patterns if len(pattern) > 1]
        self.is_simple = None not in triggers and all(
            token.keys() <= {*LOOKED_AT, "IS_SPACE"} for pattern in patterns for token in pattern
        )
        """Whether the ruler asks of words what is remembered, and nothing else."""
        self._triggers = [
            (LOOKED_AT.index(name), value if name == "LOWER" else nlp.vocab.strings[value])
            for name, value in filter(None, triggers)
        ]
        self._known: dict[Kind, Grammar] = {}

    def of(self, words: Sequence[str], doc: Doc) -> list[Grammar]:
        """The grammar of ``words``, which ``doc`` has been parsed for.

        Where the ruler `is_simple`, the words of ``doc`` itself may be stand-ins.
        """
        if not self.is_simple:
            return list(_grammar(self._ruler(doc)))
        given: list[list[int]] = doc.to_array(list(GIVEN)).tolist()
        kinds: list[Kind] = [(word.lower(), *of_word) for word, of_word in zip(words, given, strict=True)]
        if not self._is_each_alone(kinds):
            return list(_grammar(self._ruler(self._told(words, doc))))
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        known = self._known.get
        return [known(kind) or self._learnt(kind, words[place], doc[place]) for place, kind in enumerate(kinds)]

    def _is_each_alone(self, kinds: Iterable[Kind]) -> bool:
        """Whether no pattern of several words can apply."""
        return not any(kind[place] == value for place, value in self._triggers for kind in kinds)

    def _learnt(self, kind: Kind, word: str, parsed: Token) -> Grammar:
        alone = self._told([word], [parsed])
        if self._ruler is not None:
            self._ruler(alone)
        self._known[kind] = found = next(_grammar(alone))
        return found

    def _told(self, words: Sequence[str], parsed: Iterable[Token]) -> Doc:
        """A document of ``words``, each of which is what its like in ``parsed`` is; nothing depends on anything."""
        given = [(token.tag_, token.pos_, token.dep_) for token in parsed]
        tags, pos, deps = ([of_word[place] for of_word in given] for place in range(len(GIVEN)))
        heads = list(range(len(words)))
        return Doc(self._vocab, words=list(words), tags=tags, pos=pos, heads=heads, deps=deps)


def _patterns(ruler: Any) -> Iterator[Pattern]:
    """The patterns that give what is read."""
    for rule in ruler.patterns:
        if not rule["attrs"].keys().isdisjoint(GIVEN):
            yield from rule["patterns"]


def _trigger(pattern: Pattern) -> tuple[str, str] | None:
    """(what, value) without which a pattern cannot apply, where one of its words states it plainly."""
    plain = ((name, value) for token in pattern for name, value in token.items() if name in LOOKED_AT)
    return next(((name, value) for name, value in plain if isinstance(value, str)), None)


def _grammar(doc: Doc) -> Iterator[Grammar]:
    for token in doc:
        yield Grammar(token.tag_, token.pos_, token.dep_)
