"""What the attributes of an element say of the text in it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

MAX_LISTED = 12
"""Elements beside one another that may be the names of a byline."""

_NAMES = frozenset({"class", "id", "role", "itemprop", "data-testid", "data-component", "data-type", "data-module"})
_INVISIBLE_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAPTIONED = re.compile(
    r"(?:^|[\s_-])(?:caption|img[_-]?desc|photo[_-]?credit|image[_-]?credit)(?:$|[\s_-])", re.IGNORECASE
)

_SIGNERS = re.compile(
    r"(?:^|[\s_-])(?:authors?|by-?line|autor(?:en|es|in)?|auteurs?|autore|writer|reporter|journalist|redakteur|skribent"
    r"|forfatter|firma|contributor)(?:$|[\s_-](?!image|img|photo|avatar|bio|title|role|job|desc|info|twitter|social"
    r"|email|mail|location|position))",
    re.IGNORECASE,
)
"""How the markup of a page calls an author, in class, ``rel`` or ``itemprop``."""

_SIGNING = frozenset({"class", "rel", "itemprop"})
_FOR_READERS = re.compile(r"sr-only|screen-?reader|visually-?hidden", re.IGNORECASE)
"""Classes of words that only screen readers speak: link helps, counts, "opens in a new window"."""


def names_of(attributes: list[tuple[str, str]]) -> str:
    """Class, id, role and the other attributes in which publishers name the parts of a page."""
    return " ".join([value for key, value in attributes if key in _NAMES])


def is_hidden(attributes: list[tuple[str, str]]) -> bool:
    for key, value in attributes:
        if key == "hidden" or (key == "aria-hidden" and value == "true"):
            return True
        if key == "style" and _INVISIBLE_STYLE.search(value):
            return True
    return False


def is_caption(attributes: list[tuple[str, str]]) -> bool:
    """Inline elements that hold a caption stand for themselves."""
    return any(key == "class" and _CAPTIONED.search(value) for key, value in attributes)


def is_signer(element: Any, attributes: list[tuple[str, str]]) -> bool:
    """Whether an inline element is called an author, or is one of several alike in surroundings called so."""
    for key, value in attributes:
        if key in _SIGNING and _calls_author(value):
            return True
    outer = element.getparent()
    if outer is None or not (_calls_author(outer.get("class", "")) or _calls_author(_class_over(outer))):
        return False
    beside = list(islice(outer, MAX_LISTED + 1))  # counting all of them takes time that grows with their number
    alike = all(one.tag == element.tag and one.get("class") == element.get("class") for one in beside)
    return 2 <= len(beside) <= MAX_LISTED and alike and not any((one.tail or "").strip() for one in beside)


@lru_cache(maxsize=4096)
def _calls_author(names: str) -> bool:
    return _SIGNERS.search(names) is not None


def _class_over(element: Any) -> str:
    outer = element.getparent()
    return outer.get("class", "") if outer is not None else ""


def is_aside_for_readers(attributes: list[tuple[str, str]]) -> bool:
    """Inline text that the page does not show in its place: tool tips, words for screen readers."""
    for key, value in attributes:
        if (key == "role" and value == "tooltip") or (key == "class" and _FOR_READERS.search(value)):
            return True
    return False
