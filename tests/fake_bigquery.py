"""A BigQuery on loopback: tables that are there or not, and load jobs over Avro, each id once.

What is sent is decoded with its own schema; rows are kept as they are.  Set ``failing`` to let so many jobs end with an
error, ``is_away`` to answer every request with 503.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import RLock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fastavro

LOCATION = "europe-north1"

Document = dict[str, Any]


@dataclass
class BigQuery:
    """What is stored.  ``read`` gives the bytes of a gs:// URI."""

    origin: str = ""
    tables: dict[str, list[Document]] = field(default_factory=dict)
    jobs: dict[str, Document] = field(default_factory=dict)
    uploads: dict[str, Document] = field(default_factory=dict)
    failing: int = 0
    is_away: bool = False
    read: Callable[[str], bytes] = lambda _: b""
    lock: RLock = field(default_factory=RLock)

    def table(self, name: str) -> Document | None:
        """The resource of the table ``project.dataset.table``."""
        project, dataset, table = name.rsplit(".", 2)
        reference = {"projectId": project, "datasetId": dataset, "tableId": table}
        return {"tableReference": reference, "location": LOCATION} if name in self.tables else None

    def load(self, job: Document, files: list[bytes]) -> tuple[int, Document]:
        """Runs a job to its end."""
        with self.lock:
            job_id = job["jobReference"]["jobId"]
            if job_id in self.jobs:
                return 409, _error(409, f"Already Exists: Job {job_id}", "duplicate")
            target = job["configuration"]["load"]["destinationTable"]
            rows = self.tables[f"{target['projectId']}.{target['datasetId']}.{target['tableId']}"]
            status: Document = {"state": "DONE"}
            if self.failing:
                self.failing -= 1
                reason = {"reason": "invalid", "message": "Error while reading data: the table was struck by lightning"}
                status |= {"errorResult": reason, "errors": [reason]}
            else:
                for data in files:
                    found: Iterator[Any] = fastavro.reader(BytesIO(data))
                    rows.extend(found)
            self.jobs[job_id] = {**job, "id": job_id, "status": status, "statistics": {}}
            return 200, self.jobs[job_id]


def _error(status: int, message: str, reason: str) -> Document:
    return {"error": {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}}


def answer(
    store: BigQuery, method: str, target: str, headers: Any, body: bytes
) -> tuple[int, Document, dict[str, str]]:
    """Status, document and headers for a request."""
    parts, query = urlsplit(target), parse_qs(urlsplit(target).query)
    if store.is_away:
        return 503, _error(503, "The service is away.", "backendError"), {}
    if method == "GET":
        return *_found(store, parts.path.split("/projects/")[1].split("/")), {}
    if method == "PUT":
        return *store.load(store.uploads[query["upload_id"][0]], [body]), {}
    kind = query.get("uploadType", [""])[0]
    if kind == "resumable":
        store.uploads[str(len(store.uploads))] = json.loads(body)
        return 200, {}, {"Location": f"{store.origin}{parts.path}?upload_id={len(store.uploads) - 1}"}
    job, files = _sent(headers, body) if kind == "multipart" else _named(store, body)
    return *store.load(job, files), {}


def _found(store: BigQuery, names: list[str]) -> tuple[int, Document]:
    """A table or a job, by its path below ``projects``."""
    if names[1] == "jobs":
        return 200, store.jobs[names[2]]
    table = store.table(f"{names[0]}.{names[2]}.{names[4]}")
    return (200, table) if table else (404, _error(404, f"Not found: Table {names[4]}", "notFound"))


def _sent(headers: Any, body: bytes) -> tuple[Document, list[bytes]]:
    """A job, and the file that comes with it."""
    head = b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n"
    job, data = (part.get_payload(decode=True) for part in BytesParser().parsebytes(head + body).get_payload())
    return json.loads(job), [data]


def _named(store: BigQuery, body: bytes) -> tuple[Document, list[bytes]]:
    """A job, and the files that it names."""
    job = json.loads(body)
    return job, [store.read(uri) for uri in job["configuration"]["load"]["sourceUris"]]


@contextmanager
def bigquery_on_air(*tables: str) -> Iterator[BigQuery]:
    """The service with these tables, at a free port of 127.0.0.1."""
    store = BigQuery(tables={name: [] for name in tables})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, document, headers = answer(store, self.command, self.path, self.headers, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    store.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
