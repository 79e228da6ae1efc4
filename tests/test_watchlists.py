"""Watchlists: read, matched, told apart, and the line named where a row is bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.cli import run
from schemas.article import Entity
from transforms.core.annotation import Annotator, installed_models
from transforms.core.watchlists import BadWatchlist, Entry, Watchlist, read_watchlist

CSV = b"""name,type,uri,aliases,context
Nora Castell,PERSON,https://people.example/castell,Castell|Mayor Castell,harbour|council
Harbour Workers' Union,ORG,https://bodies.example/hwu,HWU,
Lindow,GPE,https://places.example/lindow,,
"""


def read(data: bytes, suffix: str = ".csv") -> Watchlist:
    return read_watchlist(data, suffix=suffix, digest="0" * 64)


def found(watchlist: Watchlist, source: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(source[each.start : each.end], each.entries) for each in watchlist.sightings(source)]


def test_csv_and_json_lines_say_the_same() -> None:
    rows = [
        {
            "name": "Nora Castell",
            "type": "PERSON",
            "uri": "https://people.example/castell",
            "aliases": ["Castell", "Mayor Castell"],
            "context": ["harbour", "council"],
        },
        {"name": "Harbour Workers' Union", "type": "ORG", "uri": "https://bodies.example/hwu", "aliases": ["HWU"]},
        {"name": "Lindow", "type": "GPE", "uri": "https://places.example/lindow"},
    ]
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    assert read(lines, ".jsonl").entries == read(CSV).entries


def test_order_of_columns_and_a_byte_order_mark_do_not_matter() -> None:
    (entry,) = read(b"\xef\xbb\xbfuri,Name\nx:1,Nora Castell\n").entries
    assert entry == Entry("Nora Castell", None, "x:1")


@pytest.mark.parametrize(
    ("data", "suffix", "line", "reason"),
    [
        (b"", ".csv", 1, "'name'"),
        (b"name\n", ".csv", 1, "no entries"),
        (b"title\nx\n", ".csv", 1, "the header must have 'name'"),
        (b"name,colour\nx,y\n", ".csv", 1, "unknown column 'colour'"),
        (b"name,type\nNora,PERSON\n,PERSON\n", ".csv", 3, "'name' is empty"),
        (b"name,type\nNora,PERSON\nPeter,HUMAN\n", ".csv", 3, "'HUMAN' is no type"),
        (b"name,type\nNora,PERSON,x\n", ".csv", 2, "3 cells under 2 columns"),
        (b"name,uri\nNora,not a uri\n", ".csv", 2, "no URI"),
        (b"name\n\xff\xfe\n", ".csv", 2, "not UTF-8"),
        (b'name\n"Nora\n', ".csv", 2, "unexpected end"),
        (b"name\n" + b"x" * 300 + b"\n", ".csv", 2, "longer than 200"),
        (b'{"name": "Nora"}\n{broken\n', ".jsonl", 2, "not a line of JSON"),
        (b"[1]\n", ".jsonl", 1, "not a JSON object"),
        (b'\n{"name": 7}\n', ".jsonl", 2, "'name' must be text"),
        (b'{"name": "Nora", "aliases": "N"}\n', ".jsonl", 1, "'aliases' must be a list of texts"),
        (b'{"name": "Nora", "born": 1971}\n', ".jsonl", 1, "unknown field 'born'"),
        (b"[" * 100_000, ".jsonl", 1, "not a line of JSON"),
    ],
)
def test_bad_row_is_named_with_its_line(data: bytes, suffix: str, line: int, reason: str) -> None:
    with pytest.raises(BadWatchlist) as raised:
        read(data, suffix)
    assert raised.value.line == line
    assert reason in str(raised.value)


def test_bad_watchlist_ends_the_command_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.csv").write_text("name,type\nNora,PERSON\nPeter,HUMAN\n")
    (tmp_path / "in.jsonl").write_text('{"url": "https://a.example/", "text": "Nora came."}\n')
    argv = ["--input", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out"), "--watchlist"]
    errors = {"list.csv": "line 3: 'HUMAN' is no type", "none.csv": "cannot be read", "x.txt": "end in"}
    for name, printed in errors.items():
        with pytest.raises(SystemExit) as left:
            run("enrich", [*argv, str(tmp_path / name)])
        assert left.value.code == 2
        shown = capsys.readouterr().err
        assert printed in shown
        assert "Traceback" not in shown
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Nora Castell spoke.", [("Nora Castell", (0,))]),
        ("Mayor Castell spoke to Castell.", [("Mayor Castell", (0,)), ("Castell", (0,))]),
        ("NORA CASTELL WINS", [("NORA CASTELL", (0,))]),
        ("nora castell", []),
        ("Nora  Castell", [("Castell", (0,))]),
        ("Nora\u00a0Castell", [("Nora\u00a0Castell", (0,))]),
        ("the HWU struck", [("HWU", (1,))]),
        ("the Hwu struck", []),
        ("Harbour Workers’ Union", [("Harbour Workers’ Union", (1,))]),
        ("Castells and Castell-Lund", [("Castell", (0,))]),
        ("Castell's plan, Castell’s plan", [("Castell", (0,)), ("Castell", (0,))]),
        ("", []),
    ],
)
def test_sightings(source: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert found(read(CSV), source) == expected


def test_longest_match_wins() -> None:
    watchlist = Watchlist([Entry("Lindow"), Entry("Lindow Harbour"), Entry("Lindow Harbour Trust")], "d")
    assert found(watchlist, "Lindow Harbour Trust of Lindow Harbour in Lindow") == [
        ("Lindow Harbour Trust", (2,)),
        ("Lindow Harbour", (1,)),
        ("Lindow", (0,)),
    ]


@pytest.fixture(scope="module")
def model() -> dict[str, str]:
    if "en" not in installed_models():
        pytest.skip("no English model is installed")
    return {"en": installed_models()["en"]}


def entities(model: dict[str, str], entries: list[Entry], text: str) -> dict[str, Entity]:
    found = Annotator(model, Watchlist(entries, "d")).annotate(text, language="en").entities
    return {entity.name: entity for entity in found}


CASTELL = Entry("Nora Castell", "PERSON", "x:castell", ("Castell",), ("harbour",))
OTHER = Entry("Nora Castell", "PERSON", "x:singer", ("Castell",), ("opera",))


def test_name_is_linked(model: dict[str, str]) -> None:
    entity = entities(model, [CASTELL], "Nora Castell sold the harbour. Castell left.")["Nora Castell"]
    assert (entity.uri, entity.link_confidence, entity.aliases) == ("x:castell", 0.98, ("Castell",))


def test_context_decides_between_two_of_one_name(model: dict[str, str]) -> None:
    at_sea = entities(model, [CASTELL, OTHER], "Nora Castell sold the harbour on Monday.")
    on_stage = entities(model, [CASTELL, OTHER], "Nora Castell sang in the opera on Monday.")
    nowhere = entities(model, [CASTELL, OTHER], "Nora Castell slept on Monday.")
    assert at_sea["Nora Castell"].uri == "x:castell"
    assert on_stage["Nora Castell"].uri == "x:singer"
    assert nowhere["Nora Castell"].uri is None


def test_other_person_of_the_surname_is_not_linked(model: dict[str, str]) -> None:
    found = entities(model, [CASTELL], "Peter Castell sold the harbour. Castell left on Monday.")
    assert found["Peter Castell"].uri is None


def test_alias_without_context_is_less_sure(model: dict[str, str]) -> None:
    bare = Entry("Brightwater Holdings", "ORG", "x:b", ("Brightwater",))
    entity = entities(model, [bare], "Shares of Brightwater fell on Monday.")["Brightwater"]
    assert (entity.uri, entity.link_confidence) == ("x:b", 0.65)
    asked = Entry("Brightwater Holdings", "ORG", "x:b", ("Brightwater",), ("pumps",))
    assert entities(model, [asked], "Shares of Brightwater fell on Monday.")["Brightwater"].uri is None


def test_name_that_the_model_misses_is_found(model: dict[str, str]) -> None:
    entry = Entry("zq-47", "PRODUCT", "x:zq")
    assert entities(model, [entry], "They drove a zq-47 to the sea.")["zq-47"].type == "PRODUCT"


def test_longer_name_of_the_document_stays(model: dict[str, str]) -> None:
    entry = Entry("Toronto", "GPE", "x:toronto")
    found = entities(model, [entry], "She works at the University of Toronto in Toronto.")
    assert found["University of Toronto"].uri is None
    assert found["Toronto"].uri == "x:toronto"


def test_list_goes_before_the_country(model: dict[str, str]) -> None:
    entry = Entry("France", "GPE", "https://places.example/france")
    assert entities(model, [entry], "He flew to France.")["France"].uri == "https://places.example/france"
    assert entities(model, [CASTELL], "He flew to France.")["France"].uri == "iso3166:FR"


def test_language_without_a_model_still_has_the_list(model: dict[str, str]) -> None:
    annotations = Annotator(model, read(CSV)).annotate("Nora Castell kom til Lindow.", language="nb")
    assert [(entity.name, entity.type, entity.uri) for entity in annotations.entities] == [
        ("Nora Castell", "PERSON", "https://people.example/castell"),
        ("Lindow", "GPE", "https://places.example/lindow"),
    ]


def test_enrichers_name_the_digest(model: dict[str, str]) -> None:
    enrichers = Annotator(model, read(CSV)).annotate("Nora Castell came.").enrichers
    assert ("watchlist", "sha256:" + "0" * 64) in [(each.name, each.version) for each in enrichers]
    assert "watchlist" not in [each.name for each in Annotator(model).annotate("Nora Castell came.").enrichers]


def test_offsets_hold_among_odd_characters(model: dict[str, str]) -> None:
    text = "😀Nora Castell😀 İstanbul Castell ﬁ Lindow \x00 Nora\u2028Castell ǅ HWU"
    annotations = Annotator(model, read(CSV)).annotate(text, headline="İ Lindow", language="en")
    for entity in annotations.entities:
        for mention in entity.mentions:
            source = text if mention.field == "text" else "İ Lindow"
            assert source[mention.start_char : mention.end_char] == mention.text
