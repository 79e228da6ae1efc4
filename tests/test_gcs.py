"""Runs whose state and output are in a bucket, on a Google Cloud Storage of our own on loopback."""

from __future__ import annotations

import gc
import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import fastavro
import pytest

from changing_site import ChangingSite, changing_site
from fake_gcs import Cloud, cloud_in_use
from pipelines import cli, ingest
from pipelines.compact import main as compact
from pipelines.errors import RunFailed, UsageError
from pipelines.state import main as state_command
from pipelines.stateful import store_at
from support import NOW, Output, edition_captures
from transforms import google_storage
from transforms.core.layout import WORK_FOLDER
from transforms.filesystem import create, exists, join, list_files, move, open_bytes, remove, sha256_of
from transforms.google_storage import Changed, CloudObjects
from transforms.state.cloud_store import CloudStore
from transforms.state.lease import STALE_SECONDS, LockNote, held_by
from transforms.state.store import Owner, StateLost

BUCKET = "harbour"
STATE = f"gs://{BUCKET}/news/state"
OUTPUT = f"gs://{BUCKET}/news/out"
PATIENCE_SECONDS = 200.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, cloud_in_use(patch, tmp_path_factory.mktemp("cloud"), BUCKET) as cloud:
        yield cloud


@pytest.fixture
def cloud(service: Cloud) -> Cloud:
    """The service with an empty bucket.  A writer that was turned away puts once more when it is collected."""
    gc.collect()
    service.empty()
    return service


@pytest.fixture
def site() -> Iterator[ChangingSite]:
    with changing_site() as publisher:
        for number in range(3):
            first = f"Crew number {number} went out before dawn and came home by four in the afternoon."
            publisher.publish(f"/story-{number}", f"Crew {number} is home", first, "Mon, 16 Nov 2026 06:00:00 GMT")
        yield publisher


def put(path: str, data: bytes = b"data") -> None:
    with create(path) as file:
        file.write(data)


# --- files


def test_files_are_put_read_and_listed(cloud: Cloud) -> None:
    for number in range(20):
        put(f"{OUTPUT}/articles/date=1/{number:02d}.avro", bytes(number))
    put(f"{OUTPUT}/articles/date=1/deeper/x.avro")
    put(f"{OUTPUT}/articles/date=1/x.txt")
    found = list_files(join(OUTPUT, "articles", "date=*", "*.avro"))
    assert found == [f"{OUTPUT}/articles/date=1/{number:02d}.avro" for number in range(20)]
    with open_bytes(found[7]) as file:
        assert file.read() == bytes(7)
    assert sha256_of(found[0])[1] == 0


def test_what_does_not_fit_in_one_request_is_put_and_read(cloud: Cloud) -> None:
    data = bytes(range(256)) * 80_000  # 20 MB: more than the client sends at once
    put(f"{OUTPUT}/large.bin", data)
    assert cloud.get(BUCKET, "news/out/large.bin").data == data
    assert sha256_of(f"{OUTPUT}/large.bin")[1] == len(data)


def test_a_folder_is_there_if_anything_is_in_it(cloud: Cloud) -> None:
    put(f"{OUTPUT}/work/a/b")
    assert all(exists(f"{OUTPUT}/{path}") for path in ("work", "work/", "work/a", "work/a/b"))
    assert not any(exists(f"{OUTPUT}/{path}") for path in ("wor", "work/a/b/c", "other"))


def test_a_file_at_the_root_of_the_bucket(cloud: Cloud) -> None:
    put(f"gs://{BUCKET}/top")
    move(f"gs://{BUCKET}/top", f"gs://{BUCKET}/summit")
    assert list_files(f"gs://{BUCKET}/*") == [f"gs://{BUCKET}/summit"]


def test_a_move_replaces_and_can_be_made_again(cloud: Cloud) -> None:
    put(f"{OUTPUT}/a å", b"new")
    put(f"{OUTPUT}/b ü/c", b"old")
    for _ in range(2):
        move(f"{OUTPUT}/a å", f"{OUTPUT}/b ü/c")
    assert cloud.names(BUCKET) == ["news/out/b ü/c"]
    assert cloud.get(BUCKET, "news/out/b ü/c").data == b"new"
    with pytest.raises(OSError, match="Rename"):
        move(f"{OUTPUT}/none", f"{OUTPUT}/new")


def test_folders_are_removed_with_all_below_and_nothing_beside(cloud: Cloud) -> None:
    for name in ("work/a", "work/b/c", "work", "work-2/a", "d", "kept"):
        put(f"{OUTPUT}/{name}")
    for _ in range(2):
        remove([f"{OUTPUT}/work", f"{OUTPUT}/d", f"{OUTPUT}/never there"])
    assert cloud.names(BUCKET) == ["news/out/kept", "news/out/work-2/a"]


def test_a_file_whose_writer_failed_is_not_there(cloud: Cloud) -> None:
    with pytest.raises(TypeError), create(f"{OUTPUT}/half") as file:
        file.write(b"".join([b"the first half", None]))  # type: ignore[list-item]
    assert cloud.names(BUCKET) == []


@pytest.mark.parametrize("path", [f"{OUTPUT}/none", "gs://no-such-bucket/none"])
def test_what_is_missing_is_an_error_like_any_other(cloud: Cloud, path: str) -> None:
    with pytest.raises(FileNotFoundError, match=path):
        sha256_of(path)


def test_a_bucket_that_is_missing_cannot_be_written(cloud: Cloud) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-bucket"):
        put("gs://no-such-bucket/none")


def test_who_may_not_is_told(cloud: Cloud) -> None:
    cloud.is_closed = True
    with pytest.raises(PermissionError, match=f"{OUTPUT}/a"):
        put(f"{OUTPUT}/a")
    with pytest.raises(PermissionError, match=f"{STATE}.*does not have storage"):
        CloudStore(STATE).last_owner()
    with pytest.raises(UsageError, match="--output gs://harbour/news/out: cannot be written"):
        ingest.main(["--pages", "https://harbour.example/", "--output", OUTPUT])


def test_a_token_that_has_expired_is_renewed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    put(f"{OUTPUT}/a")
    monkeypatch.setattr("fake_gcs.TOKEN", "tomorrow's")
    put(f"{OUTPUT}/b")
    assert cloud.names(BUCKET) == ["news/out/a", "news/out/b"]


# --- puts on a condition


def test_a_put_replaces_only_what_was_read(cloud: Cloud) -> None:
    objects = CloudObjects(STATE + "/")
    assert objects.read("lock") is None
    first = objects.write("lock", b"1", 0)
    with pytest.raises(Changed):
        objects.write("lock", b"2", 0)
    second = objects.write("lock", b"2", first)
    with pytest.raises(Changed):
        objects.write("lock", b"3", first)
    stored = objects.read("lock")
    assert stored is not None
    assert (stored.data, stored.generation) == (b"2", second)
    assert stored.updated <= objects.now()
    assert cloud.names(BUCKET) == ["news/state/clock", "news/state/lock"]


def test_a_bucket_that_is_missing_keeps_no_state(cloud: Cloud) -> None:
    with pytest.raises(FileNotFoundError), CloudStore("gs://no-such-bucket/state").held("a", "out", "now"):
        pass


# --- where a state can be


@pytest.mark.parametrize("uri", ["s3://bucket/state", "hdfs://host/state", "abfs://a@b/state", "https://a.example/s"])
def test_a_state_where_runs_cannot_be_kept_apart_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match=r"two runs cannot be kept apart there; .* gs://bucket/path"):
        store_at(uri)


def test_a_state_in_no_bucket_is_refused() -> None:
    with pytest.raises(UsageError, match="names no bucket"):
        store_at("gs:///state")


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(google_storage, "is_installed", lambda: False)
    with pytest.raises(UsageError, match=r"pip install 'newsbeam\[gcp\]'"):
        store_at(STATE)
    page = tmp_path / "a.html"
    page.write_text("<p>")
    with pytest.raises(UsageError, match=r"--output .*pip install 'newsbeam\[gcp\]'"):
        ingest.main(["--pages", str(page), "--output", OUTPUT])


def test_credentials_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(UsageError, match="no credentials for Google Cloud"):
        store_at(STATE)


# --- runs


def command(site: ChangingSite, now: str, *argv: str) -> list[str]:
    return [
        *("--feeds", f"{site.origin}/feed.xml", "--output", OUTPUT, "--state", STATE, "--now", now),
        *("--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--shards", "1", *argv),
    ]


def rows(cloud: Cloud, kind: str) -> list[dict[str, Any]]:
    """The rows of all runs."""
    found: list[dict[str, Any]] = []
    for name in cloud.names(BUCKET, f"news/out/{kind}/"):
        read: Any = fastavro.reader(io.BytesIO(cloud.get(BUCKET, name).data))
        found.extend(read)
    return found


def written(cloud: Cloud) -> list[str]:
    return sorted("/" + row["url"].rpartition("/")[2] for row in rows(cloud, "articles"))


def litter(cloud: Cloud) -> list[str]:
    return [*cloud.names(BUCKET, f"news/out/{WORK_FOLDER}"), *cloud.names(BUCKET, "news/state/pending")]


STORIES = ["/story-0", "/story-1", "/story-2"]


@pytest.mark.slow
def test_two_runs_on_one_state(cloud: Cloud, site: ChangingSite, capsys: Any) -> None:
    ingest.main(command(site, "2026-11-16T08:00:00Z"))
    assert written(cloud) == STORIES
    first = set(cloud.names(BUCKET, "news/state/snapshots"))
    site.asked.clear()
    site.publish("/story-3", "Crew 3 is home", "The last crew came home at dusk.", "Mon, 16 Nov 2026 18:00:00 GMT")
    ingest.main(command(site, "2026-11-16T20:00:00Z"))
    assert written(cloud) == [*STORIES, "/story-3"]
    assert [asked.status for asked in site.asked if asked.path == "/feed.xml"] == [200]
    assert litter(cloud) == []
    replaced = first - set(cloud.names(BUCKET, "news/state/snapshots"))
    assert replaced  # by the second run's
    assert [name for name in cloud.names(BUCKET) if name.endswith(".json")] == sorted(
        [*cloud.names(BUCKET, "news/out/runs/"), "news/state/manifest.json"]
    )
    assert len(cloud.names(BUCKET, "news/out/runs/")) == 2
    capsys.readouterr()
    state_command(["show", "--state", STATE])
    assert "1 feeds, 4 pages, 4 articles" in capsys.readouterr().out
    before = sorted(row["version_id"] for row in rows(cloud, "articles"))
    compact([OUTPUT, "--date", "2026-11-16"])
    assert sorted(row["version_id"] for row in rows(cloud, "articles")) == before
    assert len(cloud.names(BUCKET, "news/out/articles/")) == 1


def test_a_second_run_at_the_same_time_is_turned_away(cloud: Cloud, site: ChangingSite, capsys: Any) -> None:
    with CloudStore(STATE).held("early", OUTPUT, "2026-11-16T08:00:00+00:00"), pytest.raises(SystemExit) as end:
        cli.run("ingest", command(site, "2026-11-16T08:00:00Z"))
    assert end.value.code == 1
    assert f"{STATE} is in use by run early (process " in capsys.readouterr().err
    assert site.asked == []
    assert written(cloud) == []


@pytest.mark.slow
def test_a_run_that_lost_its_lock_publishes_nothing(cloud: Cloud, site: ChangingSite) -> None:
    def take_over(name: str) -> None:
        if name.startswith("news/state/pending/"):
            cloud.before_put = lambda _: None
            note = LockNote(Owner("usurper", OUTPUT, "elsewhere:1", "now"), "other")
            cloud.put(BUCKET, "news/state/lock", note.to_bytes())

    cloud.before_put = take_over
    with pytest.raises(RunFailed, match="taken over by run usurper"):
        ingest.main(command(site, "2026-11-16T08:00:00Z"))
    assert written(cloud) == []
    assert cloud.names(BUCKET, "news/out/runs/") == []
    assert "news/state/manifest.json" not in cloud.names(BUCKET)


def test_the_guard_is_for_the_run_that_holds_the_state(cloud: Cloud) -> None:
    store = CloudStore(STATE)
    with store.held("early", OUTPUT, "now"):
        guard = store.guard()
        guard()
    with pytest.raises(StateLost):
        guard()


MOMENTS: dict[str, Callable[[str], bool]] = {
    "the state is held": lambda name: name == "news/state/lock",
    "records are kept": lambda name: "/parts/" in name,
    "articles are merged": lambda name: "/merged/article/" in name,
    "a new shard is written": lambda name: name.startswith("news/state/snapshots/"),
    "the new state waits": lambda name: name.startswith("news/state/pending/") and name.endswith(".json"),
    "articles are out": lambda name: name.startswith("news/out/articles/"),
    "the run is published": lambda name: name.startswith("news/out/runs/"),
    "the new state counts": lambda name: name == "news/state/manifest.json",
}
"""Of the object that was put last before the run is killed."""
QUICK = ("the run is published",)


@pytest.mark.parametrize(
    "moment", [pytest.param(name, marks=() if name in QUICK else pytest.mark.chaos) for name in MOMENTS]
)
def test_a_run_that_is_killed_is_made_good_by_the_next(moment: str, cloud: Cloud, site: ChangingSite) -> None:
    kill_at(MOMENTS[moment], cloud, site)
    held = held_by(CloudObjects(STATE))
    assert held is not None
    with pytest.raises(RunFailed, match=f"in use by run {held.owner.run_id}"):
        ingest.main(command(site, "2026-11-16T08:10:00Z"))
    cloud.age(BUCKET, "news/state/lock", timedelta(seconds=STALE_SECONDS + 60))
    ingest.main(command(site, "2026-11-16T08:10:00Z"))
    assert written(cloud) == STORIES
    assert litter(cloud) == []
    kinds = [row["outcome"] for row in rows(cloud, "outcomes")]
    assert kinds.count("written") == len(STORIES)
    manifest = CloudStore(STATE).manifest(None)
    assert manifest is not None
    named = {f"news/state/{file.path}" for file in manifest.files}
    assert named == set(cloud.names(BUCKET, "news/state/snapshots/"))


def kill_at(moment: Callable[[str], bool], cloud: Cloud, site: ChangingSite) -> None:
    """Starts a run and kills it when such an object was put; what it asks for meanwhile is not answered."""
    argv = [sys.executable, "-m", "pipelines", "ingest", *command(site, "2026-11-16T08:00:00Z", "--processes", "1")]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:

        def stop(name: str) -> None:
            if moment(name):
                cloud.after_put = lambda _: None
                run.send_signal(signal.SIGKILL)
                run.wait(timeout=PATIENCE_SECONDS)

        cloud.after_put = stop
        deadline = time.monotonic() + PATIENCE_SECONDS
        while run.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert run.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_an_archive_is_read_into_a_bucket_as_into_a_folder(
    cloud: Cloud, write_archive: Callable[..., Path], tmp_path: Path
) -> None:
    archive = write_archive(tmp_path / "few.warc.gz", edition_captures()[:3])
    for output in (OUTPUT, str(tmp_path / "out")):
        ingest.main(["--warc", str(archive), "--output", output, "--now", NOW, "--run_id", "same", "--shards", "2"])
    local = Output(tmp_path / "out").bytes_by_name()
    stored = {name.removeprefix("news/out/"): cloud.get(BUCKET, name).data for name in cloud.names(BUCKET)}
    assert stored == local
    assert any(name.startswith("articles/") for name in stored)
