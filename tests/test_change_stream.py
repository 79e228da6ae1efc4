"""A publisher that edits, retitles, takes away and restores: what ten runs on one state write is exactly that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changing_site import ChangingSite, changing_site
from fake_pubsub import Broker, pubsub_on_air
from pipelines import ingest
from pipelines.compact import main as compact
from schemas.ddl.script import script
from schemas.messages import from_single_object
from schemas.registry import ARTICLE
from support import Output
from warehouse import duck

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
TOPIC = "projects/p/topics/articles"
PRINTED = "Mon, 16 Nov 2026 06:00:00 GMT"

Change = tuple[int, str, str, int, tuple[str, ...]]
"""(hour of the run, path, action, version, changed fields)"""


@dataclass
class Newsroom:
    """The site, the runs that read it, and what is expected of them."""

    site: ChangingSite
    folder: Path
    expected: list[Change] = field(default_factory=list)

    def publish(self, path: str, headline: str, first: str) -> None:
        self.site.publish(path, headline, first, PRINTED)

    def run(self, hour: int, *changes: tuple[str, str, int, tuple[str, ...]], late: int = 0) -> None:
        """One run, by a clock that is ``late`` hours behind; these are the rows that it is to write."""
        self.site.channel = f"<description>As of {hour}</description>"  # else the feed is as it was: nothing is asked
        ingest.main(
            [
                *("--feeds", f"{self.site.origin}/feed.xml", "--force", "--run_id", f"hour-{hour}"),
                *("--state", str(self.folder / "state"), "--output", str(self.folder / "out")),
                *("--now", (START + timedelta(hours=hour - late)).isoformat(), "--sink", f"pubsub:{TOPIC}"),
                *("--allow_networks", "127.0.0.0/8", "--host_gap", "0"),
            ]
        )
        self.expected += [(hour, *change) for change in changes]
        assert sorted(map(change_of, self.rows())) == sorted(self.expected)

    def rows(self) -> list[dict[str, Any]]:
        return Output(self.folder / "out").rows("articles")


def change_of(row: dict[str, Any]) -> Change:
    path = "/" + row["url"].rsplit("/", 1)[1]
    return int(row["run_id"].removeprefix("hour-")), path, row["action"], row["version"], tuple(row["changed_fields"])


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    with pubsub_on_air() as found:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", found.address)
        found.create(TOPIC)
        yield found


@pytest.fixture
def newsroom(tmp_path: Path, broker: Broker) -> Iterator[Newsroom]:
    with changing_site() as site:
        yield Newsroom(site, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_change_stream_is_exactly_the_edits(newsroom: Newsroom, broker: Broker, capsys: Any) -> None:
    site, quay = newsroom.site, "The quay at Port Little will be rebuilt."
    newsroom.publish("/quay", "Quay to be rebuilt", quay)
    newsroom.publish("/ferry", "Ferry is late", "The ferry was late on Monday for the ninth time.")
    newsroom.publish("/crane", "Crane arrives", "A crane arrived by barge at noon on Friday.")
    newsroom.publish("/still", "Nothing happens", "Nothing happened in Ellery on Sunday, the mayor said.")
    newsroom.run(0, *[(path, "ADD", 1, ()) for path in ("/quay", "/ferry", "/crane", "/still")])
    newsroom.run(1)

    newsroom.publish("/quay", "Quay to be rebuilt", "The quay at Port Little will not be rebuilt.")
    newsroom.run(2, ("/quay", "REPLACE", 2, ("text",)))

    newsroom.publish("/ferry", "Ferry is late again", "The ferry was late on Monday for the ninth time.")
    site.answers["/crane"] = (404, {}, b"<p>No such page.")
    newsroom.run(3, ("/ferry", "REPLACE", 2, ("headline",)))
    newsroom.run(4, ("/crane", "DELETE", 2, ()))  # gone for the second time

    compact([str(newsroom.folder / "out"), "--date", "2026-11-16"])
    newsroom.run(2)  # of an hour whose files were merged: nothing is done again
    assert "was published before" in capsys.readouterr().out
    newsroom.run(5, late=3)  # a clock that is behind changes nothing

    newsroom.publish("/quay", "Quay to be rebuilt", quay)
    newsroom.run(6, ("/quay", "REPLACE", 3, ("text",)))  # changed back: a version of its own

    del site.answers["/crane"]
    newsroom.run(7, ("/crane", "ADD", 3, ()))
    compact([str(newsroom.folder / "out"), "--date", "2026-11-16"])
    newsroom.publish("/late", "Late news", "Late news came in from Port Little by radio.")
    newsroom.run(8, ("/late", "ADD", 1, ()))
    newsroom.run(9)

    check_chain(newsroom.rows())
    check_messages(newsroom.rows(), broker)
    check_tables(newsroom.folder / "out")


def check_chain(rows: list[dict[str, Any]]) -> None:
    """Each version names the one before, and has an id of its own."""
    ids = {(row["article_id"], row["version"]): row["version_id"] for row in rows}
    assert len(set(ids.values())) == len(rows)
    for row in rows:
        assert row["previous_version_id"] == ids.get((row["article_id"], row["version"] - 1))


def check_messages(rows: list[dict[str, Any]], broker: Broker) -> None:
    """Whoever listens is told the same, the versions of each article in their order."""
    messages = [from_single_object(ARTICLE, data) for data, _, _ in broker.published(TOPIC)]
    by_version: Callable[[dict[str, Any]], Any] = lambda row: row["version_id"]  # noqa: E731 - a key
    assert sorted(messages, key=by_version) == sorted(rows, key=by_version)
    versions: dict[str, list[int]] = {}
    for row in messages:
        versions.setdefault(row["article_id"], []).append(row["version"])
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def check_tables(output: Path) -> None:
    """A warehouse sees the last version of each."""
    made, connection = script("duckdb", output=str(output)), duck()
    for statement in (*made.tables, *made.loads, *made.views):
        connection.execute(statement)
    latest = connection.execute("SELECT headline, version FROM articles_latest ORDER BY headline").fetchall()
    assert latest == [
        ("Crane arrives", 3),
        ("Ferry is late again", 2),
        ("Late news", 1),
        ("Nothing happens", 1),
        ("Quay to be rebuilt", 3),
    ]
