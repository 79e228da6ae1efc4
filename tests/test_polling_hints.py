"""What servers and feeds say of when to come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schemas.hops import PollingHints
from transforms.core.polling import cache_seconds, polling_hints
from transforms.core.polling.hints import MAX_CACHE_SECONDS, MAX_TTL_MINUTES

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
HTTP_NOW = "Mon, 16 Nov 2026 08:00:00 GMT"


def rss(channel: str, entries: str = "<item><title>A</title></item>") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{entries}</channel></rss>'.encode()


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl> 15\n</ttl>", 900),
        ("<TTL>30</TTL>", 1800),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>an hour</ttl>", None),
        ("<ttl></ttl>", None),
        ("<ttl>999999</ttl>", MAX_TTL_MINUTES * 60),
        ("<ttl>99999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", 3600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 900),
        ("<sy:updatePeriod>\n\tDaily\n</sy:updatePeriod>", 86_400),
        ("<updatePeriod>weekly</updatePeriod>", 604_800),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400),
        ("<sy:updatePeriod>whenever</sy:updatePeriod>", None),
        ("<sy:updateFrequency>2</sy:updateFrequency>", None),
        ("<ttl>10</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 600),
        ("", None),
    ],
)
def test_time_to_live(channel: str, seconds: int | None) -> None:
    assert polling_hints(rss(channel)).seconds == seconds


@pytest.mark.parametrize(
    ("channel", "hours"),
    [
        ("<skipHours><hour>0</hour><hour>1</hour><hour>23</hour></skipHours>", (0, 1, 23)),
        ("<skipHours><hour>24</hour></skipHours>", (0,)),  # RSS 0.91 counts from 1 to 24
        ("<skipHours>\n<hour> 3 </hour>\n<hour>3</hour></skipHours>", (3,)),
        ("<skipHours><hour>noon</hour></skipHours>", ()),
        ("<skipHours></skipHours>", ()),
        ("<hour>5</hour>", ()),
        ("<skipHours>" + "".join(f"<hour>{hour}</hour>" for hour in range(24)) + "</skipHours>", ()),
    ],
)
def test_hours_to_skip(channel: str, hours: tuple[int, ...]) -> None:
    assert polling_hints(rss(channel)).skip_hours == hours


@pytest.mark.parametrize(
    ("channel", "days"),
    [
        ("<skipDays><day>Saturday</day><day>sunday</day></skipDays>", (5, 6)),
        ("<skipDays><day> Monday </day></skipDays>", (0,)),
        ("<skipDays><day>Feiertag</day></skipDays>", ()),
        ("<skipDays><day>Sontag\u00fc</day></skipDays>", ()),
    ],
)
def test_days_to_skip(channel: str, days: tuple[int, ...]) -> None:
    assert polling_hints(rss(channel)).skip_days == days


def test_every_day_skipped_is_no_wish() -> None:
    week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert polling_hints(rss("<skipDays>" + "".join(f"<day>{d}</day>" for d in week) + "</skipDays>")).skip_days == ()


def test_an_entry_says_nothing_of_the_feed() -> None:
    inside = "<item><title>T</title><description>&lt;ttl&gt;</description><ttl>5</ttl></item>"
    assert polling_hints(rss("", inside)) == PollingHints()
    assert polling_hints(rss("<title>T</title>", '<item rdf:about="x"><ttl>5</ttl></item>')) == PollingHints()


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe<\0r\0", b"<rss>" * 9, b"\0" * 100])
def test_other_bodies_say_nothing(body: bytes) -> None:
    assert polling_hints(body) == PollingHints()


@pytest.mark.parametrize(
    "piece", [b"<skipHours>", b"<ttl>", b"<skipDays><day>", b"<a:updatePeriod>", b"<item", b"<hour> "]
)
def test_hostile_bodies_end(piece: bytes) -> None:
    assert polling_hints(piece * (2_000_000 // len(piece))) == PollingHints()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, MAX-AGE=600, must-revalidate"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "public,max-age = 600"}, 600),
        ({"cache-control": "s-maxage=900, max-age=600"}, 600),
        ({"cache-control": "s-maxage=900"}, 900),
        ({"cache-control": "x-max-age=600"}, None),
        ({"cache-control": "max-age=-1"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age=600", "age": "500"}, 100),
        ({"cache-control": "max-age=600", "age": "900"}, 0),
        ({"cache-control": "max-age=600", "age": "-9"}, 600),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "max-age=31536000"}, MAX_CACHE_SECONDS),
        ({"cache-control": "max-age=600", "expires": "0"}, 600),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": "Mon, 16 Nov 2026 08:10:00 GMT"}, 600),
        ({"expires": "Mon, 16 Nov 2026 07:10:00 GMT"}, 0),
        ({"expires": "Mon, 16 Nov 2026 08:10:00 GMT", "date": HTTP_NOW}, 600),
        ({"expires": "Sun, 16 Nov 2025 08:10:00 GMT", "date": "Sun, 16 Nov 2025 08:00:00 GMT"}, 600),
        ({"expires": "Tue, 16 Nov 2027 08:10:00 GMT", "date": "Tue, 16 Nov 2027 08:00:00 GMT"}, 600),
        ({"expires": "Mon, 16 Nov 2026 08:10:00 GMT", "date": "nonsense"}, 600),
        ({"expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, MAX_CACHE_SECONDS),
        ({"expires": "Fri, 31 Dec 99999 23:59:59 GMT"}, 0),
        ({"expires": ""}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: float | None) -> None:
    assert cache_seconds(headers, NOW) == seconds


def test_a_server_without_a_date_is_judged_by_our_clock() -> None:
    assert cache_seconds({"expires": HTTP_NOW}, NOW - timedelta(minutes=5)) == 300
