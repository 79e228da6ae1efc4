"""What is missing for a runner is said in one line, before anything is fetched or written."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from apache_beam.runners.portability.prism_runner import PrismJobServer
from apache_beam.utils.subprocess_server import JavaJarServer

from pipelines.beam_options import beam_options, placement_of, runner_of
from pipelines.errors import RunFailed, UsageError
from pipelines.runner_checks import check_runner
from transforms.spread import Placement

WORKERS = ["--environment_type=EXTERNAL", "--environment_config=localhost:50000"]

DATAFLOW = ["--runner=DataflowRunner", "--project=p", "--region=r", "--temp_location=gs://bucket/temp"]


@pytest.fixture
def listening() -> Iterator[str]:
    """HOST:PORT where connections are accepted."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def silent() -> str:
    """HOST:PORT where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(autouse=True)
def _nothing_cached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which no runner was used before, and which reaches nothing."""
    monkeypatch.setattr(PrismJobServer, "BIN_CACHE", str(tmp_path / "prism"))
    monkeypatch.setattr(JavaJarServer, "JAR_CACHE", str(tmp_path / "jars"))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def check(*flags: str, output: str = "out") -> None:
    check_runner(beam_options(flags, []), {"--output": [output]})


def test_local_runs_need_nothing() -> None:
    check()
    check("--runner=DirectRunner")


def test_runners_by_their_names() -> None:
    assert runner_of(beam_options(["--runner", "flink"], [])) == "FlinkRunner"
    assert runner_of(beam_options(["--runner", "prismrunner"], [])) == "PrismRunner"
    with pytest.raises(UsageError, match=r"--runner FlinkRuner: unknown .did you mean FlinkRunner"):
        beam_options(["--runner", "FlinkRuner"], [])


def test_where_pages_are_worked_on() -> None:
    assert placement_of(beam_options([], [])) is Placement.ONE_MACHINE
    assert placement_of(beam_options(["--runner=PrismRunner"], [])) is Placement.ONE_MACHINE
    assert placement_of(beam_options(["--runner=FlinkRunner"], [])) is Placement.CLUSTER
    assert placement_of(beam_options(["--runner=DataflowRunner"], [])) is Placement.CLUSTER


def test_defaults_do_not_replace_what_the_call_says() -> None:
    asked = beam_options(["--runner=PrismRunner", "--job_server_timeout=9"], []).get_all_options()
    assert asked["job_server_timeout"] == 9
    assert beam_options(["--runner=PrismRunner"], []).get_all_options()["job_server_timeout"] > 10**9


def test_a_job_server_that_is_not_there(silent: str) -> None:
    for runner in ("FlinkRunner", "PortableRunner", "PrismRunner", "SparkRunner"):
        with pytest.raises(RunFailed, match=f"--job_endpoint {silent}: does not answer"):
            check(f"--runner={runner}", f"--job_endpoint={silent}", *WORKERS)


def test_a_job_server_that_is_there(listening: str) -> None:
    for runner in ("FlinkRunner", "PortableRunner", "PrismRunner", "SparkRunner"):
        check(f"--runner={runner}", f"--job_endpoint={listening}", *WORKERS)


@pytest.mark.parametrize("address", ["localhost", "localhost:many", ":8099"])
def test_an_endpoint_that_is_none(address: str) -> None:
    with pytest.raises(UsageError, match="is not HOST:PORT"):
        check("--runner=FlinkRunner", f"--job_endpoint={address}", *WORKERS)


def test_flink_that_is_not_there(silent: str) -> None:
    with pytest.raises(RunFailed, match=r"--flink_master .*does not answer"):
        check("--runner=FlinkRunner", f"--flink_master=http://{silent}", *WORKERS)


def test_flink_without_java(listening: str) -> None:
    missing = "--job_server_java_launcher=no-such-java"
    for master in ("[local]", listening):
        with pytest.raises(RunFailed, match="'no-such-java' was not found: the job server needs Java"):
            check("--runner=FlinkRunner", f"--flink_master={master}", missing, *WORKERS)


def test_flink_without_its_jar(tmp_path: Path, silent: str) -> None:
    launcher = f"--job_server_java_launcher={sys.executable}"
    with pytest.raises(UsageError, match=r"--flink_job_server_jar .*none.jar: there is no such file"):
        check("--runner=FlinkRunner", launcher, f"--flink_job_server_jar={tmp_path / 'none.jar'}")
    with pytest.raises(RunFailed, match="is not on this machine and cannot be had"):
        check("--runner=FlinkRunner", launcher, f"--flink_job_server_jar=https://{silent}/server.jar")
    jar = tmp_path / "server.jar"
    jar.touch()
    check("--runner=FlinkRunner", launcher, f"--flink_job_server_jar={jar}")


def test_a_jar_that_its_server_has_not(tmp_path: Path) -> None:
    launcher = f"--job_server_java_launcher={sys.executable}"
    (tmp_path / "there.jar").touch()
    handler = functools.partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        jars = f"--flink_job_server_jar=http://127.0.0.1:{server.server_port}"
        with pytest.raises(
            RunFailed, match=r"none.jar is not on this machine and cannot be had \(404 File not found\)"
        ):
            check("--runner=FlinkRunner", launcher, f"{jars}/none.jar")
        check("--runner=FlinkRunner", launcher, f"{jars}/there.jar")
        server.shutdown()


def test_workers_without_newsbeam(listening: str) -> None:
    for runner in ("FlinkRunner", "PortableRunner"):
        with pytest.raises(UsageError, match="has no newsbeam: name a worker pool"):
            check(f"--runner={runner}", f"--job_endpoint={listening}")


def test_portable_without_an_endpoint() -> None:
    with pytest.raises(UsageError, match="PortableRunner needs --job_endpoint"):
        check("--runner=PortableRunner")


def test_prism_that_is_not_there(tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"--prism_location .*: there is no such file"):
        check("--runner=PrismRunner", f"--prism_location={tmp_path / 'prism'}")
    monkeypatch.setattr(PrismJobServer, "path_to_binary", lambda _self: f"https://{silent}/prism.zip")
    with pytest.raises(RunFailed, match=r"is not on this machine and cannot be had .*go install"):
        check("--runner=PrismRunner")
    (tmp_path / "prism").mkdir()
    (tmp_path / "prism" / "prism.zip").touch()
    check("--runner=PrismRunner")


def test_dataflow_without_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="needs --project, --region, --temp_location"):
        check("--runner=DataflowRunner", output="gs://bucket/out")
    with pytest.raises(UsageError, match="--output out: is on this machine, where Dataflow's workers cannot reach it"):
        check(*DATAFLOW)
    with pytest.raises(UsageError, match="needs --sdk_container_image"):
        check(*DATAFLOW, output="gs://bucket/out")
    monkeypatch.setattr("pipelines.runner_checks.find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'newsbeam\[dataflow\]'"):
        check(*DATAFLOW)


def test_dataflow_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(RunFailed, match="no Google credentials were found"):
        check(*DATAFLOW, "--sdk_container_image=image", output="gs://bucket/out")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(RunFailed, match=r"GOOGLE_APPLICATION_CREDENTIALS .*none.json: File .*none.json was not found"):
        check(*DATAFLOW, "--sdk_container_image=image", output="gs://bucket/out")


def test_the_command_says_it_in_one_line_and_leaves_nothing(tmp_path: Path, silent: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pipelines", "ingest", "--pages", "https://news.example/a"),
            *("--output", str(tmp_path / "out"), "--state", str(tmp_path / "state")),
            *("--runner=FlinkRunner", f"--job_endpoint={silent}", *WORKERS),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"newsbeam: --job_endpoint {silent}: does not answer")
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
