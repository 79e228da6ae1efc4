"""Copies of a story: the keys under which they meet, what kind of copy they are, and from which agency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from schemas.article import Author, Boilerplate, Duplicate
from schemas.hops import Story
from transforms.core.duplicates import (
    NEAR_BITS,
    Copy,
    Print,
    copies_in,
    copy_of,
    first_copy,
    group_keys,
    similarity,
)
from transforms.core.extraction.wire import wire_origin
from transforms.core.simhash import distance, simhash64

NOW = datetime(2031, 6, 1, tzinfo=UTC)
SUBJECTS = ("The harbour board", "A panel of judges", "Her sister", "The night train", "Half the village", "An old map")
DEEDS = ("turned down", "had long forgotten", "will soon repair", "never paid for", "quietly sold", "drew by hand")
THINGS = (
    "the bridge at Skell",
    "eleven wooden boats",
    "a chapel without a roof",
    "the salt road",
    "nine tonnes of pears",
)
STORY = [
    f"{SUBJECTS[n % 6]} {DEEDS[n * 5 % 6]} {THINGS[n * 7 % 5]} in the year {1700 + n * 13}, as {SUBJECTS[n * 3 % 6]} "
    f"told this paper number {n} when asked about {THINGS[n * 2 % 5]} again."
    for n in range(24)
]
OTHER = [
    f"Nothing in line {n} of this text resembles {n * 31} of those in the other one, which is about pears."
    for n in range(14)
]


def made(name: str, lines: list[str], *, hours: int = 0, domain: str = "a.example", origin: str | None = None) -> Print:
    text = "\n".join(lines)
    seen = NOW + timedelta(hours=hours)
    return Print(name, f"hash of {text}", simhash64(text), len(text.split()), seen, domain, origin)


EDITED = ["The newsroom opens with a line of its own, as it likes to do with texts of agencies.", *STORY[1:]]


def test_copies_meet_and_strangers_do_not() -> None:
    one, cut, edited, other = (made(str(n), lines) for n, lines in enumerate((STORY, STORY[:-1], EDITED, OTHER)))
    assert found(one, cut, edited, other) == {"1": "0", "2": "0"}
    assert len(group_keys(one)) == 7


@pytest.mark.parametrize("bits", [(0,), (0, 9, 18, 27, 36, 45), (1, 2, 3, 4, 5, 6), (63, 55, 47, 39, 31, 23)])
def test_up_to_six_bits_always_meet(bits: tuple[int, ...]) -> None:
    one = simhash64("\n".join(STORY))
    flipped = one & ((1 << 64) - 1)
    for bit in bits:
        flipped ^= 1 << bit
    first, other = (Print(name, name, bits, 100, NOW) for name, bits in [("first", one), ("other", _signed(flipped))])
    assert found(first, other) == {"other": "first"}


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >= 1 << 63 else bits


def test_short_and_wordless_texts_meet_only_what_is_the_same() -> None:
    for simhash, words in [(simhash64("Too short to tell"), 4), (0, 500), (None, 500)]:
        assert group_keys(Print("a", "digest", simhash, words, NOW)) == ("text:digest",)


def duplicate_of(one: Print, others: Iterable[Print]) -> Duplicate | None:
    copy = copy_of(one, sorted(others, key=lambda other: (other.seen_at, other.article_id)))
    return copy.duplicate if copy else None


def test_kinds_of_copies() -> None:
    first = made("1", STORY, origin="Reuters")
    same, cut = made("2", STORY, hours=1), made("3", STORY[:-1], hours=2)
    elsewhere = made("4", EDITED, hours=3, domain="b.example")
    assert duplicate_of(first, [same, cut, elsewhere]) is None
    assert duplicate_of(same, [first]) == Duplicate("exact", "1", 1.0, "Reuters")
    near, copied = duplicate_of(cut, [first, same]), duplicate_of(elsewhere, [first])
    assert near is not None
    assert (near.kind, near.of) == ("near", "1")
    assert copied is not None
    assert (copied.kind, copied.of, copied.origin) == ("syndicated", "1", "Reuters")
    assert 0.8 < (copied.similarity or 0) < 1
    assert duplicate_of(made("5", OTHER, hours=4), [first, same]) is None


def test_order_does_not_matter() -> None:
    group = [made("b", STORY), made("a", STORY), made("c", EDITED, hours=-1), made("d", STORY[:-1], hours=1)]
    answers = {tuple((one.article_id, duplicate_of(one, order)) for one in group) for order in permutations(group)}
    assert len(answers) == 1
    assert {answer.of for _, answer in next(iter(answers)) if answer} == {"c"}


def test_likeness() -> None:
    one, near = simhash64("\n".join(STORY)), simhash64("\n".join(EDITED))
    assert similarity(one, one) == 1.0
    assert distance(one, near) <= NEAR_BITS
    assert similarity(one, ~one) == 0.0


def story(text: str, **fields: object) -> Story:
    return Story(text=text, canonical_url="https://a.example/", **fields)  # type: ignore[arg-type]  # a test's short hand


BODY = "\nThe court ruled on Monday that the union leader must be freed.\nHe left the prison in the afternoon."


@pytest.mark.parametrize(
    ("opening", "agency"),
    [
        ("NORRHAVEN (Reuters) - A court on Monday ordered the release of the union leader.", "Reuters"),
        ("PORT ESK, Jan 3 (AFP) - The mayor has resigned.", "AFP"),
        ("Lübheim (dpa) - Der Stadtrat hat am Montag entschieden.", "dpa"),
        ("Lübheim (dpa/lno) - Der Stadtrat hat am Montag entschieden.", "dpa"),
        ("LISKA (AP) — Voters went to the polls on Sunday.", "AP"),
        ("МОСКВА, 3 апр - РИА Новости. Мост закрыт на год.", "RIA Novosti"),
        ("新华社江湾5月9日电 有着三百年历史的古桥修缮完成。", "Xinhua"),
        ("【ワシントン共同】大統領は九日、署名した。", "Kyodo"),
        ("(서울=연합뉴스) 김하늘 기자 = 오래된 극장이 문을 연다.", "Yonhap"),
        ("ANKARA (AA) - Bakanlık açıklama yaptı.", "Anadolu"),
        ("The minister (pa) said it would be a sta in time, with no ap for that.", None),
        ("Mara Olsen (LCG) said on Monday that she would not stand again.", None),
    ],
)
def test_agency_of_the_first_line(opening: str, agency: str | None) -> None:
    assert wire_origin(story(opening + BODY)) == agency


@pytest.mark.parametrize(
    ("fields", "agency"),
    [
        ({"byline": "By Imran Shah, Associated Press"}, "AP"),
        ({"byline": "Von Birte Clausen mit dpa"}, "dpa"),
        ({"byline": "Birte Clausen/dpa"}, "dpa"),
        ({"byline": "By Paul Reutersen"}, None),
        ({"authors": (Author("Agence France-Presse"),)}, "AFP"),
        ({"authors": (Author("Dana Whitlock"), Author("Reuters"))}, "Reuters"),
        ({"boilerplate": (Boilerplate("credit", "Quelle: ntv.example, tsi/dpa"),)}, "dpa"),
        ({"boilerplate": (Boilerplate("credit", "(Reporting by Imran Shah; Editing by Claire Dorn)"),)}, "Reuters"),
        ({"boilerplate": (Boilerplate("credit", "Photo: Jon Brekke/AFP"),)}, None),
        ({}, None),
    ],
)
def test_agency_of_byline_and_credits(fields: dict[str, object], agency: str | None) -> None:
    assert wire_origin(story(BODY.strip(), **fields)) == agency


def test_agency_below_the_story() -> None:
    assert wire_origin(story(BODY.strip() + "\n(dpa/cp)")) == "dpa"
    assert (
        wire_origin(story(BODY.strip() + "\nShe works for the AP, he for the PA, and both of them went home.")) is None
    )


def found(*prints: Print) -> dict[str, str | None]:
    """Article to original, as the groups tell it."""
    groups: dict[str, list[Print]] = {}
    for one in prints:
        for key in group_keys(one):
            groups.setdefault(key, []).append(one)
    said: dict[str, list[Copy]] = {}
    for key, group in groups.items():
        for copy in copies_in(key, group):
            said.setdefault(copy.article_id, []).append(copy)
    return {article_id: first_copy(copies).duplicate.of for article_id, copies in said.items()}


def test_copies_meet_in_groups() -> None:
    first, edited = made("first", STORY), made("edited", [*STORY[:-1], OTHER[0]], hours=1)
    late, other = made("late", STORY, hours=2), made("other", OTHER * 2)
    for order in permutations([first, edited, late, other]):
        assert found(*order) == {"edited": "first", "late": "first"}


def test_short_texts_meet_only_where_they_are_the_same() -> None:
    short = [made(name, ["The road is shut."], hours=hours) for hours, name in enumerate(["one", "two"])]
    assert found(*short, made("three", ["The road is open."])) == {"two": "one"}


def test_an_article_of_two_runs_is_no_copy_of_itself() -> None:
    assert found(made("same", STORY), made("same", STORY, hours=5)) == {}
