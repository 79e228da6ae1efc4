"""What a run needs, looked at before there is one: each check says what it found and, where it is wrong, what to do."""

from __future__ import annotations

import os
import platform
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from statistics import median

from packaging.requirements import Requirement

from pipelines.errors import RunFailed, UsageError
from pipelines.facts import newsbeam_version
from pipelines.reporting.reading import Selection, find
from pipelines.stateful import check_state, store_at
from schemas.hops import FeedRequest
from transforms.core.layout import WORK_FOLDER
from transforms.core.snapshot import StateDamaged
from transforms.core.urls import registrable_domain
from transforms.fetcher import Fetcher
from transforms.fetching.records import FetchProblem, Response
from transforms.filesystem import create, exists, has_folders, join, open_bytes, remove

LEAST_FREE = 1024**3
"""Bytes on a disk: two target files of the default size."""

MOST_SKEW = timedelta(seconds=60)
"""Between this clock and the others': dates of feeds are judged by it, and a lease of a state by minutes."""

SITES_AT_ONCE = 16

PROBE = b"newsbeam doctor\n"


@dataclass(frozen=True, slots=True)
class Check:
    """``found`` in words; ``todo`` is None where all is well."""

    name: str
    found: str
    todo: str | None = None


def packages() -> Iterator[Check]:
    """Python, and every package that newsbeam declares."""
    yield Check("python", platform.python_version())
    needed = [Requirement(text) for text in requires("newsbeam") or ()]
    needed = [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = [fault for each in needed if (fault := _fault(each))]
    yield Check(
        "packages",
        "; ".join(wrong) or f"newsbeam {newsbeam_version()} with the {len(needed)} packages that it needs",
        "pip install --upgrade newsbeam, best into an environment of its own" if wrong else None,
    )


def models(chosen: Mapping[str, str]) -> Check:
    """Language to spaCy model, as a run would take them."""
    if not chosen:
        return Check("models", "none: no names, no speakers", "pip install 'newsbeam[en]'")
    return Check("models", ", ".join(f"{language}: {name} {_version(name)}" for language, name in chosen.items()))


def clock(output: str | None, now: datetime) -> Check:
    """This machine's clock against the newest run of the output."""
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    newest = _newest_run(output) if output else None
    if newest and newest > now + MOST_SKEW:
        return Check(
            "clock", f"{shown}, and a run in the output is of {newest:%Y-%m-%d %H:%M:%S}", "set the clock (NTP)"
        )
    return Check("clock", shown)


def output(uri: str) -> Iterator[Check]:
    """Whether a file can be written, read and removed below ``uri``, and whether there is room."""
    try:
        has_folder = exists(uri)
        if has_folders(uri) and not has_folder:
            yield _new_folder(Path(uri))
        else:
            _write_and_remove(join(uri, WORK_FOLDER, f"doctor-{uuid.uuid4().hex}"))
            yield Check("output", f"{uri} can be written")
    except OSError as error:
        yield Check("output", f"{uri}: {error}", "let this account write there, or name another --output")
        return
    if has_folders(uri):
        yield _room(Path(uri))


def state(uri: str) -> Iterator[Check]:
    """Whether the state is whole, and whether a run holds it.  Nothing is locked or changed."""
    try:
        store = store_at(uri)
        owner = store.last_owner()
        manifest = store.manifest(owner)
        check_state(uri, manifest)
    except StateDamaged as error:
        yield Check("state", f"damaged: {error}", "restore it from a copy, or name another, empty --state")
        return
    except (OSError, UsageError) as error:
        yield Check("state", f"{uri}: {error}", "name a --state that this account can read")
        return
    run = (
        f"whole, after run {manifest.run_id}; {len(manifest.files)} files" if manifest else "new: no run was published"
    )
    yield Check("state", run)
    if owner and not owner.is_done:
        yield Check(
            "state", f"{owner} holds it, or was killed", "if it is not running any more: the next run puts it right"
        )


def sites(feeds: Sequence[FeedRequest], fetcher: Fetcher, now: datetime) -> Iterator[Check]:
    """One feed of each domain, asked once; and this clock against theirs."""
    firsts = {registrable_domain(feed.url): feed.url for feed in reversed(feeds)}
    with ThreadPoolExecutor(SITES_AT_ONCE) as pool:
        answers = dict(zip(firsts.values(), pool.map(fetcher.get, firsts.values()), strict=True))
    silent = {url: answer for url, answer in answers.items() if isinstance(answer, FetchProblem)}
    yield Check("sites", f"{len(answers) - len(silent)} of {len(answers)} answer")
    for url, problem in silent.items():
        yield Check(
            "sites", f"{url}: {problem.detail}", "look at it in a browser; newsbeam discover finds a site's feeds"
        )
    yield from _skew([answer for answer in answers.values() if isinstance(answer, Response)], now)


def _fault(requirement: Requirement) -> str | None:
    found = _version(requirement.name)
    if found is None:
        return f"{requirement.name} is missing"
    return None if requirement.specifier.contains(found, prereleases=True) else f"{requirement} is wanted, not {found}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _newest_run(output: str) -> datetime | None:
    try:
        return datetime.fromisoformat(find(Selection(output)).manifests[-1]["now"])
    except (UsageError, RunFailed, OSError):  # nothing there, or damaged: another check's business
        return None


def _new_folder(folder: Path) -> Check:
    parent = next(each for each in folder.absolute().parents if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        return Check("output", f"{folder} is not there, and cannot be made in {parent}", "name another --output")
    return Check("output", f"{folder} is not there yet; it can be made")


def _write_and_remove(path: str) -> None:
    try:
        with create(path) as file:
            file.write(PROBE)
        with open_bytes(path) as file:
            if file.read() != PROBE:
                raise OSError("what was written is not what is read")
    finally:
        remove([path])


def _room(folder: Path) -> Check:
    there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    shown = f"{free / 1024**3:.1f} GB free"
    return Check("disk", shown, "make room" if free < LEAST_FREE else None)


def _skew(answers: Iterable[Response], now: datetime) -> Iterator[Check]:
    """The middle one counts: single servers are often wrong."""
    dates = [date for answer in answers if (date := _date(answer))]
    if not dates:
        return
    skew = timedelta(seconds=median((date - now).total_seconds() for date in dates))
    found = f"{abs(skew.total_seconds()):.0f} s {'behind' if skew > timedelta(0) else 'before'} the sites' clocks"
    yield Check("clock", found, "set the clock (NTP)" if abs(skew) > MOST_SKEW else None)


def _date(answer: Response) -> datetime | None:
    try:
        date = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
