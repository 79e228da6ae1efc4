"""Archives made of the demo edition, and runs of the commands in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from support import NOW, Capture, Output, edition_captures
from warc import write_captures


@pytest.fixture(scope="session")
def captures() -> list[Capture]:
    return edition_captures()


@pytest.fixture(scope="session")
def write_archive() -> Callable[..., Path]:
    def write(path: Path, captures: Iterable[Capture], status: str = "200 OK") -> Path:
        with path.open("wb") as file:
            write_captures(file, captures, status, gzip=path.suffix == ".gz")
        return path

    return write


@pytest.fixture(scope="session")
def archive(
    tmp_path_factory: pytest.TempPathFactory, captures: list[Capture], write_archive: Callable[..., Path]
) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive") / "edition.warc.gz", captures)


@pytest.fixture(scope="session")
def newsbeam() -> Callable[..., Output]:
    """Runs a command in this process, which keeps its warm pool from one test to the next."""

    def run(command: str, *argv: str, output: Path) -> Output:
        from pipelines import enrich, ingest

        module = {"ingest": ingest, "enrich": enrich}[command]
        module.main([*argv, "--output", str(output), "--now", NOW])
        return Output(output)

    return run


@pytest.fixture(scope="session")
def edition_output(newsbeam: Callable[..., Output], archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Output:
    """What a run over the demo edition wrote.  For reading only: several test files share it."""
    return newsbeam("ingest", "--warc", str(archive), output=tmp_path_factory.mktemp("edition") / "output")
