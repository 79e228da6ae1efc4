"""Exports: what an article becomes in ninjs and JSON-LD, and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from pipelines import export as command
from pipelines.errors import RunFailed, UsageError
from schemas.article import (
    Article,
    Author,
    Correction,
    Discovery,
    Duplicate,
    Entity,
    Image,
    LiveUpdate,
    Mention,
    Quality,
    Quotation,
    Rights,
    Source,
)
from schemas.codec import from_row, to_row
from schemas.registry import ARTICLE, OUTCOME
from support import Output
from transforms.core.export import FORMATS, jsonld, ninjs
from warehouse import article as plain_row
from warehouse import outcome, write_day

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)

BARE = Article(
    schema_version="1.0",
    article_id="a",
    version_id="v",
    url="https://harbour.example/a",
    canonical_url="https://harbour.example/a",
    source=Source("harbour", "harbour.example"),
    discovery=Discovery("url_list", AT),
    first_seen_at=AT,
    ingested_at=AT,
    content_hash="c",
    rights=Rights(),
    quality=Quality(),
    run_id="r",
    pipeline_version="0",
)

FULL = replace(
    BARE,
    source=Source("harbour", "harbour.example", "Harbour Post"),
    discovery=Discovery("feed", AT, entry_id="guid-1"),
    version=2,
    previous_version_id="u",
    headline="Bridge to close",
    description="For a year.",
    text="“We close it,” said Ann Holm of the Ferry Board in Ellery. 𝄞",
    quality=Quality(word_count=11),
    language="en",
    authors=(Author("Bo Lind", "https://harbour.example/bo"), Author("Ferry Board", "not a link")),
    byline="By Bo Lind and Ferry Board",
    dateline="ELLERY",
    published_at=AT,
    published_precision="second",
    modified_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    section="Local",
    keywords=("bridge", "bridge", ""),
    images=(Image("https://harbour.example/i.jpg", "The bridge", "Bo Lind", "A bridge", True), Image("data:x")),
    entities=(
        Entity("e1", "Ann Holm", "PERSON", ("Holm",), (Mention(20, 28, "Ann Holm"),), "https://entities.example/Q1"),
        Entity("e2", "Ferry Board", "ORG"),
        Entity("e3", "Ellery", "GPE"),
        Entity("e4", "Ellerians", "NORP"),
        Entity("e5", "The Tide", "WORK_OF_ART"),
        Entity("e6", "Regatta", "EVENT"),
    ),
    quotations=(
        Quotation("q1", "We close it,", 1, 13, "direct", "Holm", speaker_name="Ann Holm", speaker_entity_id="e1"),
        Quotation("q2", "Nobody knew", 1, 13, "direct", "the nurse"),
        Quotation("q3", "Somebody did", 1, 13, "direct"),
    ),
    corrections=(Correction("correction", "The year was wrong.", AT),),
    duplicate=Duplicate("syndicated", "x", 0.9, "Coast Wire"),
    rights=Rights(True, "https://licences.example/by", "Harbour Post Ltd"),
)

LIVE = replace(FULL, type="LiveBlogPosting", live_updates=(LiveUpdate("It is shut.", "Shut", AT, "#1"),))

GONE = replace(BARE, action="DELETE", version=3)

ARTICLES = {"bare": BARE, "full": FULL, "live": LIVE, "gone": GONE}


def text(*names: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {name: {"type": "string"} for name in names}}


def listed(item: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "array", "items": {**item, "required": list(required)}}


RELATED = listed(text("name", "rel", "uri", "literal"), "name")
WORDS = text("role", "contentType", "value")
BODY = {
    **WORDS,
    "properties": {**WORDS["properties"], "charCount": {"type": "integer"}, "wordCount": {"type": "integer"}},
}
TIMES = ("firstCreated", "versionCreated", "contentCreated")
TEXTS = ("uri", "version", "language", "title", "by", "located", "copyrightHolder", "usageTerms", "name")

SUBSET: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "item": {
            "type": "object",
            "required": ["uri"],
            "additionalProperties": False,
            "properties": {
                **{name: {"type": "string", "minLength": 1} for name in TEXTS},
                **{name: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"} for name in TIMES},
                **dict.fromkeys(("people", "organisations", "places", "subjects", "events", "objects"), RELATED),
                "type": {"enum": ["text", "picture"]},
                "representationType": {"enum": ["full", "partial"]},
                "pubStatus": {"enum": ["usable", "withheld", "canceled"]},
                "standard": text("name", "version", "schema"),
                "headlines": listed(WORDS, "value"),
                "descriptions": listed(WORDS, "value"),
                "bodies": listed(BODY, "value"),
                "infoSources": listed(text("name", "role", "uri", "literal"), "name"),
                "genres": listed(text("name", "uri", "literal")),
                "renditions": listed(text("name", "href")),
                "altIds": listed(text("role", "value")),
                "rightsInfo": text("langId", "linkedRights", "encodedRights"),
                "associations": {"type": "array", "items": {"$ref": "#/$defs/item", "required": ["name", "uri"]}},
            },
        }
    },
    "$ref": "#/$defs/item",
}
"""The members that are written here, and no others: stricter than the schema of the IPTC, which asks little of them."""

PUBLISHED = Path(__file__).parent / "data/ninjs/ninjs-schema_3.0.json"


def published() -> Draft202012Validator:
    """The schema of the IPTC.  It refers to another on the web, for shapes on maps, which are not written here."""
    anything = Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema"})
    registry = Registry().with_resource("https://geojson.org/schema/GeoJSON.json", anything)
    return Draft202012Validator(json.loads(PUBLISHED.read_text(encoding="utf-8")), registry=registry)


VALIDATORS = (Draft202012Validator(SUBSET), published())


def problems(item: dict[str, Any]) -> list[str]:
    return [f"{list(each.path)}: {each.message}" for validator in VALIDATORS for each in validator.iter_errors(item)]


@pytest.mark.parametrize("name", ARTICLES)
def test_ninjs_is_valid(name: str) -> None:
    assert problems(ninjs(ARTICLES[name])) == []


def test_the_edition_is_valid_ninjs(edition_output: Output) -> None:
    for row in edition_output.rows("articles"):
        assert problems(ninjs(from_row(Article, row))) == []


def test_the_validator_sees_what_is_wrong() -> None:
    item = ninjs(FULL)
    assert problems({**item, "headline": "x"})
    assert problems({**item, "version": 2})
    assert problems({key: value for key, value in item.items() if key != "uri"})
    assert problems({**item, "bodies": [{"role": "main"}]})


def test_the_schema_of_the_iptc_sees_it_too() -> None:
    validator, item = published(), ninjs(FULL)
    assert validator.is_valid(item)
    assert not validator.is_valid({**item, "pubStatus": "gone"})
    assert not validator.is_valid({**item, "bodies": "text"})
    assert not validator.is_valid({key: value for key, value in item.items() if key != "uri"})


def test_ninjs_says_what_the_article_says() -> None:
    item = ninjs(FULL)
    assert (item["uri"], item["version"], item["pubStatus"]) == ("https://harbour.example/a", "2", "usable")
    assert item["bodies"][0]["value"] == FULL.text
    assert item["bodies"][0]["charCount"] == len(FULL.text or "")
    assert (item["contentCreated"], item["versionCreated"]) == ("2026-03-01T07:30:00Z", "2026-03-01T09:00:00Z")
    assert (item["by"], item["located"]) == ("By Bo Lind and Ferry Board", "ELLERY")
    assert item["infoSources"][1] == {"name": "Coast Wire", "role": "originator"}
    assert item["rightsInfo"] == {"linkedRights": "https://licences.example/by"}


def test_ninjs_ties_names_to_their_kinds() -> None:
    item = ninjs(FULL)
    quoted = {"name": "Ann Holm", "rel": "quoted", "uri": "https://entities.example/Q1", "literal": "e1"}
    assert item["people"] == [quoted]
    assert item["organisations"] == [{"name": "Ferry Board", "rel": "mentioned", "literal": "e2"}]
    assert [place["name"] for place in item["places"]] == ["Ellery"]
    assert [subject["name"] for subject in item["subjects"]] == ["Local", "bridge", "Ellerians"]
    assert [item["objects"][0]["name"], item["events"][0]["name"]] == ["The Tide", "Regatta"]


def test_ninjs_leaves_out_pictures_without_an_address() -> None:
    (picture,) = ninjs(FULL)["associations"]
    assert picture["renditions"] == [{"name": "main", "href": "https://harbour.example/i.jpg"}]
    assert picture["by"] == "Bo Lind"


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
def test_what_is_unknown_is_left_out(make: Any) -> None:
    def values(node: Any) -> list[Any]:
        inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        return [*inner, *(deep for each in inner for deep in values(each))]

    for article in ARTICLES.values():
        assert not [value for value in values(make(article)) if value is None or value in ("", [], {})]


def test_a_deletion_is_told() -> None:
    assert ninjs(GONE)["pubStatus"] == "canceled"
    assert ninjs(GONE)["representationType"] == "partial"
    assert jsonld(GONE)["creativeWorkStatus"] == "Deleted"


def test_jsonld_says_what_the_article_says() -> None:
    node = jsonld(FULL)
    assert (node["@context"], node["@type"], node["@id"]) == ("https://schema.org", "NewsArticle", FULL.canonical_url)
    assert (node["headline"], node["articleBody"], node["inLanguage"]) == (FULL.headline, FULL.text, "en")
    assert node["datePublished"] == "2026-03-01T07:30:00Z"
    assert node["author"][0] == {"@type": "Person", "name": "Bo Lind", "url": "https://harbour.example/bo"}
    assert node["author"][1] == {"@type": "Organization", "name": "Ferry Board"}
    assert node["publisher"]["name"] == "Harbour Post"
    assert node["isAccessibleForFree"] is True
    assert node["correction"][0]["@type"] == "CorrectionComment"
    assert node["mentions"][0]["sameAs"] == "https://entities.example/Q1"


def test_jsonld_says_who_said_what() -> None:
    first, second, third = jsonld(FULL)["hasPart"]
    assert first["spokenByCharacter"] == {"@type": "Person", "name": "Ann Holm"}
    assert second["spokenByCharacter"] == {"name": "the nurse"}
    assert third == {"@type": "Quotation", "identifier": "q3", "text": "Somebody did"}


def test_a_day_has_no_time_of_day() -> None:
    assert jsonld(replace(FULL, published_precision="day"))["datePublished"] == "2026-03-01"


def test_a_live_blog_has_its_updates() -> None:
    (update,) = jsonld(LIVE)["liveBlogUpdate"]
    assert update == {
        "@type": "BlogPosting",
        "headline": "Shut",
        "articleBody": "It is shut.",
        "datePublished": "2026-03-01T07:30:00Z",
    }
    assert "liveBlogUpdate" not in jsonld(FULL)


# The command.


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return write_day(tmp_path, ARTICLE, "a", [to_row(FULL), to_row(GONE), plain_row("old", "o1")])


@pytest.mark.parametrize("name", FORMATS)
def test_the_command_writes_a_line_an_article(stored: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "out" / "articles.jsonl"
    command.main(["--format", name, "--input", str(stored), "--output", str(target)])
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert lines[:2] == [FORMATS[name](FULL), FORMATS[name](GONE)]
    assert len(lines) == 3


def test_standard_output_is_the_lines_alone(stored: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    command.main(["--format", "ninjs", "--input", str(stored), "--output", "-"])
    lines = capfdbinary.readouterr().out.splitlines()
    assert json.loads(lines[0])["bodies"][0]["value"] == FULL.text


def test_a_file_of_something_else_leaves_no_half_output(stored: Path, tmp_path: Path) -> None:
    other = write_day(tmp_path, OUTCOME, "o", [outcome("u", "written")])
    target = tmp_path / "articles.jsonl"
    target.write_text("before")
    for wrong in (other, tmp_path / "cut.avro"):
        (tmp_path / "cut.avro").write_bytes(stored.read_bytes()[:-40])
        with pytest.raises(RunFailed, match="not an Avro file of newsbeam articles"):
            command.main(["--format", "ninjs", "--input", str(stored), str(wrong), "--output", str(target)])
        assert target.read_text() == "before"
        assert not list(tmp_path.glob("*.part"))


def test_a_place_that_nobody_serves_is_a_wrong_call(stored: Path) -> None:
    with pytest.raises(UsageError, match="no filesystem serves such a place"):
        command.main(["--format", "ninjs", "--input", str(stored), "--output", "nowhere://out"])


@pytest.mark.parametrize("missing", ["nothing/*.avro", "text.jsonl"])
def test_a_wrong_input_is_a_wrong_call(tmp_path: Path, missing: str) -> None:
    (tmp_path / "text.jsonl").write_text("{}")
    with pytest.raises(UsageError, match="--input"):
        command.main(["--format", "ninjs", "--input", str(tmp_path / missing), "--output", "-"])
