"""newsbeam doctor: what it finds, and what it says to do."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from loopback import on_air
from pipelines import checks, doctor
from pipelines.checks import Check
from pipelines.cli import run
from reports import NOW, story, write_run
from schemas.hops import FeedRequest
from transforms.core.manifest import to_json
from transforms.fetcher import Fetcher, FetcherConfig
from transforms.state.store import LocalStore


def wrong(found: list[Check]) -> list[str]:
    return [check.name for check in found if check.todo]


def test_a_machine_that_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, [story()])
    doctor.main(["--output", str(tmp_path), "--state", str(tmp_path / "state")])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == [
        *("python", "packages", "models", "clock", "output", "disk", "state"),
    ]
    assert all(line.startswith("ok ") for line in lines)


def test_what_is_wrong_is_said_and_the_status_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, [story()])
    with pytest.raises(SystemExit) as left:
        run("doctor", ["--output", str(tmp_path), "--now", "2020-01-01T00:00:00Z"])
    assert left.value.code == 1
    printed = capsys.readouterr()
    assert (
        "LOOK  clock     2020-01-01 00:00:00 UTC, and a run in the output is of 2026-11-15 21:00:00: set" in printed.out
    )
    assert printed.err == "newsbeam: 1 thing to look at\n"


def test_packages_that_are_not_as_declared() -> None:
    assert "is missing" in (checks._fault(Requirement("no-such-package-anywhere>=1")) or "")
    assert "is wanted, not" in (checks._fault(Requirement("fastavro>=9999")) or "")
    assert checks._fault(Requirement("fastavro>=1")) is None


def test_no_model() -> None:
    assert "newsbeam[en]" in (checks.models({}).todo or "")


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    write_run(tmp_path, [story()])
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert not wrong(list(checks.output(str(tmp_path))))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not wrong(list(checks.output(str(tmp_path / "new" / "deep"))))
    assert not (tmp_path / "new").exists()


def test_an_output_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert wrong(list(checks.output(str(tmp_path / "file" / "out")))) == ["output"]


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "_newsbeam_work").write_text("in the way")
    assert wrong(list(checks.output(str(tmp_path)))) == ["output"]


def test_a_state_that_a_run_holds(tmp_path: Path) -> None:
    with LocalStore(str(tmp_path)).held("a-run", "out", "2026-11-15T21:00:00+00:00"):
        (_, held) = checks.state(str(tmp_path))
    assert "run a-run" in held.found
    assert held.todo
    assert not wrong(list(checks.state(str(tmp_path))))


@pytest.mark.parametrize("manifest", [b"", b"{}", to_json({"generation": 1})])
def test_a_damaged_state(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest)
    (found,) = checks.state(str(tmp_path))
    assert found.found.startswith("damaged: ")


def test_a_place_that_no_state_can_be_at() -> None:
    assert wrong(list(checks.state("s3://bucket/state"))) == ["state"]


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(FetcherConfig(allowed_networks=(ip_network("127.0.0.0/8"),)))


def test_sites_are_asked_once_each(fetcher: Fetcher) -> None:
    with on_air() as site:
        site.add("/a", "feed", Date=format_datetime(NOW))
        feeds = [FeedRequest(f"{site.origin}/a", 0), FeedRequest(f"{site.origin}/b", 1)]
        found = list(checks.sites([*feeds, FeedRequest("http://127.0.0.9:9/feed", 2)], fetcher, NOW))
        assert site.asked == ["/a"]
    assert found[0].found == "1 of 2 answer"
    assert found[1].found.startswith("http://127.0.0.9:9/feed: ")
    assert found[1].todo


@pytest.mark.parametrize(("skew", "is_well"), [(timedelta(seconds=-20), True), (timedelta(hours=1), False)])
def test_the_clock_is_compared_with_the_sites(fetcher: Fetcher, skew: timedelta, is_well: bool) -> None:
    with on_air() as site:
        site.add("/a", "feed")
        (answer,) = [fetcher.get(f"{site.origin}/a")]
        sent = checks._date(answer)  # type: ignore[arg-type]
        assert sent is not None
        (check,) = checks._skew([answer], sent - skew)  # type: ignore[list-item]
    assert (check.todo is None) == is_well
    assert ("behind" in check.found) == (skew > timedelta(0))


def test_secrets_of_addresses_are_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("doctor", ["--feeds", "http://somebody:hunter2@127.0.0.9:9/feed", "--fetch_timeout", "2"])
    printed = capsys.readouterr()
    assert "hunter2" not in printed.out + printed.err
