"""One run over publishers that misbehave in every known way, next to some that do not."""

import time

import pytest

from faults import bomb, drip, flood, reset, silent, slowly
from publishers import Publishers

GAP = 0.1
FETCH_TIMEOUT = 4.0
HEALTHY = ("harbour", "valley", "island")
STORIES = 3
DEADLINE = 200.0
"""Generous, for a busy machine: what hangs would do so for ever."""


def story(name, number):
    return (
        f"<html><head><title>{name} report {number}</title></head><body><article><h1>{name} report {number}</h1>"
        f"<p>The {name} council met for the {number}th time this year and voted to repair the old pier before the "
        f"winter.</p><p>“We have waited long enough,” said Ada Penn, who has run the {name} ferry for {number + 20} "
        "years, and several members of the council nodded at that.</p></article></body></html>"
    ).encode()


def feed(name, links):
    items = "".join(f"<item><title>{name} {link}</title><link>{link}</link></item>" for link in links)
    return f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()


def moved(target):
    return (302, {"Location": target})


WALL = b"<html><head><title>Just a moment...</title></head><body><p>Enable JavaScript to continue</p></body></html>"

FAULTY_FEEDS = {
    "busy": ((503, {"Retry-After": "600"}), "http_error"),
    "gone": ((410, {}), "http_error"),
    "unasked": ((304, {}), "http_error"),
    "circle": (moved("/feed"), "http_error"),
    "flood": (flood, "too_large"),
    "bomb": (bomb, "too_large"),
    "html": (b"<html><body><h1>Welcome</h1></body></html>", "not_a_feed"),
    "empty": (b"", "not_a_feed"),
    "hang": (silent(2 * FETCH_TIMEOUT), "timeout"),
    "drip": (drip, "timeout"),
    "reset": (reset, "unreachable"),
    "inwards": (moved("http://10.1.2.3/feed"), "blocked_address"),
    "upwards": (moved("file:///etc/passwd"), "malformed"),
}
"""What a publisher answers when asked for its feed, and the outcome of that."""

FAULTY_PAGES = {
    "page-missing": ((404, {}), "http_error"),
    "page-hang": (silent(2 * FETCH_TIMEOUT), "timeout"),
    "page-wall": (WALL, "bot_wall"),
    "page-inwards": (moved("http://169.254.169.254/latest/meta-data/"), "blocked_address"),
    "page-to-closed": (moved("{closed}/story-0"), "disallowed"),
    "page-busy": ((429, {"Retry-After": "600"}), "http_error"),
    "page-after-busy": (b"<p>Never asked for.", "unreachable"),
}
"""The same for the pages of one publisher, in this order."""


@pytest.fixture(scope="module")
def publishers():
    publishers = Publishers()
    for name in HEALTHY:
        site = {f"story-{number}": story(name, number) for number in range(STORIES)}
        url = publishers.open(name, **site)
        links = [f"{url}/story-{number}" for number in range(STORIES)]
        publishers.add(name, feed=feed(name, links))
    url = publishers.open("slow", **{f"story-{n}": slowly(story("slow", n)) for n in range(STORIES)})
    publishers.add("slow", feed=slowly(feed("slow", [f"{url}/story-{number}" for number in range(STORIES)])))
    url = publishers.open("closed", **{"robots.txt": b"User-agent: *\nDisallow: /\n", "story-0": story("closed", 0)})
    publishers.add("closed", feed=feed("closed", [f"{url}/story-0"]))
    url = publishers.open("cut", **{f"story-{number}": story("cut", number) for number in range(STORIES)})
    whole = feed("cut", [f"{url}/story-{number}" for number in range(STORIES)])
    publishers.add("cut", feed=whole[: whole.rindex(b"<item>") + 20])
    url = publishers.open("pages", **{path: answer for path, (answer, _) in FAULTY_PAGES.items()})
    publishers.add("pages", feed=feed("pages", [f"{url}/{path}" for path in FAULTY_PAGES]))
    for name, (answer, _) in FAULTY_FEEDS.items():
        publishers.open(name, feed=answer)
    yield publishers
    publishers.close()


@pytest.fixture(scope="module")
def run(publishers, newsbeam, tmp_path_factory):
    """(what the run left, how long it took)."""
    feeds = tmp_path_factory.mktemp("feeds") / "feeds.txt"
    feeds.write_text("".join(f"{url}/feed\n" for url in publishers.urls.values()))
    started = time.monotonic()
    output = newsbeam(
        *("ingest", "--feeds", str(feeds), "--allow_networks", "127.0.0.0/8", "--max_page_mb", "1"),
        *("--host_gap", str(GAP), "--fetch_timeout", str(FETCH_TIMEOUT)),
        output=tmp_path_factory.mktemp("faults") / "out",
    )
    return output, time.monotonic() - started


def test_it_ends(run):
    assert run[1] < DEADLINE


def test_every_fault_is_the_right_outcome(run, publishers):
    outcomes = run[0].outcomes()
    told = {name: outcomes[f"{publishers.urls[name]}/feed"] for name in FAULTY_FEEDS}
    assert told == {name: outcome for name, (_, outcome) in FAULTY_FEEDS.items()}
    told = {path: outcomes[f"{publishers.urls['pages']}/{path}"] for path in FAULTY_PAGES}
    assert told == {path: outcome for path, (_, outcome) in FAULTY_PAGES.items()}
    assert outcomes[f"{publishers.urls['closed']}/story-0"] == "disallowed"


def test_healthy_publishers_lose_nothing(run, publishers):
    outcomes = run[0].outcomes()
    for name in (*HEALTHY, "slow"):
        stories = [outcomes[f"{publishers.urls[name]}/story-{number}"] for number in range(STORIES)]
        assert stories == ["written"] * STORIES, name
    assert [outcomes.get(f"{publishers.urls['cut']}/story-{number}") for number in range(STORIES)] == [
        *["written"] * (STORIES - 1),
        None,
    ]
    assert len(run[0].rows("articles")) == STORIES * (len(HEALTHY) + 1) + STORIES - 1


def test_no_host_was_asked_twice_at_once_or_too_soon(run, publishers):
    publishers.assert_polite(GAP)


def test_robots_was_asked_once_and_first_and_obeyed(run, publishers):
    for name in publishers.urls:
        pages = [path for path in publishers.paths(name) if path != "/feed"]
        assert pages.count("/robots.txt") <= 1
        assert not pages or pages[0] == "/robots.txt"
    assert publishers.paths("closed") == ["/feed", "/robots.txt"]


def test_silence_was_kept(run, publishers):
    assert publishers.paths("busy") == ["/feed"]
    assert publishers.paths("pages")[-1] == "/page-busy"


def test_each_url_was_asked_once(run, publishers):
    for name in publishers.urls:
        paths = publishers.paths(name)
        assert len(set(paths)) == len(paths), name
