"""A Flink cluster on this machine, every part of it a process of its own that a test can kill.

    with flink_cluster(folder) as cluster:
        command = ["newsbeam", "ingest", ..., *cluster.flags(parallelism=2)]
        cluster.kill("taskmanager")
        cluster.start("taskmanager")

The parts are ``jobmanager``, ``taskmanager`` (more are ``taskmanager2`` …), ``jobserver`` and ``pool``; the pool starts
a Python process for each worker.  All listen on loopback, on ports that were free.  What they say is in
``folder/NAME.log``.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from flink.jar import flink_jar

MARK = "NEWSBEAM_TEST_CLUSTER"
"""The environment variable by which a cluster knows its own processes."""

SLOTS = 2
"""Of each TaskManager."""

START_SECONDS = 120.0
"""On a busy machine; a quiet one takes seven."""

OPENED = [
    "lang",
    "lang.reflect",
    "net",
    "io",
    "nio",
    "text",
    "time",
    "util",
    *("util.concurrent" + each for each in ("", ".atomic")),
]
"""Packages of java.base that Flink's serialisers look into."""

JAVA_FLAGS = [
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED",
    "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in OPENED),
]

MEMORY = {
    "jobmanager.memory.process.size": "1024m",
    "taskmanager.cpu.cores": "2.0",
    "taskmanager.memory.task.heap.size": "512m",
    "taskmanager.memory.task.off-heap.size": "64m",
    "taskmanager.memory.managed.size": "128m",
    "taskmanager.memory.network.min": "256m",
    "taskmanager.memory.network.max": "256m",
    # A run has a hundred steps or more.  By default each shuffle of each takes 512 buffers, 16 MiB, or the job fails.
    "taskmanager.network.sort-shuffle.min-buffers": "64",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
}
"""All of it is named: Flink works it out only in its own start scripts."""

RECOVERY = {
    "heartbeat.interval": "2000",
    "heartbeat.timeout": "10000",
    "restart-strategy.type": "fixed-delay",
    # One dead TaskManager uses up a dozen attempts until it is back.  A bug should end the job all the same.
    "restart-strategy.fixed-delay.attempts": "60",
}


class Cluster:
    """The processes of a cluster, by name."""

    def __init__(self, folder: Path, jar: Path, taskmanagers: int, restart_seconds: int) -> None:
        self.folder = folder
        self._jar = jar
        self._restart_seconds = restart_seconds
        self.taskmanagers = tuple("taskmanager" + (str(n) if n > 1 else "") for n in range(1, taskmanagers + 1))
        ports = ("rest", "rpc", "blob", "job", "artifacts", "expansion", "pool")
        self.ports = dict(zip(ports, free_ports(len(ports)), strict=True))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._write_settings()

    @property
    def job_endpoint(self) -> str:
        """Where jobs are handed in."""
        return f"localhost:{self.ports['job']}"

    def flags(self, parallelism: int = 2, workers: int = 1, runner: str = "FlinkRunner") -> list[str]:
        """The options of a run on this cluster; ``workers`` are Python processes for each TaskManager."""
        return [
            f"--runner={runner}",
            f"--job_endpoint={self.job_endpoint}",
            "--environment_type=EXTERNAL",
            f"--environment_config=localhost:{self.ports['pool']}",
            f"--parallelism={parallelism}",
            f"--sdk_worker_parallelism={workers}",
        ]

    def start_all(self) -> None:
        """Starts every part and waits until all of them answer."""
        for name in ("jobmanager", *self.taskmanagers, "jobserver", "pool"):
            self.start(name)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Waits until the cluster can take a job."""
        wait_until(lambda: self.rest("/overview")["taskmanagers"] == len(self.taskmanagers), "the TaskManagers")
        wait_until(lambda: _answers(self.ports["job"]), "the job server")
        wait_until(lambda: _answers(self.ports["pool"]), "the worker pool")

    def start(self, name: str) -> None:
        """Starts a part, for the first time or after it was killed.  Its log goes on."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._command(name), stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self._environment()
            )

    def pid(self, name: str) -> int:
        """The process id of a part."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL for one part, and for nothing that it has started."""
        self._running[name].kill()
        self._running.pop(name).wait()

    def workers(self) -> list[psutil.Process]:
        """The Python processes that the pool has started, the newest first; not what these have started themselves."""
        with suppress(KeyError, psutil.NoSuchProcess):
            children = [child for child in psutil.Process(self.pid("pool")).children() if child.is_running()]
            return sorted(children, key=psutil.Process.create_time, reverse=True)
        return []

    def rest(self, path: str, body: Mapping[str, Any] | None = None, method: str | None = None) -> Any:
        """What Flink's REST API answers: https://nightlies.apache.org/flink/flink-docs-release-1.19/docs/ops/rest_api/.

        Raises OSError where it does not answer, or refuses.
        """
        request = urllib.request.Request(
            f"http://localhost:{self.ports['rest']}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read() or b"{}")

    def jobs(self) -> dict[str, str]:
        """Job id to state, RUNNING for instance."""
        return {job["jid"]: job["state"] for job in self.rest("/jobs/overview")["jobs"]}

    def stop_all(self) -> None:
        """Ends every process, by id: also workers whose pool was killed, which nobody else would end."""
        for process in self._everything():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for part in self._running.values():
            part.wait()
        self._running.clear()

    def _everything(self) -> list[psutil.Process]:
        """All processes that carry this cluster's mark in their environment, which children inherit."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == str(self.folder):
                    found.append(process)
        return found

    def _command(self, name: str) -> list[str]:
        ports, settings = self.ports, ["--configDir", str(self.folder / "conf")]
        if name == "pool":
            return [sys.executable, str(Path(__file__).with_name("worker_pool.py")), str(ports["pool"])]
        if name == "jobserver":
            where = ["--flink-master", f"localhost:{ports['rest']}", "--artifacts-dir", str(self.folder / "artifacts")]
            listen = [f"--{each}-port={ports[key]}" for each, key in LISTENERS]
            return [*self._java("-Xmx512m"), "org.apache.beam.runners.flink.FlinkJobServerDriver", *where, *listen]
        if name == "jobmanager":
            main = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
            return [*self._java("-Xmx512m"), main, *settings]
        main = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
        return [*self._java("-Xmx640m", "-XX:MaxDirectMemorySize=640m"), main, *settings]

    def _environment(self) -> dict[str, str]:
        """The workers are to be this Python, with this project's packages: the pool takes what PATH finds first."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path, "PYTHONPATH": str(Path(__file__).parents[2]), MARK: str(self.folder)}

    def _java(self, *memory: str) -> list[str]:
        return ["java", *memory, *JAVA_FLAGS, "-cp", str(self._jar)]

    def _write_settings(self) -> None:
        for each in ("conf", "io", "artifacts", "checkpoints", "savepoints"):
            (self.folder / each).mkdir(parents=True, exist_ok=True)
        settings = {
            "jobmanager.rpc.address": "localhost",
            "jobmanager.rpc.port": self.ports["rpc"],
            "jobmanager.bind-host": "localhost",
            "blob.server.port": self.ports["blob"],
            "rest.address": "localhost",
            "rest.bind-address": "localhost",
            "rest.port": self.ports["rest"],
            "taskmanager.host": "localhost",
            "taskmanager.bind-host": "localhost",
            "taskmanager.numberOfTaskSlots": SLOTS,
            "parallelism.default": 1,
            # Beam's classes from the TaskManager's own class path.  Those that come with a job are let go after each
            # of its many steps, and with them the Python workers and their models, whatever --environment_cache_millis
            # says.
            "classloader.resolve-order": "parent-first",
            # A TaskManager that is killed leaves the jars of its jobs here.
            "io.tmp.dirs": self.folder / "io",
            "state.checkpoints.dir": (self.folder / "checkpoints").as_uri(),
            "state.savepoints.dir": (self.folder / "savepoints").as_uri(),
            **MEMORY,
            **RECOVERY,
            "restart-strategy.fixed-delay.delay": f"{self._restart_seconds} s",
        }
        lines = [f"{name}: {value}\n" for name, value in settings.items()]
        (self.folder / "conf" / "config.yaml").write_text("".join(lines))


LISTENERS = (("job", "job"), ("artifact", "artifacts"), ("expansion", "expansion"))
"""(what the job server calls it, what `Cluster.ports` does)."""


@contextmanager
def flink_cluster(folder: Path, taskmanagers: int = 1, restart_seconds: int = 1) -> Iterator[Cluster]:
    """A cluster that is up, for as long as the block runs; a job that failed rests for ``restart_seconds``.

    Raises `flink.jar.Missing`.
    """
    cluster = Cluster(folder, flink_jar(), taskmanagers, restart_seconds)
    try:
        cluster.start_all()
        yield cluster
    finally:
        cluster.stop_all()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listened on a moment ago, all different."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Returns when ``is_so``; an OSError counts as not yet.  Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError):
            if is_so():
                return
        time.sleep(0.1)
    raise TimeoutError(f"waited {seconds:.0f} s for {what}")


def _answers(port: int) -> bool:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
        return True
