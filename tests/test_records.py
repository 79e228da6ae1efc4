import dataclasses
from datetime import date, datetime
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

import pytest

from schemas import article, hops, outcome
from schemas.article import Article
from schemas.outcome import OK_KINDS, RETRYABLE_KINDS, Outcome, OutcomeKind, Stage
from schemas.registry import ARTICLE, OUTCOME, parsed_schema, schema_fingerprint, schema_source

PAIRS = [(ARTICLE, Article), (OUTCOME, Outcome)]

PORTABLE_TYPES = {"string", "bytes", "boolean", "int", "long", "double"}
"""What BigQuery, Spark, Athena and DuckDB read alike."""

PORTABLE_LOGICAL_TYPES = {("long", "timestamp-micros"), ("int", "date")}

PYTHON_TYPES = {
    "string": str,
    "bytes": bytes,
    "boolean": bool,
    "int": int,
    "long": int,
    "double": float,
    "timestamp-micros": datetime,
    "date": date,
}


def records_of(schema):
    """Every record schema in ``schema``, outermost first."""
    if isinstance(schema, list):
        for branch in schema:
            yield from records_of(branch)
    elif isinstance(schema, dict):
        if schema["type"] == "record":
            yield schema
            for field in schema["fields"]:
                yield from records_of(field["type"])
        elif schema["type"] == "array":
            yield from records_of(schema["items"])


def types_of(schema):
    """Every type that occurs in ``schema``, however deep."""
    yield schema
    if isinstance(schema, list):
        for branch in schema:
            yield from types_of(branch)
    elif isinstance(schema, dict) and schema["type"] == "record":
        for field in schema["fields"]:
            yield from types_of(field["type"])
    elif isinstance(schema, dict) and schema["type"] == "array":
        yield from types_of(schema["items"])


def shape_of_avro(schema):
    """A type as nested tuples that `shape_of_hint` gives for the same type of a dataclass."""
    if isinstance(schema, list):
        return ("optional", shape_of_avro(next(branch for branch in schema if branch != "null")))
    if isinstance(schema, str):
        return PYTHON_TYPES[schema]
    if schema["type"] == "array":
        return ("many", shape_of_avro(schema["items"]))
    if schema["type"] == "record":
        return ("record", schema["name"])
    return PYTHON_TYPES[schema["logicalType"]]


def shape_of_hint(hint):
    if get_origin(hint) is UnionType:
        some = [each for each in get_args(hint) if each is not NoneType]
        assert len(some) == 1, hint
        return ("optional", shape_of_hint(some[0]))
    if get_origin(hint) is tuple:
        item, rest = get_args(hint)
        assert rest is Ellipsis, hint
        return ("many", shape_of_hint(item))
    if dataclasses.is_dataclass(hint):
        return ("record", hint.__name__)
    return hint


def default_of(field):
    """The default of a dataclass field as Avro writes it; MISSING where it is required."""
    assert field.default_factory is dataclasses.MISSING, "Avro has no factories"
    return list(field.default) if isinstance(field.default, tuple) else field.default


def dataclass_of(name):
    return getattr(article, name, None) or getattr(outcome, name)


@pytest.fixture(params=[ARTICLE, OUTCOME])
def source(request):
    return schema_source(request.param)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_the_outermost_record_is_the_dataclass_of_that_schema(name, kind):
    assert schema_source(name)["name"] == kind.__name__


def test_every_record_has_the_fields_of_its_dataclass(source):
    for record in records_of(source):
        fields = {field.name for field in dataclasses.fields(dataclass_of(record["name"]))}
        assert {field["name"] for field in record["fields"]} == fields, record["name"]


def test_every_field_has_the_type_of_its_dataclass(source):
    for record in records_of(source):
        hints = get_type_hints(dataclass_of(record["name"]))
        for field in record["fields"]:
            assert shape_of_avro(field["type"]) == shape_of_hint(hints[field["name"]]), (record["name"], field["name"])


def test_every_field_has_the_default_of_its_dataclass(source):
    for record in records_of(source):
        fields = {field.name: field for field in dataclasses.fields(dataclass_of(record["name"]))}
        for field in record["fields"]:
            there = field.get("default", dataclasses.MISSING)
            here = default_of(fields[field["name"]])
            assert there == here, (record["name"], field["name"])
            assert type(there) is type(here), (record["name"], field["name"])


def test_every_dataclass_of_an_article_is_in_the_schema():
    kinds = {name for name, kind in vars(article).items() if dataclasses.is_dataclass(kind)}
    assert kinds == {record["name"] for record in records_of(schema_source(ARTICLE))}


def test_every_record_is_frozen_has_slots_and_puts_required_fields_first():
    kinds = [kind for module in (article, hops, outcome) for kind in vars(module).values()]
    kinds = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    assert len(kinds) > 25
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind
        assert "__slots__" in vars(kind), kind
        optional = [field.default is not dataclasses.MISSING for field in dataclasses.fields(kind)]
        assert optional == sorted(optional), kind


def test_every_field_is_documented(source):
    for record in records_of(source):
        for field in record["fields"]:
            assert field.get("doc", "").strip(), (record["name"], field["name"])


def test_only_what_every_warehouse_reads_is_used(source):
    for each in types_of(source):
        if isinstance(each, list):
            assert len(each) == 2, each
            assert each[0] == "null", each
        elif isinstance(each, str):
            assert each in PORTABLE_TYPES | {"null"}, each
        elif each["type"] not in {"record", "array"}:
            assert (each["type"], each["logicalType"]) in PORTABLE_LOGICAL_TYPES, each


def test_a_field_that_may_be_null_is_null_by_default(source):
    for record in records_of(source):
        for field in record["fields"]:
            if isinstance(field["type"], list):
                assert field["default"] is None, (record["name"], field["name"])


def test_an_array_is_empty_by_default_and_never_null(source):
    for record in records_of(source):
        for field in record["fields"]:
            if isinstance(field["type"], dict) and field["type"]["type"] == "array":
                assert field["default"] == [], (record["name"], field["name"])
            assert not (isinstance(field["type"], list) and "array" in str(field["type"][1])[:20]), field["name"]


def test_no_record_name_is_used_twice(source):
    names = [record["name"] for record in records_of(source)]
    assert len(names) == len(set(names))


def test_the_fingerprint_is_that_of_the_schema_alone():
    assert schema_fingerprint(ARTICLE) != schema_fingerprint(OUTCOME)
    assert len(schema_fingerprint(ARTICLE)) == 64
    # What a consumer stored with its copy: these change when the schema does, and then belongs a new version there.
    assert schema_fingerprint(ARTICLE) == "001db942c9f6d233f9be42dd2a4345912c29cb51b610a20e78afb88380e6d39d"
    assert schema_fingerprint(OUTCOME) == "91b9eee8e41803c3b67494a45c85820bdc78a61c22ac306f6251e8811721ae04"


def test_parsing_leaves_the_documentation_alone():
    before = schema_source(ARTICLE)
    parsed_schema(ARTICLE)
    assert schema_source(ARTICLE) == before


# --- stages and outcomes


def documented(field_name):
    field = next(each for each in schema_source(OUTCOME)["fields"] if each["name"] == field_name)
    return {value.strip() for value in field["doc"].removesuffix("…").split("|")}


def test_the_schema_names_the_stages():
    assert documented("stage") == {stage.value for stage in Stage}


def test_every_outcome_that_the_schema_names_exists():
    assert documented("outcome") <= {kind.value for kind in OutcomeKind}


def test_what_is_tried_again_is_not_what_went_well():
    assert set(OutcomeKind) >= OK_KINDS | RETRYABLE_KINDS
    assert not OK_KINDS & RETRYABLE_KINDS


def test_kinds_that_hold_no_news_are_ok_and_every_other_wants_a_look():
    look = {kind.value for kind in OutcomeKind} - {kind.value for kind in OK_KINDS}
    assert look == {
        "http_error",
        "timeout",
        "unreachable",
        "blocked_address",
        "too_large",
        "not_html",
        "not_a_feed",
        "malformed",
        "no_text",
        "paywall_stub",
        "bot_wall",
        "consent_page",
        "home_page",
        "needs_javascript",
        "login_wall",
        "soft_404",
        "crashed",
        "invalid_record",
    }


@pytest.mark.parametrize("kind", [*OutcomeKind, *Stage])
def test_values_are_the_names_in_lower_case(kind):
    assert kind.value == kind.name.lower()
