"""Container files block by block: the same records, whoever reads them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import fastavro
import pytest

from schemas.container import JOIN_BELOW, Block, Header, joined, read_container_blocks, write_container_blocks

SCHEMA = fastavro.parse_schema({"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]})
SYNC = bytes(range(16))


def container(rows: list[dict[str, Any]], codec: str = "deflate", sync_interval: int = 16000) -> bytes:
    file = BytesIO()
    fastavro.writer(file, SCHEMA, rows, codec=codec, sync_interval=sync_interval)
    return file.getvalue()


def rows_of(data: bytes) -> list[Any]:
    return list(fastavro.reader(BytesIO(data)))


def merged(*files: bytes) -> bytes:
    def blocks() -> Iterator[Block]:
        for file in files:
            yield from read_container_blocks(BytesIO(file))[1]

    header, _ = read_container_blocks(BytesIO(files[0]))
    made = BytesIO()
    write_container_blocks(made, header, joined(blocks(), header.codec), SYNC)
    return made.getvalue()


def block_sizes(data: bytes) -> list[int]:
    return [block.count for block in read_container_blocks(BytesIO(data))[1]]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_merged_files_hold_the_same_rows_in_order(codec: str) -> None:
    rows = [{"a": f"row {number}"} for number in range(60)]
    files = [container(rows[start : start + 20], codec, sync_interval=100) for start in (0, 20, 40)]
    assert rows_of(merged(*files)) == rows


def test_small_blocks_are_joined_and_large_ones_left() -> None:
    many = container([{"a": str(number)} for number in range(500)], sync_interval=10)
    large = container([{"a": "".join(chr(97 + n * n % 26) for n in range(9)) * 9}] * 3, "null", 10)
    assert len(block_sizes(many)) > 100
    assert block_sizes(merged(many, many)) == [1000]
    assert block_sizes(merged(large)) == [3]
    whole = container([{"a": "x" * JOIN_BELOW}] * 2, "null", 10)
    assert block_sizes(merged(whole)) == [1, 1]


def test_an_empty_file_merges() -> None:
    assert rows_of(merged(container([]), container([{"a": "b"}]))) == [{"a": "b"}]


def test_the_header_tells_schemas_and_codecs_apart() -> None:
    def header(data: bytes) -> Header:
        return read_container_blocks(BytesIO(data))[0]

    assert header(container([])) == header(container([{"a": "b"}]))
    assert header(container([])) != header(container([], "null"))


def test_every_cut_and_every_changed_byte_is_refused_or_harmless() -> None:
    data = container([{"a": f"row {number}"} for number in range(9)], sync_interval=10)
    expected = rows_of(data)
    for end in range(len(data)):
        try:
            found = rows_of(merged(data[:end]))
            assert found == expected[: len(found)]
        except ValueError:
            continue
    for at in range(4, len(data)):
        try:
            merged(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        except ValueError:
            continue


@pytest.mark.parametrize("data", [b"", b"Obj", b"Obj\x01", b"PK\x03\x04", b"Obj\x01" + b"\xff" * 40], ids=range(5))
def test_what_is_no_container_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|not an Avro"):
        read_container_blocks(BytesIO(data))
