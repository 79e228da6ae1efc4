"""English verb forms from lemmas, so that the word lists stay short and no lemmatizer has to run."""

from __future__ import annotations

from collections.abc import Iterable

IRREGULAR = {
    "be": "am is are was were been being",
    "become": "becomes became becoming",
    "feel": "feels felt feeling",
    "find": "finds found finding",
    "foresee": "foresees foresaw foreseen foreseeing",
    "forget": "forgets forgot forgotten forgetting",
    "give": "gives gave given giving",
    "go": "goes went gone going",
    "have": "has had having",
    "hear": "hears heard hearing",
    "hold": "holds held holding",
    "know": "knows knew known knowing",
    "learn": "learns learned learnt learning",
    "make": "makes made making",
    "mean": "means meant meaning",
    "put": "puts putting",
    "read": "reads reading",
    "say": "says said saying",
    "see": "sees saw seen seeing",
    "show": "shows showed shown showing",
    "sing": "sings sang sung singing",
    "speak": "speaks spoke spoken speaking",
    "swear": "swears swore sworn swearing",
    "tell": "tells told telling",
    "think": "thinks thought thinking",
    "understand": "understands understood understanding",
    "write": "writes wrote written writing",
    "begin": "begins began begun beginning",
    "cut": "cuts cutting",
    "spit": "spits spat spitting",
    "shoot": "shoots shot shooting",
    "strike": "strikes struck striking",
    "take": "takes took taken taking",
    "break": "breaks broke broken breaking",
    "get": "gets got gotten getting",
}
DOUBLING = frozenset(
    {"quip", "blog", "admit", "permit", "chat", "nod", "sob", "plan", "rap", "pen", "grin", "refer", "concur", "rebut"}
)
VOWELS = "aeiou"


def forms(lemma: str) -> frozenset[str]:
    """Base, third person, past, participle and gerund of ``lemma``."""
    if lemma in IRREGULAR:
        return frozenset({lemma, *IRREGULAR[lemma].split()})
    return frozenset({lemma, _third_person(lemma), _stem_with(lemma, "ed"), _stem_with(lemma, "ing")})


def all_forms(lemmas: Iterable[str]) -> frozenset[str]:
    """The forms of every lemma."""
    return frozenset(form for lemma in lemmas for form in forms(lemma))


def _third_person(lemma: str) -> str:
    if lemma.endswith(("s", "sh", "ch", "x", "z")):
        return lemma + "es"
    if lemma.endswith("y") and lemma[-2] not in VOWELS:
        return lemma[:-1] + "ies"
    return lemma + "s"


def _stem_with(lemma: str, ending: str) -> str:
    if lemma in DOUBLING:
        return lemma + lemma[-1] + ending
    if lemma.endswith("e"):
        drop = ending == "ed" or not lemma.endswith("ee")
        return (lemma[:-1] if drop else lemma) + ending
    if ending == "ed" and lemma.endswith("y") and lemma[-2] not in VOWELS:
        return lemma[:-1] + "ied"
    return lemma + ending
