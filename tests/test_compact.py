"""Compaction: the same records in fewer files, whenever it is killed and whoever reads meanwhile."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fastavro
import pytest

from pipelines import compact as command
from pipelines.errors import RunFailed, UsageError
from schemas.registry import ARTICLE, OUTCOME, schema_source
from support import Output
from transforms import compact
from transforms.compact import (
    CompactionFailed,
    DayOfOutput,
    compact_day,
    compacted_runs,
    compactions_of,
    plan_groups,
    readable_files,
)
from transforms.core.compaction import current_files, files_of_manifest, from_document, groups_of, run_of, to_document
from transforms.core.layout import WORK_FOLDER, RunLayout
from transforms.core.manifest import PublishedFile, RunFacts, manifest, to_json
from warehouse import article, outcome

DAY = date(2026, 11, 10)
NOW = datetime(2026, 11, 11, tzinfo=UTC)
LARGE = 10**9


def publish(output: Path, run_id: str, articles: int, *, schema: dict[str, Any] | None = None) -> None:
    """Writes what a run of that day leaves: files of both schemas and the manifest."""
    layout = RunLayout(run_id, datetime(2026, 11, 10, 12, tzinfo=UTC))
    rows = [article(f"{run_id} {number}", f"{run_id} v{number}") for number in range(articles)]
    outcomes = [outcome(f"https://a.example/{run_id}/{number}", "written") for number in range(articles)]
    files = [
        write(output, layout, ARTICLE, rows, schema or schema_source(ARTICLE)),
        write(output, layout, OUTCOME, outcomes, schema_source(OUTCOME)),
    ]
    facts = RunFacts(run_id, layout.now, "pinned", {}, {}, {})
    target = output / layout.manifest
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(to_json(manifest(facts, files, None)))


def write(output: Path, layout: RunLayout, name: str, rows: list[Any], schema: dict[str, Any]) -> PublishedFile:
    draft = output / "draft.avro"
    output.mkdir(parents=True, exist_ok=True)
    with draft.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), rows, codec="deflate", sync_marker=bytes(16))
    data = draft.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    target = output / layout.file(name, digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(target)
    return PublishedFile(layout.file(name, digest), name, len(rows), len(data), digest)


RUNS = {"run-a": 3, "run-b": 5, "run-c": 1, "run": 2}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    for run_id, articles in RUNS.items():
        publish(folder, run_id, articles)
    return folder


def seen_by_name(output: Path) -> Counter[str]:
    """What a reader sees that goes by file names."""
    return counted(Output(output).rows("articles") + Output(output).rows("outcomes"))


def seen_by_manifest(output: Path) -> Counter[str]:
    """What a reader sees that goes by manifests."""
    published = [
        file for path in output.glob("runs/*.json") for file in files_of_manifest(json.loads(path.read_text()))
    ]
    done = [from_document(json.loads(path.read_text())) for path in output.glob("runs/compactions/*.json")]
    rows: list[Any] = []
    for path, file in current_files(published, done).items():
        data = (output / path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file.sha256
        with (output / path).open("rb") as handle:
            found = list(fastavro.reader(handle))
        assert len(found) == file.records
        rows += found
    return counted(rows)


def counted(rows: Iterable[Any]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True, default=str) for row in rows)


def avro_files(output: Path) -> list[str]:
    return sorted(path.relative_to(output).as_posix() for path in output.glob("*/date=*/*.avro"))


def test_small_files_become_one_and_no_record_changes(output: Path) -> None:
    before, manifests = seen_by_name(output), {path.name: path.read_bytes() for path in output.glob("runs/*.json")}
    done = compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert done is not None
    assert [len(each.replaces) for each in done.replacements] == [4, 4]
    assert seen_by_name(output) == seen_by_manifest(output) == before
    assert len(avro_files(output)) == 2
    assert {path.name: path.read_bytes() for path in output.glob("runs/*.json")} == manifests
    assert not list((output / WORK_FOLDER).glob("*"))


def test_the_manifest_says_which_file_replaced_which(output: Path) -> None:
    before = avro_files(output)
    done = compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    (path,) = output.glob("runs/compactions/*.json")
    document = json.loads(path.read_text())
    assert from_document(document) == done
    assert sorted(old["path"] for new in document["files"] for old in new["replaces"]) == before
    assert sorted(new["path"] for new in document["files"]) == avro_files(output)
    assert (document["date"], document["now"]) == ("2026-11-10", "2026-11-11T00:00:00+00:00")


def test_a_second_compaction_finds_nothing_to_do(output: Path) -> None:
    place = DayOfOutput(str(output), DAY)
    compact_day(place, LARGE, NOW)
    before = Output(output).bytes_by_name()
    assert compact_day(place, LARGE, NOW) is None
    assert Output(output).bytes_by_name() == before


def test_the_same_files_give_the_same_bytes(output: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for run_id, articles in reversed(RUNS.items()):
        publish(other, run_id, articles)
    for folder in (output, other):
        compact_day(DayOfOutput(str(folder), DAY), LARGE, NOW)
    assert Output(output).bytes_by_name() == Output(other).bytes_by_name()


def test_what_comes_later_joins_what_was_merged(output: Path) -> None:
    place = DayOfOutput(str(output), DAY)
    compact_day(place, LARGE, NOW)
    publish(output, "late", 4)
    before = seen_by_name(output)
    done = compact_day(place, LARGE, NOW)
    assert done is not None
    assert len(compactions_of(place)) == 2
    assert seen_by_name(output) == seen_by_manifest(output) == before
    assert len(avro_files(output)) == 2


def test_a_run_that_has_not_ended_is_left_alone(output: Path) -> None:
    (output / "runs" / "run-b.json").unlink()
    before = [name for name in avro_files(output) if "run-b-" in name]
    compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert [name for name in avro_files(output) if "run-b-" in name] == before


def test_files_of_another_schema_stay_apart(output: Path) -> None:
    older = schema_source(ARTICLE)
    older["fields"] = [field for field in older["fields"] if field["name"] != "dateline"]
    publish(output, "older-1", 1, schema=older)
    publish(output, "older-2", 1, schema=older)
    before = seen_by_name(output)
    done = compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert done is not None
    assert sorted(len(each.replaces) for each in done.replacements) == [2, 4, 6]
    assert seen_by_name(output) == before


def test_other_days_are_left_alone(output: Path) -> None:
    assert compact_day(DayOfOutput(str(output), date(2026, 11, 9)), LARGE, NOW) is None
    assert len(avro_files(output)) == 2 * len(RUNS)


def test_a_run_that_is_repeated_after_all_doubles_nothing_for_long(output: Path) -> None:
    before = seen_by_name(output)
    compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    publish(output, "run-a", RUNS["run-a"])
    assert seen_by_manifest(output) == before
    compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert seen_by_name(output) == seen_by_manifest(output) == before


def test_it_is_known_whose_files_were_merged(output: Path) -> None:
    place = DayOfOutput(str(output), DAY)
    assert compacted_runs(compactions_of(place)) == set()
    compact_day(place, LARGE, NOW)
    assert compacted_runs(compactions_of(place)) == set(RUNS)


# Damage.


def damage(output: Path, change: Callable[[bytes], bytes], run_id: str = "run-b") -> None:
    path = next(output.glob(f"articles/*/{run_id}-*.avro"))
    path.write_bytes(change(path.read_bytes()))


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a byte": lambda data: data[:-30] + bytes([data[-30] ^ 1]) + data[-29:],
    "cut": lambda data: data[:-20],
    "empty": lambda _: b"",
    "text": lambda _: b"hello",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_damaged_file_stops_it_and_nothing_is_touched(output: Path, change: str) -> None:
    damage(output, CHANGES[change])
    before = avro_files(output)
    with pytest.raises(CompactionFailed, match="run-b"):
        compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert avro_files(output) == before
    assert not list(output.glob("runs/compactions/*"))


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"files": [{"path": 1}]}'], ids=range(4))
def test_a_manifest_that_cannot_be_understood_stops_it(output: Path, data: str) -> None:
    (output / "runs" / "run-b.json").write_text(data)
    with pytest.raises(CompactionFailed, match=r"run-b\.json cannot be understood"):
        compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)


def test_a_file_that_is_missing_stops_it(output: Path) -> None:
    next(output.glob("articles/*/run-b-*.avro")).unlink()
    with pytest.raises(CompactionFailed, match="named by a manifest and is not there"):
        compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)


def test_nothing_is_removed_while_a_new_file_is_missing(output: Path) -> None:
    place = DayOfOutput(str(output), DAY)
    compact_day(place, LARGE, NOW)
    next(output.glob("articles/*/compact-*.avro")).unlink()
    publish(output, "run-a", RUNS["run-a"])
    before = avro_files(output)
    with pytest.raises(CompactionFailed, match="is not there"):
        compact_day(place, LARGE, NOW)
    assert avro_files(output) == before


# Killed at every moment.


class KilledHere(BaseException):
    """Stands for SIGKILL: nothing catches it."""


class Fuse:
    """Lets the first ``left`` changes of the disk pass, and kills before the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 10**9
        self.burnt = 0
        for name in ("create", "move"):
            monkeypatch.setattr(compact, name, self._guarded(getattr(compact, name)))
        monkeypatch.setattr(compact, "remove", self._one_by_one(compact.remove))

    def _guarded(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any) -> Any:
            self.burnt += 1
            if self.burnt > self.left:
                raise KilledHere
            return change(*arguments)

        return guarded

    def _one_by_one(self, remove: Callable[[list[str]], None]) -> Callable[[list[str]], None]:
        one = self._guarded(remove)
        return lambda paths: [one([path]) for path in paths] and None

    def light(self, left: int) -> None:
        self.left, self.burnt = left, 0


def test_killed_at_any_moment_nothing_is_lost_and_nothing_stays_doubled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse = Fuse(monkeypatch)
    for moment in range(10**6):
        output = tmp_path / str(moment)
        for run_id, articles in RUNS.items():
            publish(output, run_id, articles)
        place, before = DayOfOutput(str(output), DAY), seen_by_name(output)
        fuse.light(moment)
        try:
            compact_day(place, LARGE, NOW)
            killed = False
        except KilledHere:
            killed = True
        assert seen_by_manifest(output) == before
        assert set(seen_by_name(output)) == set(before)
        fuse.light(10**9)
        compact_day(place, LARGE, NOW)
        assert seen_by_name(output) == seen_by_manifest(output) == before
        assert len(avro_files(output)) == 2
        assert not list((output / WORK_FOLDER).glob("*"))
        if not killed:
            assert moment > 15, "the changes of the disk that one compaction makes"
            return


def test_killed_and_then_a_run_was_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fuse = Fuse(monkeypatch)
    for moment in range(4, 20, 3):
        output = tmp_path / str(moment)
        for run_id, articles in RUNS.items():
            publish(output, run_id, articles)
        fuse.light(moment)
        with pytest.raises(KilledHere):
            compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
        publish(output, "late", 2)
        fuse.light(10**9)
        before = seen_by_manifest(output)
        compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
        assert seen_by_name(output) == seen_by_manifest(output) == before


def test_files_that_change_under_a_plan_take_it_back(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is repeated with other content while its files are merged."""
    place = DayOfOutput(str(output), DAY)
    write_plan = compact._write_plan

    def repeated(*arguments: Any) -> None:
        write_plan(*arguments)
        next(output.glob("articles/*/run-b-*.avro")).unlink()

    monkeypatch.setattr(compact, "_write_plan", repeated)
    with pytest.raises(CompactionFailed, match="changed while they were merged"):
        compact_day(place, LARGE, NOW)
    assert not [name for name in avro_files(output) if "compact-" in name]
    assert not list(output.glob("runs/compactions/*"))


# The plan.


def file(path: str, size: int) -> PublishedFile:
    return PublishedFile(path, ARTICLE, 1, size, "0" * 64)


def test_groups_are_filled_up_to_the_target() -> None:
    files = [("k", file(f"{number}", 4)) for number in range(7)]
    assert [[each.path for each in group] for group in groups_of(files, 10)] == [["0", "1", "2"], ["3", "4", "5"]]


def test_large_files_and_lonely_ones_are_left() -> None:
    assert groups_of([("k", file("a", 10)), ("k", file("b", 1)), ("other", file("c", 1))], 10) == []


def test_order_makes_no_difference() -> None:
    files = [(key, file(f"{number}{key}", 3)) for number in range(4) for key in ("a", "b")]
    assert groups_of(files, 7) == groups_of(reversed(files), 7)


@pytest.mark.parametrize(
    ("path", "run"),
    [
        ("articles/date=2026-11-10/a-b-0123456789abcdef.avro", "a-b"),
        ("articles/date=2026-11-10/a-0123456789abcde.avro", None),
        ("articles/date=2026-11-10/a.avro", None),
    ],
)
def test_a_file_s_name_tells_its_run(path: str, run: str | None) -> None:
    assert run_of(path) == run


def test_a_document_reads_back(output: Path) -> None:
    done = compact_day(DayOfOutput(str(output), DAY), LARGE, NOW)
    assert done is not None
    assert from_document(to_document(done)) == done


def test_what_is_readable_is_what_manifests_name(output: Path) -> None:
    place = DayOfOutput(str(output), DAY)
    assert [each.path for each in readable_files(place)] == avro_files(output)
    assert [len(group) for group in plan_groups(place, LARGE)] == [4, 4]


# The command.


def test_the_command(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = [str(output) + "/", "--date", "2026-11-10", "--now", "2026-11-11T00:00:00Z"]
    command.main([*argv, "--dry_run"])
    assert capsys.readouterr().out.endswith("8 files would become 2\n")
    command.main(argv)
    assert "articles: 4 files became 1, 11 records" in capsys.readouterr().out
    command.main(argv)
    assert capsys.readouterr().out == "2026-11-10: nothing to merge\n"


def test_the_command_says_in_a_line_why_it_cannot(output: Path) -> None:
    damage(output, CHANGES["cut"])
    with pytest.raises(RunFailed, match="run-b"):
        command.main([str(output), "--date", "2026-11-10"])
    with pytest.raises(UsageError, match="not a day"):
        command.main([str(output), "--date", "yesterday"])


def test_a_place_that_nobody_serves_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="no filesystem serves such a place"):
        command.main(["nowhere://out", "--date", "2026-11-10"])


def test_a_file_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file; name a folder"):
        command.main([str(tmp_path / "file"), "--date", "2026-11-10"])


def test_an_output_without_runs_has_nothing_to_merge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main([str(tmp_path / "nothing"), "--date", "2026-11-10"])
    assert "nothing to merge; " + str(tmp_path / "nothing is not there") in capsys.readouterr().out
