"""A table of BigQuery: a load job a run, over the very files that the run wrote.

docs/decisions says why this is not Beam's WriteToBigQuery.  The id of a job comes from the table and the content, and
BigQuery takes an id once: what is delivered twice is loaded once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from transforms.core.layout import RunLayout
from transforms.filesystem import open_bytes
from transforms.sinks.destination import Delivered, SinkFailed, SinkFile, one_by_one
from transforms.sinks.google_client import plain_failures, unusable

EMULATOR = "BIGQUERY_EMULATOR_HOST"

JOB_SECONDS = 3600.0
"""How long a load may take; those of some hundred MB take about a minute."""

TRIES = 10
"""Jobs of one content: an id whose job has failed cannot be used again."""

MOST_FILES = 10_000
"""URIs that one load job takes (https://cloud.google.com/bigquery/quotas#load_jobs)."""


@dataclass(frozen=True)
class BigQueryTable:
    """The table ``project.dataset.table``, made beforehand by what `newsbeam schema ddl` prints."""

    schema: str
    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        return f"bigquery:{self.project}:{self.dataset}.{self.table}"

    def problem(self) -> str | None:
        """Asks for the table.  Whoever may not see it may not load into it either."""
        if problem := unusable("google.cloud.bigquery", EMULATOR):
            return problem
        from google.api_core.exceptions import NotFound

        with plain_failures(str(self)), self._client() as client:
            try:
                client.get_table(self._name)
            except NotFound:
                made = f"newsbeam schema ddl --engine bigquery --dataset {self.project}.{self.dataset}"
                return f"there is no such table: {made} prints the SQL that makes it"
        return None

    def portions(self, files: Sequence[SinkFile]) -> list[tuple[SinkFile, ...]]:
        """Files in Cloud Storage are loaded together, so that a run's rows appear at once; others are sent singly."""
        if not files or not all(file.path.startswith("gs://") for file in files):
            return one_by_one(files)
        return [tuple(files[start : start + MOST_FILES]) for start in range(0, len(files), MOST_FILES)]

    def deliver(self, portion: Sequence[SinkFile], layout: RunLayout) -> Delivered:
        """Loads the files, and waits until their rows are in the table."""
        with plain_failures(str(self)), self._client() as client:
            # A job belongs to the region of its table.
            location = client.get_table(self._name).location
            self._load(client, portion, self._job_id(portion, layout), location)
        return Delivered(str(self), self.schema, sum(file.records for file in portion))

    def settle(self, delivered: Sequence[Delivered], layout: RunLayout) -> None:
        """Nothing waits."""

    def discard(self, layout: RunLayout) -> None:
        """What was loaded stays so."""

    @property
    def _name(self) -> str:
        return f"{self.project}.{self.dataset}.{self.table}"

    def _job_id(self, portion: Sequence[SinkFile], layout: RunLayout) -> str:
        content = "\n".join([self._name, *sorted(file.sha256 for file in portion)])
        return f"newsbeam-{layout.run_id.replace('.', '-')}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"

    def _load(self, client: Any, portion: Sequence[SinkFile], job_id: str, location: str | None) -> None:
        """Starts a job, or waits for the one that an earlier try started; after one that failed, another."""
        from google.api_core.exceptions import Conflict, GoogleAPIError

        for number in range(1, TRIES + 1):
            this_id = f"{job_id}-{number}"
            try:
                job, is_ours = self._start(client, portion, this_id, location), True
            except Conflict:
                job, is_ours = client.get_job(this_id, project=self.project, location=location), False
            try:
                job.result(timeout=JOB_SECONDS)
                return
            except TimeoutError as error:
                raise SinkFailed(f"{self}: job {this_id} did not end in {JOB_SECONDS:g} seconds") from error
            except GoogleAPIError:
                if is_ours or job.error_result is None:
                    raise
        raise SinkFailed(f"{self}: {TRIES} jobs failed; the last is {job_id}-{TRIES}")

    def _start(self, client: Any, portion: Sequence[SinkFile], job_id: str, location: str | None) -> Any:
        settings = {"job_id": job_id, "location": location, "project": self.project, "job_config": _job_config()}
        if portion[0].path.startswith("gs://"):
            return client.load_table_from_uri([file.path for file in portion], self._name, **settings)
        (file,) = portion
        with open_bytes(file.path) as handle:
            return client.load_table_from_file(handle, self._name, **settings)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """Google's client, which honours BIGQUERY_EMULATOR_HOST: nobody asks for credentials there."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud.bigquery import Client

        credentials = AnonymousCredentials() if os.environ.get(EMULATOR) else None
        client = Client(project=self.project, credentials=credentials)
        try:
            yield client
        finally:
            client.close()


def _job_config() -> Any:
    from google.cloud.bigquery import (
        CreateDisposition,
        LoadJobConfig,
        SchemaUpdateOption,
        SourceFormat,
        WriteDisposition,
    )

    return LoadJobConfig(
        source_format=SourceFormat.AVRO,
        use_avro_logical_types=True,  # else every time becomes a number
        write_disposition=WriteDisposition.WRITE_APPEND,
        create_disposition=CreateDisposition.CREATE_NEVER,
        # The table follows when a newer newsbeam writes more fields.
        schema_update_options=[SchemaUpdateOption.ALLOW_FIELD_ADDITION],
    )
