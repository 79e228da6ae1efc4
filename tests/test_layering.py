import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("schemas", "transforms", "pipelines")

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in OURS
    for path in sorted((ROOT / package).rglob("*.py"))
}


def within(name, package):
    return name == package or name.startswith(package + ".")


def imports_in(source):
    """Dotted names of all that ``source`` imports, also inside functions: `from a import b` is ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"__import__", "importlib.import_module"}:
            yield ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "?"


IMPORTS = {module: sorted(set(imports_in(path.read_text(encoding="utf-8")))) for module, path in MODULES.items()}


def importers_of(package):
    """Our modules that import ``package`` or something in it."""
    return {module for module, names in IMPORTS.items() if any(within(name, package) for name in names)}


def members_of(package):
    return [module for module in MODULES if within(module, package)]


def test_the_reader_of_imports_sees_every_form():
    source = "import a.b\nfrom c import d\ndef f():\n    import e\n    from g.h import i as j\n__import__('k')\n"
    assert sorted(imports_in(source)) == ["a.b", "c.d", "e", "g.h.i", "k"]
    assert len(MODULES) > 60
    assert {"schemas", "transforms.worker", "transforms.core.feeds.syndication"} <= set(MODULES)


@pytest.mark.parametrize("module", members_of("schemas"))
def test_schemas_know_nothing_of_the_rest(module):
    ours = [name for name in IMPORTS[module] if name.split(".")[0] in OURS]
    assert all(within(name, "schemas") for name in ours), ours


@pytest.mark.parametrize("module", members_of("transforms.core"))
def test_the_core_knows_schemas_and_itself_alone(module):
    ours = [name for name in IMPORTS[module] if name.split(".")[0] in OURS]
    assert all(within(name, "schemas") or within(name, "transforms.core") for name in ours), ours


@pytest.mark.parametrize("module", members_of("transforms"))
def test_transforms_know_nothing_of_pipelines(module):
    assert not [name for name in IMPORTS[module] if within(name, "pipelines")]


IMPURE = (
    "apache_beam",
    "google",
    "socket",
    "ssl",
    "asyncio",
    "selectors",
    "http",
    "ftplib",
    "urllib.request",
    "urllib3",
    "httpx",
    "requests",
    "aiohttp",
    "subprocess",
    "multiprocessing",
    "threading",
    "time",
    "random",
    "secrets",
    "uuid",
)
"""Beam, networks, processes, clocks and chance."""

PURE_ALL_THE_SAME = {("transforms.core.urls", "urllib3.util.parse_url")}
"""A parser that opens no connection."""


@pytest.mark.parametrize("module", [*members_of("transforms.core"), *members_of("schemas")])
def test_the_core_has_no_beam_no_network_and_no_clock(module):
    found = {(module, name) for name in IMPORTS[module] for package in IMPURE if within(name, package)}
    assert found <= PURE_ALL_THE_SAME


CLOCK_CALLS = {"now", "utcnow", "today"}


@pytest.mark.parametrize("module", [*members_of("transforms.core"), *members_of("schemas")])
def test_the_core_never_asks_what_time_it_is(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    calls = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    clocks = [call for call in calls if call.split("(")[0].rpartition(".")[2] in CLOCK_CALLS]
    assert not [call for call in clocks if call.startswith(("datetime", "date."))]


ASKS_FOR_BEAM = {"urllib.request": {"pipelines.runner_checks"}}
"""Whether the server of a jar or a program has it, which Beam would download: addresses of Beam, or of the call."""


@pytest.mark.parametrize("package", ["httpx", "requests", "aiohttp", "urllib.request"])
def test_only_the_guarded_fetcher_asks_others(package):
    assert importers_of(package) == ASKS_FOR_BEAM.get(package, set())


def test_network_modules_stay_where_the_fetcher_is():
    allowed = ("transforms.fetching", "transforms.fetcher", "transforms.core.urls", "pipelines.demo")
    allowed += ("pipelines.runner_checks",)  # whether a job server that the call names accepts connections
    used = importers_of("urllib3") | importers_of("socket") | importers_of("ssl")
    assert not [module for module in used if not any(within(module, place) for place in allowed)]


ADAPTERS = {
    "feedparser": {"transforms.core.feeds.syndication"},
    "protego": {"transforms.core.robots"},
    "tldextract": {"transforms.core.urls"},
    "py3langid": {"transforms.core.language"},
    "trafilatura": {"transforms.core.extraction.wide"},
    "fastwarc": {"transforms.archives"},
    "pebble": {"transforms.cpu_pool"},
    "yaml": {"transforms.core.sources.yaml_list"},
    "apache_beam.io.filesystems": {"transforms.filesystem"},
    "google.cloud.bigquery": {"transforms.sinks.bigquery"},
    "google.cloud.storage": {"transforms.google_storage"},
    "jinja2": {"pipelines.reporting.page"},
    "pyarrow": {"transforms.sinks.parquet"},
    "google.cloud.pubsub_v1": {"transforms.pubsub.client"},
    "google.pubsub_v1": {"transforms.pubsub.client"},
}
"""Third-party packages and the one module that knows each."""


@pytest.mark.parametrize("package", ADAPTERS)
def test_a_library_is_known_to_one_module(package):
    assert importers_of(package) == ADAPTERS[package]


def test_spacy_stays_in_annotation():
    outside = {module for module in importers_of("spacy") if not within(module, "transforms.core.annotation")}
    assert outside <= {"pipelines.work"}, "which only lists the models that are installed"
    assert {name for name in IMPORTS["pipelines.work"] if within(name, "spacy")} <= {"spacy.util.get_installed_models"}


def test_avro_stays_in_schemas_and_parts():
    outside = {module for module in importers_of("fastavro") if not within(module, "schemas")}
    assert outside == {"transforms.parts"}


@pytest.mark.parametrize("module", ["transforms.preloaded", "transforms.core.articles", "schemas.codec"])
def test_a_process_of_the_pool_never_loads_beam(module):
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith('apache_beam')][:3])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_command_line_loads_next_to_nothing_before_the_pool_has_its_server():
    code = "import sys, pipelines.cli; print(sorted(sys.modules.keys() & {'apache_beam', 'numpy', 'pebble', 'lxml'}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["pipelines.ingest", "pipelines.stream", "transforms.articles"])
def test_the_process_of_a_pipeline_never_loads_what_pages_are_read_with(module):
    code = f"import sys, {module}; print(sorted(sys.modules.keys() & {{'spacy', 'thinc', 'trafilatura'}}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"
