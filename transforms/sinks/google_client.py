"""What Google's clients have in common: is one there, may it ask, and errors that are `SinkFailed`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from transforms.sinks.destination import SinkFailed

NO_CREDENTIALS = (
    "no credentials for Google Cloud were found: run gcloud auth application-default login, or name a key file in "
    "GOOGLE_APPLICATION_CREDENTIALS"
)


def unusable(module: str, emulator: str) -> str | None:
    """Why ``module`` cannot ask Google from here, in a line; None where nothing speaks against it.

    ``emulator`` is the environment variable that leads it elsewhere: there nobody asks for credentials.
    """
    if not _is_installed(module):
        return "needs Google's client: pip install 'newsbeam[gcp]'"
    if os.environ.get(emulator):
        return None
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        google.auth.default()
    except GoogleAuthError:
        return NO_CREDENTIALS
    return None


@contextmanager
def plain_failures(sink: str) -> Iterator[None]:
    """Makes what Google's clients raise for a service that refuses or is away `SinkFailed`, which names ``sink``."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    try:
        yield
    except (GoogleAPIError, GoogleAuthError, OSError) as error:  # what requests raises is an OSError
        raise SinkFailed(f"{sink}: {_line(error)}") from error


def _line(error: Exception) -> str:
    cause = getattr(error, "cause", None)  # of a RetryError: what it was tired of
    said = getattr(cause, "message", None) or getattr(error, "message", None) or str(error) or type(error).__name__
    return " ".join(str(said).split())[:300]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
