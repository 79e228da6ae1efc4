"""How close polite fetching comes to what politeness allows.

    python bench/fetch.py [--hosts 200] [--feeds 2000] [--latency 0.1] [--gap 1.0] [--threads N] [--rounds 3]

A process of its own serves every host on a loopback address (127.0.x.y) and answers after the latency.  Politeness
allows one request at a time to a host and the gap between an answer and the next request: the best possible time is
that of the host with most feeds, whatever the number of threads.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from statistics import median

from schemas.outcome import Problem
from transforms.core.addresses import parse_networks
from transforms.fetch_pool import DEFAULT_THREADS, FetchPool
from transforms.fetcher import Fetcher, FetcherConfig

FEED = b"<rss><channel>" + b"<item><title>All the news that a benchmark needs.</title></item>" * 300
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n%b" % (len(FEED), FEED)


def serve(hosts: int, latency: float, told: Connection) -> None:
    """Run the hosts until killed; tell their base URLs first."""
    asyncio.run(_serve(hosts, latency, told))


async def _serve(hosts: int, latency: float, told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(latency)
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    addresses = [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(hosts)]
    servers = [await asyncio.start_server(answer, address, 0) for address in addresses]
    told.send(["http://{}:{}".format(*server.sockets[0].getsockname()) for server in servers])
    await asyncio.gather(*(server.serve_forever() for server in servers))


@dataclass(frozen=True)
class Figures:
    """Of one round: seconds that passed, CPU seconds spent."""

    seconds: float
    cpu: float


def measure(bases: list[str], feeds: int, gap: float, threads: int) -> Figures:
    """Fetch ``feeds`` feeds, spread evenly over the hosts."""
    fetcher = Fetcher(FetcherConfig(allowed_networks=parse_networks(["127.0.0.0/8"])))
    started, cpu = time.monotonic(), time.process_time()
    with FetchPool(fetcher.course, str, threads=threads, gap_seconds=gap) as pool:
        for number in range(feeds):
            pool.submit(f"{bases[number % len(bases)]}/feed/{number}")
        results = [result for _, result in pool.drain()]
    figures = Figures(time.monotonic() - started, time.process_time() - cpu)
    fetcher.close()
    problems = [result for result in results if isinstance(result, Problem)]
    if problems:
        raise SystemExit(f"{len(problems)} problems, the first: {problems[0]}")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Polite fetching against the ideal.")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--feeds", type=int, default=2000, help="in all")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a server takes to answer")
    parser.add_argument("--gap", type=float, default=1.0, help="seconds between an answer and the next request")
    parser.add_argument("--threads", type=int, default=DEFAULT_THREADS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    hears, tells = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    servers = context.Process(target=serve, args=(options.hosts, options.latency, tells), daemon=True)
    servers.start()
    bases = hears.recv()
    most = -(-options.feeds // options.hosts)
    ideal = most * options.latency + (most - 1) * options.gap
    print(f"{options.feeds} feeds, {options.hosts} hosts, gap {options.gap} s, {options.threads} threads")
    rounds = []
    for _ in range(options.rounds):
        rounds.append(measure(bases, options.feeds, options.gap, options.threads))
        report(rounds[-1], options.feeds, ideal)
    servers.terminate()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"median {ideal / median(figures.seconds for figures in rounds):.1%} of the ideal; peak memory {peak:.0f} MiB"
    )


def report(figures: Figures, feeds: int, ideal: float) -> None:
    """Print one round."""
    print(
        f"{figures.seconds:.2f} s, {feeds / figures.seconds:.1f} requests/s; ideal {ideal:.2f} s, "
        f"{feeds / ideal:.1f}/s; {ideal / figures.seconds:.1%}; CPU {1000 * figures.cpu / feeds:.2f} ms a request"
    )


if __name__ == "__main__":
    main()
