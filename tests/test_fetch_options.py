"""What the options of the command line tell those who fetch."""

import pytest

from pipelines.errors import UsageError
from pipelines.ingest import parser
from pipelines.work import politeness_of
from transforms.fetch import Politeness


def politeness(*argv):
    return politeness_of(parser().parse_args(["--feeds", "https://a.example/rss", "--output", "out", *argv]))


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
    assert told == Politeness(2.5, 7, False, True, 40, told.key)


def test_each_run_has_turns_of_its_own():
    assert politeness().key != politeness().key


@pytest.mark.parametrize(
    "argv", [["--max_pages_per_host", "0"], ["--max_pages_per_host", "many"], ["--feed_robots", "perhaps"]]
)
def test_wrong_values_are_named(argv):
    with pytest.raises(UsageError, match=argv[0]):
        politeness(*argv)
