"""What servers and networks do wrong, as outcomes."""

from __future__ import annotations

from http.client import IncompleteRead

from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    InvalidChunkLength,
    InvalidHeader,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from schemas.outcome import OutcomeKind
from transforms.fetching.budget import TooMuchReceived
from transforms.fetching.dialling import AddressRefused
from transforms.fetching.reading import BodyTooLarge
from transforms.fetching.records import FetchProblem

# All that urllib3, ssl and sockets raise for what a server or the network does.  Anything else is a bug, to be seen.
NETWORK_FAILURES = (
    ConnectTimeoutError,
    ReadTimeoutError,
    ProtocolError,
    SSLError,
    DecodeError,
    InvalidHeader,
    TooMuchReceived,
    BodyTooLarge,
    AddressRefused,
    OSError,
)


def origin_of(error: Exception) -> BaseException:
    """Looks inside the wrappers of urllib3 for what went wrong first."""
    if isinstance(error, ReadTimeoutError):
        return error.__cause__ or error
    inner = error.args[-1] if isinstance(error, ProtocolError | SSLError) and error.args else None
    return inner if isinstance(inner, BaseException) else error


def problem_of(error: Exception) -> FetchProblem:
    """The outcome of a request that ended with one of ``NETWORK_FAILURES``."""
    origin = origin_of(error)
    detail = f"{origin}".strip() or type(origin).__name__
    return FetchProblem(_kind_of(error, origin), detail.splitlines()[0][:300], error_type=type(origin).__name__)


def _kind_of(error: Exception, origin: BaseException) -> OutcomeKind:
    match origin:
        case AddressRefused():
            return OutcomeKind.BLOCKED_ADDRESS
        case TooMuchReceived() | BodyTooLarge():
            return OutcomeKind.TOO_LARGE
        case TimeoutError() | ReadTimeoutError() | ConnectTimeoutError():
            return OutcomeKind.TIMEOUT
        case InvalidChunkLength():
            return OutcomeKind.MALFORMED
        case OSError() | SSLError() | IncompleteRead():
            return OutcomeKind.UNREACHABLE
    return OutcomeKind.UNREACHABLE if "ended prematurely" in str(error) else OutcomeKind.MALFORMED
