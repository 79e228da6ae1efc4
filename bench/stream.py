#!/usr/bin/env python3
"""Runs `newsbeam stream` for some minutes against a site on loopback that has news every few seconds.

    python bench/stream.py --minutes 60 [--feeds more-feeds.txt] [--slow 100] [-- more options of newsbeam stream]

Prints how long it took from an entry's appearance in the feed to a file that has its article; over the whole process
tree the memory (proportional set size), threads, open files and processes, as medians of the tenths of the run; how
the stream ended when it was asked to, and how long that took.  Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import fastavro
import psutil
from memory import MIB, tree_bytes

WINDOW = 100
"""Entries that the feed shows."""

SAMPLE_SECONDS = 5.0

LATEST_SECONDS = 180.0
"""An entry that had so long before the end should have come out."""

STOP_SECONDS = 400.0
"""How long a stream may take to end: --drain_timeout is 300 by itself."""

PAGE = """<html lang="en"><head><title>Letter {number}</title><meta property="og:type" content="article"></head><body>
<article><h1>Letter {number} is read at the harbour</h1>
<p>Letter {number} came in the morning. The board of the harbour read it aloud, and forty people came to listen.</p>
<p>“We have read letter {number} with care,” said Ines Calder, who has led the board for six years. “The answer will be
sent before the week is out, and the crews will have it in their hands.”</p></article></body></html>"""


@dataclass
class Site:
    """``born`` maps paths to the time at which the feed began to list them; each page takes ``seconds``."""

    address: str = "127.0.0.1"
    origin: str = ""
    seconds: float = 0.0
    born: dict[str, float] = field(default_factory=dict)

    def publish(self) -> None:
        self.born[f"/letters/{len(self.born)}"] = time.time()

    def feed(self) -> str:
        return "".join(
            f"<item><title>Letter {path.rpartition('/')[2]}</title><link>{self.origin}{path}</link>"
            f"<pubDate>{format_datetime(datetime.fromtimestamp(born, UTC))}</pubDate></item>"
            for path, born in list(self.born.items())[-WINDOW:][::-1]
        )

    def answer(self, path: str) -> tuple[int, str]:
        if path == "/feed.xml":
            return 200, f'<rss version="2.0"><channel><title>Letters</title>{self.feed()}</channel></rss>'
        time.sleep(self.seconds)
        return (200, PAGE.format(number=path.rpartition("/")[2])) if path in self.born else (404, "none")


def on_air(site: Site) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, text = site.answer(self.path)
            self.send_response(status)
            kind = "application/rss+xml" if self.path == "/feed.xml" else "text/html; charset=utf-8"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer((site.address, 0), Handler)
    site.origin = f"http://{site.address}:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass(frozen=True)
class Sample:
    """What was seen of the process tree at one moment; ``memory`` in bytes."""

    memory: int
    threads: int
    files: int
    processes: int


def sample_of(root: psutil.Process) -> Sample:
    """Processes that end meanwhile count for nothing."""
    seen = []
    for process in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            seen.append((process.num_threads(), process.num_fds()))
    return Sample(tree_bytes(root), sum(each[0] for each in seen), sum(each[1] for each in seen), len(seen))


@dataclass
class Course:
    """What came of a run: seconds from feed to file of each article that came out, and samples."""

    latencies: dict[str, float] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)

    def look(self, site: Site, output: Path) -> None:
        """Notes the articles in files that were not there before."""
        for url in new_articles(output, self.files):
            path = url.removeprefix(site.origin)
            if path in site.born:
                self.latencies.setdefault(path, time.time() - site.born[path])


def new_articles(folder: Path, seen: set[Path]) -> Iterator[str]:
    """The URLs in files that were not there before."""
    for path in sorted(set(folder.glob("articles/*/*.avro")) - seen):
        seen.add(path)
        with path.open("rb") as file:
            rows: Any = fastavro.reader(file)
            yield from (row["url"] for row in rows)


def slow_site(pages: int) -> Site:
    """A publisher with ``pages`` from the start, each of which takes a second."""
    site = Site(address="127.0.0.2", seconds=1.0)
    for _ in range(pages):
        site.publish()
    return site


def command(sites: list[Site], folder: Path, feeds: list[str], more: list[str]) -> list[str]:
    listed = folder / "letters.csv"
    listed.write_text("url,interval\n" + "".join(f"{site.origin}/feed.xml,1m\n" for site in sites))
    return [
        *(sys.executable, "-m", "pipelines", "stream", "--feeds", str(listed), *feeds),
        *("--output", str(folder / "out"), "--state", str(folder / "state"), "--allow_networks", "127.0.0.0/8", *more),
    ]


def watch(child: subprocess.Popen[bytes], site: Site, output: Path, options: argparse.Namespace) -> Course:
    """Publishes entries and looks for their articles while the stream runs."""
    course, process = Course(), psutil.Process(child.pid)
    end, next_entry, next_sample = time.time() + options.minutes * 60, 0.0, time.time() + SAMPLE_SECONDS
    while child.poll() is None and time.time() < end:
        if time.time() >= next_entry:
            site.publish()
            next_entry = time.time() + options.every
        if time.time() >= next_sample:
            course.samples.append(sample_of(process))
            next_sample = time.time() + SAMPLE_SECONDS
        course.look(site, output)
        time.sleep(0.2)
    return course


def stop(child: subprocess.Popen[bytes]) -> str:
    """Asks the stream to end; says how it did, and what it left behind."""
    if child.poll() is not None:
        return f"exit {child.returncode}, before it was asked to stop"
    below, asked = psutil.Process(child.pid).children(recursive=True), time.monotonic()
    child.send_signal(signal.SIGTERM)
    try:
        status = f"exit {child.wait(STOP_SECONDS)}, {time.monotonic() - asked:.1f} s after it was asked to stop"
    except subprocess.TimeoutExpired:
        child.kill()
        status = f"killed: it had not ended {STOP_SECONDS:.0f} s after it was asked to stop"
    _, left = psutil.wait_procs(below, timeout=5)
    return f"{status}; {len(left)} processes left behind"


def tenths(values: list[int], unit: int = 1) -> str:
    """The median of each tenth of the run."""
    bounds = [len(values) * tenth // 10 for tenth in range(11)]
    parts = [values[start:end] for start, end in itertools.pairwise(bounds) if end > start]
    return " ".join(f"{statistics.median(part) / unit:6.0f}" for part in parts)


def report(course: Course, site: Site, ended: float) -> Iterator[str]:
    """The figures, in lines."""
    ordered = sorted(course.latencies.values())
    old = [path for path, born in site.born.items() if born < ended - LATEST_SECONDS]
    missing = sum(path not in course.latencies for path in old)
    yield f"{len(ordered)} of {len(site.born)} entries came out; of {len(old)} that had three minutes {missing} did not"
    if ordered:
        shown = " ".join(f"p{p} {ordered[min(len(ordered) - 1, len(ordered) * p // 100)]:.1f}" for p in (0, 50, 95, 99))
        yield f"seconds from feed to file: {shown} longest {ordered[-1]:.1f}"
    yield f"medians of the tenths of the run, the whole process tree, {len(course.samples)} samples:"
    yield f"  MiB        {tenths([each.memory for each in course.samples], MIB)}"
    yield f"  threads    {tenths([each.threads for each in course.samples])}"
    yield f"  open files {tenths([each.files for each in course.samples])}"
    yield f"  processes  {tenths([each.processes for each in course.samples])}"


def main() -> None:
    """Runs the stream and prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="between two entries")
    parser.add_argument(
        "--feeds", nargs="*", default=[], metavar="SRC", help="more feeds, as newsbeam stream takes them"
    )
    parser.add_argument("--slow", type=int, default=0, metavar="PAGES", help="of one more publisher, a second for each")
    parser.add_argument("--folder", type=Path, help="where output and state go (default: a folder that is removed)")
    parser.add_argument("more", nargs="*", help="after --: more options of newsbeam stream")
    options = parser.parse_args()
    site, slow = Site(), slow_site(min(options.slow, WINDOW))
    sites = [site, *([slow] if slow.born else [])]
    servers = [on_air(each) for each in sites]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        child = subprocess.Popen(command(sites, folder, options.feeds, options.more))  # noqa: S603 - our own command
        course = watch(child, site, folder / "out", options)
        ended = time.time()
        print(stop(child))
        course.look(site, folder / "out")
    for server in servers:
        server.shutdown()
    print("\n".join(report(course, site, ended)))


if __name__ == "__main__":
    main()
