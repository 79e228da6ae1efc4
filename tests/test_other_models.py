"""Another model gives other entities with no change of code: a package that is made here, as small as one can be."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
import spacy

from transforms.core.annotation import Annotator
from transforms.core.annotation import models as model_list

PACKAGE = "en_stub_lg"
LABELS = [
    {"label": "PERSON", "pattern": "Zq Wv"},
    {"label": "ORG", "pattern": "Larkfield"},
    {"label": "DATE", "pattern": "Monday"},
]


@pytest.fixture
def bigger_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model package on the path: pipeline, version and loader, as `spacy package` lays them out."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler", name="ner").add_patterns(LABELS)  # type: ignore[attr-defined]
    nlp.meta.update({"name": "stub_lg", "version": "9.9.9"})
    folder = tmp_path / PACKAGE
    data = f"{PACKAGE}-9.9.9"
    folder.mkdir()
    nlp.to_disk(folder / data)
    (folder / "meta.json").write_bytes((folder / data / "meta.json").read_bytes())
    (folder / "__init__.py").write_text(
        "from pathlib import Path\n"
        "from spacy.util import load_model_from_init_py\n"
        "def load(**overrides):\n"
        "    return load_model_from_init_py(__file__, **overrides)\n"
    )
    information = tmp_path / f"{PACKAGE}-9.9.9.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 9.9.9\n")
    (information / "entry_points.txt").write_text(f"[spacy_models]\n{PACKAGE} = {PACKAGE}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()

    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return PACKAGE


def test_bigger_model_is_the_one_that_is_taken(bigger_model: str) -> None:
    assert bigger_model in model_list.installed_packages()
    assert model_list.installed_models()["en"] == bigger_model


def test_its_entities_and_its_version_are_those_of_the_record(bigger_model: str) -> None:
    found = Annotator({"en": bigger_model}).annotate("Zq Wv left Larkfield on Monday. Wv wept.", language="en")
    assert [(entity.name, entity.type, entity.aliases) for entity in found.entities] == [
        ("Zq Wv", "PERSON", ("Wv",)),
        ("Larkfield", "ORG", ()),
    ]
    assert next(each.version for each in found.enrichers if each.name == "entities").startswith("en_stub_lg 9.9.9")
