"""newsbeam discover: the command."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import chain, groupby
from typing import Any

from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser, add_fetch_options
from pipelines.values import moment, place
from pipelines.work import fetcher_of, politeness_of
from transforms.core.finding import with_ids
from transforms.core.sources import LIST_FORMATS, write_source_list
from transforms.core.urls import ANY_PORT, check_url, registrable_domain
from transforms.cpu_pool import CpuPool, PoolConfig, TaskWindow, shared_pool
from transforms.fetcher import Fetcher
from transforms.filesystem import create
from transforms.find_sources import Findings, PoliteAsker, SearchRules, find_sources, read_answer

DESCRIPTION = """\
Finds the feeds and news sitemaps of sites, reads each once, and prints a source list that 'newsbeam ingest --feeds'
takes.  Looks at what the page names, else at the usual places, and at the sitemaps that robots.txt names."""

EXAMPLES = """\
examples:
  newsbeam discover https://example.org --contact desk@example.org > sources.toml
  newsbeam discover example.org example.net --format opml --output sources.opml

Exit status: 0 something was found, what was not is said; 1 nothing was found at all; 2 the call was wrong."""

READ_SECONDS = 20.0
"""For one feed or page; a real one takes less than one second."""

logger = logging.getLogger("newsbeam")


def parser() -> Parser:
    """The options of ``newsbeam discover``."""
    made = Parser(prog="newsbeam discover", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument("urls", nargs="+", metavar="URL", help="a site, one of its pages, or a feed")
    group = made.add_argument_group("what is printed")
    group.add_argument("--format", choices=LIST_FORMATS, default="toml", help="of the list (default: %(default)s)")
    group.add_argument("--output", type=place, metavar="FILE", help="write the list there (default: print it)")
    group.add_argument(
        "--thorough",
        action="store_true",
        help="also try the usual places where the page names feeds, and list comments and plain sitemaps",
    )
    group.add_argument(
        "--now", type=moment, metavar="ISO8601", help="the clock that dates are judged by (default: the system's)"
    )
    add_fetch_options(made)
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    sites = list(dict.fromkeys(site_url(text) for text in parsed.urls))
    now = parsed.now or datetime.now(UTC).replace(microsecond=0)
    found = dict(_searched(sites, parsed, now))
    specs = list(with_ids(spec for site in sites for spec in found[site].sources))
    if not specs:
        raise RunFailed(f"nothing found: {'; '.join(f'{site}: {_nothing(found[site])}' for site in sites)}")
    for site in sites:
        _tell(site, found[site])
    heading = f"Found by newsbeam discover on {now:%Y-%m-%d}: {' '.join(sites)}"
    _deliver(write_source_list(specs, form=parsed.format, heading=heading), len(specs), parsed.output)


def site_url(text: str) -> str:
    """The URL that a person means; a bare name is one of https.  Raises `UsageError` for what cannot be one."""
    url = text if "://" in text else f"https://{text}"
    if problem := check_url(url, ANY_PORT):
        raise UsageError(f"{text}: {problem.detail}")
    return url


def _searched(sites: Sequence[str], parsed: argparse.Namespace, now: datetime) -> Iterator[tuple[str, Findings]]:
    """Each site with what it has; sites of one domain one after the other, domains side by side."""
    politeness = politeness_of(parsed)
    fetcher = Fetcher(fetcher_of(parsed))
    pool = shared_pool(PoolConfig(processes=1, task_seconds=READ_SECONDS))
    asker = PoliteAsker(fetcher, politeness.gap_seconds)
    search = partial(
        find_sources,
        asker=asker,
        read=partial(read_in_pool, pool),
        now=now,
        rules=SearchRules(parsed.thorough, politeness.obeys_robots),
    )
    groups = [list(group) for _, group in groupby(sorted(sites, key=registrable_domain), registrable_domain)]
    threads = ThreadPoolExecutor(max_workers=min(politeness.threads, len(groups)))
    try:
        yield from chain.from_iterable(threads.map(lambda group: [(site, search(site)) for site in group], groups))
    finally:  # also when a person stops it: then nothing more is asked
        asker.close()
        threads.shutdown(cancel_futures=True)
        fetcher.close()


def read_in_pool(pool: CpuPool, *answer: Any) -> Any:
    """`read_answer` in the pool: its result, or the problem that ended it."""
    tasks: TaskWindow[None] = TaskWindow(pool)
    ((_, result),) = [*tasks.submit(None, read_answer, *answer), *tasks.drain()]
    return result


def _tell(site: str, findings: Findings) -> None:
    for left in findings.left_out:
        logger.info("left out: %s (%s)", left.url, left.reason)
    if not findings.sources:
        logger.warning("%s: nothing found (%s)", site, _nothing(findings))
    elif findings.problem:
        logger.warning("%s: %s", site, findings.problem)


def _nothing(findings: Findings) -> str:
    return findings.problem or "no feed and no news sitemap"


def _deliver(printed: str, count: int, output: str | None) -> None:
    if output is None:
        sys.stdout.write(printed)
        return
    try:
        with create(output) as file:
            file.write(printed.encode())
    except (OSError, ValueError) as error:
        sys.stdout.write(printed)  # minutes of searching shall not be lost
        raise RunFailed(f"--output {output}: cannot be written ({error}); the list is printed instead") from error
    print(f"{count} {'source' if count == 1 else 'sources'} in {output}")


if __name__ == "__main__":
    from pipelines.cli import run

    run("discover", sys.argv[1:])
