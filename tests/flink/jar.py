"""The one jar that a Flink cluster for Beam needs, built with Maven and kept between runs of the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")

BUILD_SECONDS = 900


class Missing(Exception):
    """A part of the cluster that this machine does not have; the message says which."""


def cache() -> Path:
    """Where what is built is kept: ``$NEWSBEAM_CACHE``, or a folder of the user's own cache."""
    return Path(os.environ.get("NEWSBEAM_CACHE") or Path.home() / ".cache" / "newsbeam")


def flink_jar() -> Path:
    """The jar, built if it is not there.  Raises `Missing`."""
    if shutil.which("java") is None:
        raise Missing("java is not installed")
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    jar = cache() / f"flink-cluster-{digest}.jar"
    if not jar.exists():
        _build(jar)
    return jar


def _build(jar: Path) -> None:
    """Whole or not at all, also where several builds run at once."""
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing(f"neither Maven nor {jar} is there")
    jar.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jar.parent, prefix="flink-build-") as folder:
        shutil.copy(POM, folder)
        built = subprocess.run(
            [maven, "--quiet", "--batch-mode", "package"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        if built.returncode:
            reason = next((line for line in built.stdout.splitlines() if "ERROR" in line), "no word why")
            raise Missing(f"Maven could not build the jar: {reason}")
        (Path(folder) / "target" / "flink-cluster.jar").replace(jar)
