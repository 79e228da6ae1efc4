from datetime import timedelta

import pytest

from reports import FLINT, NOW, QUOTE, decided, rows, story
from schemas.article import Duplicate, Entity, Mention, Quality
from schemas.codec import to_row
from schemas.outcome import OK_KINDS, OutcomeKind
from transforms.core.reporting.advice import TODO, verdict
from transforms.core.reporting.revisions import Revisions
from transforms.core.reporting.tally import Tally, meaning
from transforms.core.reporting.view import MOST_CHARACTERS, article_view, outcome_view

HOUR = timedelta(hours=1)


def figures_of(articles=(), outcomes=(), manifests=()):
    articles = rows(articles)
    revisions = Revisions()
    for row in articles:
        revisions.add(row)
    tally = Tally(revisions)
    for manifest in manifests:
        tally.add_run(manifest)
    for row in articles:
        tally.add_article(row)
    for row in rows(outcomes):
        tally.add_outcome(row)
    return tally.figures()


def run_of(*sources, run_id="one", now=NOW):
    return {"run_id": run_id, "now": now.isoformat(), "clock": "system", "sources": list(sources)}


def volume(source="harbour.example", *, feeds=1, failed=0, new=5, expected=None, lost=0):
    return {
        "source_id": source,
        "feeds": feeds,
        "failed": failed,
        "entries_new": new,
        "entries_expected": expected,
        "entries_lost": lost,
    }


def test_nothing_at_all():
    figures = figures_of()
    assert verdict(figures) == "Nothing was read."
    assert figures.timeline.moments == ()
    assert figures.sources == ()


def test_stories_and_urls_are_counted():
    outcomes = [
        decided("https://a.example/1"),
        decided("https://a.example/2", "timeout", retryable=True),
        decided("https://a.example/3", "unchanged"),
    ]
    figures = figures_of([story("one"), story("two", "ledger.example")], outcomes)
    assert (figures.totals.stories, figures.totals.words) == (2, 20)
    assert (figures.totals.urls, figures.totals.failed, figures.totals.retryable) == (3, 1, 1)
    assert [count.outcome for count in figures.outcomes] == ["unchanged", "written", "timeout"]
    assert verdict(figures) == "2 stories from 2 sources. 1 of 3 URLs failed."


def test_one_story():
    assert verdict(figures_of([story()], [decided("https://a.example/1")])) == (
        "1 story from 1 source. None of 1 URL failed."
    )


def test_of_several_versions_the_newest_is_the_story():
    first = story()
    second = story(
        version=2, version_id="2", previous_version_id=first.version_id, action="REPLACE", quality=Quality(7)
    )
    for order in ([first, second], [second, first]):
        totals = figures_of(order).totals
        assert (totals.stories, totals.changed, totals.words) == (1, 1, 7)


def test_a_version_that_was_written_twice_counts_once():
    totals = figures_of([story(), story(run_id="two")]).totals
    assert (totals.stories, totals.repeated) == (1, 1)


def test_a_story_that_was_withdrawn_is_none():
    gone = story(version=2, version_id="2", previous_version_id="1", action="DELETE", text=None, headline=None)
    totals = figures_of([story(), gone]).totals
    assert (totals.stories, totals.withdrawn) == (0, 1)


def test_changed_headlines_stand_side_by_side():
    first = story()
    second = story(
        version=2,
        version_id="2",
        previous_version_id=first.version_id,
        action="REPLACE",
        changed_fields=("headline", "text"),
        headline="Saltings quay gives way",
        ingested_at=NOW + HOUR,
    )
    third = story(
        version=3, version_id="3", previous_version_id="2", action="REPLACE", changed_fields=("text",), ingested_at=NOW
    )
    figures = figures_of([third, second, first])
    (change,) = figures.headlines
    assert (change.before, change.after) == ("Saltings quay holds", "Saltings quay gives way")
    assert figures.headlines_changed == 1


def test_an_earlier_headline_that_is_not_there_is_not_known():
    change = story(version=2, version_id="2", previous_version_id="1", action="REPLACE", changed_fields=("headline",))
    figures = figures_of([change])
    assert figures.headlines[0].before is None


def test_speakers_are_people_with_the_outlets_that_quote_them():
    figures = figures_of([story("one"), story("two", "ledger.example"), story("three", "ledger.example")])
    (speaker,) = figures.speakers
    assert speaker.name == "Dorothea Flint"
    assert speaker.times == 3
    assert speaker.sources == (("ledger.example", 2), ("harbour.example", 1))
    assert (figures.totals.quotations, figures.totals.attributed) == (3, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"duplicate": Duplicate("exact", of="x")},
        {"entities": (Entity("e1", "Dorothea Flint", "ORG"),)},
        {"entities": ()},
    ],
    ids=["a copy", "a body", "nobody"],
)
def test_who_is_not_counted_as_quoted(changes):
    assert figures_of([story(**changes)]).speakers == ()


def test_the_second_half_of_a_split_quotation_is_no_quotation_of_its_own():
    halves = [to_row(QUOTE), {**to_row(QUOTE), "id": "q2", "continues": "q1"}]
    row = {**to_row(story()), "quotations": halves}
    tally = Tally(Revisions())
    tally.add_article(row)
    assert tally.figures().speakers[0].times == 1


def test_names_count_in_how_many_stories_and_how_often():
    twice = Entity("e1", "Dorothea Flint", "PERSON", mentions=(Mention(23, 37, "x"), Mention(38, 41, "x")))
    figures = figures_of([story("one"), story("two", entities=(twice,))])
    named = {each.name: (each.type, each.stories, each.mentions) for each in figures.entities}
    assert named == {"Dorothea Flint": ("PERSON", 2, 3), "Saltings": ("GPE", 1, 2)}


def test_copies_and_agencies():
    figures = figures_of(
        [
            story("one", wire_origin="AP"),
            story("two", duplicate=Duplicate("syndicated", of="x", origin="Reuters")),
            story("three", duplicate=Duplicate("near", of="x")),
            story("four"),
        ]
    )
    assert dict(figures.copies.kinds) == {"near": 1, "syndicated": 1}
    assert dict(figures.copies.agencies) == {"AP": 1, "Reuters": 1}
    assert figures.copies.wire == 2
    (source,) = figures.sources
    assert (source.wire, source.copies) == (2, 2)


def test_freshness_is_of_stories_with_a_time_of_day():
    lags = [timedelta(minutes=10), timedelta(hours=2), timedelta(days=3)]
    stories = [story(str(lag), published_at=NOW - lag) for lag in lags]
    stories.append(story("by the day", published_precision="day"))
    stories.append(story("to come", published_at=NOW + HOUR))
    seen = figures_of(stories).freshness[0]
    assert seen.stories == 3
    assert seen.median == pytest.approx(7200, rel=0.011)
    assert dict(seen.within)[3600] == pytest.approx(1 / 3)


def test_a_change_is_not_slow_to_be_written():
    later = story(version=2, version_id="2", previous_version_id="1", action="REPLACE", ingested_at=NOW + 24 * HOUR)
    assert figures_of([later]).freshness[1].stories == 0


def test_languages():
    figures = figures_of([story("a"), story("b", language="fr"), story("c", language=None), story("d")])
    assert figures.languages == (("en", 2), ("fr", 1), ("not known", 1))


def test_two_days_by_the_hour():
    stories = [story("a"), story("b", published_at=NOW - timedelta(days=9)), story("c", published_at=None)]
    timeline = figures_of(stories, [decided("https://a.example/1"), decided("https://a.example/2", "timeout")]).timeline
    assert timeline.unit == "hour"
    assert len(timeline.moments) == 48
    assert (timeline.earlier, timeline.undated) == (1, 1)
    assert sum(moment.stories for moment in timeline.moments) == 1
    last = timeline.moments[-1]
    assert (last.start, last.urls_ok, last.urls_failed) == (NOW, 1, 1)


def test_a_month_by_the_day():
    outcomes = [decided("https://a.example/1", at=NOW - timedelta(days=29)), decided("https://a.example/2")]
    timeline = figures_of([story()], outcomes).timeline
    assert timeline.unit == "day"
    assert len(timeline.moments) == 30
    assert [moment.urls_ok for moment in timeline.moments if moment.urls_ok] == [1, 1]


@pytest.mark.parametrize(
    ("feeds", "lag", "signs"),
    [
        (volume(), HOUR, ()),
        (volume(failed=1), HOUR, ("failing",)),
        (volume(expected=5.0, lost=3), HOUR, ("overrun",)),
        (volume(new=1, expected=12.0), HOUR, ("quiet",)),
        (volume(new=0, expected=1.5), HOUR, ()),
        (volume(expected=5.0), 3 * HOUR, ("late",)),
        (volume(expected=None), 3 * HOUR, ()),
    ],
    ids=["well", "failing", "overrun", "quiet", "too few to tell", "late", "never asked before"],
)
def test_the_health_of_a_source(feeds, lag, signs):
    (source,) = figures_of([story(published_at=NOW - lag)], manifests=[run_of(feeds)]).sources
    assert source.signs == signs


def test_runs_add_up_and_the_last_says_what_fails_now():
    runs = [run_of(volume(failed=1, new=2, expected=1.0)), run_of(volume(new=3, expected=2.5), run_id="two")]
    figures = figures_of(manifests=runs)
    (source,) = figures.sources
    assert (source.entries_new, source.entries_expected, source.feeds_failing) == (5, 3.5, 0)
    assert figures.period.runs == ("one", "two")


def test_urls_without_a_source_count_for_their_domain():
    outcomes = [
        decided("https://www.example.org/feed", "parsed"),
        decided("https://www.example.org/a", source_id="harbour"),
        decided("javascript:void(0)", "malformed"),
    ]
    figures = figures_of(outcomes=outcomes)
    assert {source.source_id for source in figures.sources} == {"example.org", "harbour", "(none)"}


@pytest.mark.parametrize("kind", sorted(set(OutcomeKind) - OK_KINDS))
def test_there_is_something_to_do_about_every_failure(kind):
    assert sum(kind in kinds for kinds in TODO) == 1
    (advice,) = figures_of(outcomes=[decided("https://a.example/1", kind)]).advice
    assert advice.count == 1
    assert advice.todo


def test_outcomes_of_a_later_version_are_shown_all_the_same():
    figures = figures_of(outcomes=[decided("https://a.example/1", "eaten_by_dog")])
    assert figures.outcomes[0].outcome == "eaten_by_dog"
    assert figures.advice[0].count == 1
    assert meaning("eaten_by_dog") == ""


def test_nothing_to_do():
    assert figures_of([story()], [decided("https://a.example/1")]).advice == ()


def test_the_view_of_a_long_text_is_cut_and_says_so():
    view = article_view(to_row(story(text="x" * (MOST_CHARACTERS + 5), quotations=(), entities=(FLINT,))))
    assert view["cut"] == 5
    assert (
        sum(len(piece if isinstance(piece, str) else piece["t"]) for piece in view["paragraphs"][0]) == MOST_CHARACTERS
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", " https://a.example", ""]
)
def test_only_web_addresses_become_links(url):
    assert article_view(to_row(story(canonical_url=url)))["url"] is None
    assert outcome_view(to_row(decided(url)))["url"] is None
