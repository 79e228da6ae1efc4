"""How close polite fetching comes to what politeness allows.

    python bench/fetch.py [--hosts 200] [--pages 10] [--latency 0.1] [--gap 1.0] [--threads 32]

A process of its own serves every host on a loopback address (127.0.x.y) and answers after the latency.  The best
possible time is the longer of two: one host asked for its pages one after the other with the gap between, and all
threads waiting for answers without a pause.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import time
from multiprocessing.connection import Connection

from schemas.outcome import Problem
from transforms.core.addresses import parse_networks
from transforms.core.urls import registrable_domain
from transforms.fetch_pool import FetchPool
from transforms.fetcher import Fetcher, FetcherConfig

PAGE = b"<p>" + b"All the news that a benchmark needs. " * 500
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE)


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


def measure(bases: list[str], pages: int, gap: float, threads: int) -> tuple[float, float]:
    """Fetch ``pages`` of each host; return the seconds that passed and the CPU seconds spent."""
    fetcher = Fetcher(FetcherConfig(allowed_networks=parse_networks(["127.0.0.0/8"])))
    started, cpu = time.monotonic(), time.process_time()
    with FetchPool(fetcher.get, registrable_domain, threads=threads, gap_seconds=gap) as pool:
        for page in range(pages):
            for base in bases:
                pool.submit(f"{base}/story/{page}")
        results = [result for _, result in pool.drain()]
    problems = [result for result in results if isinstance(result, Problem)]
    if problems:
        raise SystemExit(f"{len(problems)} problems, the first: {problems[0]}")
    return time.monotonic() - started, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description="Polite fetching against the ideal.")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=10, help="a host")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a server takes to answer")
    parser.add_argument("--gap", type=float, default=1.0, help="seconds between two requests to a host")
    parser.add_argument("--threads", type=int, default=32)
    options = parser.parse_args()

    hears, tells = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    servers = context.Process(target=serve, args=(options.hosts, options.latency, tells), daemon=True)
    servers.start()
    seconds, cpu = measure(hears.recv(), options.pages, options.gap, options.threads)
    servers.terminate()

    requests = options.hosts * options.pages
    by_host = options.pages * options.latency + (options.pages - 1) * options.gap
    by_threads = requests * options.latency / options.threads
    ideal = max(by_host, by_threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{requests} requests, {options.hosts} hosts, gap {options.gap} s, {options.threads} threads")
    print(f"took {seconds:.2f} s, {requests / seconds:.0f} requests/s; ideal {ideal:.2f} s, {requests / ideal:.0f}/s")
    print(
        f"{ideal / seconds:.0%} of the ideal; CPU {1000 * cpu / requests:.2f} ms a request; peak memory {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
