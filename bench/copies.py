#!/usr/bin/env python3
"""Makes a large web archive out of a small one: N copies of each page, each a page of its own.

A copy has its own address and its own last paragraph, and no canonical link, so that nothing in a pipeline can take two
copies for one page:

    python bench/copies.py pages.warc.gz 200 large.warc.gz
"""

from __future__ import annotations

import argparse
import hashlib
import re
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Original = tuple[str, str, list[tuple[str, str]], bytes]
"""(address, date, HTTP headers, body)"""

CANONICAL = re.compile(rb"""(rel=["']?canonical|og:url)""")


def copy_of(url: str, body: bytes, number: int) -> tuple[str, bytes]:
    """(address, body) of copy ``number`` of a page."""
    parts = urlsplit(url)
    desk = hashlib.sha256(f"{url} {number}".encode()).hexdigest()[:12]
    mark = f"<p>Edition {number} of this report was checked by desk {desk}.</p>".encode()
    end = body.rfind(b"</p>")
    marked = body[: end + 4] + mark + body[end + 4 :] if end > 0 else body + mark
    query = f"?{parts.query}" if parts.query else ""
    address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/edition-{number}"
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}".encode()
    return address + query, CANONICAL.sub(b"was-\\1", marked.replace(plain, address.encode()))


def pages(archive: BinaryIO) -> list[Original]:
    """(address, date, HTTP headers, body) of each response in ``archive``."""
    found = []
    for record in ArchiveIterator(archive):
        if record.rec_type == "response":
            url = record.rec_headers.get_header("WARC-Target-URI")
            date = record.rec_headers.get_header("WARC-Date")
            headers = [
                (name, value)
                for name, value in record.http_headers.headers
                if name.lower() not in ("content-encoding", "transfer-encoding", "content-length")
            ]
            found.append((url, date, headers, record.content_stream().read()))
    return found


def write_copies(source: str, count: int, target: str) -> int:
    """Writes ``count`` copies of each page of ``source`` to ``target``; gives the number of pages written."""
    with open(source, "rb") as archive:  # noqa: PTH123 - warcio wants a file
        originals = pages(archive)
    return write_records(originals, len(originals) * count, Path(target))


def write_records(originals: list[Original], count: int, target: Path) -> int:
    """Writes ``count`` pages to ``target``, copies of ``originals`` in turn; gives their number."""
    with target.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number in range(count):
            url, date, headers, body = originals[number % len(originals)]
            address, changed = copy_of(url, body, number // len(originals))
            size = str(len(changed))
            http = StatusAndHeaders("200 OK", [*headers, ("Content-Length", size)], protocol="HTTP/1.1")
            record = writer.create_warc_record(
                address, "response", BytesIO(changed), http_headers=http, warc_headers_dict={"WARC-Date": date}
            )
            writer.write_record(record)
    return count


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("count", type=int)
    parser.add_argument("target")
    options = parser.parse_args()
    print(f"{write_copies(options.source, options.count, options.target)} pages")


if __name__ == "__main__":
    main()
