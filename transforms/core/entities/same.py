"""Whether two names can mean the same person or body."""

from __future__ import annotations

from transforms.core.entities.names import SUFFIXES
from transforms.core.entities.wordlist import words

SMALL_WORDS = frozenset({"of", "the", "and", "for", "de", "du", "des", "et", "y", "&", "on", "in", "to"})
SHORT_FORMS = (
    "william bill will billy liam",
    "robert bob rob bobby robbie",
    "richard rick dick richie ricky",
    "james jim jimmy jamie",
    "john jack johnny jon",
    "joseph joe joey",
    "michael mike mick",
    "thomas tom tommy",
    "charles charlie chuck",
    "edward ed eddie ted ned",
    "david dave",
    "daniel dan danny",
    "stephen steve steven",
    "anthony tony",
    "andrew andy drew",
    "benjamin ben",
    "christopher chris",
    "matthew matt",
    "nicholas nick",
    "patrick pat",
    "peter pete",
    "philip phil",
    "timothy tim",
    "gregory greg",
    "kenneth ken",
    "lawrence larry",
    "samuel sam",
    "alexander alex sasha",
    "theodore ted theo",
    "donald don",
    "ronald ron",
    "gerald gerry jerry",
    "elizabeth liz beth betty lizzie",
    "margaret maggie meg peggy",
    "katherine kate kathy katie",
    "catherine kate cathy",
    "jennifer jen jenny",
    "deborah debbie deb",
    "susan sue susie",
    "patricia pat patty trish",
    "rebecca becky",
    "victoria vicky",
    "barbara barb",
    "christina chris tina",
    "samantha sam",
    "alexandra alex sandra",
    "bernard bernie",
    "rodney rod",
    "jeffrey jeff",
    "vincent vince",
    "zachary zach",
    "jacob jake",
    "joshua josh",
    "jonathan jon",
)
"""Given names with the short forms under which the same people go."""

_FAMILIES = {
    word: frozenset(number for number, line in enumerate(SHORT_FORMS) if word in words(line))
    for word in words(" ".join(SHORT_FORMS))
}

Parts = tuple[str, ...]


def parts_of(name: str) -> Parts:
    """The words of a name in small letters."""
    return tuple(name.casefold().replace("’", "'").replace(",", "").split())


def split_suffix(parts: Parts) -> tuple[Parts, str]:
    """(the name, "jr" or the like or nothing)."""
    if len(parts) > 1 and parts[-1] in SUFFIXES:
        return parts[:-1], parts[-1].rstrip(".")
    return parts, ""


def is_same_person(one: Parts, other: Parts) -> bool:
    """Whether two full names fit: one surname and suffix, given names that agree, none in between that differ."""
    (one, suffix), (other, other_suffix) = split_suffix(one), split_suffix(other)
    if suffix != other_suffix or one[-1] != other[-1] or not _agree(one[0], other[0]):
        return False
    between, other_between = one[1:-1], other[1:-1]
    if not between or not other_between:
        return True
    return all(_agree(a, b) for a, b in zip(between, other_between, strict=False))


def _agree(one: str, other: str) -> bool:
    """Equal, a short form of each other, or the initial of the other."""
    one, other = one.rstrip("."), other.rstrip(".")
    if one == other or _FAMILIES.get(one, frozenset()) & _FAMILIES.get(other, frozenset()):
        return True
    return (len(one) == 1 or len(other) == 1) and one[:1] == other[:1]


def is_surname_of(short: Parts, full: Parts) -> bool:
    """Whether ``short`` is how ``full`` is called by the surname: "Castell", "von der Aue", "Castell Jr."."""
    (short, suffix), (full, full_suffix) = split_suffix(short), split_suffix(full)
    return len(short) < len(full) and full[-len(short) :] == short and (not suffix or suffix == full_suffix)


def is_given_name_of(short: Parts, full: Parts) -> bool:
    """Whether ``short`` is the first word of ``full`` or a short form of it."""
    return len(short) == 1 and len(full) > 1 and len(short[0]) > 1 and _agree(short[0], full[0])


def is_acronym(short: Parts, full: Parts) -> bool:
    """Whether ``short`` is one word made of the initials of ``full``, small words left out or not."""
    if len(short) != 1 or len(full) < 2 or len(short[0].replace(".", "")) < 2:
        return False
    initials = "".join(word[0] for word in full)
    without_small = "".join(word[0] for word in full if word not in SMALL_WORDS)
    letters = short[0].replace(".", "")
    return letters in (initials, without_small)
