"""How time and memory grow with pages and cores, and how long the first record takes.

    python bench/scaling.py [--pages 100 500 2000 5000 20000] [--cores 1 2] [--warc PAGES.warc.gz]
                            [--rows out/scaling.jsonl] [--plot docs/images/scaling.svg]

Each run is `newsbeam ingest --warc` of that many distinct copies of the English pages of the demo edition (or of a
WARC), pinned to that many cores, with as many processes.  Memory is the highest proportional set size of the whole
process tree.  A run of one page is the start: its seconds are the time until the first record can be read.  Every run
adds a line to --rows, and those that are there already are not measured again: a long table can be made in parts.
Linux only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from material import demo_archive, english_archive, repeated
from plot import Line, panel, picture
from processes import run

NOW = "2026-12-01T06:00:00Z"
DAYLIGHT = ("#0b7285", "#c2410c", "#5f3dc4", "#2b8a3e")


@dataclass(frozen=True, slots=True)
class Row:
    """One run: its size and its cost."""

    pages: int
    cores: int
    words: int
    bytes_in: int
    bytes_out: int
    seconds: float
    cpu: float
    peak_mib: float


def measured(source: Path, words: float, pages: int, cores: int) -> Row:
    """The cost of ``pages`` copies of the pages in ``source`` on ``cores`` cores."""
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "out"
        _, archive = repeated(source, pages, Path(name) / "pages.warc.gz")
        options = ["--output", str(output), "--now", NOW, "--processes", str(cores)]
        command = [sys.executable, "-m", "pipelines", "ingest", "--warc", str(archive), *options]
        cost = run(command, cores=cores)
        written = sum(file.stat().st_size for file in output.rglob("*.avro"))
        size = archive.stat().st_size
    return Row(pages, cores, round(words), size, written, round(cost.seconds, 1), round(cost.cpu, 1), cost.peak_mib)


def read_rows(file: Path) -> list[Row]:
    """What was measured before."""
    return [Row(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown; the cost of a page is without the start on as many cores."""
    start = {row.cores: row for row in rows if row.pages == 1}
    lines = ["| pages | cores | s | CPU s | CPU ms a page | pages/s | peak MiB |", "|---|---|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: (row.pages, row.cores)):
        begun = start.get(row.cores)
        each = f"{(row.cpu - begun.cpu) / (row.pages - 1) * 1000:.0f}" if begun and row.pages > 1 else ""
        lines.append(
            f"| {row.pages:,} | {row.cores} | {row.seconds:.1f} | {row.cpu:.1f} | {each} | "
            f"{row.pages / row.seconds:.1f} | {row.peak_mib:.0f} |"
        )
    return "\n".join(lines)


def plot(rows: Sequence[Row]) -> str:
    """Seconds and memory over pages, a line for each number of cores."""
    many = sorted((row for row in rows if row.pages > 1), key=lambda row: row.pages)
    cores = sorted({row.cores for row in many})

    def lines(field: str) -> list[Line]:
        return [
            Line(
                f"{number} core{'s' if number > 1 else ''}",
                DAYLIGHT[place % len(DAYLIGHT)],
                tuple((row.pages, getattr(row, field)) for row in many if row.cores == number),
            )
            for place, number in enumerate(cores)
        ]

    return picture([panel("seconds", "pages", lines("seconds")), panel("peak MiB", "pages", lines("peak_mib"))])


def main() -> None:
    """Measures what is not measured yet, and prints and draws all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[100, 500, 2000, 5000, 20_000])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--warc", type=Path)
    parser.add_argument("--rows", type=Path, default=Path("out/scaling.jsonl"))
    parser.add_argument("--plot", type=Path, default=Path("docs/images/scaling.svg"))
    options = parser.parse_args()
    rows = read_rows(options.rows)
    options.rows.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        source, words = english_archive(options.warc, Path(name)) if options.warc else demo_archive(Path(name))
        wanted = [(pages, cores) for pages in sorted({1, *options.pages}) for cores in options.cores]
        for pages, cores in wanted:
            if not any((row.pages, row.cores) == (pages, cores) for row in rows):
                rows.append(measured(source, words, pages, cores))
                with options.rows.open("a") as file:
                    file.write(json.dumps(asdict(rows[-1])) + "\n")
                print(rows[-1], file=sys.stderr)
    print(table(rows))
    options.plot.write_text(plot(rows))


if __name__ == "__main__":
    main()
