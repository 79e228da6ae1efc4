"""What a runner needs and this machine may not have: looked for before anything is fetched, and said in one line."""

from __future__ import annotations

import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    GoogleCloudOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
    PrismRunnerOptions,
    WorkerOptions,
)
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES
from apache_beam.runners.portability.prism_runner import PrismJobServer
from apache_beam.utils.subprocess_server import JavaJarServer
from apache_beam.version import __version__ as beam_version

from pipelines.beam_options import FLINK, PRISM, runner_of
from pipelines.errors import RunFailed, UsageError

ANSWER_SECONDS = 5.0
"""How long a server may take to accept a connection."""

Places = Mapping[str, Sequence[str]]
"""Option to the paths and URIs that workers read or write."""

NO_IMAGE = (
    "says not what runs Python on the workers, and the image that Beam takes then has no newsbeam: name a worker pool "
    "(--environment_type=EXTERNAL --environment_config=HOST:PORT) or an image "
    "(--environment_type=DOCKER --environment_config=IMAGE)"
)

NO_CREDENTIALS = (
    "no Google credentials were found: run 'gcloud auth application-default login', or name a key file in "
    "GOOGLE_APPLICATION_CREDENTIALS"
)

logger = logging.getLogger("newsbeam")


def check_runner(options: PipelineOptions, places: Places) -> None:
    """Raises `UsageError` or `RunFailed` where a run could not begin, as far as can be told from this machine."""
    check = CHECKS.get(runner_of(options))
    if check is not None:
        check(options, places)


def _check_flink(options: PipelineOptions, places: Places) -> None:
    flink = options.view_as(FlinkRunnerOptions)
    endpoint = options.view_as(PortableOptions).job_endpoint
    is_here = flink.flink_master in MAGIC_HOST_NAMES and not endpoint
    if endpoint:
        _check_answers("--job_endpoint", endpoint, "start a job server there, or leave it out to have one started")
    else:
        if not is_here:
            _check_answers("--flink_master", flink.flink_master, "it is the address of Flink's REST API")
        if not flink.flink_submit_uber_jar:
            _check_java(options)
        _check_job_server_jar(options)
    if not is_here:
        _check_environment(options)
        _say_of_folders(endpoint or flink.flink_master, places)


def _check_job_server(options: PipelineOptions, _places: Places) -> None:
    """Of Spark, which has its job server started where none is named."""
    endpoint = options.view_as(PortableOptions).job_endpoint
    if endpoint:
        _check_answers("--job_endpoint", endpoint, "start a job server there, or leave it out to have one started")
    else:
        _check_java(options)


def _check_portable(options: PipelineOptions, places: Places) -> None:
    endpoint = options.view_as(PortableOptions).job_endpoint
    if not endpoint:
        raise UsageError("--runner PortableRunner needs --job_endpoint=HOST:PORT, the address of a job server")
    if endpoint != "embed":
        _check_answers("--job_endpoint", endpoint, "start a job server there")
        _check_environment(options)
        _say_of_folders(endpoint, places)


def _check_prism(options: PipelineOptions, _places: Places) -> None:
    endpoint = options.view_as(PortableOptions).job_endpoint
    if endpoint:
        _check_answers("--job_endpoint", endpoint, "start Prism there, or leave it out to have it started")
        return
    server = PrismJobServer(options)
    location = options.view_as(PrismRunnerOptions).prism_location
    if location and not urlsplit(location).scheme:
        if not Path(location).is_file():
            raise UsageError(f"--prism_location {location}: there is no such file")
        return
    url = server.path_to_binary()
    if not (Path(PrismJobServer.BIN_CACHE) / Path(url).name).exists():
        how = f"go install github.com/apache/beam/sdks/v2/go/cmd/prism@v{beam_version}"
        _check_download(url, f"build Prism ({how}) and name it with --prism_location")


def _check_dataflow(options: PipelineOptions, places: Places) -> None:
    if find_spec("google.cloud") is None or find_spec("google.cloud.dataflow") is None:
        raise UsageError("--runner DataflowRunner needs Google's clients: pip install 'newsbeam[dataflow]'")
    google = options.view_as(GoogleCloudOptions)
    named = {"project": google.project, "region": google.region, "temp_location": google.temp_location}
    if missing := [f"--{name}" for name, value in named.items() if not value]:
        raise UsageError(f"--runner DataflowRunner needs {', '.join(missing)}")
    for option, place in _on_this_machine({**places, "--temp_location": [google.temp_location]}):
        raise UsageError(f"{option} {place}: is on this machine, where Dataflow's workers cannot reach it; name gs://…")
    if not options.view_as(WorkerOptions).sdk_container_image:
        raise UsageError("--runner DataflowRunner needs --sdk_container_image=IMAGE, an image with newsbeam in it")
    _check_google_credentials()


def _check_google_credentials() -> None:
    from google.auth import default
    from google.auth.exceptions import DefaultCredentialsError

    try:
        default()
    except DefaultCredentialsError as error:
        named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        raise RunFailed(
            f"GOOGLE_APPLICATION_CREDENTIALS {named}: {str(error).splitlines()[0]}" if named else NO_CREDENTIALS
        ) from None


def _check_java(options: PipelineOptions) -> None:
    launcher = options.view_as(JobServerOptions).job_server_java_launcher
    if shutil.which(launcher) is None:
        raise RunFailed(
            f"'{launcher}' was not found: the job server needs Java (install it, name another with "
            "--job_server_java_launcher, or name a job server that runs with --job_endpoint)"
        )


def _check_job_server_jar(options: PipelineOptions) -> None:
    flink, jobs = options.view_as(FlinkRunnerOptions), options.view_as(JobServerOptions)
    jar = flink.flink_job_server_jar
    if jar and not urlsplit(jar).scheme:
        if not Path(jar).is_file():
            raise UsageError(f"--flink_job_server_jar {jar}: there is no such file")
        return
    url = jar or JavaJarServer.path_to_beam_jar(f":runners:flink:{flink.flink_version}:job-server:shadowJar")
    cached = Path(jobs.jar_cache_dir or JavaJarServer.JAR_CACHE) / Path(url).name
    if not Path(url).is_file() and not cached.exists():
        _check_download(url, "name a jar with --flink_job_server_jar, or a job server that runs with --job_endpoint")


def _check_environment(options: PipelineOptions) -> None:
    """A cluster has to know what runs Python on its workers."""
    portable = options.view_as(PortableOptions)
    kind, config = portable.environment_type, portable.environment_config
    has_image = config or portable.environment_options or options.view_as(WorkerOptions).sdk_container_image
    if kind != "LOOPBACK" and not has_image:
        raise UsageError(f"--runner {runner_of(options)} {NO_IMAGE}")


def _check_answers(option: str, address: str, advice: str) -> None:
    """Whether anything accepts connections at ``address``, HOST:PORT or a URL."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    try:
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        host = port = None
    if not host or not port:
        raise UsageError(f"{option} {address}: is not HOST:PORT")
    if reason := _silence(host, port):
        raise RunFailed(f"{option} {address}: does not answer ({reason}); {advice}")


def _check_download(url: str, advice: str) -> None:
    """Whether ``url`` can be had, or its copy on the mirror that Beam turns to."""
    mirror = url.replace(JavaJarServer.MAVEN_CENTRAL_REPOSITORY, JavaJarServer.GOOGLE_MAVEN_MIRROR)
    refusals = [_refusal(place) for place in dict.fromkeys((url, mirror))]
    if all(refusals):
        raise RunFailed(f"{url} is not on this machine and cannot be had ({refusals[0]}); {advice}")


def _refusal(url: str) -> str | None:
    """Why ``url`` cannot be downloaded, by a proxy where the environment names one; None where it can."""
    try:
        with urlopen(Request(url, method="HEAD"), timeout=ANSWER_SECONDS):  # noqa: S310 - what Beam would open
            return None
    except HTTPError as error:
        return f"{error.code} {error.reason}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return getattr(reason, "strerror", None) or str(reason) or type(error).__name__


def _silence(host: str, port: int) -> str | None:
    """Why nothing can be had from a server; None where it accepts connections."""
    try:
        with closing(socket.create_connection((host, port), timeout=ANSWER_SECONDS)):
            return None
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__


def _on_this_machine(places: Places) -> Iterator[tuple[str, str]]:
    return ((option, place) for option, named in places.items() for place in named if "://" not in place)


def _say_of_folders(address: str, places: Places) -> None:
    """Whether workers elsewhere see a folder of this machine cannot be told from here."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    if parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        for option, place in _on_this_machine(places):
            logger.warning("%s %s: every worker has to see this under the same path", option, place)


CHECKS: dict[str, Callable[[PipelineOptions, Places], None]] = {
    FLINK: _check_flink,
    PRISM: _check_prism,
    "PortableRunner": _check_portable,
    "SparkRunner": _check_job_server,
    "DataflowRunner": _check_dataflow,
}
"""By the name of the runner; of others nothing is known."""
