"""Disks that are full or fill up, names that are not found: said in a line, and made good later."""

from __future__ import annotations

import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from changing_site import ChangingSite, changing_site
from chaos.invariants import check_at_rest, check_output, check_state
from chaos.test_random_kills import START, command
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


def run(site: ChangingSite, folder: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(site, folder, START), capture_output=True, text=True, check=False, **how)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("most", [100, 2_000, 6_000, 20_000])
def test_files_that_cannot_grow(most: int, site: ChangingSite, tmp_path: Path) -> None:
    """A limit on the size of files fails a write as a full disk does, at any of several places."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    failed = run(site, tmp_path, preexec_fn=limit)
    assert failed.returncode or most > LARGEST_THAT_FAILS
    if failed.returncode:
        check_failed_in_a_line(failed)
    check_made_good(site, tmp_path)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kilobytes", [8, 64, 160])
def test_a_disk_that_fills_up(kilobytes: int, site: ChangingSite, tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    with small_disk(mounted, kilobytes):
        failed = run(site, mounted)
        if failed.returncode:
            check_failed_in_a_line(failed)
        check_output(mounted / "out")
        check_state(mounted / "state", mounted / "out")
        shutil.copytree(mounted, tmp_path / "larger")
    check_made_good(site, tmp_path / "larger")


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("moment", ["/robots.txt", "/story-2"])
def test_a_disk_that_others_fill(moment: str, site: ChangingSite, tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    with small_disk(mounted, 4_000):
        site.answers = _Watched(site, moment, lambda: fill(mounted))
        failed = run(site, mounted)
        assert failed.returncode == 1
        check_failed_in_a_line(failed)
        check_output(mounted / "out")
        check_state(mounted / "state", mounted / "out")
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
        subprocess.run(["umount", "--lazy", str(self._place)], check=True)  # noqa: S607 - the system's


def mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode  # noqa: S607 - the system's


def check_failed_in_a_line(failed: subprocess.CompletedProcess[str]) -> None:
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr, failed.stderr
    assert failed.stderr.splitlines()[-1].startswith("newsbeam: "), failed.stderr


def check_made_good(site: ChangingSite, folder: Path) -> None:
    """The same command, where nothing is in its way, ends as if nothing had happened."""
    done = run(site, folder)
    assert done.returncode == 0, done.stderr
    check_at_rest(folder / "out")
    check_state(folder / "state", folder / "out")
    headlines = {row["headline"] for row in Output(folder / "out").rows("articles")}
    assert headlines == {headline for headline, _, _ in site.stories.values()}


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_names_that_are_not_found_and_then_are(
    site: ChangingSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def fails(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    argv = command(site, tmp_path, START)[4:]
    monkeypatch.setattr(socket, "getaddrinfo", fails)
    ingest.main([each.replace("127.0.0.1", "localhost") for each in argv])
    (outcome,) = Output(tmp_path / "out").rows("outcomes")
    assert (outcome["outcome"], outcome["retryable"]) == ("unreachable", True)
    monkeypatch.setattr(socket, "getaddrinfo", real)
    later = [each.replace("127.0.0.1", "localhost").replace("T08:", "T20:") for each in argv]
    ingest.main(later)
    check_at_rest(tmp_path / "out")
    assert Output(tmp_path / "out").rows("articles")


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_a_clock_that_steps_back(site: ChangingSite, tmp_path: Path) -> None:
    for number, hour in enumerate(("08", "20", "06", "23", "07")):
        site.publish("/story-0", f"Crew 0 is home, {number}", "Crew 0 came home.", "Mon, 16 Nov 2026 06:00:00 GMT")
        argv = [each.replace("T08:", f"T{hour}:") for each in command(site, tmp_path, START)]
        assert subprocess.run([*argv, "--force"], capture_output=True, check=False).returncode == 0
        check_at_rest(tmp_path / "out")
        check_state(tmp_path / "state", tmp_path / "out")
    headlines = [row["headline"] for row in Output(tmp_path / "out").rows("articles") if "says" not in row["headline"]]
    assert {f"Crew 0 is home, {number}" for number in range(5)} <= set(headlines)


assert sys.platform != "win32", "file systems are mounted as on Linux"
