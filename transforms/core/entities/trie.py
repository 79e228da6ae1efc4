"""Many strings as one regular expression that shares their beginnings: no place in a text is tried for each of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

DEEPEST = 20
"""Branchings inside each other; below, the strings stand side by side, for the parser of patterns is recursive."""


def alternatives(forms: Iterable[str]) -> str:
    """A pattern that matches any of ``forms``, at each place the longest."""
    return _branch(sorted(set(forms)), DEEPEST)


def _branch(forms: list[str], depth: int) -> str:
    shared = _shared_beginning(forms)
    rests = [form[len(shared) :] for form in forms]
    return re.escape(shared) + (_rests(rests, depth) if len(rests) > 1 else "")


def _rests(rests: list[str], depth: int) -> str:
    if depth == 0:
        return f"(?:{'|'.join(re.escape(rest) for rest in sorted(rests, key=len, reverse=True))})"
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for rest in rests:
        groups[rest[:1]].append(rest)
    ends = groups.pop("", None) is not None
    inner = f"(?:{'|'.join(_branch(group, depth - 1) for group in groups.values())})"
    # Greedy: what goes on is tried before what ends here.
    return f"{inner}?" if ends else inner


def _shared_beginning(forms: list[str]) -> str:
    """Of sorted strings: what the first and the last share, all share."""
    first, last = forms[0], forms[-1]
    size = next((index for index, char in enumerate(first) if index == len(last) or last[index] != char), len(first))
    return first[:size]
