"""Does this image hold all that a worker needs?  Ends with 1 and a line where it does not; asks nothing of the network.

python smoke.py [LANGUAGE...]      models of these languages must be there (default: en es fr)
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGES = ("pipelines", "transforms", "schemas")
TEXT = "The mayor of Harbour Town, Anna Lind, opened the new bridge. “It is done,” Anna Lind said on Monday."


def main(languages: list[str]) -> None:
    """Raises SystemExit with a line on the first thing that is missing."""
    for package in PACKAGES:
        check(set(packages_distributions().get(package, [])) == {"newsbeam"}, f"{package} is not newsbeam's alone")
        import_module(package)
    from transforms.core.annotation import installed_models

    missing = set(languages) - set(installed_models())
    check(not missing, f"no model for {', '.join(sorted(missing))}")
    with TemporaryDirectory() as folder:
        enrich(Path(folder))
    print("newsbeam: all there")


def enrich(folder: Path) -> None:
    """Annotates one text, as a run does: pool, model, sink and all."""
    texts = folder / "texts.jsonl"
    texts.write_text(json.dumps({"url": "https://harbour.example/a", "text": TEXT, "language": "en"}) + "\n")
    command = [sys.executable, "-m", "pipelines", "enrich", "--input", str(texts), "--output", str(folder / "out")]
    ran = subprocess.run([*command, "--processes", "1"], capture_output=True, text=True, check=False)  # noqa: S603
    check(ran.returncode == 0 and "1 articles" in ran.stdout, f"newsbeam enrich failed: {ran.stderr[-500:]}")


def check(holds: bool, complaint: str) -> None:
    """Ends the program where something does not hold."""
    if not holds:
        raise SystemExit(f"smoke.py: {complaint}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["en", "es", "fr"])
