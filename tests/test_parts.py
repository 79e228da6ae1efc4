"""Part files: whatever the order in which records were made, they are read in one."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import apache_beam as beam
import fastavro
import pytest

from schemas.hops import EncodedRecord
from transforms import parts
from transforms.parts import AppendToParts, read_parts, write_part

RECORDS = [EncodedRecord("outcome", "u", "k", b"a"), EncodedRecord("outcome", "u", "k", b"b")] + [
    EncodedRecord("outcome", f"v{number}", f"m{number}", bytes([number])) for number in range(3)
]


def test_order_of_making_does_not_matter(tmp_path: Path) -> None:
    read = []
    for number, records in enumerate(permutations(RECORDS, 5)):
        paths = [str(tmp_path / f"{number}-{half}.part") for half in ("one", "two")]
        write_part(paths[0], sorted(records[:2], key=lambda record: (record.key, record.data)))
        write_part(paths[1], sorted(records[2:], key=lambda record: (record.key, record.data)))
        read.append(list(read_parts(paths)))
    assert all(found == RECORDS for found in read)


def test_parts_are_begun_anew_when_they_are_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 2)
    monkeypatch.setattr(parts, "RECORD_BYTES", 0)
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        pipeline | beam.Create(RECORDS) | AppendToParts(str(tmp_path), 1)
    found = sorted(tmp_path.rglob("*.part"))
    assert len(found) == 3
    assert list(read_parts([str(path) for path in found])) == RECORDS
    with found[0].open("rb") as file:
        assert fastavro.is_avro(file)


def test_many_parts_are_merged_in_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MAX_OPEN", 2)
    records = [EncodedRecord("outcome", "u", f"k{number:02}", b"") for number in range(9)]
    paths = [str(tmp_path / f"{number}.part") for number in range(9)]
    for path, record in zip(paths, records, strict=True):
        write_part(path, [record])
    assert list(read_parts(reversed(paths))) == records
    assert all(Path(path).exists() for path in paths)  # for a bundle that is tried again
