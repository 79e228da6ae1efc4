"""What a run says of itself: its id, its versions, the options that shape its records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pipelines.options import RunSettings
from schemas.registry import ARTICLE, OUTCOME, schema_fingerprint
from transforms.core.manifest import RunFacts
from transforms.tasks import SiteRulesFile, WatchlistFile

COMPONENTS = ("newsbeam", "apache-beam", "trafilatura", "spacy", "feedparser", "fastavro", "lxml", "py3langid")


def run_facts(settings: RunSettings, options: Mapping[str, Any], models: Mapping[str, str]) -> RunFacts:
    """The facts of a run that is about to start."""
    return RunFacts(
        run_id=settings.run_id or default_run_id(settings, options),
        now=settings.now,
        clock="pinned" if settings.pinned else "system",
        options={
            name: str(value) if isinstance(value, WatchlistFile | SiteRulesFile) else value
            for name, value in options.items()
        },
        versions=_versions(models),
        schemas={name: schema_fingerprint(name) for name in (ARTICLE, OUTCOME)},
    )


def default_run_id(settings: RunSettings, options: Mapping[str, Any]) -> str:
    """The time, and a digest of the options: the same command at the same time is the same run."""
    digest = hashlib.sha256(json.dumps(options, sort_keys=True, default=str).encode()).hexdigest()[:8]
    return f"{settings.now:%Y%m%dT%H%M%SZ}-{digest}"


def newsbeam_version() -> str:
    """The version of this package, as records carry it."""
    return version("newsbeam")


def _versions(models: Mapping[str, str]) -> dict[str, str]:
    packages = {**{name: name for name in COMPONENTS}, **{f"model:{code}": name for code, name in models.items()}}
    return {label: found for label, name in sorted(packages.items()) if (found := _version(name))}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
