"""A Google Cloud Storage on loopback: the part of its JSON API that newsbeam meets, with its conditions kept.

Objects are replaced as a whole and have generations; puts and deletes can name the generation that they expect; lists
come in pages; batches are taken apart.  Whoever asks must bring the token that `POST /token` gives.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import RLock, Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import google_crc32c
import pytest

TOKEN = "let-me-in"  # noqa: S105 - nothing is kept with it
PAGE = 7
"""Objects a page of a list: so few that lists have several."""


@dataclass(frozen=True)
class Held:
    """An object."""

    data: bytes
    generation: int
    updated: datetime


class Refused(Exception):
    """An answer with an HTTP status of 400 or above."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class Cloud:
    """What is stored.  ``asked`` are the requests, batches taken apart.

    ``before_put`` and ``after_put`` are called with the name at each put: before it is judged, before it is answered.
    """

    origin: str = ""
    buckets: dict[str, dict[str, Held]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    before_put: Callable[[str], None] = lambda _: None
    after_put: Callable[[str], None] = lambda _: None
    sessions: dict[str, tuple[str, str, dict[str, str], bytearray]] = field(default_factory=dict)
    generation: int = 1000
    is_closed: bool = False
    lock: RLock = field(default_factory=RLock)

    def empty(self) -> None:
        """Forgets all objects, requests and hooks."""
        with self.lock:
            self.before_put = self.after_put = lambda _: None
            self.is_closed = False
            self.asked.clear()
            for objects in self.buckets.values():
                objects.clear()

    def names(self, bucket: str, prefix: str = "") -> list[str]:
        """The names of objects, sorted."""
        with self.lock:
            return sorted(name for name in self.buckets[bucket] if name.startswith(prefix))

    def get(self, bucket: str, name: str, query: dict[str, str] | None = None) -> Held:
        with self.lock:
            held = self._bucket(bucket).get(name)
            if held is None:
                raise Refused(404, f"No such object: {bucket}/{name}")
            self._check(held, query or {})
            return held

    def put(self, bucket: str, name: str, data: bytes, query: dict[str, str] | None = None) -> dict[str, Any]:
        self.before_put(name)
        with self.lock:
            self._check(self._bucket(bucket).get(name), query or {})
            self.generation += 1
            self.buckets[bucket][name] = Held(data, self.generation, datetime.now(UTC))
            document = self.document(bucket, name)
        self.after_put(name)
        return document

    def delete(self, bucket: str, name: str, query: dict[str, str] | None = None) -> None:
        with self.lock:
            self.get(bucket, name, query)
            del self.buckets[bucket][name]

    def age(self, bucket: str, name: str, by: timedelta) -> None:
        """Makes an object look as if it had been put longer ago."""
        with self.lock:
            held = self.buckets[bucket][name]
            self.buckets[bucket][name] = replace(held, updated=held.updated - by)

    def page(self, bucket: str, query: dict[str, str]) -> dict[str, Any]:
        with self.lock:
            names = [name for name in sorted(self._bucket(bucket)) if name.startswith(query.get("prefix", ""))]
            start = int(query.get("pageToken", 0))
            items = [self.document(bucket, name) for name in names[start : start + PAGE]]
            more = {"nextPageToken": str(start + PAGE)} if start + PAGE < len(names) else {}
            return {"kind": "storage#objects", "items": items, **more}

    def document(self, bucket: str, name: str) -> dict[str, Any]:
        held = self.buckets[bucket][name]
        crc = base64.b64encode(google_crc32c.value(held.data).to_bytes(4, "big")).decode()
        return {
            "kind": "storage#object",
            "bucket": bucket,
            "name": name,
            "size": str(len(held.data)),
            "generation": str(held.generation),
            "metageneration": "1",
            "contentType": "application/octet-stream",
            "crc32c": crc,
            "updated": held.updated.isoformat().replace("+00:00", "Z"),
        }

    def _bucket(self, bucket: str) -> dict[str, Held]:
        if bucket not in self.buckets:
            raise Refused(404, "The specified bucket does not exist.")
        return self.buckets[bucket]

    def _check(self, held: Held | None, query: dict[str, str]) -> None:
        wanted = query.get("ifGenerationMatch")
        if wanted is not None and int(wanted) != (held.generation if held else 0):
            raise Refused(412, "At least one of the pre-conditions you specified did not hold.")


Reply = tuple[int, dict[str, str], bytes]
OBJECT = re.compile(r"/(?:download/)?storage/v1/b/([^/]+)/o/([^/]+)")
COPY = re.compile(r"/storage/v1/b/([^/]+)/o/([^/]+)/(copyTo|rewriteTo)/b/([^/]+)/o/([^/]+)")
LIST = re.compile(r"/storage/v1/b/([^/]+)/o")
BUCKET = re.compile(r"/storage/v1/b/([^/]+)")
UPLOAD = re.compile(r"/(?:resumable/)?upload/storage/v1/b/([^/]+)/o")


def answer(cloud: Cloud, method: str, target: str, headers: Any, body: bytes) -> Reply:
    """What the service says to one request."""
    parts = urlsplit(target)
    path, query = parts.path, dict(parse_qsl(parts.query))
    cloud.asked.append(f"{method} {unquote(path)}")
    if match := COPY.fullmatch(path):
        return _copy(cloud, [unquote(part) for part in match.groups()])
    if match := UPLOAD.fullmatch(path):
        return _upload(cloud, method, unquote(match[1]), query, headers, body)
    if method == "GET" and (match := BUCKET.fullmatch(path)):
        return _json({"kind": "storage#bucket", "name": match[1], "location": "NOWHERE"})
    if method == "GET" and (match := LIST.fullmatch(path)):
        return _json(cloud.page(unquote(match[1]), query))
    if match := OBJECT.fullmatch(path):
        return _object(cloud, method, unquote(match[1]), unquote(match[2]), query, headers)
    raise Refused(501, f"{method} {path} is not part of this fake")


def _object(cloud: Cloud, method: str, bucket: str, name: str, query: dict[str, str], headers: Any) -> Reply:
    if method == "DELETE":
        cloud.delete(bucket, name, query)
        return 204, {}, b""
    held = cloud.get(bucket, name, query)
    if query.get("alt") != "media":
        return _json(cloud.document(bucket, name))
    extra = {"X-Goog-Generation": str(held.generation)}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("Range") or "")
    if not asked:
        return 200, extra, held.data
    first, last = int(asked[1]), min(int(asked[2] or len(held.data)), len(held.data) - 1)
    if first > last:
        raise Refused(416, "The requested range cannot be satisfied.")
    extra["Content-Range"] = f"bytes {first}-{last}/{len(held.data)}"
    return 206, extra, held.data[first : last + 1]


def _copy(cloud: Cloud, names: list[str]) -> Reply:
    bucket, name, how, to_bucket, to_name = names
    document = cloud.put(to_bucket, to_name, cloud.get(bucket, name).data)
    return _json(document if how == "copyTo" else {"done": True, "resource": document})


def _upload(cloud: Cloud, method: str, bucket: str, query: dict[str, str], headers: Any, body: bytes) -> Reply:
    if "upload_id" in query:
        return _continue(cloud, method, query["upload_id"], headers, body)
    if query["uploadType"] == "multipart":
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        meta, media = BytesParser().parsebytes(head + body).get_payload()
        name = json.loads(meta.get_payload())["name"]
        return _json(cloud.put(bucket, name, media.get_payload(decode=True), query))
    with cloud.lock:
        cloud._bucket(bucket)
        session = f"session-{len(cloud.sessions)}"
        cloud.sessions[session] = (bucket, query.get("name") or json.loads(body)["name"], query, bytearray())
    place = f"{cloud.origin}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={session}"
    return 200, {"Location": place}, b""


def _continue(cloud: Cloud, method: str, session: str, headers: Any, body: bytes) -> Reply:
    bucket, name, query, data = cloud.sessions[session]
    if method == "DELETE":
        return 499, {}, b""
    data += body
    total = headers["Content-Range"].rpartition("/")[2]
    if total == "*" or len(data) < int(total):
        return 308, {"Range": f"bytes=0-{len(data) - 1}"} if data else {}, b""
    return _json(cloud.put(bucket, name, bytes(data), query))


def _batch(cloud: Cloud, headers: Any, body: bytes) -> Reply:
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    answers = []
    for part in BytesParser().parsebytes(head + body).get_payload():
        request = part.get_payload(decode=True) or part.as_bytes().partition(b"\n\n")[2]
        line, _, rest = request.lstrip().partition(b"\n")
        method, target, _ = line.decode().split()
        inner = BytesParser().parsebytes(rest)
        status, _, content = _tried(answer, cloud, method, target, inner, inner.get_payload(decode=True) or b"")
        said = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        answers.append(b"--said\r\nContent-Type: application/http\r\n\r\n" + said.encode() + content + b"\r\n")
    return 200, {"Content-Type": 'multipart/mixed; boundary="said"'}, b"".join(answers) + b"--said--\r\n"


def _tried(what: Callable[..., Reply], *args: Any) -> Reply:
    try:
        return what(*args)
    except Refused as refused:
        error = {"code": refused.status, "message": str(refused), "errors": [{"message": str(refused)}]}
        return _json({"error": error}, refused.status)


def _json(document: Any, status: int = 200) -> Reply:
    return status, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(document).encode()


def _outer(cloud: Cloud, method: str, target: str, headers: Any, body: bytes) -> Reply:
    if target == "/token":
        return _json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600, "issued_token_type": "x"})
    if headers.get("Authorization") != f"Bearer {TOKEN}":
        raise Refused(401, "Anonymous caller does not have access.")
    if cloud.is_closed:
        raise Refused(403, "newsbeam does not have storage.objects.create access.")
    if target.startswith("/batch/storage/v1"):
        return _batch(cloud, headers, body)
    return answer(cloud, method, target, headers, body)


@contextmanager
def cloud_on_air(*buckets: str) -> Iterator[Cloud]:
    """The service with these buckets, at a free port of 127.0.0.1."""
    cloud = Cloud(buckets={name: {} for name in buckets})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, content = _tried(_outer, cloud, self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    cloud.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()


def credentials(folder: Path, cloud: Cloud) -> Path:
    """A file with credentials that are exchanged at the fake for its token, and nowhere else."""
    proof = folder / "proof"
    proof.write_text("a workload of the harbour")
    path = folder / "credentials.json"
    document = {
        "type": "external_account",
        "audience": "//harbour.example/workloads",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{cloud.origin}/token",
        "credential_source": {"file": str(proof)},
    }
    path.write_text(json.dumps(document))
    return path


@contextmanager
def cloud_in_use(monkeypatch: pytest.MonkeyPatch, folder: Path, *buckets: str) -> Iterator[Cloud]:
    """The service, where this process and those that it starts look for it."""
    from apache_beam.internal.gcp.auth import _Credentials

    with cloud_on_air(*buckets) as cloud:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", cloud.origin)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials(folder, cloud)))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "harbour")
        monkeypatch.setattr(_Credentials, "_credentials", None)  # Beam looks for them once a process
        monkeypatch.setattr(_Credentials, "_credentials_init", False)
        yield cloud
