"""Disks that are full or fill up, names that are not found: said in a line, and made good later."""

from __future__ import annotations

import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from changing_site import ChangingSite, changing_site
from chaos.runs import LATER, START, check_ended, check_failed_in_a_line, check_whole, command, headlines, run
from pipelines import ingest
from support import Output

LARGEST_THAT_FAILS = 2_000
"""Bytes: no run of these tests is without a larger file."""


@pytest.fixture
def site() -> Iterator[ChangingSite]:
    with changing_site() as publisher:
        for number in range(4):
            first = f"Crew {number} came home by four in the afternoon."
            publisher.publish(f"/story-{number}", f"Crew {number} is home", first, "Mon, 16 Nov 2026 06:00:00 GMT")
        yield publisher


def first_run(site: ChangingSite, folder: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    return run(command([site.feed_url], folder, START), **how)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("most", [100, 2_000, 6_000, 20_000])
def test_files_that_cannot_grow(most: int, site: ChangingSite, tmp_path: Path) -> None:
    """A limit on the size of files fails a write as a full disk does, at any of several places."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    failed = first_run(site, tmp_path, preexec_fn=limit)
    assert failed.returncode or most > LARGEST_THAT_FAILS
    if failed.returncode:
        check_failed_in_a_line(failed)
    check_made_good(site, tmp_path)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kilobytes", [8, 64, 160])
def test_a_disk_that_fills_up(kilobytes: int, site: ChangingSite, tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    with small_disk(mounted, kilobytes):
        failed = first_run(site, mounted)
        if failed.returncode:
            check_failed_in_a_line(failed)
        check_whole(mounted)
        shutil.copytree(mounted, tmp_path / "larger")
    check_made_good(site, tmp_path / "larger")


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("moment", ["/robots.txt", "/story-2"])
def test_a_disk_that_others_fill(moment: str, site: ChangingSite, tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    with small_disk(mounted, 4_000):
        site.answers = _Watched(site, moment, lambda: fill(mounted))
        failed = first_run(site, mounted)
        assert failed.returncode == 1
        check_failed_in_a_line(failed)
        check_whole(mounted)
        (mounted / JUNK).unlink()
        shutil.copytree(mounted, tmp_path / "sound")
    site.answers = {}
    check_made_good(site, tmp_path / "sound")


JUNK = "junk"


def fill(folder: Path) -> None:
    """Takes what is left of a disk."""
    with suppress(OSError), (folder / JUNK).open("wb", buffering=0) as junk:
        while True:
            junk.write(bytes(1024))


class _Watched(dict[str, Any]):
    """A site's answers, none; when ``path`` is looked up for the first time something happens."""

    def __init__(self, site: ChangingSite, path: str, happens: Callable[[], None]) -> None:
        super().__init__(site.answers)
        self._path, self._happens = path, happens

    def __contains__(self, path: object) -> bool:
        if path == self._path:
            self._happens()
            self._happens = lambda: None
        return super().__contains__(path)


class small_disk:
    """A file system in memory of a few kilobytes.  Skips where this user may not mount one."""

    def __init__(self, place: Path, kilobytes: int) -> None:
        self._place, self._kilobytes = place, kilobytes

    def __enter__(self) -> None:
        self._place.mkdir()
        if shutil.which("mount") is None or mount(
            "-t", "tmpfs", "-o", f"size={self._kilobytes}k", "tmpfs", str(self._place)
        ):
            pytest.skip("no file system can be mounted here")

    def __exit__(self, *_: object) -> None:
        unmount(self._place)


def unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607 - the system's


def mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode  # noqa: S607 - the system's


def check_made_good(site: ChangingSite, folder: Path) -> None:
    """The same command, where nothing is in its way, ends as if nothing had happened."""
    check_ended(first_run(site, folder), folder)
    assert headlines(folder) == site.headlines()


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("moment", ["/robots.txt", "/story-2"])
def test_an_output_that_turns_read_only(moment: str, site: ChangingSite, tmp_path: Path) -> None:
    """Files that are open can be written on; whatever is made or renamed from then on is refused."""
    folder = tmp_path / "here"
    output = folder / "out"
    output.mkdir(parents=True)
    with read_only_at_a_call(output) as turn_read_only:
        site.answers = _Watched(site, moment, turn_read_only)
        failed = first_run(site, folder)
        assert failed.returncode == 1
        check_failed_in_a_line(failed)
        assert "Read-only file system" in failed.stderr.splitlines()[-1]
        check_whole(folder)
    site.answers = {}
    check_made_good(site, folder)


@contextmanager
def read_only_at_a_call(folder: Path) -> Iterator[Callable[[], None]]:
    """Gives what turns ``folder`` read-only until the end.  Skips where this user may not mount.

    A file system that somebody writes to cannot be mounted anew, but it can be mounted a second time over itself.
    """
    if shutil.which("mount") is None or mount("--bind", str(folder), str(folder)):
        pytest.skip("nothing can be mounted here")
    layers = 1

    def turn_read_only() -> None:
        nonlocal layers
        assert not mount("--bind", str(folder), str(folder))
        layers += 1
        assert not mount("-o", "remount,bind,ro", str(folder))

    try:
        yield turn_read_only
    finally:
        for _ in range(layers):
            unmount(folder)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_names_that_are_not_found_and_then_are(
    site: ChangingSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def fails(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    feed = site.feed_url.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(socket, "getaddrinfo", fails)
    ingest.main(command([feed], tmp_path, START)[4:])
    (outcome,) = Output(tmp_path / "out").rows("outcomes")
    assert (outcome["outcome"], outcome["retryable"]) == ("unreachable", True)
    monkeypatch.setattr(socket, "getaddrinfo", real)
    ingest.main(command([feed], tmp_path, LATER)[4:])
    check_whole(tmp_path)
    assert headlines(tmp_path) == site.headlines()


assert sys.platform != "win32", "file systems are mounted as on Linux"
