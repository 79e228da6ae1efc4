#!/usr/bin/env python3
"""What it costs to hand rows to BigQuery: by Beam's WriteToBigQuery (FILE_LOADS, Avro), or by load jobs over the files.

    python bench/bigquery_load.py --records 2000 --way beam
    python bench/bigquery_load.py --records 2000 --way jobs

Nothing is loaded: Beam's client is a stand-in that says yes, and jobs over files in a bucket move no byte, so that for
them the upload of local files is measured.  Printed are CPU seconds, peak memory, and what was written besides.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import apache_beam as beam

from schemas.codec import read_container, write_container
from schemas.registry import ARTICLE, schema_source
from schemas.samples import sample_rows

WORDS = ["bridge", "council", "harbour", "minister", "said", "water", "closed", "ferry", "report", "season"]


def write_rows(path: Path, records: int) -> None:
    """A file of articles of about 8,000 characters."""
    (full, *_) = sample_rows(schema_source(ARTICLE), 1)
    with path.open("wb") as file:
        numbered = ((f"{number:032x}", text_of(number)) for number in range(records))
        rows = ({**full, "article_id": name, "version_id": name, "text": text} for name, text in numbered)
        write_container(file, ARTICLE, rows)


def text_of(number: int) -> str:
    """About 8,000 characters that no other number has."""
    return " ".join(f"{WORDS[(number * 7 + at * at) % 10]}{number * at % 9973}" for at in range(800))


def table_schema(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """The schema as WriteToBigQuery wants it."""
    return {"fields": [_field(field["name"], field["type"]) for field in fields]}


def _field(name: str, kind: Any, mode: str = "REQUIRED") -> dict[str, Any]:
    if isinstance(kind, list):
        return _field(name, kind[1], "NULLABLE")
    if isinstance(kind, dict) and kind["type"] == "array":
        return _field(name, kind["items"], "REPEATED")
    if isinstance(kind, dict) and kind["type"] == "record":
        return {"name": name, "type": "RECORD", "mode": mode, **table_schema(kind["fields"])}
    logical = kind.get("logicalType") if isinstance(kind, dict) else None
    plain = {"string": "STRING", "bytes": "BYTES", "int": "INTEGER", "long": "INTEGER", "boolean": "BOOLEAN"}
    found = {"timestamp-micros": "TIMESTAMP", "date": "DATE"}.get(str(logical)) or plain.get(str(kind), "FLOAT")
    return {"name": name, "type": found, "mode": mode}


def by_beam(path: Path, folder: Path) -> None:
    """Rows are read, shuffled and written again by Beam, then it would start its jobs."""
    from apache_beam.io.gcp import bigquery_file_loads
    from apache_beam.io.gcp.bigquery_tools import FileFormat
    from apache_beam.io.gcp.internal.clients import bigquery

    job = bigquery.Job(jobReference=bigquery.JobReference(projectId="p", jobId="j"))
    job.status = bigquery.JobStatus(state="DONE")
    client = mock.Mock()
    client.jobs.Get.return_value = client.jobs.Insert.return_value = job
    with beam.Pipeline(runner="FnApiRunner") as pipeline, mock.patch("time.sleep"):
        rows = pipeline | beam.Create([str(path)]) | "Read" >> beam.FlatMap(_rows)
        rows | bigquery_file_loads.BigQueryBatchFileLoads(
            "harbour-desk:news.articles",
            custom_gcs_temp_location=str(folder),
            schema=table_schema(schema_source(ARTICLE)["fields"]),
            temp_file_format=FileFormat.AVRO,
            test_client=client,
            validate=False,
        )


def _rows(path: str) -> Any:
    with Path(path).open("rb") as file:
        yield from read_container(file)


def by_jobs(path: Path) -> None:
    """The file is sent as it is."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    import fake_bigquery
    from transforms.core.layout import RunLayout
    from transforms.sinks.bigquery import BigQueryTable
    from transforms.sinks.destination import SinkFile

    with fake_bigquery.bigquery_on_air("p.news.articles") as store, mock.patch.dict("os.environ"):
        os.environ["BIGQUERY_EMULATOR_HOST"] = store.origin
        with mock.patch.object(fake_bigquery.fastavro, "reader", return_value=iter(())):
            file = SinkFile(ARTICLE, str(path), 0, hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
            sink = BigQueryTable(ARTICLE, "p", "news", "articles")
            sink.deliver([file], RunLayout("bench", datetime(2026, 11, 10, tzinfo=UTC)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--way", choices=["beam", "jobs"], required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path, folder = Path(name) / "articles.avro", Path(name) / "temp"
        folder.mkdir()
        write_rows(path, asked.records)
        before, started = time.process_time(), time.monotonic()
        by_beam(path, folder) if asked.way == "beam" else by_jobs(path)
        written = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{asked.way}: {asked.records} records, file {path.stat().st_size / 2**20:.1f} MB, CPU "
            f"{time.process_time() - before:.1f} s, wall {time.monotonic() - started:.1f} s, peak {peak:.0f} MiB, "
            f"written besides {written / 2**20:.1f} MB"
        )


if __name__ == "__main__":
    main()
