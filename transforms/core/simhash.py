"""A 64-bit fingerprint of a text that changes little when the text changes little (Charikar 2002, Manku 2007)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

SHINGLE = 4
"""Words in a feature; four tell stories apart and survive an edited sentence."""

_WORD = re.compile(r"\w+")
# Scripts written without spaces: a run of them is one \w+, so their characters are the words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

_LANE = 32
_MOST = (1 << _LANE) - 1
_SPREAD = [sum((byte >> bit & 1) << bit * _LANE for bit in range(8)) for byte in range(256)]
"""The bits of each byte, ``_LANE`` bits apart: the sum of many holds the count of each bit."""


def simhash64(text: str) -> int:
    """Fingerprint of a text as a signed 64-bit integer (Avro ``long``); 0 for a text without words."""
    features = _shingles(_words(text))
    digests = [blake2b(feature.encode(), digest_size=8).digest() for feature in features]
    unsigned = int.from_bytes(bytes(_majority(each) for each in zip(*digests, strict=True)), "big")
    return unsigned - (1 << 64) if unsigned >= 1 << 63 else unsigned


def distance(one: int, other: int) -> int:
    """Bits that differ between two fingerprints, 0 to 64."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text.casefold())
    if not _UNSPACED.search(text):
        return found
    words: list[str] = []
    for word in found:
        words.extend(word if _UNSPACED.search(word) else (word,))
    return words


def _shingles(words: list[str]) -> set[str]:
    if not words:
        return set()
    return {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}


def _majority(votes: Sequence[int]) -> int:
    """The byte whose bits are those that more than half of the bytes have."""
    counts = sum(map(_SPREAD.__getitem__, votes))
    return sum(1 << bit for bit in range(8) if 2 * (counts >> bit * _LANE & _MOST) > len(votes))
