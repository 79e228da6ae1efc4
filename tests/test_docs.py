"""The documentation says what the code does."""

from __future__ import annotations

import importlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.beam_options import beam_options
from pipelines.cli import COMMANDS
from schemas.outcome import OutcomeKind

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_pages_are_current(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "docs" / "generate.py", tmp_path], check=True)
    for made in tmp_path.iterdir():
        assert (ROOT / "docs" / made.name).read_text() == made.read_text(), f"{made.name}: run `make docs`"


def test_every_option_is_documented() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for module, _ in COMMANDS.values():
        for option in importlib.import_module(module).parser()._option_string_actions:
            assert option in page


def test_each_decision_has_a_number_of_its_own() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert len(numbers) == len(set(numbers))
    for number, page in zip(numbers, pages, strict=True):
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. "), page.name


def test_every_outcome_is_documented() -> None:
    page = (ROOT / "docs" / "outcomes.md").read_text(encoding="utf-8")
    assert all(f"`{kind}`" in page for kind in OutcomeKind)


def commands(page: Path) -> list[str]:
    """The newsbeam commands in a page's indented or fenced lines, without what follows a pipe, a redirection or #."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    fenced = [line for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    lines = fenced + re.findall(r"^ {4}(.*)$", text, re.M)
    found = (re.match(r"(?:\S+ .*&& |\$ |\*/.*\* +)?(?:\.venv/bin/)?newsbeam ([a-z]+ .+)$", line) for line in lines)
    return [re.split(r" (?:[>|;&#]|2>)", match[1])[0].strip() for match in found if match]


COMMAND_LINES = [(page.name, line) for page in PAGES if page.name != "commands.md" for line in commands(page)]


@pytest.mark.parametrize(("page", "command"), COMMAND_LINES, ids=[f"{page}: {line}" for page, line in COMMAND_LINES])
def test_commands_of_the_documentation_parse(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("name,type\nInes Calder,PERSON\n")
    argv = shlex.split(command)
    assert argv[0] in COMMANDS, page
    parser = importlib.import_module(COMMANDS[argv[0]][0]).parser()
    _, rest = parser.parse_known_intermixed_args(argv[1:])
    beam_options(rest, list(parser._option_string_actions))


def test_pages_have_commands() -> None:
    assert {page for page, _ in COMMAND_LINES} >= {"README.md", "getting-started.md", "faq.md", "state.md"}


def test_readme_names_the_two_commands() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", README))
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_every_line_of_the_threat_model_has_its_test() -> None:
    rows = [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row.split("|")[3])
        assert named, row
        for path, test in named:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert f"def {test}(" in text if test else "def test_" in text, f"{path}::{test}"


def test_paths_that_the_docs_name_exist() -> None:
    for page in PAGES:
        for path in re.findall(r"`((?:transforms|pipelines|schemas|tests|bench)/[\w./]+)`", page.read_text()):
            assert (ROOT / path).exists(), f"{page.name}: {path}"


@pytest.mark.parametrize("number", range(3), ids=["source", "rule", "field"])
def test_worked_changes_still_apply(number: int, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git, which applies the changes")
    changes = re.findall(r"^```diff\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M | re.S)
    assert len(changes) == 3
    patch = tmp_path / "change.diff"
    patch.write_text(changes[number], encoding="utf-8")
    command = ["git", "apply", "--check", "--unidiff-zero", str(patch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
