"""What the words around a name, and in it, say of its type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.core.entities.clean import TITLED
from transforms.core.entities.gazetteer import AMBIGUOUS, prior
from transforms.core.entities.given_names import GIVEN_NAMES
from transforms.core.entities.names import NameSpan
from transforms.core.entities.wordlist import words

PLACE = "PLACE"
PLACES = frozenset({"GPE", "LOC", "FAC"})
NAMED = frozenset({"PERSON", "ORG", PLACE})
"""What the words around a name can tell apart; laws, events and works stay what the model says."""

PRIOR, LAST_WORD, TITLE, GIVEN, ROLE, APPOSED, NEARBY, SPOKE = 12, 8, 6, 4, 4, 4, 3, 2
"""Weights beside the model's 2 for each mention.  By judgement, checked on hand-marked English stories."""

WINDOW = 40
BODY = frozenset(
    words(
        "inc inc. ltd ltd. corp corp. co. plc llc party university association department ministry bank union "
        "committee council society institute company club fc united police court commission agency office group "
        "foundation league congress times post tribune herald journal gazette news magazine airlines airways "
        "college school academy federation organization organisation network fund trust centre center authority "
        "bureau coalition army navy guard legislature parliament assembly senate administration holdings partners "
        "industries systems technologies motors records pictures studios entertainment capital insurance church "
        "museum hospital campaign front movement alliance corporation ministries secretariat tribunal service "
        "services"
    )
)
"""Last words of bodies."""

BODY_OPENING = re.compile(r"(?:department|ministry|university|bank|institute|court|board|church|bureau) (?:of|for)\b")
PLACE_LAST = frozenset(
    words(
        "street avenue road river lake mountains mountain island islands bay valley sea ocean airport bridge park "
        "county strait peninsula province desert square boulevard highway canal beach coast hills forest creek "
        "harbour harbor stadium arena embassy palace"
    )
)
LAW_LAST = frozenset({"act", "bill", "treaty", "amendment", "constitution", "convention"})
PLACE_BEFORE = re.compile(
    r"\b(?:in|near|throughout|outside|across|downtown|northern|southern|eastern|western|central"
    r"|(?:city|town|village|villages|province|residents?|state|island|port|suburb|region|mayor|streets|people) of"
    r"|(?:from|in|near|at|of) [A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+)?,)\s+\Z",
)
PLACE_AFTER = re.compile(r"\s+(?:communities|villages|villagers|residents|province|region|suburb|airport|streets)\b")
BODY_AFTER = re.compile(
    r"(?:['’]s?)?\s+(?:party|coach|manager|club|team|striker|midfielder|defender|goalkeeper|fans|players|supporters"
    r"|spokes\w+|shares|chief executive|CEO|employees|executives|account|users?|posts?|subsidiary|shareholders)\b"
)
BODY_BEFORE = re.compile(
    r"\b(?:party|company|giant|retailer|newspaper|broadcaster|website|platform|club|posted on)\s+\Z"
)
THE = re.compile(r"\b[Tt]he \Z")
PERSON_AFTER = re.compile(
    r",\s+(?:who\b|\d\d\b(?!\s*(?:per|%))|(?:(?:an?|the)\s)[^,.;\n]{0,24}\b(?:director|minister|mayor|professor|lawyer|owner"
    r"|manager|leader|analyst|economist|farmer|teacher|nurse|doctor|resident|researcher|\w+ologist|lecturer|student"
    r"|spokes\w+|chair\w*|activist|journalist|historian)\b)"
)
SPOKEN = re.compile(r"\s+(?:said|says|told|added|tweeted|wrote|argued|recalled)\b")
ACTED = re.compile(
    r"\s+(?:promised|pledged|vowed|asked|denied|declined|insisted|replied|answered|explained|admitted|refused|agreed|thinks"
    r"|believes|thought|laughed|smiled|nodded|(?:did|does|would|could|will) not|(?:did|does|would|could|wo)n['’]t"
    r"|ha[ds] (?:said|asked|promised|denied|declined))\b"
)
"""What people do, and of cities the papers say as well: it speaks for a person where one of that surname is known."""

ROLE_BEFORE = re.compile(
    r"\b(?:actor|actress|singer|comedian|director|author|writer|player|graduate|coach|manager|captain|midfielder"
    r"|striker|defender|goalkeeper|minister|senator|president|mayor|governor|lawyer|attorney|activist|lawmaker"
    r"|professor|analyst|economist|doctor|farmer|teacher|owner|founder|resident|leader|rival|candidate|nominee"
    r"|spokes\w+|chairman|chairwoman|secretary|executive|officer|colleague|friend|mother|father|son|daughter|wife"
    r"|husband|brother|sister|girlfriend|boyfriend|partner|widow|uncle|aunt|cousin|named|veteran|billionaire"
    r"|journalist|reporter|columnist|historian|scientist|researcher|winger|batsman|bowler|pitcher|quarterback"
    r"|champion|seed)\s+\Z"
)
OFFICE_BEFORE = re.compile(
    r"\b(?:President|Premier|Chancellor|Governor|Senator|Minister|Mayor|Judge|Justice|King|Queen|Prince|Princess|Sir|Lady"
    r"|General|Colonel|Captain|Sergeant|Professor|Bishop|Archbishop|Cardinal|Pope|Congressman|Congresswoman|Councillor)\s\Z"
)
OFFICE_OF_BEFORE = re.compile(
    r"\b(?:[Mm]inister|[Ss]ecretary|[Dd]irector|[Hh]ead|[Pp]resident|[Cc]hief|[Cc]hair\w*|[Cc]ommissioner|[Mm]ayor)"
    r" (?:of|for) [^.,;\n]{2,24},\s\Z"
)
DASH_AFTER = re.compile(r"(?:,\s[A-Z][\w. ]{1,20})?(?:\s\([\w/ ]{2,24}\))?\s?(?:—|–|--)\s|\s-\s")
NO_PLACES = frozenset(
    words("breaking update watch correction exclusive analysis opinion live video photos note review")
)


@dataclass(frozen=True, slots=True)
class Hint:
    """A type that the words on one side of a mention speak for, and how much."""

    label: str
    weight: int
    pattern: re.Pattern[str]


BEFORE = (
    Hint("PERSON", TITLE, TITLED),
    Hint("PERSON", ROLE, ROLE_BEFORE),
    Hint("PERSON", TITLE, OFFICE_BEFORE),
    Hint("PERSON", TITLE, OFFICE_OF_BEFORE),
    Hint(PLACE, NEARBY, PLACE_BEFORE),
    Hint("ORG", NEARBY, BODY_BEFORE),
)
AFTER = (
    Hint("PERSON", APPOSED, PERSON_AFTER),
    Hint("PERSON", SPOKE, SPOKEN),
    Hint(PLACE, NEARBY, PLACE_AFTER),
    Hint("ORG", NEARBY, BODY_AFTER),
)


def around(span: NameSpan, source: str) -> Iterator[tuple[str, int]]:
    """(type, weight) for each thing that the neighbours of a mention say."""
    before, after = source[max(0, span.start - WINDOW) : span.start], source[span.end : span.end + WINDOW]
    yield from ((hint.label, hint.weight) for hint in BEFORE if hint.pattern.search(before))
    yield from ((hint.label, hint.weight) for hint in AFTER if hint.pattern.match(after))
    if " " not in span.text and THE.search(before):
        if span.text.isupper() and len(span.text) < 7:
            yield "ORG", NEARBY
        elif span.label == "PERSON" and span.text.endswith("s"):
            yield "ORG", APPOSED
    if is_dateline(span, source):
        yield PLACE, TITLE


def is_dateline(span: NameSpan, source: str) -> bool:
    """Whether a mention in capitals opens its paragraph and a dash follows."""
    opens = span.start == 0 or source[span.start - 1] == "\n"
    return opens and span.text.isupper() and DASH_AFTER.match(source, span.end) is not None


def inside(form: str) -> Iterator[tuple[str, int]]:
    """(type, weight) for what the lists and the words of a name say; ``form`` is in small letters."""
    parts = form.split()
    listed = prior(form) if form not in AMBIGUOUS or form == "us" else None
    if listed is not None:
        yield family(listed), PRIOR
    if (len(parts) > 1 and parts[-1] in BODY) or BODY_OPENING.match(form):
        yield "ORG", LAST_WORD
    if len(parts) > 1 and parts[-1] in PLACE_LAST:
        yield PLACE, TITLE
    if len(parts) > 1 and parts[-1] in LAW_LAST:
        yield "LAW", LAST_WORD
    if 1 < len(parts) < 5 and parts[0] in GIVEN_NAMES and parts[-1] not in BODY | PLACE_LAST:
        yield "PERSON", GIVEN


def family(label: str) -> str:
    """``label``, with towns, regions and buildings as one."""
    return PLACE if label in PLACES else label
