import gzip
import hashlib
import threading

import pytest
from apache_beam.io.filesystems import FileSystems

from transforms import filesystem
from transforms.filesystem import create, ensure_folder, join, list_files, move, open_bytes, remove, sha256_of


def write(path, data):
    with create(str(path)) as file:
        file.write(data)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("/out", "articles"), "/out/articles"),
        (("/out", "a/b", "c.avro"), "/out/a/b/c.avro"),
        (("/out/", "a"), "/out/a"),
    ],
)
def test_join(parts, expected):
    assert join(*parts) == expected


def test_a_new_file_makes_its_folders(tmp_path):
    write(tmp_path / "a" / "b" / "c.bin", b"data")
    assert (tmp_path / "a" / "b" / "c.bin").read_bytes() == b"data"


def test_files_are_neither_packed_nor_unpacked_by_their_names(tmp_path):
    packed = gzip.compress(b"data")
    write(tmp_path / "c.gz", packed)
    assert (tmp_path / "c.gz").read_bytes() == packed
    with open_bytes(str(tmp_path / "c.gz")) as file:
        assert file.read() == packed


def test_a_file_that_is_there_is_replaced(tmp_path):
    write(tmp_path / "c", b"long before")
    write(tmp_path / "c", b"now")
    assert (tmp_path / "c").read_bytes() == b"now"


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(OSError, match="missing"), open_bytes(str(tmp_path / "missing")):
        pass


# --- folders


def test_a_folder_that_is_there_is_fine(tmp_path):
    for _ in range(2):
        ensure_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_another_makes_meanwhile_is_fine(tmp_path, monkeypatch):
    folder = tmp_path / "a"
    there = FileSystems.exists
    answers = iter([False])  # as it was when the first of two looked
    monkeypatch.setattr(FileSystems, "exists", lambda path: next(answers, None) is not False and there(path))
    folder.mkdir()
    ensure_folder(str(folder))
    assert folder.is_dir()
    assert next(answers, None) is None  # it did look, and was told that the folder is not there


def test_many_threads_make_one_folder(tmp_path):
    errors = []
    together = threading.Barrier(8)

    def make():
        together.wait()
        try:
            for number in range(20):
                ensure_folder(str(tmp_path / str(number) / "x"))
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(list(tmp_path.glob("*/x"))) == 20


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="file"):
        ensure_folder(str(tmp_path / "file" / "below"))


# --- lists


def test_files_are_listed_sorted(tmp_path):
    for name in ("b.avro", "a.avro", "date=1/c.avro", "d.txt"):
        write(tmp_path / name, b"")
    assert list_files(str(tmp_path / "*.avro")) == [str(tmp_path / "a.avro"), str(tmp_path / "b.avro")]
    assert list_files(str(tmp_path / "date=*" / "*.avro")) == [str(tmp_path / "date=1" / "c.avro")]


def test_no_match_is_an_empty_list(tmp_path):
    assert list_files(str(tmp_path / "none" / "*.avro")) == []


# --- moves


def test_a_move_makes_the_folder_and_leaves_nothing_behind(tmp_path):
    write(tmp_path / "work" / "a", b"data")
    move(str(tmp_path / "work" / "a"), str(tmp_path / "out" / "x" / "a"))
    assert (tmp_path / "out" / "x" / "a").read_bytes() == b"data"
    assert not (tmp_path / "work" / "a").exists()


def test_a_move_replaces_what_is_there(tmp_path):
    write(tmp_path / "a", b"new")
    write(tmp_path / "b", b"old, and longer")
    move(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"new"


def test_a_move_that_was_made_can_be_made_again(tmp_path):
    write(tmp_path / "a", b"data")
    for _ in range(2):
        move(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"data"


def test_a_move_of_nothing_is_an_error(tmp_path):
    with pytest.raises(OSError, match="Rename"):
        move(str(tmp_path / "a"), str(tmp_path / "b"))


# --- removal


def test_files_and_folders_are_removed_with_all_below(tmp_path):
    write(tmp_path / "a" / "b" / "c", b"")
    write(tmp_path / "d", b"")
    write(tmp_path / "kept", b"")
    remove([str(tmp_path / "a"), str(tmp_path / "d"), str(tmp_path / "never there")])
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_removing_twice_is_fine(tmp_path):
    write(tmp_path / "a", b"")
    for _ in range(2):
        remove([str(tmp_path / "a")])
    assert not (tmp_path / "a").exists()


# --- digests


@pytest.mark.parametrize("size", [0, 5, filesystem.HASH_BLOCK, filesystem.HASH_BLOCK + 1])
def test_digest_and_size(tmp_path, size):
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    write(tmp_path / "a.gz", data)
    assert sha256_of(str(tmp_path / "a.gz")) == (hashlib.sha256(data).hexdigest(), size)
