"""Who may use a state, what a run finds that another left, and what counts as damage."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastavro
import pytest

from make_state_v1 import articles, as_json, feeds, pages
from pipelines.errors import UsageError
from pipelines.state import main as state_command
from schemas.codec import from_row, read_container, to_row
from schemas.hops import Run
from schemas.registry import schema_source
from schemas.state import ArticleState, FeedState, PageState
from transforms.clock import Clock
from transforms.core.manifest import to_json
from transforms.core.snapshot import (
    ARTICLES,
    FEEDS,
    KEYS,
    PAGES,
    RECORDS,
    StateDamaged,
    StateManifest,
    merged_rows,
    to_document,
)
from transforms.filesystem import sha256_of
from transforms.state.recovery import recover
from transforms.state.shards import StateConfig, known_articles, read_shard, write_shard
from transforms.state.store import LocalStore, Owner, StateBusy
from transforms.state.update import SETTLE, new_manifest, pending_path
from transforms.write import Sink

GOLDEN = Path(__file__).parent / "data" / "state-v1"
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HELD = """
import sys, time
from transforms.state.store import LocalStore
with LocalStore(sys.argv[1]).held("morning", "out/news", "2026-11-16T08:00:00+00:00"):
    print("held", flush=True)
    time.sleep(600)
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, which names its last owner."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# The lock


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the state in ``tmp_path``."""
    command = [sys.executable, "-c", HELD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=GOLDEN.parent.parent.parent) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_of_two_processes_hears_of_the_first(other_process: subprocess.Popen[str], tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    with pytest.raises(StateBusy) as refusal, store.held("evening", "out", NOW.isoformat()):
        pytest.fail("held twice")
    assert "run morning" in str(refusal.value)
    assert f":{other_process.pid}" in str(refusal.value)
    assert "since 2026-11-16T08:00:00" in str(refusal.value)
    assert store.last_owner() == LocalStore(str(tmp_path)).last_owner()
    os.kill(other_process.pid, signal.SIGKILL)
    other_process.wait()
    with store.held("evening", "out", NOW.isoformat()) as before:  # free at once
        assert before
        assert (before.run_id, before.output, before.is_done, before.has_state) == ("morning", "out/news", False, False)


def test_one_process_cannot_hold_a_state_twice(tmp_path: Path) -> None:
    with LocalStore(str(tmp_path)).held("a", "out", "now"):
        with pytest.raises(StateBusy, match="run a"), LocalStore(str(tmp_path)).held("b", "out", "now"):
            pytest.fail("held twice")
        assert LocalStore(str(tmp_path / "other")).last_owner() is None


def test_a_run_that_ended_well_is_done(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path / "new" / "state"))
    with store.held("a", "out", "now") as before:
        assert before is None
    with store.held("b", "out", "now") as before:
        assert before
        assert before.is_done


def test_a_run_that_failed_is_not_done(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    with pytest.raises(RuntimeError), store.held("a", "out", "now"):
        raise RuntimeError("a bug")
    with store.held("b", "out", "now") as before:
        assert before
        assert not before.is_done


@pytest.mark.parametrize("text", [b"", b"{", b"null", b"[1]", b'{"run_id": 1}', b'{"other": 2}', b'{"run_id": "\xdf"}'])
def test_a_lock_that_says_nothing_is_free(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(text)
    assert LocalStore(str(tmp_path)).last_owner() is None
    with LocalStore(str(tmp_path)).held("a", "out", "now") as before:
        assert before is None


# What another run left


@dataclasses.dataclass
class Work:
    """A state and an output, and runs that stop at any moment."""

    folder: Path

    @property
    def store(self) -> LocalStore:
        return LocalStore(str(self.folder / "state"))

    @property
    def output(self) -> str:
        return str(self.folder / "out")

    def config(self, run_id: str, manifest: StateManifest | None) -> StateConfig:
        return StateConfig(str(self.folder / "state"), Run(run_id, NOW, "1"), self.output, manifest, 2)

    def write(self, run_id: str, before: StateManifest | None, number: int = 0) -> StateManifest:
        """A run up to the point where its new state waits."""
        config = self.config(run_id, before)
        row = to_row(dataclasses.replace(feeds()[0], polls=number))
        shard = config.shard_of(row["url"])
        manifest = new_manifest(config, [write_shard(config, FEEDS, shard, [row])])
        self._write(f"state/{pending_path(run_id)}", to_json(to_document(manifest)))
        self._write(f"out/_newsbeam_work/{run_id}/parts/x", b"part")
        return manifest

    def publish_articles(self, run_id: str, *, manifest: bool = True) -> None:
        sink = Sink(self.output, Run(run_id, NOW, "1"), Clock(NOW))
        for schema in ("article", "outcome"):
            self._write(f"out/{sink.layout.file(schema, 'ab' * 32)}", b"rows")
        if manifest:
            self._write(f"out/{sink.layout.manifest}", b"{}")

    def recover(self) -> StateManifest | None:
        with self.store.held("next", self.output, NOW.isoformat()) as before:
            return recover(self.store, before)

    def killed_run(self, run_id: str) -> None:
        """Leaves the lock as a run that was killed does."""
        owner = Owner(run_id, self.output, "host:1", NOW.isoformat())
        self._write("state/lock", json.dumps(dataclasses.asdict(owner)).encode())

    def _write(self, relative: str, data: bytes) -> None:
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def seen(self) -> list[str]:
        return sorted(contents(self.folder))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """One run was published: generation 1, with one feed."""
    work = Work(tmp_path)
    first = work.write("r1", None)
    work.publish_articles("r1")
    work.store.publish(first)
    (tmp_path / "state" / pending_path("r1")).unlink()
    shutil.rmtree(tmp_path / "out" / "_newsbeam_work")
    return work


def test_nothing_left_is_nothing_done(work: Work, tmp_path: Path) -> None:
    before = contents(tmp_path)
    manifest = work.recover()
    assert manifest
    assert (manifest.generation, manifest.run_id) == (1, "r1")
    assert contents(tmp_path) == before


def test_a_state_whose_articles_are_out_is_put_in_place(work: Work) -> None:
    second = work.write("r2", work.recover(), 2)
    work.publish_articles("r2")
    work.killed_run("r2")
    assert work.recover() == second
    assert work.store.manifest(None) == second
    assert not [name for name in work.seen() if "pending" in name or "_newsbeam_work" in name or "r1/feed" in name]
    assert [row["polls"] for row in _rows(work, second)] == [2]


@pytest.mark.parametrize("some_files", [False, True])
def test_a_state_whose_articles_are_not_out_is_cleared_away(work: Work, some_files: bool, tmp_path: Path) -> None:
    before = contents(tmp_path)
    work.write("r2", work.recover(), 2)
    if some_files:
        work.publish_articles("r2", manifest=False)
    work.killed_run("r2")
    manifest = work.recover()
    assert manifest
    assert manifest.run_id == "r1"
    assert contents(tmp_path) == before
    assert [row["polls"] for row in _rows(work, manifest)] == [0]


def test_a_first_run_that_was_killed_leaves_nothing(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.write("r1", None)
    work.killed_run("r1")
    assert work.recover() is None
    assert [name for name in work.seen() if not name.endswith("lock")] == []


def test_a_first_run_whose_articles_are_out_counts(tmp_path: Path) -> None:
    work = Work(tmp_path)
    first = work.write("r1", None)
    work.publish_articles("r1")
    work.killed_run("r1")
    assert work.recover() == first


def test_a_run_that_was_killed_before_its_state_was_whole(work: Work, tmp_path: Path) -> None:
    before = contents(tmp_path)
    config = work.config("r2", work.recover())
    write_shard(config, FEEDS, 0, [])
    (tmp_path / "state" / "pending").mkdir(exist_ok=True)
    (tmp_path / "state" / "pending" / "r2.json.new").write_text('{"state_ver')
    (tmp_path / "out" / "_newsbeam_work" / "r2").mkdir(parents=True)
    (tmp_path / "out" / "_newsbeam_work" / "r2" / "part").write_bytes(b"part")
    work.killed_run("r2")
    assert work.recover()
    assert contents(tmp_path) == before


def test_a_state_that_was_put_in_place_and_not_cleared_is_not_put_in_place_again(work: Work) -> None:
    second = work.write("r2", work.recover(), 2)
    work.publish_articles("r2")
    work.store.publish(second)
    work.killed_run("r2")
    assert work.recover() == second
    assert not [name for name in work.seen() if "pending" in name]


def test_other_runs_files_are_left_alone(work: Work, tmp_path: Path) -> None:
    work.publish_articles("r2-b")
    work.write("r2", work.recover(), 2)
    work.killed_run("r2")
    work.recover()
    assert len(list(tmp_path.glob("out/articles/*/r2-b-*.avro"))) == 1
    assert len(list(tmp_path.glob("out/articles/*/r1-*.avro"))) == 1


def _rows(work: Work, manifest: StateManifest) -> list[dict[str, Any]]:
    config = work.config("look", manifest)
    return [row for shard in range(manifest.shards) for row in read_shard(config, FEEDS, shard)]


# Damage

Harm = Callable[[Path], object]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _newer(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "state_version": 99}))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(_cut, id="truncated"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(b"\0" * 500), id="zeros"),
        pytest.param(_newer, id="newer"),
        pytest.param(Path.unlink, id="missing"),
    ],
)
def test_a_damaged_manifest_is_refused_and_nothing_touched(harm: Harm, work: Work, tmp_path: Path) -> None:
    work.recover()  # a run that ended: the lock knows that there was a manifest
    harm(tmp_path / "state" / "manifest.json")
    before = contents(tmp_path)
    with pytest.raises(StateDamaged, match=r"manifest\.json"):
        work.recover()
    assert contents(tmp_path) == before
    with pytest.raises(StateDamaged, match=r"manifest\.json"):
        work.recover()  # a second try is no way around it


def test_a_manifest_that_is_missing_with_the_lock_is_noticed_by_what_lies_about(work: Work, tmp_path: Path) -> None:
    (tmp_path / "state" / "manifest.json").unlink()
    (tmp_path / "state" / "lock").unlink(missing_ok=True)
    with pytest.raises(StateDamaged, match="missing"):
        work.recover()


def test_a_waiting_state_that_is_damaged_is_refused(work: Work, tmp_path: Path) -> None:
    work.write("r2", work.recover(), 2)
    _cut(tmp_path / "state" / pending_path("r2"))
    before = contents(tmp_path)
    with pytest.raises(StateDamaged, match=r"r2\.json"):
        work.recover()
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        pytest.param(_cut, "bytes, and should have", id="truncated"),
        pytest.param(lambda path: path.write_bytes(b""), "bytes, and should have", id="empty"),
        pytest.param(_flip, "changed since", id="changed"),
        pytest.param(Path.unlink, "cannot be read", id="missing"),
    ],
)
def test_a_damaged_file_is_refused_before_it_is_read(harm: Harm, words: str, work: Work, tmp_path: Path) -> None:
    manifest = work.recover()
    assert manifest
    (file,) = manifest.files
    harm(tmp_path / "state" / file.path)
    read = read_shard(work.config("r2", manifest), FEEDS, file.shard)
    with pytest.raises(StateDamaged, match=words):
        next(read)


def test_a_file_of_another_kind_is_damage(work: Work) -> None:
    config = work.config("r2", None)
    file = write_shard(config, PAGES, 0, [to_row(pages()[0])])
    manifest = new_manifest(config, [dataclasses.replace(file, kind=FEEDS)])
    with pytest.raises(StateDamaged, match=r"page_state-00000-[0-9a-f]+\.avro: no rows of FeedState"):
        list(read_shard(work.config("r3", manifest), FEEDS, 0))


def test_a_file_that_is_no_container_is_damage(work: Work, tmp_path: Path) -> None:
    config = work.config("r2", None)
    file = write_shard(config, FEEDS, 0, [to_row(feeds()[0])])
    path = tmp_path / "state" / file.path
    path.write_bytes(b"PK" + path.read_bytes())
    digest, size = sha256_of(str(path))
    manifest = new_manifest(config, [dataclasses.replace(file, sha256=digest, size=size)])
    with pytest.raises(StateDamaged, match=r"feed_state-00000-[0-9a-f]+\.avro"):
        list(read_shard(work.config("r3", manifest), FEEDS, 0))


# Snapshots


def test_the_same_rows_give_the_same_file(work: Work) -> None:
    config = work.config("r2", None)
    rows = sorted((to_row(feed) for feed in feeds()), key=lambda row: str(row["url"]))
    first, second = (write_shard(config, FEEDS, 0, iter(rows)) for _ in range(2))
    assert first == second
    assert (first.records, first.path) == (5, f"snapshots/r2/feed_state-00000-{first.sha256[:16]}.avro")


def test_untouched_shards_are_taken_over(work: Work) -> None:
    before = work.recover()
    assert before
    config = work.config("r2", before)
    (file,) = before.files
    other = write_shard(config, FEEDS, 1 - file.shard, [])
    after = new_manifest(config, [other])
    assert after.generation == 2
    assert set(after.files) == {file, other}


# States of older versions


@pytest.fixture
def golden(tmp_path: Path) -> StateConfig:
    shutil.copytree(GOLDEN, tmp_path / "state")
    manifest = LocalStore(str(tmp_path / "state")).manifest(None)
    assert manifest
    return StateConfig(str(tmp_path / "state"), Run("next", NOW, "1"), "out", manifest, manifest.shards)


@pytest.mark.parametrize("kind", [FEEDS, PAGES, ARTICLES])
def test_a_state_of_version_1_is_readable(kind: str, golden: StateConfig) -> None:
    """What was written then is there now; fields that came later have their defaults."""
    expected = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))[kind]
    rows = [row for shard in range(golden.shards) for row in read_shard(golden, kind, shard)]
    found = {row[KEYS[kind]]: as_json(from_row(RECORDS[kind], row)) for row in rows}
    assert set(found) == set(expected)
    for key, fields in expected.items():
        assert {name: found[key][name] for name in fields} == fields


def test_records_of_version_1_are_what_they_were(golden: StateConfig) -> None:
    """Types included: times, tuples and bytes."""
    for kind, records in ((FEEDS, feeds()), (PAGES, pages()), (ARTICLES, articles())):
        rows = [row for shard in range(golden.shards) for row in read_shard(golden, kind, shard)]
        assert {str(from_row(RECORDS[kind], row)) for row in rows} == {str(record) for record in records}


def test_a_state_of_version_1_goes_on(golden: StateConfig, tmp_path: Path) -> None:
    """Its rows are joined with news and written in today's form."""
    shard = golden.shard_of(feeds()[0].url)
    polled = to_row(dataclasses.replace(feeds()[0], polls=961))
    rows = merged_rows(read_shard(golden, FEEDS, shard), {polled["url"]: polled}, "url", lambda row, new: new or row)
    file = write_shard(golden, FEEDS, shard, rows)
    with (tmp_path / "state" / file.path).open("rb") as stream:
        found = {row["url"]: from_row(FeedState, row) for row in read_container(stream)}
    assert found[polled["url"]].polls == 961
    assert len(found) == golden.manifest.file(FEEDS, shard).records  # type: ignore[union-attr]


def test_the_index_of_version_1_is_found_in_order(golden: StateConfig) -> None:
    found = [state for group in range(3) for state in known_articles(golden, group, 3)]
    assert sorted(found, key=lambda state: state.article_id) == sorted(articles(), key=lambda state: state.article_id)
    (together,) = [list(known_articles(golden, 0, 1))]
    assert [state.article_id for state in together] == sorted(state.article_id for state in together)


@pytest.mark.parametrize(
    ("kind", "record", "dropped"),
    [
        (FEEDS, feeds()[0], ("window", "seen", "entries_per_day")),
        (PAGES, pages()[0], ("gone", "prints")),
        (ARTICLES, articles()[0], ("is_deleted",)),
    ],
)
def test_rows_that_lack_a_field_of_today_are_completed(
    kind: str, record: Any, dropped: tuple[str, ...], work: Work, tmp_path: Path
) -> None:
    """Also those that nothing is learnt of, which are copied into the next snapshot."""
    config = work.config("old", None)
    file = write_shard(config, kind, 0, [])
    schema = schema_source(kind)
    schema["fields"] = [field for field in schema["fields"] if field["name"] not in dropped]
    row = to_row(record)
    path = tmp_path / "state" / file.path
    with path.open("wb") as stream:
        fastavro.writer(stream, schema, [{k: v for k, v in row.items() if k not in dropped}])
    digest, size = sha256_of(str(path))
    manifest = new_manifest(config, [dataclasses.replace(file, sha256=digest, size=size)])
    later = work.config("new", manifest)
    copied = write_shard(later, kind, 0, merged_rows(read_shard(later, kind, 0), {}, KEYS[kind], lambda old, _: old))
    with (tmp_path / "state" / copied.path).open("rb") as stream:
        (found,) = [from_row(RECORDS[kind], each) for each in read_container(stream)]
    defaults = {field.name: field.default for field in dataclasses.fields(RECORDS[kind])}
    assert found == dataclasses.replace(record, **{name: defaults[name] for name in dropped})


def test_records_have_a_schema_and_a_key() -> None:
    assert {FEEDS: FeedState, PAGES: PageState, ARTICLES: ArticleState} == RECORDS
    for kind, record in RECORDS.items():
        assert [field.name for field in dataclasses.fields(record)] == [
            field["name"] for field in schema_source(kind)["fields"]
        ]
        assert KEYS[kind] == dataclasses.fields(record)[0].name


def test_forgetting_takes_time() -> None:
    config = StateConfig("state", Run("r", NOW, "1"), "out", None)
    feed, article, page = to_row(feeds()[0]), to_row(articles()[0]), to_row(pages()[1])
    for days, kept in ((89, (True, True, True)), (91, (True, True, False)), (361, (False, False, False))):
        later = dataclasses.replace(config, run=Run("r", NOW + timedelta(days=days), "1"))
        found = (
            SETTLE[FEEDS](feed, None, later),
            SETTLE[ARTICLES](article, None, later),
            SETTLE[PAGES](page, None, later),
        )
        assert tuple(each is not None for each in found) == kept


def test_the_example_in_the_documentation_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parent.parent / "docs" / "state.md").read_text(encoding="utf-8")
    url = "https://harbour.example/rss.xml"
    state_command(["show", url, "--state", str(GOLDEN), "--now", "2026-11-16T08:30:00Z"])
    printed = "".join(f"    {line}\n" for line in capsys.readouterr().out.splitlines())
    assert printed in page


def test_a_look_at_a_state_whose_first_run_is_under_way(tmp_path: Path) -> None:
    work = Work(tmp_path)
    work.write("r1", None)
    work.killed_run("r1")
    with pytest.raises(UsageError, match="no run was published"):
        state_command(["show", "--state", str(tmp_path / "state")])
