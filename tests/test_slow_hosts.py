"""Hosts that are slow hold up no other: a run of the stream has its time, and the next does the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fake_pubsub import Broker, pubsub_on_air
from pipelines.local_stream import loop
from publishers import Publishers
from streams import Rig, Until, body

TOPIC, SUBSCRIPTION = "projects/p/topics/requests", "projects/p/subscriptions/requests"
PAGES = 10
ANSWER_SECONDS = 0.5
"""How long the slow host takes for each answer: five seconds for all of its pages."""

MAX_FETCH = ("--max_fetch", "1s")
AT_ONCE = timedelta(0)
"""Between two runs: the clock of these tests stands still."""

IN_TIME = 2 + 1
"""Answers of the slow host that a run can have: those that are begun in a second."""

STORY = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>The night ferry to Port Little sailed again on Monday after four months in dock, with two hundred people aboard.</p>
<p>Its owner, the Sound and Islands Line, had put the return off three times while it waited for a new gearbox.</p>
</article></body></html>"""


def feed(origin: str, *names: str) -> bytes:
    items = "".join(f"<item><title>{name}</title><link>{origin}/{name}</link></item>" for name in names)
    return f'<rss version="2.0"><channel><title>Coast</title>{items}</channel></rss>'.encode()


def slowly(answer: bytes) -> Any:
    def found(_handler: Any) -> bytes:
        time.sleep(ANSWER_SECONDS)
        return answer

    return found


def slow_feeds(sites: Publishers) -> list[str]:
    """The names of six feeds of the slow host, which list one page of the quick one."""
    names = [f"feed-{number}" for number in range(6)]
    sites.add("slow", **{name: slowly(feed(sites.urls["quick"], "one")) for name in names})
    return names


@pytest.fixture
def sites() -> Iterator[Publishers]:
    """A slow host with many pages, and a quick one."""
    found = Publishers()
    slow = [f"slow-{number}" for number in range(PAGES)]
    origin = found.open("slow", **{name: slowly(STORY.format(title=name).encode()) for name in slow})
    found.add("slow", feed=feed(origin, *slow))
    origin = found.open("quick", **{name: STORY.format(title=name).encode() for name in ("one", "two")})
    found.add("quick", feed=feed(origin, "one", "two"))
    yield found
    found.close()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        found.create(TOPIC, SUBSCRIPTION)
        yield found


def pages_of(sites: Publishers, name: str) -> list[str]:
    return sorted(path for path in sites.paths(name) if path not in ("/feed", "/robots.txt"))


def test_what_is_quick_is_out_after_the_first_run_and_what_is_slow_after_some_more(
    sites: Publishers, tmp_path: Path
) -> None:
    feeds = [f"{sites.urls[name]}/feed" for name in ("slow", "quick")]
    rig = Rig(tmp_path, "--feeds", *feeds, "--state", str(tmp_path / "state"), *MAX_FETCH)
    rig.run(Until(lambda: len(rig.output.rows("articles")) == PAGES + 2, leaps=True))
    first, *later = rig.counts()
    assert (first["parsed"], first["written"] + first["not_due"]) == (2, PAGES + 2)
    of_first = {
        row["url"] for row in rig.output.rows("articles") if row["run_id"] == rig.watched.manifests[0]["run_id"]
    }
    assert {f"{sites.urls['quick']}/{name}" for name in ("one", "two")} <= of_first
    assert len(of_first) <= 2 + IN_TIME
    assert all(counts["written"] <= IN_TIME for counts in later), "no run waits for longer than it may"
    assert all("not_due" not in counts for counts in later), "what nothing lists is put off without a word"
    assert pages_of(sites, "slow") == sorted(f"/slow-{number}" for number in range(PAGES)), "each was asked for once"


def test_pages_that_messages_ask_for_are_in_the_state_before_their_messages_are_acknowledged(
    sites: Publishers, broker: Broker, tmp_path: Path
) -> None:
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"), *MAX_FETCH)
    urls = [f"{sites.urls['slow']}/slow-{number}" for number in range(PAGES)]
    broker.send(TOPIC, *(body(page=url, id=f"desk-{number}") for number, url in enumerate(urls)))
    rig.run(Until(lambda: len(rig.output.rows("articles")) == PAGES), window=AT_ONCE)
    assert rig.counts()[0]["not_due"] > 0
    assert len(broker.operations("acknowledge")) == 1
    found = sorted((row["url"], row["discovery"]["entry_id"]) for row in rig.output.rows("articles"))
    assert found == sorted((url, f"desk-{number}") for number, url in enumerate(urls))
    assert pages_of(sites, "slow") == sorted(f"/slow-{number}" for number in range(PAGES))


def test_messages_for_feeds_are_kept_in_hand_until_there_was_time_for_them(
    sites: Publishers, broker: Broker, tmp_path: Path
) -> None:
    names = slow_feeds(sites)
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"), *MAX_FETCH)
    broker.send(TOPIC, *(body(feed=f"{sites.urls['slow']}/{name}") for name in names))
    rig.run(Until(lambda: not broker.waiting(SUBSCRIPTION)), window=AT_ONCE)
    assert rig.counts()[0]["not_due"] > 0
    assert broker.operations("nack") == [], "what is given back counts as a try, and may end among the dead letters"
    parsed = [row["url"] for row in rig.output.rows("outcomes") if row["outcome"] == "parsed"]
    assert sorted(parsed) == sorted(f"{sites.urls['slow']}/{name}" for name in names)
    acknowledged = [message for each in broker.operations("acknowledge") for message in each.messages]
    assert len(acknowledged) == len(set(acknowledged)) == len(names)
    assert len(rig.output.rows("articles")) == 1


def test_a_feed_that_two_messages_ask_for_is_kept_in_hand_too(
    sites: Publishers, broker: Broker, tmp_path: Path
) -> None:
    names = slow_feeds(sites)
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"), *MAX_FETCH)
    asked = [body(feed=f"{sites.urls['slow']}/{name}") for name in names]
    broker.send(TOPIC, *asked, *asked)
    rig.run(Until(lambda: not broker.waiting(SUBSCRIPTION)), window=AT_ONCE)
    assert rig.counts()[0]["not_due"] > 0
    assert sorted(path for path in sites.paths("slow") if path in {f"/{name}" for name in names}) == sorted(
        f"/{name}" for name in names
    )


def test_where_much_is_kept_in_hand_no_more_is_pulled(
    sites: Publishers, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_CARRIED", 1)
    names = slow_feeds(sites)
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, "--state", str(tmp_path / "state"), *MAX_FETCH)
    asked = broker.send(TOPIC, *(body(feed=f"{sites.urls['slow']}/{name}") for name in names))
    late: list[str] = []

    def is_over() -> bool:
        if rig.watched.manifests and not late:
            late.extend(broker.send(TOPIC, body(url="https://harbour.example/1", text="The ferry sailed on Monday.")))
        return bool(late) and not broker.waiting(SUBSCRIPTION)

    rig.run(Until(is_over), window=AT_ONCE)
    acknowledged = [message for each in broker.operations("acknowledge") for message in each.messages]
    assert sorted(acknowledged[:-1]) == sorted(asked)
    assert acknowledged[-1:] == late


def test_without_a_state_everything_is_waited_for(sites: Publishers, broker: Broker, tmp_path: Path) -> None:
    rig = Rig(tmp_path, "--subscription", SUBSCRIPTION, *MAX_FETCH)
    broker.send(TOPIC, body(feed=f"{sites.urls['slow']}/feed"))
    rig.run(Until(lambda: not broker.waiting(SUBSCRIPTION)), window=AT_ONCE)
    assert rig.counts() == [{"parsed": 1, "written": PAGES}]
