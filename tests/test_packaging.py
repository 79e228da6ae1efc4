import os
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("pipelines", "transforms", "schemas")
CONSTRAINTS = ROOT / "constraints.txt"


def run(*command, cwd, seconds=280, **settings):
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        **settings,
    )
    assert ran.returncode == 0, f"{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy so that nothing is left behind here."""
    source = tmp_path_factory.mktemp("source")
    for name in (*OURS, "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source, cwd=source)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("package", OURS)
def test_a_package_has_one_owner(package):
    assert set(packages_distributions()[package]) == {"newsbeam"}


def test_tests_are_nobody_s_package():
    assert "newsbeam" not in packages_distributions().get("tests", [])


def test_the_wheel_holds_our_packages_and_nothing_else(names):
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == set(OURS)


def test_the_wheel_holds_every_module(names):
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in OURS
        for path in (ROOT / package).rglob("*.py")
        if "__pycache__" not in path.parts
    }
    assert {name for name in names if name.endswith(".py")} == modules


@pytest.mark.parametrize("package", OURS)
def test_the_wheel_says_that_it_is_typed(names, package):
    assert f"{package}/py.typed" in names


def test_the_wheel_holds_the_schemas(names):
    assert {"schemas/article.avsc", "schemas/outcome.avsc"} <= names


def test_the_wheel_holds_every_data_file(names):
    """Every file that lies in a package is shipped: one that is not would be missed at run time only."""
    files = {
        path.relative_to(ROOT).as_posix()
        for package in OURS
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files - names == set()


def test_the_wheel_holds_the_demo_edition(names):
    publishers = {path.name for path in (ROOT / "pipelines" / "demo" / "edition").iterdir() if path.is_dir()}
    assert len(publishers) >= 4
    assert {f"pipelines/demo/edition/{name}/publisher.toml" for name in publishers} <= names


def test_the_licence_and_the_command_are_declared(wheel):
    with ZipFile(wheel) as archive:
        info = next(name.split("/")[0] for name in archive.namelist() if ".dist-info/" in name)
        assert "newsbeam = pipelines.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
        metadata = archive.read(f"{info}/METADATA").decode()
    assert "License: Apache-2.0" in metadata
    (python,) = (line for line in metadata.splitlines() if line.startswith("Requires-Python: "))
    assert set(python.removeprefix("Requires-Python: ").split(",")) == {">=3.11", "<3.14"}
    assert "Requires-Dist: apache-beam" in metadata


CHECK = """
import pathlib, pipelines, schemas, transforms
from schemas.registry import schema_fingerprint
from pipelines.demo.publishers import __file__ as demo
for module in (pipelines, schemas, transforms):
    assert pathlib.Path(module.__file__).is_relative_to({root!r}), module.__file__
edition = pathlib.Path(demo).parent / "edition"
print(schema_fingerprint("article"), schema_fingerprint("outcome"), sum(1 for _ in edition.rglob("*.html")) > 10)
"""


def test_the_wheel_works_where_it_is_unpacked(wheel, tmp_path):
    from schemas.registry import schema_fingerprint

    unpacked = tmp_path / "unpacked"
    with ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    printed = run(sys.executable, "-c", CHECK.format(root=str(unpacked)), cwd=tmp_path, env=environment)
    assert printed.split() == [schema_fingerprint("article"), schema_fingerprint("outcome"), "True"]


def test_the_build_needs_no_more_than_it_declares():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert {requirement.partition(">")[0] for requirement in declared} == {"setuptools", "wheel"}


def index_problem():
    """Why the package index cannot be reached; None where pip finds a package there."""
    ask = ["-m", "pip", "download", "--no-deps", "--quiet", "--retries", "0", "--timeout", "10"]
    with TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, *ask, "--dest", folder, "wheel"], capture_output=True, text=True, timeout=120, check=False
        )
    return ran.stderr.strip()[-300:] if ran.returncode else None


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_empty_environment_takes_the_wheel(wheel, tmp_path):
    if problem := index_problem():
        pytest.skip(f"the package index cannot be reached: {problem}")
    home = tmp_path / "environment"
    venv.create(home, with_pip=True, system_site_packages=False)
    constraint = ["--constraint", CONSTRAINTS] if CONSTRAINTS.exists() else []
    binaries = home / "bin"
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    run(binaries / "pip", "install", "--quiet", *constraint, wheel, cwd=tmp_path, env=environment, seconds=800)
    version = wheel.name.split("-")[1]
    assert version in run(binaries / "newsbeam", "--version", cwd=tmp_path, env=environment)
    assert '"Article"' in run(binaries / "newsbeam", "schema", "show", cwd=tmp_path, env=environment)
