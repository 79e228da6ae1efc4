"""Avro object container files block by block (Avro 1.12 specification, "Object Container Files").

A block holds encoded records, compressed together.  Blocks of one schema can be put into another file, or joined to
larger ones, without a look into a record: not a byte of it changes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from schemas.codec import COMPRESSION_LEVEL, SYNC_INTERVAL
from schemas.registry import CONTAINER_MAGIC

SYNC_BYTES = 16

JOIN_BELOW = 64 * 1024
"""Stored bytes from which a block is copied as it is: smaller ones are joined up to `SYNC_INTERVAL`."""

LARGEST_BLOCK = 1024 * 1024 * 1024
"""Stored bytes; a length above it is damage, not a block."""

JOINABLE = {"null", "deflate"}
"""Codecs whose blocks can be joined here; those of others are copied as they are."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself: ``metadata`` has the writer's schema and the codec.

    Files with equal headers can share their blocks: the sync marker is not part of it.
    """

    metadata: tuple[tuple[str, bytes], ...]

    @property
    def codec(self) -> str:
        """How blocks are compressed."""
        return dict(self.metadata).get("avro.codec", b"null").decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class Block:
    """``count`` records in ``data``, compressed as the header says."""

    count: int
    data: bytes


def read_container_blocks(file: IO[bytes]) -> tuple[Header, Iterator[Block]]:
    """The header of a container file and its blocks, which are read as they are asked for.

    Raises ValueError where it is not such a file, or is damaged; while the blocks are read, too.
    """
    if _exactly(file, len(CONTAINER_MAGIC)) != CONTAINER_MAGIC:
        raise ValueError("not an Avro container file")
    header = Header(tuple(sorted(_metadata(file))))
    sync = _exactly(file, SYNC_BYTES)
    return header, _blocks(file, sync)


def write_container_blocks(file: IO[bytes], header: Header, blocks: Iterator[Block], sync: bytes) -> int:
    """Writes a container file and gives the number of its records."""
    file.write(CONTAINER_MAGIC + _long(len(header.metadata)))
    for key, value in header.metadata:
        file.write(_counted(key.encode()) + _counted(value))
    file.write(_long(0) + sync)
    records = 0
    for block in blocks:
        records += block.count
        file.write(_long(block.count) + _counted(block.data) + sync)
    return records


def joined(blocks: Iterator[Block], codec: str) -> Iterator[Block]:
    """The same records in the same order, small blocks made into larger ones where the codec allows."""
    if codec not in JOINABLE:
        yield from blocks
        return
    count, held = 0, bytearray()
    for block in blocks:
        small = len(block.data) < JOIN_BELOW
        if count and (not small or len(held) >= SYNC_INTERVAL):
            yield Block(count, _compressed(bytes(held), codec))
            count, held = 0, bytearray()
        if small:
            count += block.count
            held += _plain(block.data, codec)
        else:
            yield block
    if count:
        yield Block(count, _compressed(bytes(held), codec))


def _metadata(file: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """A map: blocks of pairs, each block with its count, which is negative where its size in bytes follows."""
    while count := _read_long(file):
        if count < 0:
            _read_long(file)
        for _ in range(abs(count)):
            key = _exactly(file, _length(file)).decode("utf-8", "replace")
            yield key, _exactly(file, _length(file))


def _blocks(file: IO[bytes], sync: bytes) -> Iterator[Block]:
    while first := file.read(1):
        count = _read_long(file, first)
        data = _exactly(file, _length(file))
        if count < 0 or _exactly(file, SYNC_BYTES) != sync:
            raise ValueError("damaged: a block does not end where it should")
        if count:
            yield Block(count, data)


def _plain(data: bytes, codec: str) -> bytes:
    if codec == "null":
        return data
    try:
        return zlib.decompress(data, wbits=-zlib.MAX_WBITS)
    except zlib.error as error:
        raise ValueError(f"damaged: {error}") from error


def _compressed(data: bytes, codec: str) -> bytes:
    if codec == "null":
        return data
    deflate = zlib.compressobj(COMPRESSION_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    while len(data) < size:  # a file in a bucket may give less than was asked for
        more = file.read(size - len(data))
        if not more:
            raise ValueError("damaged: it ends early")
        data += more
    return data


def _length(file: IO[bytes]) -> int:
    length = _read_long(file)
    if not 0 <= length <= LARGEST_BLOCK:
        raise ValueError("damaged: a length that cannot be")
    return length


def _read_long(file: IO[bytes], first: bytes = b"") -> int:
    """A zigzag number of seven bits a byte, the lowest first."""
    value = shift = 0
    while shift < 70:
        byte = (first or _exactly(file, 1))[0]
        first = b""
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
    raise ValueError("damaged: a number that does not end")


def _long(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _counted(data: bytes) -> bytes:
    return _long(len(data)) + data
