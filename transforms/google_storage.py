"""Google Cloud Storage where Beam's filesystem is too little: puts on a condition, and errors that are OSErrors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import Any

SCHEME = "gs://"
READ_TRIES = 5
"""Times that an object is read again because it was replaced between the question for its generation and its bytes."""


class Changed(Exception):
    """A put that was not done: the object is not, or no longer, of the generation that it was to replace."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read.  ``updated`` is by the clock of the service."""

    data: bytes
    generation: int
    updated: datetime


def _connected() -> Any:
    from apache_beam.io.gcp.gcsio import create_storage_client
    from apache_beam.options.pipeline_options import PipelineOptions

    return create_storage_client(PipelineOptions())


@dataclass(frozen=True)
class CloudObjects:
    """The objects below ``uri``, a ``gs://bucket/path``, with Beam's credentials.  Names are relative to it.

    Methods raise OSError where the service cannot be reached or refuses.
    """

    uri: str
    _client: Any = field(default_factory=_connected, compare=False)

    def read(self, name: str) -> Stored | None:
        """The object; None where there is none."""
        with plain_errors(self.uri):
            for _ in range(READ_TRIES):
                try:
                    return self._read(name)
                except Changed:
                    continue
        raise OSError(f"{self.uri}: {name} changes faster than it can be read")

    def write(self, name: str, data: bytes, generation: int) -> int:
        """Puts the object in place of ``generation`` (0: of nothing), and gives its new one.  Raises `Changed`."""
        return int(self._put(name, data, if_generation_match=generation).generation)

    def now(self) -> datetime:
        """The time by the clock of the service: that of an object that is put there for this."""
        moment: datetime = self._put("clock", b"").updated
        return moment

    def _read(self, name: str) -> Stored | None:
        from google.api_core.exceptions import NotFound

        blob = self._blob(name)
        try:
            with _on_condition():
                blob.reload()
                data = blob.download_as_bytes(raw_download=True, if_generation_match=blob.generation)
        except NotFound:
            if blob.generation is None:
                return None
            raise Changed(name) from None  # it went while it was read
        return Stored(data, int(blob.generation), blob.updated)

    def _put(self, name: str, data: bytes, **condition: int) -> Any:
        blob = self._blob(name)
        with plain_errors(self.uri), _on_condition():
            blob.upload_from_string(data, content_type="application/json", **condition)
        return blob

    def _blob(self, name: str) -> Any:
        bucket, _, folder = self.uri.removeprefix(SCHEME).partition("/")
        return self._client.bucket(bucket).blob("/".join(part for part in (folder.rstrip("/"), name) if part))


def is_installed() -> bool:
    """Whether the packages that ``gs://`` needs are there: ``newsbeam[gcp]``."""
    return all(_is_there(name) for name in ("google.cloud.storage", "google_auth_httplib2"))


def problem() -> str | None:
    """Why nothing can be written to ``gs://`` from here, in a line; None where nothing speaks against it.

    Beam would look for credentials four times, print three tracebacks, and go on without.
    """
    if not is_installed():
        return "gs:// needs Google's client: pip install 'newsbeam[gcp]'"
    if os.environ.get("STORAGE_EMULATOR_HOST"):
        return None
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        google.auth.default()
    except GoogleAuthError:
        return (
            "no credentials for Google Cloud were found: run gcloud auth application-default login, or name a key file "
            "in GOOGLE_APPLICATION_CREDENTIALS"
        )
    return None


@contextmanager
def plain_errors(path: str) -> Iterator[None]:
    """Makes the client's errors OSErrors that name ``path``, where that is on ``gs://``."""
    if not path.startswith(SCHEME) or not is_installed():
        yield
        return
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

    try:
        yield
    except (GoogleAPIError, GoogleAuthError, InvalidResponse, DataCorruption) as error:
        raise _plain(error, path) from error


def _plain(error: Exception, path: str) -> OSError:
    status = getattr(error, "code", None) or getattr(getattr(error, "response", None), "status_code", None)
    kinds: dict[Any, type[OSError]] = {401: PermissionError, 403: PermissionError, 404: FileNotFoundError}
    said = getattr(error, "message", None) or (f"HTTP {status}" if status else str(error))
    return kinds.get(status, OSError)(f"{path}: {' '.join(said.split())[:300]}")


@contextmanager
def _on_condition() -> Iterator[None]:
    from google.api_core.exceptions import PreconditionFailed

    try:
        yield
    except PreconditionFailed as error:
        raise Changed(str(error)) from error


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
