"""Starts a Python process for each worker that Flink asks for: Beam's worker pool, on loopback alone.

    python worker_pool.py PORT

Beam's own command listens on every network of the machine.  The pool calls the ``python`` that PATH finds.
"""

from __future__ import annotations

import logging
import signal
import sys

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from apache_beam.utils import thread_pool_executor


def main(port: int) -> None:
    """Serves until it is told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    server = grpc.server(thread_pool_executor.shared_unbounded_instance())
    if not server.add_insecure_port(f"127.0.0.1:{port}"):
        sys.exit(f"port {port} is taken")
    pool = BeamFnExternalWorkerPoolServicer(use_process=True)
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.start()
    logging.info("started on port %d", port)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
