import dataclasses
import itertools
import random
from datetime import UTC, datetime

import pytest

from schemas.article import Article, Discovery, Fetch, Quality, Rights, Source
from schemas.codec import to_row
from schemas.hops import EncodedRecord, Run
from schemas.outcome import OutcomeKind, Problem, Stage
from transforms.core.merging import merge_articles, merge_outcomes, outcome_key
from transforms.core.outcomes import outcome_of
from transforms.worker import article_record

AT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
RUN = Run("run-1", AT, "0.1.0")
CANONICAL = "https://harbour.example/bridge"


def article_at(url, article_id="a1", **more):
    return Article(
        schema_version="1.0",
        article_id=article_id,
        version_id="v",
        url=url,
        canonical_url=CANONICAL,
        source=Source("harbour", "harbour.example"),
        discovery=Discovery("feed", AT),
        first_seen_at=AT,
        ingested_at=AT,
        content_hash="c",
        rights=Rights(),
        quality=Quality(),
        run_id="run-1",
        pipeline_version="0.1.0",
        **{"fetch": Fetch(url, url, status=200, duration_ms=5, archive_uri="a.warc", archive_offset=9), **more},
    )


def keyed(articles):
    """Rows as the sink hands them on: sorted by key."""
    pairs = [(article_record(article), to_row(article)) for article in articles]
    return sorted(pairs, key=lambda pair: (pair[0].key, pair[0].data))


def merged(articles):
    return list(merge_articles(keyed(articles), run=RUN, at=LATER))


def outcome_at(url, kind=OutcomeKind.WRITTEN, stage=Stage.WRITE, detail=""):
    return outcome_of(Problem(kind, detail), run=RUN, stage=stage, url=url, at=AT)


def merged_outcomes(outcomes):
    return list(merge_outcomes(sorted(outcomes, key=outcome_key)))


# --- articles


def test_an_article_is_written_and_says_so():
    (kept,) = merged([article_at(CANONICAL)])
    (outcome,) = kept.outcomes
    assert kept.row["url"] == CANONICAL
    assert (outcome.outcome, outcome.stage, outcome.ok, outcome.url) == ("written", "write", True, CANONICAL)
    assert (outcome.source_id, outcome.article_id, outcome.at) == ("harbour", "a1", LATER)
    assert (outcome.status, outcome.duration_ms) == (200, 5)
    assert (outcome.archive_uri, outcome.archive_offset) == ("a.warc", 9)


def test_copies_of_an_article_are_duplicates_of_the_one_written():
    copies = [article_at(CANONICAL), article_at(CANONICAL + "?by=mail"), article_at(CANONICAL + "/amp")]
    (kept,) = merged(copies)
    assert kept.row["url"] == CANONICAL
    assert [outcome.outcome for outcome in kept.outcomes] == ["written", "duplicate", "duplicate"]
    assert {outcome.url for outcome in kept.outcomes} == {copy.url for copy in copies}
    assert all(CANONICAL in outcome.detail for outcome in kept.outcomes[1:])


def test_the_copy_at_the_canonical_address_wins():
    first = "https://amp.harbour.example/bridge"
    assert first < CANONICAL, "by address alone the other would win"
    (kept,) = merged([article_at(first), article_at(CANONICAL)])
    assert kept.row["url"] == CANONICAL


def test_each_article_is_kept_once():
    rows = [article_at(f"{CANONICAL}?{number}", f"a{number % 3}") for number in range(9)]
    kept = merged(rows)
    assert [each.row["article_id"] for each in kept] == ["a0", "a1", "a2"]
    assert [len(each.outcomes) for each in kept] == [3, 3, 3]


def test_the_order_of_arrival_does_not_matter():
    rows = [article_at(f"{CANONICAL}?{number}", f"a{number % 2}") for number in range(6)]
    expected = merged(rows)
    for seed in range(10):
        assert merged(random.Random(seed).sample(rows, len(rows))) == expected  # noqa: S311 - order, not secrets


def test_an_article_without_a_fetch_is_told_by_its_address():
    (kept,) = merged([article_at("https://texts.example/1", fetch=None)])
    (outcome,) = kept.outcomes
    assert (outcome.url, outcome.status, outcome.archive_uri) == ("https://texts.example/1", None, None)


def test_the_outcome_is_of_the_address_that_was_asked_for():
    (kept,) = merged([article_at(CANONICAL, fetch=Fetch("https://harbour.example/r", CANONICAL))])
    assert kept.outcomes[0].url == "https://harbour.example/r"


def test_articles_are_read_one_by_one():
    endless = (
        (EncodedRecord("article", f"a{number}", f"a{number:09d}", b""), to_row(article_at(CANONICAL, f"a{number}")))
        for number in itertools.count()
    )
    first = list(itertools.islice(merge_articles(endless, run=RUN, at=LATER), 3))
    assert [each.row["article_id"] for each in first] == ["a0", "a1", "a2"]


# --- outcomes


def test_outcomes_of_several_urls_stay_as_they_are():
    outcomes = [outcome_at(f"https://harbour.example/{number}") for number in range(3)]
    assert merged_outcomes(outcomes) == outcomes


PRECEDENCE = [
    (OutcomeKind.WRITTEN, OutcomeKind.DUPLICATE),
    (OutcomeKind.WRITTEN, OutcomeKind.CRASHED),
    (OutcomeKind.WRITTEN, OutcomeKind.DISALLOWED),
    (OutcomeKind.DUPLICATE, OutcomeKind.BOT_WALL),
    (OutcomeKind.REDIRECTED, OutcomeKind.HTTP_ERROR),
    (OutcomeKind.DISALLOWED, OutcomeKind.CONSENT_PAGE),
]


@pytest.mark.parametrize(("stronger", "weaker"), PRECEDENCE)
@pytest.mark.parametrize("stages", [(Stage.DISCOVER, Stage.WRITE), (Stage.WRITE, Stage.DISCOVER)])
def test_written_comes_first_then_what_is_ok_then_failures(stronger, weaker, stages):
    outcomes = [outcome_at(CANONICAL, weaker, stages[0]), outcome_at(CANONICAL, stronger, stages[1])]
    (kept,) = merged_outcomes(outcomes)
    assert kept.outcome == stronger.value
    assert kept.detail == f"came 2 times in this run; also {stages[0].value}/{weaker.value}"


@pytest.mark.parametrize("told", [OutcomeKind.NOT_DUE, OutcomeKind.NOT_MODIFIED, OutcomeKind.PARSED])
def test_that_a_feed_was_asked_for_twice_does_not_hide_what_became_of_it(told):
    twice = outcome_at(CANONICAL, OutcomeKind.DUPLICATE, Stage.DISCOVER)
    (kept,) = merged_outcomes([twice, outcome_at(CANONICAL, told, Stage.FETCH_FEED)])
    assert (kept.stage, kept.outcome) == ("fetch_feed", told.value)


def test_a_note_joins_the_detail_and_names_each_kind_once():
    outcomes = [outcome_at(CANONICAL, OutcomeKind.TIMEOUT, Stage.FETCH_PAGE, f"try {number}") for number in range(3)]
    (kept,) = merged_outcomes(outcomes)
    assert kept.detail == "try 0; came 3 times in this run; also fetch_page/timeout"


def test_one_row_remains_of_each_url_whatever_the_order():
    kinds = list(OutcomeKind)
    outcomes = [
        outcome_at(f"https://harbour.example/{number % 7}{' x' * (number % 2)}", kinds[number % len(kinds)], stage)
        for number, stage in enumerate(list(Stage) * 9)
    ]
    expected = merged_outcomes(outcomes)
    assert len({row.url for row in expected}) == len(expected) == len({row.url for row in outcomes})
    for seed in range(10):
        assert merged_outcomes(random.Random(seed).sample(outcomes, len(outcomes))) == expected  # noqa: S311 - order


def test_a_url_that_begins_like_another_is_another():
    urls = [
        "https://harbour.example/a",
        "https://harbour.example/a 1 z",
        "https://harbour.example/a!",
        "a",
        "a 0",
        "a\0",
        "a\0\1",
    ]
    outcomes = [outcome_at(url, kind) for url in urls for kind in (OutcomeKind.CRASHED, OutcomeKind.WRITTEN)]
    rows = merged_outcomes(outcomes)
    assert sorted(row.url for row in rows) == sorted(urls)
    assert {row.outcome for row in rows} == {"written"}


def test_a_note_never_lengthens_a_row_beyond_bounds():
    outcomes = [outcome_at(CANONICAL, kind, stage, "x" * 500) for kind in OutcomeKind for stage in Stage]
    (kept,) = merged_outcomes(outcomes)
    assert len(kept.detail) <= 500


def test_other_fields_of_the_kept_row_stay():
    first = outcome_at(CANONICAL, OutcomeKind.WRITTEN)
    (kept,) = merged_outcomes([first, outcome_at(CANONICAL, OutcomeKind.DUPLICATE)])
    assert dataclasses.replace(kept, detail=None) == first
