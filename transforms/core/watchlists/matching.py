"""Finding the names of a watchlist in a text: one look-up a word, however long the list is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

WORD = re.compile(r"\w+")
BETWEEN = frozenset({" ", "-", "'", "’", "' ", "’ ", ".", ". ", " & ", "/", ", ", "\u00a0", "‑"})
"""What may stand between two words of one name."""

SHORTEST_SHOUT = 4
"""Letters from which a name is also taken in capitals: shorter ones may be another's acronym."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A person or body to look for; ``context`` are words that stand near when this one is meant."""

    name: str
    type: str | None = None
    uri: str | None = None
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a form of one or more entries stands: offsets, half-open; ``entries`` are indices into the list."""

    start: int
    end: int
    entries: tuple[int, ...]


class Watchlist:
    """Entries with an index by form.  ``digest`` names the version of the list."""

    def __init__(self, entries: Sequence[Entry], digest: str) -> None:
        self.entries = tuple(entries)
        self.digest = digest
        self._homes: dict[str, int | tuple[int, ...]] = {}
        self._longest: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            for form in dict.fromkeys((entry.name, *entry.aliases)):
                self._add(form, number)

    def _add(self, form: str, number: int) -> None:
        parts = WORD.findall(form.casefold())
        if not parts:
            return
        key = " ".join(parts)
        before = self._homes.get(key)
        if before is None:
            self._homes[key] = number  # most forms are of one entry: no tuple, for 100,000 of them
        else:
            known = before if isinstance(before, tuple) else (before,)
            self._homes[key] = known if number in known else (*known, number)
        self._longest[parts[0]] = max(len(parts), self._longest.get(parts[0], 0))

    def sightings(self, source: str) -> Iterator[Sighting]:
        """The places where a name stands, the longest at each, in order; none overlap."""
        tokens = [(match.start(), match.end(), match.group().casefold()) for match in WORD.finditer(source)]
        position = 0
        while position < len(tokens):
            size, found = self._at(source, tokens, position)
            if found is not None:
                yield found
            position += size

    def _at(self, source: str, tokens: Sequence[tuple[int, int, str]], first: int) -> tuple[int, Sighting | None]:
        longest = min(self._longest.get(tokens[first][2], 0), len(tokens) - first)
        for size in range(longest, 0, -1):
            words = tokens[first : first + size]
            home = self._homes.get(" ".join(word for _, _, word in words))
            if home is None or not _is_joined(source, words):
                continue
            start, end = words[0][0], words[-1][1]
            numbers = home if isinstance(home, tuple) else (home,)
            fitting = tuple(number for number in numbers if self._is_cased(number, source[start:end]))
            if fitting:
                return size, Sighting(start, end, fitting)
        return 1, None

    def _is_cased(self, number: int, text: str) -> bool:
        """Whether ``text`` is cased like a form of the entry.

        As it is listed; or all in capitals where the form is neither short nor an acronym; a form in small letters
        also with a capital.
        """
        entry = self.entries[number]
        for form in (entry.name, *entry.aliases):
            if _words(form) == _words(text):
                return True
            shouted = text.isupper() and len(text) >= SHORTEST_SHOUT and _words(form.upper()) == _words(text)
            if shouted and not form.isupper():
                return True
            if form.islower() and _words(text.casefold()) == _words(form):
                return True
        return False


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _is_joined(source: str, words: Sequence[tuple[int, int, str]]) -> bool:
    return all(source[left[1] : right[0]] in BETWEEN for left, right in pairwise(words))
