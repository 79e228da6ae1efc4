"""What a language's word lists must hold for the rules to run on it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists of one language, all in lower case.

    ``say`` verbs report words, ``mind`` verbs report what somebody thinks or knows, ``ask_to`` verbs report with an
    infinitive, ``naming`` verbs put a label on something ("called it …").
    """

    language: str
    say: frozenset[str]
    mind: frozenset[str] = frozenset()
    ask_to: frozenset[str] = frozenset()
    tell: frozenset[str] = frozenset()
    """Verbs whose object only hears what is said ("told the council to act")."""
    causing: frozenset[str] = frozenset()
    """Verbs whose object does what follows ("led critics to say")."""
    naming: frozenset[str] = frozenset()
    according: tuple[tuple[str, ...], ...] = ()
    """Phrases that stand before a speaker ("according to")."""
    nouns: frozenset[str] = frozenset()
    """Nouns that report ("the claim that")."""
    attitudes: frozenset[str] = frozenset()
    """Adjectives that say what somebody holds of a clause ("is confident that")."""
    clausal: frozenset[str] = frozenset()
    """Verb forms that a clause must complete: a conjunction further on is theirs ("said on Friday that")."""
    anybody: frozenset[str] = frozenset()
    """Subjects that mean people in general ("one could say")."""
    plain: frozenset[str] = frozenset()
    """Cues that only say: behind a quote they hardly ever mislead."""
    asking: frozenset[str] = frozenset()
    """Verb forms behind which a clause with "when" or "if" is a question."""
    questions: frozenset[str] = frozenset()
    """Words that begin a reported question."""
    collectives: frozenset[str] = frozenset()
    """Nouns that mean several people without a plural ending ("police")."""
    weak: frozenset[str] = frozenset()
    """Cues that mostly are something else ("state", "hold"): without marks they need a clause close behind."""
    clause_starts: frozenset[str] = frozenset()
    """Words that begin a reported clause."""
    conjunctions: frozenset[str] = frozenset()
    """What opens a reported clause ("that")."""
    dummies: frozenset[str] = frozenset()
    """Subjects that stand for nobody ("it is clear that")."""
    according_quotes: tuple[tuple[str, ...], ...] = ()
    """Phrases that do so only at the start of a sentence with a quote ("pour X, « … »")."""
    clitics: frozenset[str] = frozenset()
    """Where a tag behind a quote is inverted: auxiliaries and pronouns that may stand in front of its cue."""
    genitives: frozenset[str] = frozenset()
    """Prepositions inside a name ("la maire de X")."""
    male: frozenset[str] = frozenset()
    female: frozenset[str] = frozenset()
    plural: frozenset[str] = frozenset()
    nominative: frozenset[str] = frozenset()
    """Pronouns that are subjects and always mean a person."""
    first_person: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    not_speech_after: frozenset[str] = frozenset()
    """Words after which marks hold a name or a label ("dubbed")."""
    articles: frozenset[str] = frozenset({""})
    """What may stand before a name that is the whole phrase; the empty word included."""
    definite: frozenset[str] = frozenset()
    """Words that open a phrase for somebody known ("the minister")."""
    ends_noun_phrase: frozenset[str] = frozenset()
    """Words behind which a phrase only says more of the noun before."""
    stand_in: tuple[str, ...] = ("This", "is", "it")
    """A short clause that the parser puts below the cue wherever it stands: it replaces whole quotes."""
    has_dialogue: bool = False
    """Whether a dash at the start of a line opens speech."""
    contrasts: frozenset[str] = frozenset()
    """Conjunctions behind which somebody else may speak ("while")."""
    openers: frozenset[str] = frozenset()
    """First words of a phrase or clause behind whose comma the main clause begins ("after")."""
    joins: frozenset[str] = frozenset()
    """What stands between two names ("and")."""
    phrasal: frozenset[tuple[str, str]] = frozenset()
    """Verb forms that introduce words in marks with the word behind them only ("shot back")."""
    as_words: frozenset[str] = frozenset()
    """Conjunctions of an aside that reports the sentence around it ("as X put it")."""
    as_said: frozenset[str] = frozenset()
    """Verb forms of such asides: those that need no object."""
    pointers: frozenset[str] = frozenset()
    """First words of a line that announces a list, not words ("here are:")."""
    persons: frozenset[str] = field(default=frozenset())
    """Nouns that mean one person ("spokeswoman")."""

    verbs: frozenset[str] = field(init=False)
    """Every verb form that can introduce words in marks."""
    reporting: frozenset[str] = field(init=False)
    """Every verb form that can govern a clause with what was said or thought."""
    according_starts: frozenset[str] = field(init=False)
    reporters: frozenset[str] = field(init=False)
    """Every word without which nothing is reported outside marks."""
    nameless: frozenset[str] = field(init=False)
    """Speakers that are no name by themselves."""
    pronouns: frozenset[str] = field(init=False)
    """Third-person pronouns that a speaker can be."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "verbs", self.say | self.mind | self.ask_to | self.naming)
        object.__setattr__(self, "reporting", self.say | self.mind | self.ask_to)
        object.__setattr__(
            self, "according_starts", frozenset(phrase[0] for phrase in (*self.according, *self.according_quotes))
        )
        object.__setattr__(self, "reporters", self.according_starts | self.reporting | self.nouns | self.attitudes)
        object.__setattr__(self, "pronouns", self.male | self.female | self.plural)
        object.__setattr__(self, "nameless", self.pronouns | self.first_person | self.dummies | self.anybody)
