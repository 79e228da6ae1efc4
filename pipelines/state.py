"""newsbeam state: the command that tells what runs remember."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser
from pipelines.shown import shown_line
from pipelines.stateful import WHAT_TO_DO, store_at
from pipelines.values import moment, place
from schemas.codec import from_row
from schemas.hops import Run
from schemas.state import FeedState, PageState
from transforms.core.polling.explain import explain_feed, explain_page
from transforms.core.snapshot import ARTICLES, FEEDS, PAGES, Row, StateDamaged, StateManifest
from transforms.core.urls import url_key
from transforms.state.shards import StateConfig, read_shard

DESCRIPTION = """\
Tells what scheduled runs remember: of a feed or a page, with the reason why it is or is not due; or, without a URL, of
the state as a whole.  Reads only; a run may be under way."""

EXAMPLES = """\
examples:
  newsbeam state show --state state
  newsbeam state show https://example.org/rss.xml --state state"""


def parser() -> Parser:
    """The options of ``newsbeam state``."""
    made = Parser(prog="newsbeam state", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument("what", choices=["show"], help="show what is known")
    made.add_argument("url", nargs="?", metavar="URL", help="a feed or a page, as it is listed")
    made.add_argument(
        "--state", required=True, type=place, metavar="URI", help="the state, as given to newsbeam ingest"
    )
    made.add_argument("--now", type=moment, metavar="ISO8601", help="the time to judge by (default: the system's)")
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_intermixed_args(list(argv))
    try:
        print("\n".join(map(shown_line, show(parsed))))
    except StateDamaged as error:
        raise RunFailed(f"the state is damaged: {error}. {WHAT_TO_DO}") from error


def show(parsed: argparse.Namespace) -> Iterator[str]:
    """The lines to print.  Raises `UsageError` where there is no state or nothing is known of the URL."""
    store = store_at(parsed.state)
    manifest = store.manifest(store.last_owner())
    if manifest is None:
        raise UsageError(f"--state {parsed.state}: no run was published there yet")
    if parsed.url is None:
        yield from _whole(manifest)
        return
    now = parsed.now or datetime.now(UTC).replace(microsecond=0)
    config = StateConfig(parsed.state, Run("show", now, ""), "", manifest, manifest.shards)
    lines = [*_feed(config, parsed.url), *_page(config, parsed.url)]
    if not lines:
        raise UsageError(f"{parsed.url}: nothing is known of it; a feed must be spelt as in the source list")
    yield from lines


def _whole(manifest: StateManifest) -> Iterator[str]:
    yield f"state after run {manifest.run_id} of {manifest.now}, the {manifest.generation}. on this state"
    yield f"  {manifest.records(FEEDS)} feeds, {manifest.records(PAGES)} pages, {manifest.records(ARTICLES)} articles"
    yield f"  {len(manifest.files)} files, {sum(file.size for file in manifest.files)} bytes"


def _feed(config: StateConfig, url: str) -> Iterator[str]:
    for row in _found(config, FEEDS, url, "url"):
        yield from explain_feed(from_row(FeedState, row), config.run.now)


def _page(config: StateConfig, url: str) -> Iterator[str]:
    for row in _found(config, PAGES, url_key(url), "key"):
        yield from explain_page(from_row(PageState, row), config.run.now)


def _found(config: StateConfig, kind: str, key: str, field: str) -> Iterator[Row]:
    return (row for row in read_shard(config, kind, config.shard_of(key)) if row[field] == key)


if __name__ == "__main__":
    from pipelines.cli import run

    run("state", sys.argv[1:])
