import json
import random
from datetime import UTC, datetime

from transforms.core.manifest import MANIFEST_VERSION, PublishedFile, RunFacts, manifest, to_json

FACTS = RunFacts(
    run_id="run-1",
    now=datetime(2026, 3, 1, 7, 30, tzinfo=UTC),
    clock="pinned",
    options={"shards": 2, "feeds": ["feeds.toml"]},
    versions={"newsbeam": "0.1.0"},
    schemas={"article": "f" * 64},
)

FILES = [
    PublishedFile("articles/date=2026-03-01/run-1-b.avro", "article", 3, 300, "b" * 64),
    PublishedFile("articles/date=2026-03-01/run-1-a.avro", "article", 2, 200, "a" * 64),
    PublishedFile(
        "outcomes/date=2026-03-01/run-1-c.avro",
        "outcome",
        6,
        600,
        "c" * 64,
        (("write/written", 4), ("fetch_page/timeout", 2)),
    ),
    PublishedFile(
        "outcomes/date=2026-03-01/run-1-d.avro",
        "outcome",
        4,
        400,
        "d" * 64,
        (("fetch_feed/timeout", 3), ("write/written", 1)),
    ),
]


def test_rows_are_counted_by_schema():
    document = manifest(FACTS, FILES, None)
    assert (document["articles"], document["outcomes"]) == (5, 10)


def test_outcomes_are_counted_over_all_files():
    counts = manifest(FACTS, FILES, None)["counts"]
    assert counts["by_stage_and_outcome"] == {"fetch_feed/timeout": 3, "fetch_page/timeout": 2, "write/written": 5}
    assert counts["by_outcome"] == {"timeout": 5, "written": 5}


def test_counts_add_up_to_the_rows():
    document = manifest(FACTS, FILES, None)
    assert sum(document["counts"]["by_outcome"].values()) == document["outcomes"]


def test_files_are_listed_with_what_a_reader_checks():
    files = manifest(FACTS, FILES, None)["files"]
    assert [file["path"] for file in files] == sorted(file.path for file in FILES)
    assert files[0] == {
        "path": "articles/date=2026-03-01/run-1-a.avro",
        "schema": "article",
        "records": 2,
        "bytes": 200,
        "sha256": "a" * 64,
    }


def test_what_is_known_of_the_run_is_said():
    document = manifest(FACTS, [], {"seconds": 1.5})
    assert document["manifest_version"] == MANIFEST_VERSION
    assert (document["run_id"], document["now"], document["clock"]) == ("run-1", "2026-03-01T07:30:00+00:00", "pinned")
    assert document["options"] == {"shards": 2, "feeds": ["feeds.toml"]}
    assert document["versions"] == {"newsbeam": "0.1.0"}
    assert document["schemas"] == {"article": "f" * 64}
    assert document["timings"] == {"seconds": 1.5}


def test_a_run_that_wrote_nothing_has_a_manifest():
    document = manifest(FACTS, [], None)
    assert (document["articles"], document["outcomes"], document["files"], document["timings"]) == (0, 0, [], None)
    assert document["counts"] == {"by_outcome": {}, "by_stage_and_outcome": {}}


def test_the_same_run_gives_the_same_bytes_whatever_the_order_of_its_files():
    expected = to_json(manifest(FACTS, FILES, None))
    for seed in range(5):
        shuffled = random.Random(seed).sample(FILES, len(FILES))  # noqa: S311 - order, not secrets
        assert to_json(manifest(FACTS, iter(shuffled), None)) == expected


def test_the_bytes_do_not_depend_on_the_order_of_keys():
    assert to_json({"b": 1, "a": {"d": 2, "c": 3}}) == to_json({"a": {"c": 3, "d": 2}, "b": 1})


def test_the_bytes_are_json_for_people():
    document = manifest(FACTS, FILES, None)
    data = to_json({**document, "options": {"name": "Brücke"}})
    assert json.loads(data) == {**document, "options": {"name": "Brücke"}}
    assert "Brücke".encode() in data
    assert data.endswith(b"}\n")
