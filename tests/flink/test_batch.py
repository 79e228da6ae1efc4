"""``newsbeam ingest`` on a Flink cluster: the same bytes as on one machine, whatever is killed meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from flink.cluster import Cluster, flink_cluster, wait_until
from flink.jar import Missing
from pipelines.demo.server import DemoEdition, serve_edition
from support import NOW, Output
from transforms.core.layout import WORK_FOLDER

RUN_SECONDS = 600
"""The most that a run may take, on a machine that does other things too."""

RESTART_SECONDS = 10

WORKERS_WAIT = "--environment_cache_millis=5000"
"""Workers, with their models, live on from step to step.  It has to be well below the rest before a restart: a dead
worker counts as one that waits, and each attempt that comes sooner gets it again."""

pytestmark = pytest.mark.timeout(2 * RUN_SECONDS)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    try:
        with flink_cluster(folder, restart_seconds=RESTART_SECONDS) as running:
            print(f"\nthe cluster's logs are in {folder}")
            yield running
    except Missing as missing:
        pytest.skip(f"no Flink: {missing}")


@pytest.fixture(scope="module")
def edition() -> Iterator[DemoEdition]:
    """The demo edition on the air; one server, since addresses are part of the records."""
    with serve_edition() as on_air:
        yield on_air


class Runs:
    """The same run, wherever it happens: feeds to fetch, an archive to read, a state to write."""

    def __init__(self, edition: DemoEdition, archives: list[Path], folder: Path) -> None:
        self._arguments = [
            *("--feeds", *edition.feeds, "--warc", *map(str, archives), "--run_id", "daily", "--now", NOW),
            *("--allow_networks", "127.0.0.0/8", "--host_gap", "0.2", "--fetch_timeout", "4", "--processes", "1"),
        ]
        self._folder = folder

    def begin(self, name: str, *flags: str) -> subprocess.Popen[bytes]:
        """Starts the run, for the first time or again; what it says goes to ``NAME.log``."""
        where = ["--output", str(self.output(name)), "--state", str(self._folder / name / "state")]
        (self._folder / name).mkdir(exist_ok=True)
        with (self._folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "pipelines", "ingest", *self._arguments, *where, *flags]
            return subprocess.Popen(command, stdout=log, stderr=log)

    def finish(self, name: str, run: subprocess.Popen[bytes]) -> None:
        """Waits for the end, which must be a good one."""
        assert self.status(run) == 0, self.said(name)

    def status(self, run: subprocess.Popen[bytes]) -> int:
        """The exit status of a run that ends by itself."""
        try:
            return run.wait(timeout=RUN_SECONDS)
        finally:
            run.kill()

    def said(self, name: str) -> str:
        """The end of what the run said."""
        return (self._folder / f"{name}.log").read_text()[-4000:]

    def output(self, name: str) -> Path:
        """OUTPUT of the run."""
        return self._folder / name / "out"

    def files(self, name: str) -> dict[str, bytes]:
        """Every file below OUTPUT, and the snapshot of the state."""
        files = Output(self._folder / name).bytes_by_name()
        return {path: data for path, data in files.items() if path.startswith("out/") or path.endswith(".avro")}

    def differences(self, name: str, other: str) -> list[str]:
        """What tells two runs apart, in words: nothing, where each file has the same name and the same bytes."""
        if self.files(name) == self.files(other):
            return []
        found = [f"{path} is in one alone" for path in sorted(self.files(name).keys() ^ self.files(other).keys())]
        for kind, key in (("articles", "version_id"), ("outcomes", "url")):
            ours, theirs = ({row[key]: row for row in Output(self.output(each)).rows(kind)} for each in (name, other))
            for row in sorted(ours.keys() | theirs.keys()):
                found += _fields_that_differ(row, ours.get(row, {}), theirs.get(row, {}))
        return found


def _fields_that_differ(row: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    names = sorted(one.keys() | other.keys())
    return [
        f"{row} {name}: {one.get(name)!r:.200} and {other.get(name)!r:.200}"
        for name in names
        if one.get(name) != other.get(name)
    ]


@pytest.fixture(scope="module")
def runs(edition: DemoEdition, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """With the one named "local" done: all others are compared with it."""
    made = Runs(edition, [archive], tmp_path_factory.mktemp("runs"))
    made.finish("local", made.begin("local"))
    return made


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    """Lines that are printed when all is done."""
    lines = [f"{'killed':<32}{'seconds':>8}  {'failures':>8}  same bytes"]
    yield lines
    print("\n" + "\n".join(lines))


def test_same_bytes_as_on_one_machine(cluster: Cluster, runs: Runs, table: list[str]) -> None:
    started = time.monotonic()
    runs.finish("flink", runs.begin("flink", *cluster.flags(parallelism=2), WORKERS_WAIT))
    differences = runs.differences("flink", "local")
    table.append(line_of("nothing", time.monotonic() - started, cluster, differences))
    assert not differences


def kill_worker(cluster: Cluster) -> None:
    cluster.workers()[0].kill()  # the newest: one of the job before may still wait


def kill_taskmanager(cluster: Cluster) -> None:
    cluster.kill("taskmanager")
    cluster.start("taskmanager")


def kill_pool(cluster: Cluster) -> None:
    """With its workers: where the pool is a container, they end with it."""
    workers = cluster.workers()
    cluster.kill("pool")
    for worker in workers:
        worker.kill()
    cluster.start("pool")


def has_parts(output: Path) -> bool:
    return any((output / WORK_FOLDER).glob("daily/parts/article/*/*"))


def has_merged(output: Path) -> bool:
    return any((output / WORK_FOLDER).glob("daily/merged/article/*"))


KILLS: dict[str, tuple[Callable[[Cluster], None], Callable[[Path], bool]]] = {
    "Python worker, pages in work": (kill_worker, has_parts),
    "Python worker, files merged": (kill_worker, has_merged),
    "TaskManager, pages in work": (kill_taskmanager, has_parts),
    "pool and workers, pages in work": (kill_pool, has_parts),
}


@pytest.mark.parametrize("victim", KILLS)
def test_killed_meanwhile(victim: str, cluster: Cluster, runs: Runs, table: list[str]) -> None:
    cluster.wait_until_ready()
    kill, moment = KILLS[victim]
    name = "".join(letter if letter.isalpha() else "-" for letter in victim)
    started = time.monotonic()
    run = runs.begin(name, *cluster.flags(parallelism=2), WORKERS_WAIT)
    wait_until(lambda: moment(runs.output(name)) or run.poll() is not None, "the moment", RUN_SECONDS)
    assert run.poll() is None, "the run ended before the moment came"
    kill(cluster)
    runs.finish(name, run)
    differences = runs.differences(name, "local")
    assert failures(cluster) > 0, "what was killed was of no use to the job"
    table.append(line_of(victim, time.monotonic() - started, cluster, differences))
    assert not differences


def test_a_lost_jobmanager_ends_the_run_and_the_same_command_does_all_of_it(
    cluster: Cluster, runs: Runs, table: list[str]
) -> None:
    """Without high availability Flink forgets its jobs."""
    cluster.wait_until_ready()
    flags = (*cluster.flags(parallelism=2), WORKERS_WAIT)
    started = time.monotonic()
    run = runs.begin("jobmanager", *flags)
    wait_until(lambda: has_parts(runs.output("jobmanager")) or run.poll() is not None, "pages in work", RUN_SECONDS)
    assert run.poll() is None, "the run ended before the moment came"
    cluster.kill("jobmanager")
    assert runs.status(run) == 1
    last = runs.said("jobmanager").strip().splitlines()[-1]
    print(f"\n{time.monotonic() - started:.0f} s, then: {last}")
    assert last.startswith("newsbeam: the job failed on FlinkRunner: ")
    assert not any(runs.output("jobmanager").glob("articles/**/*.avro")), "nothing is published by half"
    cluster.start("jobmanager")
    cluster.wait_until_ready()
    runs.finish("jobmanager", runs.begin("jobmanager", *flags))
    differences = runs.differences("jobmanager", "local")
    table.append(line_of("JobManager, then begun again", time.monotonic() - started, cluster, differences))
    assert not differences


def line_of(killed: str, seconds: float, cluster: Cluster, differences: list[str]) -> str:
    return f"{killed:<32}{seconds:>8.0f}  {failures(cluster):>8}  {'no' if differences else 'yes'}"


def failures(cluster: Cluster) -> int:
    """What Flink counts as failures of the newest job, after each of which it began again."""
    newest = max(cluster.rest("/jobs/overview")["jobs"], key=lambda job: job["start-time"])
    return len(cluster.rest(f"/jobs/{newest['jid']}/exceptions")["exceptionHistory"]["entries"])


@pytest.mark.skipif("NEWSBEAM_CORPORA" not in os.environ, reason="NEWSBEAM_CORPORA names no folder with pages")
def test_real_pages(cluster: Cluster, edition: DemoEdition, tmp_path: Path) -> None:
    runs = Runs(edition, [Path(os.environ["NEWSBEAM_CORPORA"]) / "pages" / "dev.warc.gz"], tmp_path)
    runs.finish("local", runs.begin("local"))
    runs.finish("flink", runs.begin("flink", *cluster.flags(parallelism=2), WORKERS_WAIT))
    assert not runs.differences("flink", "local")
