"""A killed run leaves nothing that a reader could take for articles; run again, it ends as if undisturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support import NOW, Output
from transforms.core.layout import WORK_FOLDER

PATIENCE_SECONDS = 90.0


def command(archive: Path, output: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pipelines", "ingest", "--warc", str(archive)),
        *("--output", str(output), "--now", NOW, "--run_id", "daily"),
    ]


def has_begun(output: Path) -> bool:
    return (output / WORK_FOLDER).exists()


def has_parts(output: Path) -> bool:
    return any((output / WORK_FOLDER).glob("daily/parts/*/*/*"))


def has_merged(output: Path) -> bool:
    return any((output / WORK_FOLDER).glob("daily/merged/article/*"))


MOMENTS: dict[str, Callable[[Path], bool]] = {"begun": has_begun, "parts": has_parts, "merged": has_merged}


def stop_at(archive: Path, output: Path, moment: Callable[[Path], bool], number: signal.Signals) -> int:
    """Starts a run, sends it a signal when ``moment`` has come, and gives its exit status."""
    with subprocess.Popen(command(archive, output), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not moment(output):
            assert run.poll() is None, "the run ended before the moment came"
            assert time.monotonic() < deadline
            time.sleep(0.001)
        os.kill(run.pid, number)
        return run.wait(timeout=PATIENCE_SECONDS)


def check_what_a_reader_sees(output: Path) -> None:
    seen = [path for path in output.rglob("*") if path.is_file() and WORK_FOLDER not in path.parts]
    assert all(path.suffix in (".avro", ".json") for path in seen)
    assert len(Output(output).rows("articles")) >= 0  # every file that is there is whole


@pytest.fixture(scope="module")
def undisturbed(newsbeam: Callable[..., Output], archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Output:
    return newsbeam("ingest", "--warc", str(archive), "--run_id", "daily", output=tmp_path_factory.mktemp("calm") / "o")


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_run_again(
    moment: str, archive: Path, newsbeam: Callable[..., Output], undisturbed: Output, tmp_path: Path
) -> None:
    assert stop_at(archive, tmp_path, MOMENTS[moment], signal.SIGKILL) == -signal.SIGKILL
    check_what_a_reader_sees(tmp_path)
    again = newsbeam("ingest", "--warc", str(archive), "--run_id", "daily", output=tmp_path)
    assert again.bytes_by_name() == undisturbed.bytes_by_name()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_cleanly(number: signal.Signals, archive: Path, tmp_path: Path) -> None:
    assert stop_at(archive, tmp_path, has_begun, number) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
