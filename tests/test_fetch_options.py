"""What the options of the command line tell those who fetch."""

import pytest

from pipelines.errors import UsageError
from pipelines.ingest import parser
from pipelines.work import fetcher_of, politeness_of
from transforms.core.proxies import Proxies, Proxy
from transforms.fetch import Politeness


def politeness(*argv):
    return politeness_of(parser().parse_args(["--feeds", "https://a.example/rss", "--output", "out", *argv]))


def proxies(*argv):
    parsed = parser().parse_args(["--feeds", "https://a.example/rss", "--output", "out", *argv])
    return fetcher_of(parsed).proxies


def test_the_environment_names_proxies_only_when_it_is_asked(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert proxies() is None
    assert proxies("--proxy", "env") == Proxies(None, Proxy("proxy.example", 3128))
    assert proxies("--proxy", "http://other.example:1") == Proxies(*[Proxy("other.example", 1)] * 2)


def test_a_proxy_that_is_none_is_refused_without_its_password():
    with pytest.raises(UsageError, match="--proxy: a proxy is given as http://host:port") as caught:
        proxies("--proxy", "socks5://ada:secret@proxy.example:1080")
    assert "secret" not in str(caught.value)


def test_the_defaults_are_polite():
    told = politeness()
    assert told == Politeness(key=told.key)
    assert told.gap_seconds >= 1.0
    assert told.obeys_robots
    assert told.max_pages_per_host is None


def test_each_option_arrives():
    told = politeness(
        *("--host_gap", "2.5", "--fetch_threads", "7", "--robots", "ignore", "--feed_robots", "obey"),
        *("--max_pages_per_host", "40"),
    )
    assert told == Politeness(2.5, 7, False, True, 40, key=told.key)


def test_each_run_has_turns_of_its_own():
    assert politeness().key != politeness().key


@pytest.mark.parametrize(
    "argv", [["--max_pages_per_host", "0"], ["--max_pages_per_host", "many"], ["--feed_robots", "perhaps"]]
)
def test_wrong_values_are_named(argv):
    with pytest.raises(UsageError, match=argv[0]):
        politeness(*argv)
