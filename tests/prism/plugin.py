"""Runs the tests with Prism in the place of the local runner.

    PYTHONPATH=tests pytest -p prism.plugin tests/test_ingest_runs.py

One Prism serves all of them.  Runs that tests start as commands of their own stay on the local runner.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from prism.binary import Missing, prism_binary

START_SECONDS = 60.0

IDLE = "30m"
"""Prism ends itself when it had no job for so long: a killed test run leaves none behind for ever."""


class PrismServer:
    """The running server."""

    def __init__(self, binary: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self._process = subprocess.Popen(
            [
                *(str(binary), f"--job_port={self.port}", "--serve_http=false", "--log_level=error"),
                f"--idle_shutdown_timeout={IDLE}",
            ],
            start_new_session=True,  # an interrupt is for the tests, which end it themselves
        )
        self._wait()

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)):
                return
            time.sleep(0.1)
        self.close()
        raise TimeoutError("Prism did not start")


def pytest_configure(config: pytest.Config) -> None:
    """Starts Prism, and makes it the runner of runs that name none; without Go all is skipped, with a word."""
    from pipelines import beam_options

    try:
        server = PrismServer(prism_binary())
    except Missing as missing:
        pytest.exit(f"skipped: no Prism: {missing}", returncode=0)
    config.add_cleanup(server.close)
    beam_options.DEFAULTS[beam_options.PRISM]["--job_endpoint"] = f"localhost:{server.port}"
    beam_options._runner = prism_for_local(beam_options._runner)


def prism_for_local(choose: Callable[[Sequence[str]], str]) -> Callable[[Sequence[str]], str]:
    """The same choice of a runner, with Prism in the place of the local one."""
    from pipelines.beam_options import LOCAL_RUNNER, PRISM

    def chosen(flags: Sequence[str]) -> str:
        name = choose(flags)
        return PRISM if name == LOCAL_RUNNER else name

    return chosen
