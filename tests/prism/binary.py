"""Prism, Beam's runner in Go: built from the module proxy and kept between runs of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from apache_beam.version import __version__ as beam_version

MODULE = f"github.com/apache/beam/sdks/v2/go/cmd/prism@v{beam_version}"

BUILD_SECONDS = 1800
"""It takes two minutes on a quiet machine."""


class Missing(Exception):
    """What this machine does not have; the message says it."""


def cache() -> Path:
    """Where what is built is kept: ``$NEWSBEAM_CACHE``, or a folder of the user's own cache."""
    return Path(os.environ.get("NEWSBEAM_CACHE") or Path.home() / ".cache" / "newsbeam")


def prism_binary() -> Path:
    """The program, of the version of Beam that is installed; built if it is not there.  Raises `Missing`."""
    binary = cache() / f"prism-{beam_version}"
    if not binary.exists():
        _build(binary)
    return binary


def _build(binary: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise Missing(f"neither Go nor {binary} is there")
    folder = cache() / f"go-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        built = subprocess.run(
            [go, "install", MODULE],
            env={**os.environ, "GOBIN": str(folder)},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
        if built.returncode:
            raise Missing(f"Go could not build {MODULE}: {(built.stderr.strip().splitlines() or ['no word why'])[-1]}")
        (folder / "prism").replace(binary)
    finally:
        shutil.rmtree(folder)
