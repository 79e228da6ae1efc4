"""Web archives for tests."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import IO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from support import Capture


def write_captures(file: IO[bytes], captures: Iterable[Capture], status: str = "200 OK", *, gzip: bool) -> None:
    """Writes one response record for each (URL, body, content type)."""
    writer = WARCWriter(file, gzip=gzip)
    for number, (url, body, content_type) in enumerate(captures):
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        record = writer.create_warc_record(
            url,
            "response",
            BytesIO(body),
            http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"2026-11-15T12:{number // 60 % 60:02d}:{number % 60:02d}Z"},
        )
        writer.write_record(record)
