from datetime import UTC, datetime, timedelta, timezone

import pytest

from transforms.core.layout import FOLDERS, WORK_FOLDER, RunLayout

NOW = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4


def layout(run_id="a", now=NOW):
    return RunLayout(run_id, now)


def test_where_files_lie():
    assert layout().file("article", DIGEST) == "articles/date=2026-03-01/a-0123456789abcdef.avro"
    assert layout().file("outcome", DIGEST) == "outcomes/date=2026-03-01/a-0123456789abcdef.avro"
    assert layout().manifest == "runs/a.json"


def test_work_lies_below_the_run_s_own_work_folder():
    assert layout().work == f"{WORK_FOLDER}/a"
    assert layout().parts.startswith(layout().work + "/")
    assert layout().merged.startswith(layout().work + "/")
    assert layout().parts != layout().merged


def test_readers_never_see_work():
    assert not any(layout().work.startswith(folder) for folder in (*FOLDERS.values(), "runs"))


@pytest.mark.parametrize("schema", FOLDERS)
def test_a_run_owns_its_files(schema):
    assert layout().owns(layout().file(schema, DIGEST))
    assert layout().owns("gs://bucket/out/" + layout().file(schema, DIGEST))
    assert layout().owns("C:\\out\\articles\\" + layout().file(schema, DIGEST).rpartition("/")[2])


OTHERS = ["a-b", "aa", "b", "a-0123456789abcdef", "A", "a.", "x-a"]


@pytest.mark.parametrize("other", OTHERS)
def test_a_run_does_not_own_files_of_another(other):
    assert not layout().owns(layout(other).file("article", DIGEST))
    assert not layout(other).owns(layout().file("article", DIGEST))


@pytest.mark.parametrize(
    "path",
    [
        "articles/date=2026-03-01/a.avro",
        "articles/date=2026-03-01/a-0123456789abcdef.avro.tmp",
        "articles/date=2026-03-01/a-0123456789abcde.avro",
        "articles/date=2026-03-01/a-0123456789ABCDEF.avro",
        "a-0123456789abcdef.avro/part",
        "a-0123456789abcdef.avro\n",
        "",
    ],
)
def test_a_run_owns_nothing_else(path):
    assert not layout().owns(path)


def test_a_dot_in_the_id_is_a_dot():
    assert not layout("a.b").owns(layout("axb").file("article", DIGEST))


def test_the_folder_is_that_of_the_utc_day():
    there = datetime(2026, 3, 1, 22, 0, tzinfo=timezone(timedelta(hours=-5)))  # 3:00 on the next day in UTC
    assert layout(now=there).folder("article") == "articles/date=2026-03-02"


def test_what_a_run_published_is_found_by_its_globs():
    paths = [layout().file(schema, DIGEST) for schema in ("article", "outcome")]
    paths += [f"parquet/{path.removesuffix('avro')}parquet" for path in paths]
    assert sorted(pattern.replace("*", DIGEST[:16]) for pattern in layout().published) == sorted(paths)
    assert all(layout().owns(path) for path in paths)
