"""Networks that fail, before a run and in the middle of one: a typed outcome for each URL, and the next run repairs."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from certificates import certificate
from changing_site import STORY, ChangingSite, changing_site
from chaos.island import Island, island
from chaos.runs import LATER, PATIENCE_SECONDS, START, check_ended, command, headlines, outcomes, run
from faults import (
    close_inside_a_chunk,
    close_midway,
    drip,
    drip_headers,
    reset,
    reset_midway,
    silent,
    silent_midway,
)
from publishers import Publishers
from support import Output

DATE = "Mon, 16 Nov 2026 06:00:00 GMT"
STORIES = 3
FETCH_TIMEOUT = 3.0
LIMITS = ["--fetch_timeout", str(FETCH_TIMEOUT)]

FAULTS: dict[str, tuple[Callable[[Any], None], set[str]]] = {
    "reset": (reset, {"unreachable"}),
    "reset midway": (reset_midway, {"unreachable"}),
    "closed midway": (close_midway, {"unreachable"}),
    "closed inside a chunk": (close_inside_a_chunk, {"unreachable"}),
    "silent": (silent(2 * FETCH_TIMEOUT), {"timeout"}),
    "silent midway": (silent_midway(2 * FETCH_TIMEOUT), {"timeout"}),
    "slow": (drip, {"timeout"}),
    "slow header": (drip_headers, {"timeout"}),
}
"""What happens to a connection, and what the outcome may be."""


@pytest.fixture
def publishers() -> Iterator[Publishers]:
    opened = Publishers()
    yield opened
    opened.close()


def publish(publishers: Publishers, name: str, **changes: Any) -> str:
    """A publisher with a feed of three stories, some of its answers changed; the URL of the feed."""
    origin = publishers.urls.get(name) or publishers.open(name)
    pages = {f"story-{number}": story(name, number) for number in range(STORIES)}
    items = "".join(f"<item><title>{path}</title><link>{origin}/{path}</link></item>" for path in pages)
    feed = f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()
    publishers.add(name, feed=feed, **{**pages, **changes})
    return f"{origin}/feed"


def story(name: str, number: int) -> bytes:
    first = f"The {name} crew of boat {number} came home by four in the afternoon."
    return STORY.format(headline=f"The {name} crew of boat {number} is home", first=first).encode()


def all_headlines(names: list[str]) -> set[str]:
    return {f"The {name} crew of boat {number} is home" for name in names for number in range(STORIES)}


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("where", ["feed", "story-1"])
def test_connections_that_break(where: str, publishers: Publishers, tmp_path: Path) -> None:
    """Each in another way, next to publishers that answer; twelve hours later all is well."""
    names = [*FAULTS, "harbour", "valley"]
    feeds = [publish(publishers, name) for name in names]
    for name, (fault, _) in FAULTS.items():
        publishers.add(name, **{where: fault})
    check_ended(run([*command(feeds, tmp_path, START), *LIMITS]), tmp_path)
    told = outcomes(tmp_path)
    for name, (_, expected) in FAULTS.items():
        assert told[f"{publishers.urls[name]}/{where}"] in expected, name
    assert headlines(tmp_path) >= all_headlines(["harbour", "valley"])
    for name in names:
        publish(publishers, name)
    check_ended(run([*command(feeds, tmp_path, LATER), *LIMITS]), tmp_path)
    assert headlines(tmp_path) == all_headlines(names)
    assert len(Output(tmp_path / "out").rows("articles")) == STORIES * len(names)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_publishers_that_vanish_in_the_middle_and_come_back(publishers: Publishers, tmp_path: Path) -> None:
    names = ["early", "late", "harbour"]
    feeds = [publish(publishers, name) for name in names]
    for name, where in (("early", "story-0"), ("late", "story-2")):
        publishers.add(name, **{where: vanishing(publishers, name)})
    check_ended(run([*command(feeds, tmp_path, START), *LIMITS]), tmp_path)
    told = {url.removeprefix(publishers.urls["early"]): what for url, what in outcomes(tmp_path).items()}
    assert {told[f"/story-{number}"] for number in range(STORIES)} == {"unreachable"}
    assert headlines(tmp_path) == all_headlines(["late", "harbour"]) - {"The late crew of boat 2 is home"}
    for name in ("early", "late"):
        publishers.come_back(name)
        publish(publishers, name)
    check_ended(run([*command(feeds, tmp_path, LATER), *LIMITS]), tmp_path)
    assert headlines(tmp_path) == all_headlines(names)
    assert len(Output(tmp_path / "out").rows("articles")) == STORIES * len(names)


def vanishing(publishers: Publishers, name: str) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        publishers.vanish(name)
        reset(handler)

    return answer


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_certificates_that_are_bad_and_then_good(publishers: Publishers, tmp_path: Path) -> None:
    """Of authorities that nobody knows, of the past, of another name; and no TLS at all where TLS is wanted."""
    unknown = certificate(folder(tmp_path, "unknown"), "127.0.5.1")[0]
    past, past_file = certificate(folder(tmp_path, "past"), "127.0.5.2", days=(-20, -10))
    other, other_file = certificate(folder(tmp_path, "other"), "127.0.5.99", "other.example")
    names = ["unknown", "past", "other", "plain"]
    for name, server in zip(names, (unknown, past, other, unknown), strict=True):
        publishers.open(name, tls=server)
    feeds = [publish(publishers, name) for name in names]
    publishers.vanish("plain")
    publishers.come_back("plain")
    trusted = {**os.environ, "SSL_CERT_FILE": joined(tmp_path, past_file, other_file)}
    check_ended(run([*command(feeds, tmp_path, START), *LIMITS], env=trusted), tmp_path)
    assert outcomes(tmp_path) == dict.fromkeys(feeds, "unreachable")
    details = {row["url"]: row["detail"] for row in Output(tmp_path / "out").rows("outcomes")}
    assert all("certificate" in details[feed].lower() for feed in feeds[:3]), details
    assert all(path != "/feed" for name in names for path in publishers.paths(name))
    good, good_file = certificate(folder(tmp_path, "good"), *(f"127.0.5.{number}" for number in range(1, 5)))
    for name in names:
        publishers.vanish(name)
        publishers.come_back(name, tls=good)
    trusted = {**os.environ, "SSL_CERT_FILE": good_file}
    check_ended(run([*command(feeds, tmp_path, LATER), *LIMITS], env=trusted), tmp_path)
    assert headlines(tmp_path) == all_headlines(names)


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def joined(parent: Path, *files: str) -> str:
    made = parent / "authorities.pem"
    made.write_text("".join(Path(file).read_text() for file in files))
    return str(made)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_run_without_any_network(tmp_path: Path) -> None:
    """Every URL that was listed has its outcome, and the next run, with a network, repairs all of it."""
    with island() as nowhere, island() as here, site_on(here, stories=3) as site:
        site.unlisted.add("/story-2")
        pages = ["--pages", f"{site.origin}/story-2"]
        check_ended(run_on(nowhere, [*command([site.feed_url], tmp_path, START), *pages, *LIMITS]), tmp_path)
        assert outcomes(tmp_path) == dict.fromkeys([site.feed_url, pages[1]], "unreachable")
        assert site.asked == []
        check_ended(run_on(here, [*command([site.feed_url], tmp_path, LATER), *pages, *LIMITS]), tmp_path)
        assert headlines(tmp_path) == site.headlines()


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_an_interface_that_goes_down_in_the_middle(tmp_path: Path) -> None:
    with island() as here, site_on(here, stories=6) as site:
        calm = site.answer

        def answer(path: str) -> tuple[int, Mapping[str, str], bytes]:
            if path == "/story-2":
                here.interface_down()
            return calm(path)

        site.answer = answer  # type: ignore[method-assign]
        check_ended(run_on(here, [*command([site.feed_url], tmp_path, START), *LIMITS]), tmp_path)
        told = Counter(outcomes(tmp_path).values())
        assert (told["parsed"], told["written"], told["timeout"] + told["unreachable"]) == (1, 2, 4)
        assert told.total() == 7
        site.answer = calm  # type: ignore[method-assign]
        here.interface_up()
        check_ended(run_on(here, [*command([site.feed_url], tmp_path, LATER), *LIMITS]), tmp_path)
        assert headlines(tmp_path) == site.headlines()
        assert len(Output(tmp_path / "out").rows("articles")) == len(site.stories)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(3))
def test_interfaces_that_come_and_go(seed: int, tmp_path: Path) -> None:
    """Down at a moment by chance, for a while by chance, in each of five runs."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated
    with island() as here, site_on(here, stories=0) as site:
        site.seconds_each = 0.3
        for number in range(5):
            fill(site, 3 * number + 3)
            argv = [*command([site.feed_url], tmp_path, START + timedelta(hours=12 * number)), *LIMITS]
            with come_and_go(here, site, chance):
                check_ended(run_on(here, argv), tmp_path)
        check_ended(run_on(here, [*command([site.feed_url], tmp_path, START + timedelta(days=4)), *LIMITS]), tmp_path)
        assert headlines(tmp_path) == site.headlines()
        assert len(Output(tmp_path / "out").rows("articles")) == len(site.stories)


@contextmanager
def come_and_go(here: Island, site: ChangingSite, chance: random.Random) -> Iterator[None]:
    """Cuts the network some time after the first request that comes in, and mends it some time after that."""
    asked, over = len(site.asked), Event()
    after, away = chance.uniform(0.0, 3.0), chance.uniform(0.5, 5.0)

    def cut() -> None:
        while len(site.asked) == asked and not over.wait(0.01):
            pass
        over.wait(after)
        here.interface_down()
        over.wait(away)
        here.interface_up()

    thread = Thread(target=cut)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def site_on(here: Island, stories: int) -> Iterator[ChangingSite]:
    here.interface_up()
    opened = changing_site()
    site = here.do(opened.__enter__)
    fill(site, stories)
    try:
        yield site
    finally:
        opened.__exit__(None, None, None)


def run_on(here: Island, argv: list[str]) -> subprocess.CompletedProcess[str]:
    running = here.do(subprocess.Popen, argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with running:
        stdout, stderr = running.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(argv, running.returncode, stdout, stderr)


def fill(site: ChangingSite, stories: int) -> None:
    for number in range(stories):
        first = f"Crew number {number} came home by four in the afternoon."
        site.publish(f"/story-{number}", f"Crew {number} is home", first, DATE)
