"""Known vulnerabilities of what constraints.txt pins; says ok, FAILED with what is known, or skipped with the reason.

    python audit.py                  asks the package index's service, through pip-audit
    python audit.py FOLDER           looks in a clone of github.com/pypa/advisory-database, without any network

Ends with 1 if something is known.  pip-audit says "No known vulnerabilities found" and ends with 0 also when its
service knows none of the packages, for instance behind a mirror: here that is a check that could not be made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"
FRESH = timedelta(days=30)
"""A copy of advisories whose newest is older than this is called old: the PyPA publishes several a week."""

Pins = Mapping[str, Version]


def main(folders: Sequence[str]) -> int:
    """Prints a line for each check, and one for each vulnerability."""
    pins = read_pins(CONSTRAINTS.read_text(encoding="utf-8"))
    lines = from_folder(pins, Path(folders[0])) if folders else from_service(pins, ask_service())
    print("\n".join(lines))
    return 1 if any(line.startswith("FAILED") for line in lines) else 0


def read_pins(constraints: str) -> Pins:
    """Name to exact version."""
    rows = (line for line in constraints.splitlines() if line and not line.startswith("#"))
    pinned = (Requirement(row) for row in rows)
    return {canonicalize_name(each.name): Version(str(each.specifier).removeprefix("==")) for each in pinned}


def ask_service() -> str:
    """What pip-audit prints as JSON, or its last word where it could not."""
    command = [*(sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off")]
    command += ["--format", "json", "--requirement", str(CONSTRAINTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own call
    return done.stdout or (done.stderr.strip().splitlines() or ["no word why"])[-1]


def from_service(pins: Pins, answer: str) -> list[str]:
    """The lines for what pip-audit said."""
    try:
        told = json.loads(answer)["dependencies"]
    except ValueError:
        return [f"skipped  advisories of the index: {answer}"]
    asked = [each for each in told if "skip_reason" not in each]
    if not asked:
        return [f"skipped  advisories of the index: it knows none of {len(told)} packages"]
    known = [f"{each['name']} {each['version']}: {bad['id']}" for each in asked for bad in each["vulns"]]
    unknown = sorted(pins.keys() - {canonicalize_name(each["name"]) for each in asked})
    return verdict(f"advisories of the index, {len(asked)} packages", known) + [
        f"skipped  {name}: the index does not know it" for name in unknown
    ]


def from_folder(pins: Pins, folder: Path) -> list[str]:
    """The lines for what a clone of the advisories holds."""
    if not (folder / "vulns").is_dir():
        return [f"skipped  advisories in {folder}: no clone of them is there"]
    known = [
        f"{name} {version}: {found}" for name, version in pins.items() for found in affecting(folder, name, version)
    ]
    newest = newest_advisory(folder)
    lines = verdict(f"advisories in {folder}, {len(pins)} packages, the newest of {newest:%Y-%m-%d}", known)
    if datetime.now(UTC) - newest > FRESH:
        lines.append(f"old      advisories in {folder}: nothing later than {newest:%Y-%m-%d} is known here")
    return lines


def verdict(what: str, known: Sequence[str]) -> list[str]:
    """ok, or a line for each that is known."""
    return [f"FAILED   {each}" for each in known] or [f"ok       {what}: none known"]


def affecting(folder: Path, name: str, version: Version) -> Iterator[str]:
    """The ids of the advisories that name this version."""
    for path in sorted((folder / "vulns" / name).glob("*.yaml")):
        advisory = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        packages = [each for each in advisory.get("affected", []) if canonicalize_name(each["package"]["name"]) == name]
        if "withdrawn" not in advisory and any(is_affected(each, version) for each in packages):
            yield f"{advisory['id']} ({', '.join(advisory.get('aliases', []))})"


def is_affected(package: Mapping[str, Any], version: Version) -> bool:
    """By the list of versions, or by a range of them: https://ossf.github.io/osv-schema/#affectedranges-field."""
    listed = (parsed(each) for each in package.get("versions", []))
    ranges = (each["events"] for each in package.get("ranges", []) if each["type"] == "ECOSYSTEM")
    return version in listed or any(is_within(events, version) for events in ranges)


def is_within(events: Sequence[Mapping[str, str]], version: Version) -> bool:
    """Whether the last event up to ``version`` introduced the fault."""
    inside = False
    for name, at in sorted((next(iter(event.items())) for event in events), key=lambda item: parsed(item[1])):
        if name == "last_affected":
            inside = inside and version <= parsed(at)
        elif version >= parsed(at):
            inside = name == "introduced"
    return inside


def parsed(version: str) -> Version:
    """As a version; what is none, in old advisories, is before all."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0.dev0")


def newest_advisory(folder: Path) -> datetime:
    """When the last of them was changed, by what they say themselves."""
    dates = (line for path in folder.glob("vulns/*/*.yaml") for line in path.read_text("utf-8").splitlines()[:4])
    stamps = (line.split(": ", 1)[1].strip("'\"") for line in dates if line.startswith("modified: "))
    return max((datetime.fromisoformat(stamp) for stamp in stamps), default=datetime.min.replace(tzinfo=UTC))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
