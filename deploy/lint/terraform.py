"""Runs `terraform validate` over a module, offline.

python terraform.py MODULE DECLARATIONS FOLDER

Terraform asks the provider what it knows, and the provider lies on a registry of its own.  DECLARATIONS is a folder of
the TypeScript declarations that CDK for Terraform made from the provider's schema.  From these comes the schema again,
and a small provider (provider/main.go) serves it to Terraform.  FOLDER keeps what was built.

What the declarations do not tell: which list is a set, how often a block must be there beyond once, and the provider's
own checks of values.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROVIDER = Path(__file__).with_name("provider")
ADDRESS = "registry.terraform.io/hashicorp/google"
INTERFACE = re.compile(r"export interface (\w+).*?\{\n(.*?)^\}", re.DOTALL | re.MULTILINE)
ATTRIBUTE = re.compile(r"docs/[\w-]+/\w+#(\w+) .*?readonly \w+(\??): (.+?);\n(?=    /\*\*|\Z)", re.DOTALL)
EXPORTED = re.compile(r"^    get (\w+)\(\): ([^;]+);", re.MULTILINE)
USED = re.compile(r"\b(resource|data) \"google_(\w+)\"")
VERSION = re.compile(r"providers/hashicorp/google/([\d.]+)/docs")

PLAIN = {"string": "string", "number": "number", "boolean": "bool", "cdktf.IResolvable": "bool"}
"""Type in the declarations to Terraform's."""


def main(module: Path, declarations: Path, folder: Path) -> int:
    """Prints what Terraform says; 1 if it finds a fault."""
    schema = folder / "provider-schema.json"
    used = set(USED.findall("".join(path.read_text(encoding="utf-8") for path in module.glob("*.tf"))))
    schema.write_text(json.dumps(schema_of(declarations, used)), encoding="utf-8")
    plugins = build(version_of(declarations), folder / "terraform-plugins")
    work = folder / "terraform-module"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(module, work, ignore=shutil.ignore_patterns(".terraform*"))
    environment = {**os.environ, "PROVIDER_SCHEMA": str(schema), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    for command in (["init", "-backend=false", f"-plugin-dir={plugins}"], ["validate"]):
        ran = subprocess.run(["terraform", f"-chdir={work}", *command, "-no-color"], env=environment, check=False)  # noqa: S603, S607
        if ran.returncode:
            return 1
    return 0


def build(version: str, plugins: Path) -> Path:
    """Builds the provider to where Terraform looks for one of this version."""
    said = subprocess.run(["go", "env", "GOOS", "GOARCH"], capture_output=True, text=True, check=True)  # noqa: S607
    target = plugins / ADDRESS / version / "_".join(said.stdout.split()) / f"terraform-provider-google_v{version}"
    subprocess.run(["go", "build", "-o", str(target), "."], cwd=PROVIDER, check=True)  # noqa: S603, S607
    return plugins


def version_of(declarations: Path) -> str:
    """The version of the provider that they were made of."""
    text = (declarations / "storage-bucket" / "index.d.ts").read_text(encoding="utf-8")
    return str(VERSION.findall(text)[0])


def schema_of(declarations: Path, used: set[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """The schema of the resources and data sources that are used; Terraform says which of them there are not."""
    made: dict[str, dict[str, Any]] = {"resource": {}, "data": {}}
    for kind, name in sorted(used):
        folder = ("data-google-" if kind == "data" else "") + name.replace("_", "-")
        path = declarations / folder / "index.d.ts"
        if path.exists():
            made[kind][f"google_{name}"] = top_block(path.read_text(encoding="utf-8"))
    return {"resources": made["resource"], "data": made["data"]}


def top_block(text: str) -> dict[str, Any]:
    """The block of a resource, with what it exports besides its arguments."""
    interfaces = dict(INTERFACE.findall(text))
    top = next(name for name in interfaces if name.endswith("Config"))
    made = block(interfaces, top)
    given = {*made["attributes"], *made["blocks"]}
    resource = re.split(rf"config\??: {top}\)", text, maxsplit=1)[1]
    for name, kind in EXPORTED.findall(resource):
        plain = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", name)
        if plain not in given and not plain.endswith("_input"):
            made["attributes"][plain] = {"type": type_of(kind) or "dynamic", "required": False, "exported": True}
    return made


def block(interfaces: dict[str, str], name: str) -> dict[str, Any]:
    """The attributes and blocks of one interface."""
    made: dict[str, Any] = {"attributes": {}, "blocks": {}}
    for attribute, optional, kind in ATTRIBUTE.findall(interfaces[name]):
        if (nested := re.match(r"\w+", kind)) and nested[0] in interfaces:
            made["blocks"][attribute] = {
                "required": not optional,
                "single": "[]" not in kind,
                "block": block(interfaces, nested[0]),
            }
        else:
            made["attributes"][attribute] = {"type": type_of(kind), "required": not optional}
    return made


def type_of(kind: str) -> str | list[str] | None:
    """A type of the declarations in Terraform's JSON; None for one that is not plain."""
    words = list(_words(kind))
    if not words or words[0] not in PLAIN:
        return ["map", "string"] if kind.startswith("{") or kind == "cdktf.StringMap" else None
    return ["list", PLAIN[words[0]]] if "[]" in kind else PLAIN[words[0]]


def _words(kind: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"[\w.]+", kind) if not kind.startswith("{"))


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:4])))
