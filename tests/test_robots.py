import pickle
import time
import tomllib
from pathlib import Path

import pytest

from transforms.core.robots import AI_AGENTS, MAX_ROBOTS_BYTES, Robots, robots_url

CASES = tomllib.loads((Path(__file__).parent / "data" / "robots" / "cases.toml").read_text(encoding="utf-8"))["case"]
SITE = "https://news.example"
AGENT = "newsbeam"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_rules_are_read_by_the_standard(case):
    rules = Robots.parse(case["robots"].encode(), 200)
    verdicts = {path: rules.allows(SITE + path, AGENT) for path in case.get("allowed", []) + case.get("denied", [])}
    assert verdicts == dict.fromkeys(case.get("allowed", []), True) | dict.fromkeys(case.get("denied", []), False)
    assert rules.crawl_delay(AGENT) == case.get("delay")
    assert rules.sitemaps == tuple(case.get("sitemaps", []))
    reserved = {path: rules.reserves_from_ai(SITE + path) for path in case.get("reserved", [])}
    assert reserved == dict.fromkeys(reserved, True)
    open_to_ai = {path: rules.reserves_from_ai(SITE + path) for path in case.get("not_reserved", [])}
    assert open_to_ai == dict.fromkeys(open_to_ai, False)


DENY_ALL = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("status", "allows"),
    [(200, False), (204, False), (301, True), (302, True), (400, True), (401, True), (403, True), (404, True),
     (410, True), (429, False), (500, False), (503, False), (599, False), (None, False)],
)  # fmt: skip
def test_the_status_decides_whether_the_file_counts(status, allows):
    rules = Robots.parse(DENY_ALL, status)
    assert rules.allows(f"{SITE}/a", AGENT) is allows
    assert rules.allows(f"{SITE}/robots.txt", AGENT)


def test_a_site_that_fails_reserves_nothing():
    for status in (404, 503, None):
        rules = Robots.parse(DENY_ALL + b"Crawl-delay: 9\nSitemap: https://news.example/a.xml\n", status)
        assert not rules.reserves_from_ai(f"{SITE}/a")
        assert rules.crawl_delay(AGENT) is None
        assert rules.sitemaps == ()


@pytest.mark.parametrize("agent", AI_AGENTS)
def test_each_ai_agent_counts(agent):
    rules = Robots.parse(f"User-agent: {agent}\nDisallow: /\n".encode(), 200)
    assert rules.reserves_from_ai(f"{SITE}/a")
    assert rules.allows(f"{SITE}/a", AGENT)


def test_only_the_start_of_a_long_file_is_read_and_no_half_line():
    lines = [f"Disallow: /{number:06}\n".encode() for number in range(60_000)]
    body = b"User-agent: *\n" + b"".join(lines)
    assert len(body) > 2 * MAX_ROBOTS_BYTES
    started = time.monotonic()
    rules = Robots.parse(body, 200)
    kept = (MAX_ROBOTS_BYTES - 14) // len(lines[0])
    assert not rules.allows(f"{SITE}/{kept - 1:06}", AGENT)
    assert rules.allows(f"{SITE}/{kept:06}", AGENT)
    assert rules.allows(f"{SITE}/0", AGENT)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\xff\xfe" * 1_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 5_000,
        b"User-agent: *\nDisallow: /[(\\\n",
        b"User-agent: *\nCrawl-delay: nan\nRequest-rate: 0/0\nVisit-time: 99-99\n",
        b"User-agent:\nDisallow: /%\nDisallow: /%zz\n",
        b"Disallow: /a\n:\n::\n=\nUser-agent\n",
        b"User-agent: *\n" * 20_000,
    ],
)
def test_no_bytes_make_it_fail_or_hang(body):
    started = time.monotonic()
    rules = Robots.parse(body, 200)
    assert rules.allows(f"{SITE}/" + "a" * 2_000, AGENT) in {True, False}
    assert rules.crawl_delay(AGENT) is None
    assert time.monotonic() - started < 5


def test_rules_can_be_kept_and_sent():
    rules = pickle.loads(pickle.dumps(Robots.parse(DENY_ALL, 200)))  # noqa: S301 - made here
    assert not rules.allows(f"{SITE}/a", AGENT)


def test_where_the_file_lies():
    assert robots_url("https://news.example:8443/a/b?c#d") == "https://news.example:8443/robots.txt"
    assert robots_url("http://[::1]/") == "http://[::1]/robots.txt"
