"""Are the blocks and attributes of a Terraform module those that the Google provider has?

python terraform.py MODULE PROVIDER

`terraform validate` needs the provider, which lies on a registry of its own.  PROVIDER is a folder of the TypeScript
declarations that CDK for Terraform made from the provider's schema: each attribute stands there with its name, whether
it is optional, and the type of its block.  What they do not tell: the types of plain values, and references in general.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import hcl2

META = frozenset({"for_each", "count", "depends_on", "lifecycle", "provider", "connection", "provisioner"})
INTERFACE = re.compile(r"export interface (\w+).*?\{(.*?)^\}", re.DOTALL | re.MULTILINE)
ATTRIBUTE = re.compile(r"docs/[\w-]+/\w+#(\w+) .*?readonly \w+(\??): ([^;]+);", re.DOTALL)
REFERENCE = re.compile(r"\b(data\.)?(google_\w+)\.(\w+)(?:\[[^\]]*\])?\.(\w+)")


@dataclass(frozen=True)
class Attribute:
    """``kind`` is its TypeScript type without ``[]``: the interface of a nested block, or that of a plain value."""

    required: bool
    kind: str


def main(module: Path, provider: Path) -> int:
    """Prints what is wrong; 1 if anything is."""
    faults = []
    for path in sorted(module.glob("*.tf")):
        text = path.read_text(encoding="utf-8")
        document = hcl2.loads(text)
        found = [*faults_of(document, "resource", provider), *faults_of(document, "data", provider)]
        faults += [f"{path.name}: {fault}" for fault in [*found, *unknown_references(text, provider)]]
    print("\n".join(faults) or "every block and attribute is known")
    return 1 if faults else 0


def faults_of(document: Mapping[str, Any], kind: str, provider: Path) -> Iterator[str]:
    """What the provider does not know, or misses, in the blocks of one kind."""
    for block in document.get(kind, []):
        for quoted_type, named in block.items():
            resource = unquoted(quoted_type)
            for name, body in named.items():
                interfaces = declared(provider, resource, is_data=kind == "data")
                if not interfaces:
                    yield f"{resource} is no {kind} of the provider"
                    continue
                top = next(each for each in interfaces if each.endswith("Config"))
                yield from faults_in(body, interfaces, top, f"{resource}.{unquoted(name)}")


def faults_in(body: Mapping[str, Any], interfaces: Mapping[str, Any], name: str, where: str) -> Iterator[str]:
    """The same for one block and the blocks within."""
    attributes = interfaces[name]
    blocks = [*plain_blocks(body), *dynamic_blocks(body)]
    given = {key for key, _ in blocks}
    for key, attribute in attributes.items():
        if attribute.required and key not in given:
            yield f"{where}: {key} is missing"
    for key, value in blocks:
        if key not in attributes:
            yield f"{where}: {key} is unknown"
        elif (inner := attributes[key].kind) in interfaces:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, Mapping):
                    yield from faults_in(each, interfaces, inner, f"{where}.{key}")


def plain_blocks(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, value) of attributes and blocks; those of Terraform itself and the parser's own left out."""
    for key, value in body.items():
        if key not in META and key != "dynamic" and not key.startswith("__"):
            yield key, value


def dynamic_blocks(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The same of ``dynamic`` blocks: their content."""
    for block in body.get("dynamic", []):
        for key, value in block.items():
            if not key.startswith("__"):
                yield unquoted(key), value["content"]


def unknown_references(text: str, provider: Path) -> Iterator[str]:
    """References to attributes that no resource of the provider exports."""
    for data, resource, name, attribute in set(REFERENCE.findall(text)):
        path = declaration(provider, resource, is_data=bool(data))
        camel = re.sub(r"_(\w)", lambda match: match[1].upper(), attribute)
        if not path.exists() or f"get {camel}()" not in path.read_text(encoding="utf-8"):
            yield f"{resource}.{name}.{attribute} is unknown"


def declaration(provider: Path, resource: str, *, is_data: bool) -> Path:
    """Where a resource is declared."""
    folder = resource.removeprefix("google_").replace("_", "-")
    return provider / (f"data-google-{folder}" if is_data else folder) / "index.d.ts"


@cache
def declared(provider: Path, resource: str, *, is_data: bool) -> dict[str, dict[str, Attribute]]:
    """Interface to its attributes, of one resource; empty for one that there is not."""
    path = declaration(provider, resource, is_data=is_data)
    if not path.exists():
        return {}
    return {
        name: {
            attribute: Attribute(not optional, kind.split("[")[0])
            for attribute, optional, kind in ATTRIBUTE.findall(body)
        }
        for name, body in INTERFACE.findall(path.read_text(encoding="utf-8"))
    }


def unquoted(text: str) -> str:
    """A label without the quotes that newer parsers keep."""
    return text.strip('"')


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
