"""Wrong calls: one clear line on stderr and exit status 2, before any work."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import ingest
from pipelines.cli import COMMANDS, help_text, run
from pipelines.work import fetcher_of


def call(capsys: pytest.CaptureFixture[str], command: str, *argv: str) -> tuple[int, str]:
    """(exit status, what stands on stderr)"""
    with pytest.raises(SystemExit) as left:
        run(command, argv)
    status = left.value.code
    assert isinstance(status, int)
    return status, capsys.readouterr().err


@pytest.fixture
def feeds(tmp_path: Path) -> str:
    path = tmp_path / "feeds.txt"
    path.write_text("https://example.org/feed.xml\n")
    return str(path)


WRONG = {
    "nothing to read": (["ingest", "--output", "{out}"], "nothing to read: name --feeds, --pages or --warc"),
    "no output": (["ingest", "--feeds", "{feeds}"], "--output"),
    "missing list": (["ingest", "--feeds", "no-such.txt", "--output", "{out}"], "no-such.txt: no such file"),
    "missing archive": (["ingest", "--warc", "no-*.warc.gz", "--output", "{out}"], "--warc no-*.warc.gz: no such file"),
    "empty list": (["ingest", "--feeds", "{empty}", "--output", "{out}"], "the list is empty"),
    "abbreviated": (
        ["ingest", "--feed", "{feeds}", "--output", "{out}"],
        "unknown option --feed (did you mean --feeds?)",
    ),
    "unknown option": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--runer", "x"], "did you mean --runner?"),
    "unknown scheme": (["ingest", "--feeds", "{ftp}", "--output", "{out}"], "list.txt:1:"),
    "bad time": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--now", "noon"], "'noon' is not a time"),
    "bad network": (
        ["ingest", "--feeds", "{feeds}", "--output", "{out}", "--allow_networks", "10.0.0.0/99"],
        "network",
    ),
    "bad limit": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--limit", "0"], "--limit"),
    "bad run id": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--run_id", "../up"], "--run_id"),
    "missing model": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--model", "en=en_nope"], "not installed"),
    "bad contact": (["ingest", "--feeds", "{feeds}", "--output", "{out}", "--contact", "a\nb"], "--contact"),
    "output is a file": (["ingest", "--feeds", "{feeds}", "--output", "{feeds}"], "cannot be written"),
    "no such filesystem": (["ingest", "--feeds", "{feeds}", "--output", "nope://x/y"], "cannot be written"),
    "wrong Beam value": (
        ["ingest", "--feeds", "{feeds}", "--output", "{out}", "--direct_num_workers", "many"],
        "direct_num_workers",
    ),
    "enrich without input": (["enrich", "--output", "{out}"], "--input"),
    "enrich of a wrong file": (["enrich", "--input", "{feeds}", "--output", "{out}"], "the name must end in .jsonl"),
    "misspelt scheme": (
        ["ingest", "--feeds", "htps://a.example/f", "--output", "{out}"],
        "starts with http:// or https://",
    ),
    "no such hour": (
        ["ingest", "--feeds", "{feeds}", "--output", "{out}", "--now", "0001-01-01T00:00:00+14:00"],
        "is not between the years",
    ),
    "output of an unset variable": (["ingest", "--feeds", "{feeds}", "--output", ""], "--output: is empty"),
    "output with a bracket": (["ingest", "--feeds", "{feeds}", "--output", "{out}[1]"], "stands for other names"),
    "state of an unset variable": (
        ["ingest", "--feeds", "{feeds}", "--output", "{out}", "--state", ""],
        "--state: is empty",
    ),
    "archives in a folder": (["ingest", "--warc", "{folder}", "--output", "{out}"], "is a folder; name files"),
    "export into a folder": (
        ["export", "--format", "ninjs", "--input", "{feeds}", "--output", "{folder}"],
        "is a folder; name a file",
    ),
    "a page in place of a folder": (["report", "{out}", "--html", "{folder}"], "is a folder; name a file"),
    "a state that is a file": (["state", "show", "--state", "{feeds}"], "is a file; name a folder"),
    "unknown command": (["ingets"], "unknown command 'ingets'"),
}


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_wrong_calls(case: str, feeds: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "list.txt").write_text("ftp://example.org/feed\n")
    places = {
        "feeds": feeds,
        "out": str(tmp_path / "out"),
        "folder": str(tmp_path),
        "empty": str(tmp_path / "empty.txt"),
        "ftp": str(tmp_path / "list.txt"),
    }
    argv, expected = WRONG[case]
    status, printed = call(capsys, *[part.format(**places) for part in argv])
    assert status == 2
    assert expected in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_unreadable_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = call(capsys, "ingest", "--feeds", str(tmp_path), "--output", str(tmp_path / "out"))
    assert status == 2
    assert str(tmp_path) in printed


def test_opened_networks_are_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="newsbeam"):
        fetcher_of(ingest.parser().parse_args(["--output", "out", "--allow_networks", "10.0.0.0/8"]))
    assert "10.0.0.0/8" in caplog.text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "pipelines", command, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert f"newsbeam {command}" in printed
    assert "-h, --help" in printed


def test_general_help_is_quick_and_names_every_command() -> None:
    loaded = "import sys; sys.argv = ['newsbeam', '--help']\ntry:\n import pipelines.cli as c; c.main()\n"
    loaded += "except SystemExit: print('apache_beam' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert printed.strip().endswith("False")
    assert all(f"  {command}" in help_text() for command in COMMANDS)


@pytest.mark.parametrize("module", ["ingest", "enrich"])
def test_modules_are_commands(module: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"pipelines.{module}", "--nope"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_a_terminal_without_the_letters_still_shows_the_help() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pipelines", "ingest", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert "gs://\\u2026" in shown.stdout


@pytest.mark.parametrize("argv", [["schema", "show"], ["schema", "show", "--fingerprint"]], ids=["much", "little"])
def test_a_reader_who_has_gone_is_no_error_to_read_about(argv: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "pipelines", *argv], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_a_stopped_command_names_the_signal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_argv: list[str]) -> None:
        raise KeyboardInterrupt("SIGINT [while running 'Parse feeds']")

    monkeypatch.setattr(ingest, "main", stopped)
    assert call(capsys, "ingest") == (1, "newsbeam: stopped by SIGINT; the same command starts it again\n")
