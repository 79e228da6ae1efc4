"""Runs every validator over deploy/; says ok, FAILED with the tool's words, or skipped with the reason.

python lint.py FETCHED      FETCHED is the folder that fetch.sh filled

Ends with 1 if a check failed.  A check whose tool is missing is skipped, never passed over in silence.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import yaml

DEPLOY = Path(__file__).resolve().parent.parent
KUBERNETES = [*sorted((DEPLOY / "kubernetes").glob("*.yaml")), DEPLOY / "flink/support.yaml", DEPLOY / "flink/job.yaml"]
CRD = "META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"
EXPOSURE = "15"
"""The most that `systemd-analyze security` may say, in tenths: 1.5 of 10.  A unit without any of this has 9.6."""


@dataclass(frozen=True)
class Check:
    """One validator: ``tool`` has to be there, as have the ``needs``; ``run`` raises `Fault` for what is wrong."""

    name: str
    tool: str
    run: Callable[[], object]
    needs: tuple[Path, ...] = ()


class Fault(Exception):
    """What a validator complained of."""


def main(fetched: Path) -> int:
    """Prints a line for each check."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], str(fetched)])
    results = [verdict(check) for check in checks(fetched)]
    print(f"{results.count('ok')} ok, {results.count('skipped')} skipped, {results.count('FAILED')} failed")
    return 1 if "FAILED" in results else 0


def verdict(check: Check) -> str:
    """ok, skipped or FAILED, printed with the reason."""
    missing = [os.path.relpath(path) for path in check.needs if not path.exists()]
    if not shutil.which(check.tool) or missing:
        print(f"skipped  {check.name}: {', '.join(missing) or check.tool} is not here")
        return "skipped"
    try:
        check.run()
    except Fault as fault:
        print(f"FAILED   {check.name}:\n{fault}")
        return "FAILED"
    print(f"ok       {check.name}")
    return "ok"


def checks(fetched: Path) -> Iterator[Check]:
    """All of them, the quick ones first."""
    provider, jar = fetched / "provider-google", fetched / "flink-kubernetes-operator-api.jar"
    terraform = DEPLOY / "terraform"
    yield Check("Dockerfile", "hadolint", lambda: call("hadolint", DEPLOY / "docker/Dockerfile"))
    yield Check("shell scripts", "shellcheck", lambda: call("shellcheck", *files_of("*.sh")))
    yield Check("YAML", "yamllint", lambda: call("yamllint", "-d", YAML_RULES, *files_of("*.yaml")))
    yield Check("Kubernetes", "kubernetes-validate", lambda: call("kubernetes-validate", "--strict", *KUBERNETES))
    yield Check("FlinkDeployment", "check-jsonschema", lambda: check_flink(jar), (jar,))
    yield Check("Flex Template", "check-jsonschema", check_metadata)
    yield Check("systemd units", "systemd-analyze", check_units)
    yield Check("systemd hardening", "systemd-analyze", check_hardening)
    yield Check("Terraform style", "terraform", lambda: call("terraform", "fmt", "-check", "-diff", terraform))
    yield Check("Terraform", "terraform", lambda: check_terraform(terraform, provider, fetched), (provider, GO))
    yield Check("Prometheus rules", "promtool", check_rules)
    yield Check("Dagster", "dagster", lambda: call("dagster", "definitions", "validate", "-f", DAGSTER))
    yield Check("Airflow", "python", lambda: call(AIRFLOW, DEPLOY / "airflow/newsbeam_dag.py"), (AIRFLOW,))


YAML_RULES = "{extends: relaxed, rules: {line-length: {max: 120}, truthy: enable, key-duplicates: enable}}"
AIRFLOW = DEPLOY / "airflow/.venv/bin/python"
"""An environment of its own, for its size: `make lint-deploy AIRFLOW=1` makes it."""

GO = Path(shutil.which("go") or "go")
"""Builds the provider that `terraform validate` asks."""

DAGSTER = DEPLOY / "dagster/newsbeam_definitions.py"


def call(*command: object) -> str:
    """What a tool printed.  Raises `Fault` with it where the tool ends with another code than 0."""
    words = [str(word) for word in command]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    said = f"{ran.stdout}{ran.stderr}".strip()
    if ran.returncode:
        raise Fault(said)
    return said


def files_of(pattern: str) -> list[Path]:
    """Our files of a kind; those of the environments that the validators are in are not ours."""
    return sorted(path for path in DEPLOY.rglob(pattern) if ".venv" not in path.parts)


def check_flink(jar: Path) -> None:
    """The cluster against the schema of the operator, unknown fields refused as `kubectl --validate=strict` does."""
    with ZipFile(jar) as archive:
        definition = yaml.load(archive.read(CRD), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"] |= {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "schema.json"
        path.write_text(json.dumps(strict(schema)), encoding="utf-8")
        call("check-jsonschema", "--schemafile", path, DEPLOY / "flink/cluster.yaml")


def strict(schema: Any) -> Any:
    """``schema`` without room for fields that it does not name, and with Kubernetes' own word for "number or text"."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if made.pop("x-kubernetes-int-or-string", False):
        made.pop("type", None)
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def check_metadata() -> None:
    """What the templates say of their parameters, against the schema of the format."""
    files = sorted((DEPLOY / "dataflow").glob("*.metadata.json"))
    call("check-jsonschema", "--schemafile", DEPLOY / "dataflow/metadata.schema.json", *files)


def check_units() -> None:
    """The units as systemd reads them; what they start is not installed here, so /bin/true stands for it."""
    with TemporaryDirectory() as folder:
        for path in units():
            text = path.read_text(encoding="utf-8").replace("/opt/newsbeam/bin/newsbeam", "/bin/true")
            (Path(folder) / path.name).write_text(text, encoding="utf-8")
        said = call("systemd-analyze", "verify", "--man=no", *(Path(folder) / path.name for path in units()))
    # A key that it does not know is a remark to systemd, and no error.
    if folder in said:
        raise Fault(said)


def check_hardening() -> None:
    """How much a service could do if a page took it over."""
    for path in units():
        if path.suffix == ".service":
            call("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", path)


def units() -> list[Path]:
    """Services and timers."""
    return sorted(path for path in (DEPLOY / "systemd").iterdir() if path.suffix in {".service", ".timer"})


def check_terraform(module: Path, declarations: Path, folder: Path) -> None:
    """The module as Terraform reads it, against the schema of the provider."""
    call("python", Path(__file__).with_name("terraform.py"), module, declarations, folder)


def check_rules() -> None:
    """The alerts, and the tests that say when each must and must not sound."""
    call("promtool", "check", "rules", DEPLOY / "prometheus/alerts.yaml")
    call("promtool", "test", "rules", DEPLOY / "prometheus/alerts_test.yaml")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
