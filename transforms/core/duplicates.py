"""Which articles are copies of one another: keys that copies share, and what kind of copy an article is.

Nothing here compares all with all.  A caller gathers articles by their `group_keys`, and asks `copies_in` about those
that met under a key.
"""

from __future__ import annotations

import heapq
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from schemas.article import Article, Duplicate
from schemas.codec import from_row, to_row
from schemas.state import ArticleState
from transforms.core.simhash import distance

NEAR_BITS = 8
NEAR_BITS_OF_ONE_LENGTH = 10
"""Bits of 64 up to which two texts are near copies, whatever their lengths and where these are alike.  Of the 69
longer development stories no two differ in less than 18; a story with its first paragraph replaced, or its last one
cut, differs from itself in 5 (median) to 10 (nine of ten).  Chance sets the bounds: a million unrelated fingerprints
hold one within 8 bits of a given one with odds of 3 in 10,000, within 10 of 1 in 100, within 12 of 1 in 4 (the binomial
sum)."""

ALIKE = 0.1
"""Share by which the word counts of texts of one length may differ."""

MIN_WORDS = 40
"""Words from which a fingerprint tells stories apart; shorter ones are near to too much."""

BLOCKS = 8
BLOCK_BITS = 8
"""A fingerprint is cut into 8 blocks of 8 bits.  Copies share two of the 28 pairs of them: two texts that differ in up
to six bits do for certain (the block permutations of Manku, Jain, Das Sarma 2007).  Of the same stories, with the last
paragraph cut 96 % share a pair, with another first one 94 %, with one put in 97 %, with one word in sixty changed 84 %;
of the 2,346 pairs of different stories none does."""

SYNDICATED = "syndicated"

MAX_GROUP = 5000
"""Articles of one group that are compared, the first seen: beyond lie pages that are no stories, by the thousand."""

MAX_COMPARED = 100
"""Articles, the first seen, with which each one is compared where many share two blocks: the original is among them."""


@dataclass(frozen=True, slots=True)
class Print:
    """What is compared of an article.

    ``simhash`` is signed, as stored; ``seen_at`` decides which one is the first; ``origin`` is the agency credited.
    """

    article_id: str
    content_hash: str
    simhash: int | None
    words: int
    seen_at: datetime
    domain: str = ""
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """That an article is a copy; ``original_seen_at`` is when what it is a copy of was first seen."""

    article_id: str
    duplicate: Duplicate
    original_seen_at: datetime


def group_keys(one: Print) -> tuple[str, ...]:
    """Keys of the groups in which an article meets its copies: seven, of which two copies share one.

    Two near copies share two blocks (see `BLOCKS`); the first of these names the group.  A text that is too short for
    a fingerprint meets those that are the same.
    """
    if not one.simhash or one.words < MIN_WORDS:
        return (f"text:{one.content_hash}",)
    return tuple(f"{number}:{block:02x}" for number, block in enumerate(_blocks(one.simhash)[:-1]))


def copies_in(key: str, group: Iterable[Print]) -> Iterator[Copy]:
    """What is a copy of what among articles that met under ``key``, one of their `group_keys`; one answer for each."""
    buckets: dict[str, list[Print]] = defaultdict(list)
    for one in sorted(set(group), key=lambda one: (_rank(one), repr(one)))[:MAX_GROUP]:
        met = [buckets[second] for second in _second_blocks(key, one)]
        if copy := copy_of(one, heapq.merge(*met, key=_rank)):
            yield copy
        for bucket in met:
            if len(bucket) < MAX_COMPARED:
                bucket.append(one)


def _second_blocks(key: str, one: Print) -> tuple[str, ...]:
    """Under what an article is looked up inside the group ``key``: each block after the one that names the group."""
    kind, _, _ = key.partition(":")
    if kind == "text" or not one.simhash:
        return (key,)
    return tuple(f"{number}:{block:02x}" for number, block in enumerate(_blocks(one.simhash)) if number > int(kind))


def first_copy(copies: Iterable[Copy]) -> Copy:
    """Of what several groups say of one article, that which names the first original."""
    return min(copies, key=lambda copy: (copy.original_seen_at, copy.duplicate.of or "", repr(copy)))


def print_of(article: Article) -> Print:
    """What is compared of an article that was just made."""
    return Print(
        article.article_id,
        article.content_hash,
        article.simhash,
        article.quality.word_count,
        article.first_seen_at,
        article.source.domain,
        article.wire_origin,
    )


def print_of_state(state: ArticleState) -> Print:
    """What is compared of an article of the index."""
    return Print(
        state.article_id,
        state.content_hash,
        state.simhash,
        state.words,
        state.first_seen_at,
        state.domain,
        state.origin,
    )


def print_to_bytes(one: Print) -> bytes:
    """``one`` as it waits on disk for those that it is compared with."""
    fields = (one.article_id, one.content_hash, one.simhash, one.words, one.domain, one.origin)
    return json.dumps([one.seen_at.isoformat(), *fields]).encode()


def print_from_bytes(data: bytes) -> Print:
    """What `print_to_bytes` made ``data`` from."""
    seen_at, article_id, content_hash, simhash, words, domain, origin = json.loads(data)
    return Print(article_id, content_hash, simhash, words, datetime.fromisoformat(seen_at), domain, origin)


def copy_to_bytes(copy: Copy) -> bytes:
    """``copy`` as it waits on disk for the article to be merged."""
    return json.dumps([copy.article_id, to_row(copy.duplicate), copy.original_seen_at.isoformat()]).encode()


def copy_from_bytes(data: bytes) -> Copy:
    """What `copy_to_bytes` made ``data`` from."""
    article_id, duplicate, seen_at = json.loads(data)
    return Copy(article_id, from_row(Duplicate, duplicate), datetime.fromisoformat(seen_at))


def _blocks(simhash: int) -> list[int]:
    bits = simhash & ((1 << 64) - 1)
    return [bits >> (BLOCK_BITS * number) & ((1 << BLOCK_BITS) - 1) for number in range(BLOCKS)]


def similarity(one: int, other: int) -> float:
    """The cosine that two fingerprints stand for, 0 to 1 (Charikar 2002: bits differ as the angle does)."""
    return round(max(0.0, math.cos(math.pi * distance(one, other) / 64)), 4)


def copy_of(one: Print, others: Iterable[Print]) -> Copy | None:
    """Whose copy an article is, among ``others`` in the order in which they were seen; None for the first of its kind.

    The original is the one seen first, then the one with the smaller id, so that order does not matter: every article
    of a group gets the same answer whoever asks first.  Exact: the same headline and text.  Syndicated: a near or exact
    copy where either credits an agency and the publishers differ.  Near: any other.
    """
    earlier = takewhile(lambda other: _rank(other) < _rank(one), others)
    original = next((other for other in earlier if _is_copy(one, other)), None)
    return None if original is None else Copy(one.article_id, _duplicate(one, original), original.seen_at)


def _duplicate(one: Print, original: Print) -> Duplicate:
    origin = one.origin or original.origin
    return Duplicate(_kind(one, original, origin), original.article_id, _likeness(one, original), origin)


def _is_copy(one: Print, other: Print) -> bool:
    return other.article_id != one.article_id and (_is_exact(one, other) or _is_near(one, other))


def _rank(one: Print) -> tuple[datetime, str]:
    return one.seen_at, one.article_id


def _is_exact(one: Print, other: Print) -> bool:
    return one.content_hash == other.content_hash


def _is_near(one: Print, other: Print) -> bool:
    if not one.simhash or not other.simhash or min(one.words, other.words) < MIN_WORDS:
        return False
    longer, shorter = max(one.words, other.words), min(one.words, other.words)
    bits = NEAR_BITS_OF_ONE_LENGTH if longer - shorter <= ALIKE * longer else NEAR_BITS
    return distance(one.simhash, other.simhash) <= bits


def _kind(one: Print, first: Print, origin: str | None) -> str:
    if origin is not None and one.domain != first.domain:
        return SYNDICATED
    return "exact" if _is_exact(one, first) else "near"


def _likeness(one: Print, first: Print) -> float:
    if _is_exact(one, first) or not one.simhash or not first.simhash:
        return 1.0
    return similarity(one.simhash, first.simhash)
