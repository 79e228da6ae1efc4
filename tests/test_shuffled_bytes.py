"""What the local runner holds, which it does to the end of a run, does not grow with the pages of archives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from apache_beam.runners.portability.fn_api_runner import execution

from support import Output

FEW, MANY = 200, 1_000
BYTES_A_PAGE = 4.0
"""3.0 were measured: paths of parts, of which more shards have one.  While places in archives were shuffled it was
1,314."""


@pytest.fixture
def shuffled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all that comes into the runner's buffers, in bytes."""
    sizes: list[int] = []
    for kind in (execution.ListBuffer, execution.GroupingBuffer):
        inner = kind.append

        def append(buffer: object, data: bytes, inner: Callable[..., None] = inner) -> None:
            sizes.append(len(data))
            inner(buffer, data)

        monkeypatch.setattr(kind, "append", append)
    return sizes


def test_bytes_that_the_runner_holds_for_a_page(
    newsbeam: Callable[..., Output], write_archive: Callable[..., Path], shuffled: list[int], tmp_path: Path
) -> None:
    totals = {}
    for count in (FEW, MANY):
        pages = [(f"https://a.example/{number}", b"<p>Nothing.</p>", "text/html") for number in range(count)]
        archive = write_archive(tmp_path / f"{count}.warc.gz", pages)
        shuffled.clear()
        output = newsbeam("ingest", "--warc", str(archive), output=tmp_path / f"out-{count}")
        assert len(output.rows("outcomes")) == count
        totals[count] = sum(shuffled)
    assert totals[FEW] > 1_000
    assert (totals[MANY] - totals[FEW]) / (MANY - FEW) < BYTES_A_PAGE, totals
