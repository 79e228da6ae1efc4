"""Reading one answer: its redirect or its body, under the caps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import DecodeError, ProtocolError
from urllib3.response import HTTPResponse

from transforms.fetching.records import ERROR_BODY_BYTES, FetchLimits, Headers

_REDIRECT_STATUSES = frozenset(HTTPResponse.REDIRECT_STATUSES)
_PIECE_BYTES = 64 * 1024
_WORTH_DRAINING_BYTES = 16 * 1024
"""A redirect's body up to this size is read, so that its connection can be used again."""

DECODABLE = frozenset(HTTPResponse.CONTENT_DECODERS)
_UNREADABLE_CODINGS = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"}) - DECODABLE
_MAX_CODINGS = 2
"""Two happen by mistake (a proxy packs what was packed); a third would let a bomb work inside the decoder, unseen."""


class BodyTooLarge(Exception):
    """The body has more bytes than the limits allow."""


@dataclass(frozen=True, slots=True)
class Hop:
    """The answer to one request; ``location`` is set where it redirects."""

    status: int
    headers: Headers
    body: bytes
    location: str | None = None


def read_hop(response: BaseHTTPResponse, limits: FetchLimits) -> Hop:
    """Read one answer to its end, or as far as is wanted.

    Raises:
        BodyTooLarge: it has more bytes, decompressed or announced, than ``limits`` allow.
        DecodeError: it is not packed as its header says.
        ProtocolError and others of urllib3: the connection fails, or HTTP is broken.
    """
    headers = Headers(tuple(response.headers.iteritems()))
    if response.status < 200:
        raise ProtocolError(f"a final answer of status {response.status}")
    if location := _location(response):
        _drain_if_short(response)
        return Hop(response.status, headers, b"", location)
    _keep_known_codings(response)
    if response.status >= 400:
        return Hop(response.status, headers, _read_error_body(response))
    return Hop(response.status, headers, _read_body(response, limits))


def _location(response: BaseHTTPResponse) -> str | None:
    """Where the answer redirects to.  Servers that write bytes beyond ASCII there mean UTF-8."""
    values = response.headers.getlist("location")
    if response.status not in _REDIRECT_STATUSES or not values:
        return None
    try:
        return values[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return values[0]


def _drain_if_short(response: BaseHTTPResponse) -> None:
    if response.length_remaining is not None and response.length_remaining <= _WORTH_DRAINING_BYTES:
        response.drain_conn()


def _keep_known_codings(response: BaseHTTPResponse) -> None:
    """Leave only codings that urllib3 decodes in the header it looks at; senders put charsets and ``none`` there."""
    codings = [coding.strip().lower() for coding in response.headers.get("content-encoding", "").split(",")]
    if unreadable := _UNREADABLE_CODINGS.intersection(codings):
        raise DecodeError(f"content coding {min(unreadable)} was not asked for")
    known = [coding for coding in codings if coding in DECODABLE]
    if len(known) > _MAX_CODINGS:
        raise DecodeError(f"{len(known)} content codings, one over another")
    response.headers["content-encoding"] = ", ".join(known)


def _read_body(response: BaseHTTPResponse, limits: FetchLimits) -> bytes:
    most = limits.max_raw_bytes if response.headers["content-encoding"] else min(limits.max_bytes, limits.max_raw_bytes)
    if (response.length_remaining or 0) > most:
        raise BodyTooLarge(f"{response.length_remaining} bytes announced, more than {most}")
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if len(body) > limits.max_bytes:
            raise BodyTooLarge(f"more than {limits.max_bytes} bytes decompressed")
    return bytes(body)


def _read_error_body(response: BaseHTTPResponse) -> bytes:
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if len(body) >= ERROR_BODY_BYTES:
            break
    return bytes(body[:ERROR_BODY_BYTES])


def _pieces(response: BaseHTTPResponse) -> Iterator[bytes]:
    try:
        # Said outright, because urllib3 takes a default of None for False where the body comes in chunks.
        yield from response.stream(_PIECE_BYTES, decode_content=True)
    except ValueError as error:  # out of http.client, for a negative chunk length
        raise ProtocolError("impossible chunk length", error) from error
