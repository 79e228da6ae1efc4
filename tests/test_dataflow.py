"""Dataflow takes the graph: its own runner translates it, nothing is sent.

The names of steps are pinned: `python tests/test_dataflow.py` writes the lists.  A running job is updated only where
the new one has steps of the same names.  A name that changes loses the state of its step, so operators have to be told.
"""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import pytest

apiclient = pytest.importorskip("apache_beam.runners.dataflow.internal.apiclient", reason="needs newsbeam[dataflow]")

from apache_beam.options.pipeline_options import GoogleCloudOptions  # noqa: E402

from pipelines.flex_template import TEMPLATES, launch  # noqa: E402

NAMES = Path(__file__).parent / "data" / "step_names"
IMAGE = "registry.example/newsbeam@sha256:" + "0" * 64
OPTIONS = [
    "--runner=DataflowRunner",
    "--project=example-project",
    "--region=europe-west1",
    "--job_name=newsbeam",
    "--temp_location=gs://example-bucket/temp",
    "--staging_location=gs://example-bucket/staging",
    f"--sdk_container_image={IMAGE}",
]
SOURCES = {
    "ingest": ["--feeds=https://news.example/rss.xml"],
    "stream": ["--subscription=projects/example-project/subscriptions/news"],
}
KINDS = {"ingest": "JOB_TYPE_BATCH", "stream": "JOB_TYPE_STREAMING"}


class FakeDataflow:
    """Stands for Dataflow's client: keeps the job."""

    def __init__(self) -> None:
        self.jobs: list = []

    def create_job(self, job) -> None:
        """As in a template: there is no id to wait for."""
        self.jobs.append(job)


def translated(command, folder):
    """The job that the launcher of a template hands over."""
    dataflow = FakeDataflow()
    with (
        mock.patch.object(apiclient, "DataflowApplicationClient", return_value=dataflow),
        # Looks at the buckets.
        mock.patch.object(GoogleCloudOptions, "validate", return_value=[]),
    ):
        launch([f"--command={command}", f"--output={folder}", *SOURCES[command], *OPTIONS])
    (job,) = dataflow.jobs
    return job


@pytest.fixture(scope="module", params=sorted(TEMPLATES))
def job(request, tmp_path_factory):
    made = translated(request.param, tmp_path_factory.mktemp("out"))
    made.command = request.param
    return made


def leaves(job):
    """Steps of the graph that do something: those without steps of their own."""
    return [step for step in job.proto_pipeline.components.transforms.values() if not step.subtransforms]


def names(job) -> list[str]:
    """The names of all steps but those that Beam numbers by the lines of its source."""
    return sorted(step.unique_name for step in leaves(job) if "<lambda" not in step.unique_name)


def test_it_is_a_job_of_its_kind(job):
    assert job.proto.type_.name == KINDS[job.command]
    assert job.proto.name == "newsbeam"


def test_workers_run_the_image_and_install_nothing(job):
    components = job.proto_pipeline.components
    used = {step.environment_id for step in leaves(job) if step.environment_id}
    assert used
    for name in used:
        assert IMAGE.encode() in components.environments[name].payload
        staged = b"".join(each.role_payload for each in components.environments[name].dependencies)
        assert not re.search(rb"requirements|setup|[.]whl|[.]tar", staged)


def test_names_of_steps_are_as_they_were(job):
    pinned = (NAMES / f"{job.command}.txt").read_text(encoding="utf-8").splitlines()
    assert names(job) == pinned, "running jobs of this template cannot be updated: say so in CHANGELOG.md"


def test_no_step_gathers_everything_under_one_key(job):
    """Beam's global combiners and GroupByKey under a key that is void or constant: one worker would do it all."""
    one_key = re.compile(r"KeyWithVoid|AddVoidKey|CombineGlobally|ToList|InjectDefault|/Top\(")
    assert [name for name in names(job) if one_key.search(name)] == []


if __name__ == "__main__":  # writes the lists anew; look at what changes before you commit it
    from tempfile import TemporaryDirectory

    for each in TEMPLATES:
        with TemporaryDirectory() as output:
            (NAMES / f"{each}.txt").write_text("\n".join(names(translated(each, output))) + "\n", encoding="utf-8")
