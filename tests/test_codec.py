import dataclasses
import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import fastavro
import pytest

from schemas.article import (
    Article,
    Author,
    Boilerplate,
    Correction,
    Discovery,
    Duplicate,
    Embed,
    Enricher,
    Entity,
    Fetch,
    FieldProvenance,
    Image,
    Link,
    LiveUpdate,
    Mention,
    Quality,
    Quotation,
    Rights,
    Source,
)
from schemas.codec import InvalidRecord, decode, encode, from_row, read_container, schema_name, to_row, write_container
from schemas.outcome import Outcome
from schemas.registry import ARTICLE, OUTCOME, schema_source

AT = datetime(2026, 3, 1, 7, 30, 15, 123456, tzinfo=UTC)

FULL = Article(
    schema_version="1.0",
    article_id="a" * 32,
    version_id="b" * 32,
    url="https://harbour.example/news/bridge",
    canonical_url="https://harbour.example/bridge",
    source=Source("harbour", "harbour.example", "Harbour Post"),
    discovery=Discovery(
        "feed", AT, "https://harbour.example/feed", "guid-1", "Bridge", AT, AT, "A bridge.", ("local", "Brücke")
    ),
    first_seen_at=AT,
    ingested_at=AT,
    content_hash="c" * 32,
    rights=Rights(True, "CC BY 4.0", "Harbour Post", False, ("noai", "noindex")),
    quality=Quality(3, "article", "blocks 1", ("short_text",)),
    run_id="run-1",
    pipeline_version="0.1.0",
    version=2,
    action="REPLACE",
    previous_version_id="d" * 32,
    changed_fields=("text",),
    fetch=Fetch(
        "https://harbour.example/b",
        "https://harbour.example/news/bridge",
        ("https://harbour.example/c",),
        200,
        AT,
        321,
        "text/html; charset=utf-8",
        "utf-8",
        "http",
        2**40,
        "e" * 64,
        '"tag"',
        "Sun, 01 Mar 2026 07:00:00 GMT",
        "allowed",
        "s3://archive/a.warc.gz",
        2**40,
    ),
    type="OpinionNewsArticle",
    headline="Die Brücke 𝄞",
    description="On a bridge",
    text="“We open it,” said Ann Holm.",
    language="en",
    language_confidence=0.5,
    language_declared="en-GB",
    authors=(Author("Ann Holm", "https://harbour.example/ann"), Author("Bo Lind", "https://harbour.example/bo")),
    byline="By Ann Holm and Bo Lind",
    dateline="HARBOUR",
    published_at=AT,
    published_precision="second",
    modified_at=AT,
    publication_date=date(2026, 3, 1),
    section="Local",
    keywords=("bridge", ""),
    images=(Image("https://harbour.example/i.jpg", "The bridge", "Bo Lind", "bridge", True),),
    embeds=(Embed("post", "fediverse", "https://social.example/1", "Look", "Ann", "@ann", AT, 0, 4),),
    boilerplate=(Boilerplate("promo", "Read more", 5, 14),),
    links=(Link("https://harbour.example/ferry", "ferry"),),
    entities=(
        Entity(
            "e1",
            "Ann Holm",
            "PERSON",
            ("Holm",),
            (Mention(19, 27, "Ann Holm"), Mention(0, 3, "Die", "headline")),
            "http://entities.example/Q1",
            0.25,
        ),
    ),
    quotations=(
        Quotation(
            id="q1",
            text="We open it,",
            start_char=1,
            end_char=12,
            kind="direct",
            speaker="Ann Holm",
            speaker_start_char=19,
            speaker_end_char=27,
            speaker_name="Ann Holm",
            speaker_entity_id="e1",
            cue="said",
            cue_start_char=14,
            cue_end_char=18,
            continues="q0",
            confidence=0.75,
            method="rule",
        ),
    ),
    live_updates=(LiveUpdate("It opened", "Open", AT, "https://harbour.example/#1"),),
    corrections=(Correction("correction", "It was Monday", AT),),
    simhash=-(2**63),
    duplicate=Duplicate("near", "f" * 32, 0.875, "AP"),
    wire_origin="AP",
    provenance=(FieldProvenance("headline", "json-ld", "Die Brücke", ("html=Brücke",)),),
    enrichers=(Enricher("language", "py3langid 0.3"),),
)

BARE = Article(
    "1.0",
    "a",
    "b",
    "https://harbour.example/",
    "https://harbour.example/",
    Source("harbour", "harbour.example"),
    Discovery("feed", AT),
    AT,
    AT,
    "c",
    Rights(),
    Quality(),
    "run-1",
    "0.1.0",
)

OUTCOME_ROW = Outcome(
    at=AT,
    run_id="run-1",
    stage="fetch_page",
    url="https://harbour.example/b",
    outcome="http_error",
    ok=False,
    retryable=True,
    article_id="a" * 32,
    source_id="harbour",
    attempts=2,
    status=503,
    detail="503",
    error_type="E",
    traceback="T",
    duration_ms=2**40,
    payload=b"\x00\xff",
    archive_uri="s3://archive/a.warc.gz",
    archive_offset=2**40,
)


def container(name, rows):
    file = io.BytesIO()
    write_container(file, name, rows)
    return file.getvalue()


def rows_of(data):
    return list(read_container(io.BytesIO(data)))


def values_of(record):
    """Every value in a record, however deep."""
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        yield f"{type(record).__name__}.{field.name}", value
        for item in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(item):
                yield from values_of(item)


def test_the_full_article_leaves_nothing_out():
    for name, value in values_of(FULL):
        assert value is not None, name
        assert value != (), name


@pytest.mark.parametrize("record", [FULL, BARE, OUTCOME_ROW], ids=["full", "bare", "outcome"])
def test_a_record_comes_back_as_it_was(record):
    row = decode(schema_name(record), encode(record))
    back = from_row(type(record), row)
    assert back == record
    assert hash(back) == hash(record), "lists where the records have tuples"


@pytest.mark.parametrize("record", [FULL, BARE, OUTCOME_ROW], ids=["full", "bare", "outcome"])
def test_a_record_comes_back_from_a_container(record):
    rows = rows_of(container(schema_name(record), [to_row(record)]))
    assert [from_row(type(record), row) for row in rows] == [record]


def test_types_survive():
    back = from_row(Article, decode(ARTICLE, encode(FULL)))
    assert isinstance(back.entities[0].mentions[1], Mention)
    assert isinstance(back.duplicate, Duplicate)
    assert back.published_at.tzinfo is not None
    assert back.published_at.utcoffset() == timedelta(0)
    assert type(back.publication_date) is date


def test_a_time_of_another_zone_is_the_same_moment():
    there = AT.astimezone(timezone(timedelta(hours=-5)))
    assert encode(dataclasses.replace(FULL, published_at=there)) == encode(FULL)


def test_a_row_is_plain_data():
    row = to_row(FULL)
    assert row["entities"][0]["mentions"][1]["field"] == "headline"
    assert row["source"] == {"id": "harbour", "domain": "harbour.example", "name": "Harbour Post"}
    assert to_row(BARE)["fetch"] is None


def test_which_schema_a_record_is_written_with():
    assert [schema_name(FULL), schema_name(OUTCOME_ROW)] == [ARTICLE, OUTCOME]


# --- rows of other schemas


def test_what_an_older_row_lacks_takes_its_default():
    row = to_row(FULL)
    for name in ("enrichers", "simhash", "type", "fetch"):
        del row[name]
    del row["discovery"]["entry_categories"]
    del row["entities"][0]["mentions"][0]["field"]
    del row["quality"]["word_count"]
    back = from_row(Article, row)
    assert (back.enrichers, back.simhash, back.type, back.fetch) == ((), None, "NewsArticle", None)
    assert back.discovery.entry_categories == ()
    assert back.entities[0].mentions[0].field == "text"
    assert back.quality.word_count == 0


def test_a_container_of_an_older_schema_can_be_read():
    older = schema_source(ARTICLE)
    older["fields"] = [field for field in older["fields"] if field["name"] not in {"enrichers", "duplicate"}]
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(older), [to_row(FULL)])
    back = from_row(Article, rows_of(file.getvalue())[0])
    assert back == dataclasses.replace(FULL, enrichers=(), duplicate=None)


@pytest.mark.parametrize(
    "row", [{"colour": "red"}, {**to_row(FULL), "colour": "red"}, {"url": "x"}, to_row(OUTCOME_ROW)]
)
def test_a_row_of_another_kind_is_refused(row):
    with pytest.raises((KeyError, TypeError)):
        from_row(Article, row)


# --- containers


def test_the_same_rows_give_the_same_bytes():
    rows = [to_row(FULL), to_row(BARE)]
    assert container(ARTICLE, rows) == container(ARTICLE, rows)
    assert container(ARTICLE, rows) != container(ARTICLE, rows[::-1])


def test_other_processes_write_the_same_bytes():
    """Python's own order of sets differs from process to process."""
    code = "import sys; from schemas.codec import write_container; write_container(sys.stdout.buffer, 'article', [])"
    written = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(written) == 1


def test_rows_that_were_decoded_give_the_same_bytes_as_those_that_were_not():
    assert container(ARTICLE, [decode(ARTICLE, encode(FULL))]) == container(ARTICLE, [to_row(FULL)])


def test_a_container_carries_its_schema_and_codec():
    reader = fastavro.reader(io.BytesIO(container(OUTCOME, [])))
    assert reader.codec == "deflate"
    assert reader.writer_schema["name"] == "newsbeam.Outcome"


def test_the_sync_marker_is_the_schema_s():
    assert container(ARTICLE, [])[-16:] != container(OUTCOME, [])[-16:]


def test_a_container_without_rows_is_readable():
    assert rows_of(container(ARTICLE, [])) == []


def test_small_rows_share_a_block():
    data = container(ARTICLE, [to_row(FULL)] * 50)
    assert sum(1 for _ in fastavro.block_reader(io.BytesIO(data))) == 1


DAMAGED = {
    "empty": b"",
    "cut in the magic": b"Obj",
    "text": b"no avro at all",
    "noise": b"\xff" * 100,
    "cut in the header": container(ARTICLE, [to_row(FULL)])[:900],
    "cut in a block": container(ARTICLE, [to_row(FULL)])[:-100],
    "changed in a block": container(ARTICLE, [to_row(FULL)])[:-100] + b"\xff" * 100,
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_no_container_is_a_value_error(data):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are fastavro's
        rows_of(data)


# --- records that their schema does not take


LONE = "caf\ud83d"

BAD_ARTICLES = {
    "lone surrogate": {"text": LONE},
    "lone surrogate in an array": {"keywords": ("fine", LONE)},
    "lone surrogate in a record": {"authors": (Author(LONE),)},
    "number for text": {"headline": 7},
    "bytes for text": {"headline": b"x"},
    "none for required text": {"run_id": None},
    "text for a number": {"version": "1"},
    "text for a time": {"published_at": "2026-03-01"},
    "text for a date": {"publication_date": "2026-03-01T00:00"},
    "text for an array": {"keywords": "bridge"},
    "none for an array": {"keywords": None},
    "none for a record": {"source": None},
    "text for a flag": {"images": (Image("u", is_main="yes"),)},
    "int over 32 bits": {"version": 2**31},
    "int under 32 bits": {"version": -(2**31) - 1},
    "nested int over 32 bits": {"fetch": Fetch("u", "u", status=2**31)},
    "long over 64 bits": {"simhash": 2**63},
    "plain object": {"source": object()},
}


@pytest.mark.parametrize("change", BAD_ARTICLES.values(), ids=BAD_ARTICLES.keys())
def test_a_value_that_does_not_fit_is_an_invalid_record(change):
    with pytest.raises(InvalidRecord, match="article"):
        encode(dataclasses.replace(FULL, **change))


@pytest.mark.parametrize("number", [2**31 - 1, -(2**31)])
def test_the_largest_numbers_fit(number):
    assert decode(ARTICLE, encode(dataclasses.replace(FULL, version=number)))["version"] == number


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_first_and_the_last_moment_come_back(moment):
    back = from_row(Article, decode(ARTICLE, encode(dataclasses.replace(FULL, published_at=moment))))
    assert back.published_at == moment


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),  # before year 1 in UTC
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))),  # after year 9999 in UTC
    ],
)
def test_a_time_that_utc_cannot_say_is_an_invalid_record(moment):
    with pytest.raises(InvalidRecord, match="article"):
        encode(dataclasses.replace(FULL, published_at=moment))


def test_a_time_without_a_zone_is_an_invalid_record():
    with pytest.raises(InvalidRecord, match="article"):
        encode(dataclasses.replace(FULL, published_at=AT.replace(tzinfo=None)))


def test_an_outcome_that_does_not_fit_says_so():
    with pytest.raises(InvalidRecord, match="outcome"):
        encode(dataclasses.replace(OUTCOME_ROW, payload="text"))


def test_a_bad_record_leaves_no_trace_in_those_after_it():
    expected = [encode(FULL), encode(OUTCOME_ROW)]
    for change in BAD_ARTICLES.values():
        with pytest.raises(InvalidRecord):
            encode(dataclasses.replace(FULL, **change))
        assert [encode(FULL), encode(OUTCOME_ROW)] == expected


def test_a_bad_record_never_touches_a_container():
    records = [FULL, dataclasses.replace(FULL, text=LONE), BARE]
    good = []
    for record in records:
        try:
            good.append(decode(ARTICLE, encode(record)))
        except InvalidRecord:
            continue
    assert rows_of(container(ARTICLE, good)) == rows_of(container(ARTICLE, [to_row(FULL), to_row(BARE)]))
