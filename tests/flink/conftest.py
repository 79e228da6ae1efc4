"""A real Flink cluster takes Java, Maven and a minute: `make test-flink` runs these."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only where this folder was asked for by name."""
    here = Path(__file__).parent
    asked = any(
        here == Path(argument.split("::")[0]).resolve() or here in Path(argument).resolve().parents
        for argument in config.args
    )
    return None if asked else True
