"""The whole job, `newsbeam ingest --warc`, against the loop of bench/handloop.py over the same pages, in one run.

    python bench/versus.py [--warc PAGES.warc.gz] [--pages 2000] [--rounds 2] [--processes 2]

The two take turns, so that a busy machine slows both alike; printed are medians and ratios.  Of a busy machine believe
the CPU seconds (user and system, of all processes of the job), of a quiet one the clock.  Each job is also run on a
single page: what is left when that is taken away is the cost of the pages without that of the start.

Without --warc the pages are the English ones of the demo edition.  Of a WARC those in English are taken, since the loop
has only an English model.  They are copied, each copy with an address and a paragraph of its own, until there are
--pages of them.  The third line, "loop, numpy's BLAS", is the loop with the one trick of ours that could be had there
with a line; the last, "loop, lean", has that and leaves out what it does not write: see docs/performance.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from material import demo_archive, english_archive, repeated
from processes import Cost, run

HERE = Path(__file__).parent
NOW = "2026-12-01T06:00:00Z"


def ours(archive: Path, output: Path, processes: int) -> list[str]:
    """The command that reads ``archive`` with newsbeam on the local runner."""
    call = ["ingest", "--warc", str(archive), "--output", str(output), "--now", NOW, "--processes", str(processes)]
    return [sys.executable, "-m", "pipelines", *call]


def loop(archive: Path, output: Path, processes: int, *options: str) -> list[str]:
    """The command that reads it with the loop."""
    script = str(HERE / "handloop.py")
    return [sys.executable, script, str(archive), str(output), "--processes", str(processes), *options]


def measured(
    jobs: dict[str, Sequence[str]], single: Path, archive: Path, rounds: int, processes: int
) -> dict[tuple[str, bool], list[Cost]]:
    """The costs of each job on the whole archive (True) and on a single page (False)."""
    costs: dict[tuple[str, bool], list[Cost]] = {(name, whole): [] for name in jobs for whole in (False, True)}
    for name, options in jobs.items():
        _cost(name, options, single, processes)  # compiles modules, and fills the system's cache of files
    for number in range(rounds):
        for name, options in list(jobs.items())[:: 1 if number % 2 == 0 else -1]:
            for whole, source in ((False, single), (True, archive)):
                costs[name, whole].append(_cost(name, options, source, processes))
    return costs


def _cost(name: str, options: Sequence[str], source: Path, processes: int) -> Cost:
    command = ours if name == "newsbeam" else loop
    with tempfile.TemporaryDirectory() as folder:
        return run(command(source, Path(folder) / "out", processes, *options))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warc", type=Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, words = english_archive(options.warc, folder) if options.warc else demo_archive(folder)
        pages, archive = repeated(source, options.pages, folder / "pages.warc.gz")
        _, single = repeated(source, 1, folder / "single.warc.gz")
        print(f"{pages} pages, {words:.0f} words each, {options.processes} processes, {options.rounds} rounds")
        jobs: dict[str, Sequence[str]] = {
            "newsbeam": (),
            "loop": (),
            "loop, numpy's BLAS": ("--numpy_blas",),
            "loop, lean": ("--numpy_blas", "--lean"),
        }
        costs = measured(jobs, single, archive, options.rounds, options.processes)
    _print(costs, list(jobs), pages)


def _print(costs: dict[tuple[str, bool], list[Cost]], jobs: Sequence[str], pages: int) -> None:
    whole = {name: _median(costs[name, True]) for name in jobs}
    start = {name: _median(costs[name, False]) for name in jobs}
    print(f"{'':20}{'s':>8}{'CPU s':>8}{'pages/s':>9}{'start s':>9}{'CPU s':>7}{'CPU ms a page':>15}{'MiB':>6}")
    for name in jobs:
        per_page = (whole[name].cpu - start[name].cpu) / (pages - 1) * 1000
        print(
            f"{name:20}{whole[name].seconds:8.1f}{whole[name].cpu:8.1f}{pages / whole[name].seconds:9.1f}"
            f"{start[name].seconds:9.1f}{start[name].cpu:7.1f}{per_page:15.0f}{whole[name].peak_mib:6.0f}"
        )
    print("times newsbeam:")
    for name in jobs[1:]:
        rows = list(zip(costs["newsbeam", True], costs[name, True], strict=True))
        clock = median(other.seconds / mine.seconds for mine, other in rows)
        cpu = median(other.cpu / mine.cpu for mine, other in rows)
        pages_alone = (whole[name].cpu - start[name].cpu) / (whole["newsbeam"].cpu - start["newsbeam"].cpu)
        print(f"{name:20}{clock:8.2f}{cpu:8.2f}   without the start, CPU {pages_alone:.2f}")


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(getattr(cost, name) for cost in costs) for name in ("seconds", "cpu", "peak_mib")))


if __name__ == "__main__":
    main()
