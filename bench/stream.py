#!/usr/bin/env python3
"""Runs `newsbeam stream` for some minutes against a site on loopback that has news every few seconds.

    python bench/stream.py --minutes 10 [--feeds more-feeds.txt] [--folder kept] [-- more options of newsbeam stream]

Prints how long it took from an entry's appearance in the feed to a file that has its article, and the memory
(proportional set size of the process tree), threads and open files of the stream over time.  Linux only.
"""

from __future__ import annotations

import argparse
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

WINDOW = 30
"""Entries that the feed shows."""

PAGE = """<html lang="en"><head><title>Letter {number}</title><meta property="og:type" content="article"></head><body>
<article><h1>Letter {number} is read at the harbour</h1>
<p>Letter {number} came in the morning. The board of the harbour read it aloud, and forty people came to listen.</p>
<p>“We have read letter {number} with care,” said Ines Calder, who has led the board for six years. “The answer will be
sent before the week is out, and the crews will have it in their hands.”</p></article></body></html>"""


@dataclass
class Site:
    """``born`` maps paths to the time at which the feed began to list them."""

    origin: str = ""
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass
class Samples:
    """What was seen of the process, a few times a minute."""

    memory: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def take(self, process: psutil.Process) -> None:
        self.memory.append(tree_bytes(process))
        self.threads.append(process.num_threads())
        self.files.append(process.num_fds())


def new_articles(folder: Path, seen: set[Path]) -> Iterator[str]:
    """The URLs in files that were not there before."""
    for path in sorted(set(folder.glob("articles/*/*.avro")) - seen):
        seen.add(path)
        with path.open("rb") as file:
            rows: Any = fastavro.reader(file)
            yield from (row["url"] for row in rows)


def command(site: Site, folder: Path, feeds: list[str], more: list[str]) -> list[str]:
    listed = folder / "letters.csv"
    listed.write_text(f"url,interval\n{site.origin}/feed.xml,1m\n")
    return [
        *(sys.executable, "-m", "pipelines", "stream", "--feeds", str(listed), *feeds),
        *("--output", str(folder / "out"), "--state", str(folder / "state"), "--allow_networks", "127.0.0.0/8", *more),
    ]


def watch(child: subprocess.Popen[bytes], site: Site, output: Path, options: argparse.Namespace) -> Any:
    """(seconds from feed to file of each article, samples) while the stream runs."""
    latencies: list[float] = []
    samples, seen = Samples(), set[Path]()
    end, next_entry, next_sample = time.time() + options.minutes * 60, 0.0, time.time() + 30
    while child.poll() is None and time.time() < end:
        if time.time() >= next_entry:
            site.publish()
            next_entry = time.time() + options.every
        if time.time() >= next_sample:
            samples.take(psutil.Process(child.pid))
            next_sample = time.time() + 5
        for url in new_articles(output, seen):
            if url.startswith(site.origin):
                latencies.append(time.time() - site.born[url.removeprefix(site.origin)])
        time.sleep(0.2)
    return latencies, samples


def tenths(values: list[int], unit: int = 1) -> str:
    size = max(1, len(values) // 10)
    return " ".join(f"{statistics.median(values[i : i + size]) / unit:.0f}" for i in range(0, len(values), size))


def main() -> None:
    """Runs the stream and prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="between two entries")
    parser.add_argument("--feeds", nargs="*", default=[], help="more feeds, as newsbeam stream takes them")
    parser.add_argument("--folder", type=Path, help="where output and state go (default: a folder that is removed)")
    parser.add_argument("more", nargs="*", help="after --: more options of newsbeam stream")
    options = parser.parse_args()
    site = Site()
    server = on_air(site)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        child = subprocess.Popen(command(site, folder, options.feeds, options.more))  # noqa: S603 - our own command
        latencies, samples = watch(child, site, folder / "out", options)
        asked = time.monotonic()
        child.send_signal(signal.SIGTERM)
        print(f"exit {child.wait()}, {time.monotonic() - asked:.1f} s after it was asked to stop")
    server.shutdown()
    ordered = sorted(latencies)
    print(f"{len(ordered)} of {len(site.born)} entries came out while it ran, seconds from feed to file:")
    print(" ".join(f"p{p} {ordered[min(len(ordered) - 1, len(ordered) * p // 100)]:.1f}" for p in (0, 50, 95, 99)))
    print(f"medians of the tenths: MiB {tenths(samples.memory, MIB)}")
    print(f"threads {tenths(samples.threads)}; open files {tenths(samples.files)}")


if __name__ == "__main__":
    main()
