"""Mentions of people gathered: a person is one group, whatever part of the name stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from transforms.core.entities.names import NameSpan
from transforms.core.entities.same import Parts, is_given_name_of, is_same_person, is_surname_of, parts_of, split_suffix
from transforms.core.entities.which import Bearer, bearer_of, chosen


class _Homes:
    """The people with full names in a document, found by the words of their names."""

    def __init__(self) -> None:
        self.names: list[list[Parts]] = []
        self._by_surname: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, set[int]] = defaultdict(set)

    def home(self, parts: Parts) -> int:
        """The person whom the full name ``parts`` means; a new one if it fits nobody."""
        name, _ = split_suffix(parts)
        for home in self._by_surname[name[-1]]:
            if all(is_same_person(parts, other) for other in self.names[home]):
                break
        else:
            home = len(self.names)
            self.names.append([])
            self._by_surname[name[-1]].append(home)
        self.names[home].append(parts)
        for word in parts:
            self._by_word[word].add(home)
        return home

    def short(self, parts: Parts) -> list[int]:
        """Who can be meant by less than a full name: by the surname, or else by the given name."""
        near = sorted(self._by_word.get(parts[-1], ()))
        near = near or sorted(self._by_word.get(parts[0], ()))
        by_surname = [home for home in near if any(is_surname_of(parts, full) for full in self.names[home])]
        return by_surname or [home for home in near if any(is_given_name_of(parts, full) for full in self.names[home])]


def person_groups(spans: Sequence[NameSpan], sources: Mapping[str, str]) -> Iterator[list[NameSpan]]:
    """``spans``, given in order, gathered by person; two people of one surname stay apart."""
    homes = _Homes()
    forms = dict.fromkeys(parts_of(span.text) for span in spans)
    longest_first = sorted((parts for parts in forms if _is_full(parts)), key=lambda parts: -len(parts))
    is_part = _surnames_of_several_words(longest_first)
    of_full = {parts: homes.home(parts) for parts in longest_first if parts not in is_part}
    groups: defaultdict[int | Parts, list[NameSpan]] = defaultdict(list)
    for span in spans:
        if (parts := parts_of(span.text)) in of_full:
            groups[of_full[parts]].append(span)
    bearers = {home: bearer_of(home, homes.names[home][0], groups[home]) for home in of_full.values()}
    for span in spans:
        _follow(span, homes, of_full, bearers, groups, sources)
    yield from groups.values()


def _follow(
    span: NameSpan,
    homes: _Homes,
    of_full: Mapping[Parts, int],
    bearers: Mapping[int, Bearer],
    groups: defaultdict[int | Parts, list[NameSpan]],
    sources: Mapping[str, str],
) -> None:
    """Puts a mention that is no full name to its person, and remembers who was named last."""
    parts = parts_of(span.text)
    if parts in of_full:
        home: int | None = of_full[parts]
    else:
        near = [bearers[home] for home in homes.short(parts)]
        home = chosen(span, near, sources[span.field]).home if near else None
        groups[parts if home is None else home].append(span)
    if home is not None:
        bearers[home].last = (span.field == "text", span.start, span.end)


def _is_full(parts: Parts) -> bool:
    return len(split_suffix(parts)[0]) > 1


def _surnames_of_several_words(names: Sequence[Parts]) -> set[Parts]:
    """Those of ``names`` that are how a fuller one ends ("von der Aue")."""
    endings: set[Parts] = set()
    for name in names:
        plain, _ = split_suffix(name)
        endings.update(plain[first:] for first in range(1, len(plain) - 1))
    return {name for name in names if name in endings}
