"""What goes wrong between a publisher and us: answers for `Publishers`, each a function of the handler of a request."""

import gzip
import socket
import struct
import time
from contextlib import suppress

HALF = b"<html><body><article><h1>Half a story</h1><p>The quay is to be rebuilt before the winter, "
"""The first bytes of an answer that announces more of them."""


def slowly(answer, seconds=0.3):
    """``answer`` after a while."""

    def wait(handler):
        time.sleep(seconds)
        return answer

    return wait


def silent(seconds):
    """Takes the request and says nothing."""

    def hang(handler):
        handler.close_connection = True
        _wait(handler, seconds)

    return hang


def silent_midway(seconds):
    """Half an answer, and then nothing: what a cable that was pulled looks like."""

    def hang(handler):
        _begin(handler)
        _wait(handler, seconds)

    return hang


def drip(handler):
    """A body that never ends, a byte at a time."""
    handler.close_connection = True
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def drip_headers(handler):
    """A header that never ends, a byte at a time."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def reset(handler):
    """The connection is reset before the answer."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.rfile.close()
    handler.connection.close()


def reset_midway(handler):
    """The connection is reset inside the answer."""
    _begin(handler)
    time.sleep(0.1)  # a reset overtakes what was sent
    reset(handler)


def close_midway(handler):
    """The connection is closed inside the answer, in good order."""
    _begin(handler)


def close_inside_a_chunk(handler):
    """The same, where no length was announced but that of the chunk."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n" % (2 * len(HALF)) + HALF)


def flood(handler):
    """More than any page needs."""
    handler.close_connection = True
    handler.send_response(200)
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b"<!-- " + b"x" * 65_536 + b" -->")


def bomb(handler):
    """A few bytes that unpack to many."""
    handler.send_response(200)
    body = gzip.compress(bytes(40_000_000), 1)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _wait(handler, seconds):
    """Until the other side has hung up, or ``seconds`` have passed."""
    handler.connection.settimeout(seconds)
    with suppress(OSError):
        handler.connection.recv(1)


def _begin(handler):
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html; charset=utf-8")
    handler.send_header("Content-Length", str(2 * len(HALF)))
    handler.end_headers()
    handler.wfile.write(HALF)
    handler.wfile.flush()
