"""The model of bench/simulate.py against a real `newsbeam ingest` on loopback, with the same hosts, feeds and pages."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from simulate import Load, Model

TESTS = Path(__file__).parents[1] / "tests"
TOLERANCE = 0.25
"""Of the time: a real run also parses and writes between its requests.  Requests must agree exactly."""

LOAD = Load(
    feeds=24, hosts=8, window=3, skew=0.8, answer=0.1, errors=0.0, gap=0.5, revisits=False, is_steady=False, threads=32
)
PAGE = "<html lang='en'><head><title>Notice {0}</title></head><body><article><h1>Notice {0}</h1>{1}</article></body>"
TEXT = "<p>The harbour board said that crane {} will be mended before winter, and that the crews had been told.</p>"


def feed_of(base: str, number: int) -> bytes:
    """A feed with as many entries as the window of the load."""
    items = "".join(
        f"<item><title>Notice {number}-{entry}</title><link>{base}/{number}/{entry}</link></item>"
        for entry in range(LOAD.window)
    )
    return f"<rss version='2.0'><channel><title>Board {number}</title>{items}</channel></rss>".encode()


def page_of(name: str) -> bytes:
    return PAGE.format(name, "".join(TEXT.format(f"{name}-{line}") for line in range(6))).encode()


def delayed(kind: str, body: bytes) -> Any:
    """The answer of a site that takes the time of the load."""

    def answer(handler: Any) -> None:
        time.sleep(LOAD.answer)
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def open_sites(publishers: Any, hosts: list[int]) -> list[str]:
    """The addresses of the feeds, on sites that are open now."""
    bases = {host: publishers.open(str(host), **{"robots.txt": delayed("text/plain", b"")}) for host in set(hosts)}
    for number, host in enumerate(hosts):
        base = bases[host]
        feed = delayed("application/rss+xml", feed_of(base, number))
        pages = {
            f"{number}/{entry}": delayed("text/html", page_of(f"{number}-{entry}")) for entry in range(LOAD.window)
        }
        publishers.add(str(host), **{f"feed/{number}": feed}, **pages)
    return [f"{bases[host]}/feed/{number}" for number, host in enumerate(hosts)]


def real(hosts: list[int]) -> tuple[int, float]:
    """(requests, seconds from the first to the end of the last) of a real run."""
    sys.path.insert(0, str(TESTS))
    from publishers import Publishers

    publishers = Publishers()
    try:
        with tempfile.TemporaryDirectory() as name:
            listed = Path(name) / "feeds.txt"
            listed.write_text("\n".join(open_sites(publishers, hosts)))
            options = ["--host_gap", str(LOAD.gap), "--fetch_threads", str(LOAD.threads), "--processes", "1"]
            command = [sys.executable, "-m", "pipelines", "ingest", "--feeds", str(listed), "--output", f"{name}/out"]
            contact = ["--allow_networks", "127.0.0.0/8", "--contact", "bench@example.org"]
            call = [*command, *options, *contact]
            subprocess.run(call, check=True, capture_output=True)  # noqa: S603 - our own command
            log = publishers.log
            return len(log), max(end for *_, end in log) - min(start for _, _, start, _ in log)
    finally:
        publishers.close()


def check() -> None:
    """Prints both, and exits with status 1 where they disagree."""
    model = Model(LOAD)
    result = model.simulate()
    requests, seconds = real(model.host)
    off = seconds / result.ended - 1
    print(f"model: {result.requests.total()} requests in {result.ended:.1f} s")
    print(f"real:  {requests} requests in {seconds:.1f} s, {off:+.1%} (tolerance {TOLERANCE:.0%})")
    if requests != result.requests.total() or abs(off) > TOLERANCE:
        raise SystemExit("the model and the run disagree")
