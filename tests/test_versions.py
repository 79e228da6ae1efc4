"""Versions of an article: what is new, what has changed, what is as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.state import ArticleState
from transforms.core.identity import content_hash, version_id
from transforms.core.versions import VERSIONED_FIELDS, Versioned, field_digests, versioned

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)


def made(now: datetime = NOW, **fields: Any) -> dict[str, Any]:
    """An article as it was just made."""
    row = {
        "article_id": "a1",
        "version": 1,
        "action": "ADD",
        "previous_version_id": None,
        "changed_fields": [],
        "first_seen_at": now,
        "canonical_url": "https://harbour.example/quay",
        "headline": "Quay rebuilt",
        "text": "The quay was rebuilt.",
        "authors": [{"name": "Ada Quill", "url": None}],
        "published_at": NOW,
        "modified_at": None,
        "corrections": [],
        "entities": [{"name": "Port Little"}],
        "section": "Harbour",
        "quality": {"word_count": 4},
        "source": {"id": "harbour", "domain": "harbour.example"},
        **fields,
    }
    digest = content_hash(row["headline"], row["text"])
    return {**row, "content_hash": digest, "version_id": version_id(row["article_id"], digest)}


def index(*rows: dict[str, Any]) -> Versioned:
    """The last of several versions, made six hours after each other."""
    found = versioned(rows[0], None, NOW)
    for number, row in enumerate(rows[1:], 1):
        found = versioned(row, found.state, NOW + number * timedelta(hours=6))
    return found


def test_a_new_article_is_written_as_it_was_made() -> None:
    row = made()
    first = versioned(row, None, NOW)
    assert first.row == row
    assert first.state == ArticleState(
        "a1",
        row["version_id"],
        1,
        row["canonical_url"],
        NOW,
        NOW,
        digests=field_digests(row),
        content_hash=row["content_hash"],
        words=4,
        domain="harbour.example",
    )


def test_an_article_that_is_as_it_was_is_not_written() -> None:
    again = index(made(), made(LATER))
    assert again.row is None
    assert again.state == replace(index(made()).state, last_seen_at=LATER)


@pytest.mark.parametrize("other", [{"entities": []}, {"section": "Sport"}, {"canonical_url": "https://other.example/"}])
def test_what_follows_from_the_text_makes_no_version(other: dict[str, Any]) -> None:
    assert index(made(), made(LATER, **other)).row is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "Quay not rebuilt"),
        ("text", "The quay was not rebuilt."),
        ("authors", [{"name": "Ben Ruler", "url": None}]),
        ("published_at", LATER),
        ("modified_at", LATER),
        ("corrections", [{"text": "An earlier version said that the quay was rebuilt."}]),
    ],
)
def test_a_change_makes_a_version(field: str, value: Any) -> None:
    first = index(made())
    changed = index(made(), made(LATER, **{field: value}))
    assert changed.row
    assert changed.row["action"] == "REPLACE"
    assert changed.row["changed_fields"] == [field]
    assert (changed.row["version"], changed.row["first_seen_at"]) == (2, NOW)
    assert changed.row["previous_version_id"] == first.state.version_id
    assert changed.row["version_id"] == changed.state.version_id != first.state.version_id
    assert (changed.state.version, changed.state.first_seen_at, changed.state.last_seen_at) == (2, NOW, LATER)


def test_every_versioned_field_is_tested_above() -> None:
    assert set(VERSIONED_FIELDS) == {"headline", "text", "authors", "published_at", "modified_at", "corrections"}


def test_changed_fields_are_named_together() -> None:
    changed = index(made(), made(LATER, text="Other.", headline="Other"))
    assert changed.row
    assert changed.row["changed_fields"] == ["headline", "text"]


def test_changed_and_changed_back_are_three_versions() -> None:
    rows = made(), made(LATER, text="Other."), made(LATER)
    ids = [index(*rows[: n + 1]).state.version_id for n in range(3)]
    assert len(set(ids)) == 3
    assert index(*rows).state.version == 3


def test_the_same_history_gives_the_same_ids() -> None:
    rows = made(), made(LATER, text="Other."), made(LATER, authors=[])
    assert index(*rows).row == index(*rows).row


def test_an_article_that_was_taken_away_comes_back() -> None:
    gone = replace(index(made()).state, is_deleted=True)
    back = versioned(made(LATER), gone, LATER)
    assert back.row
    assert (back.row["action"], back.row["version"], back.row["changed_fields"]) == ("ADD", 2, [])
    assert not back.state.is_deleted


def taken_away(**fields: Any) -> dict[str, Any]:
    """A row that says that the page of the article is gone."""
    return {**made(LATER), "action": "DELETE", "url": "https://harbour.example/quay", **fields}


def test_an_article_whose_page_is_gone_is_taken_back_once() -> None:
    first = index(made()).state
    gone = versioned(taken_away(), first, LATER)
    assert gone.row
    assert gone.state
    assert (gone.row["action"], gone.row["version"], gone.row["first_seen_at"]) == ("DELETE", 2, NOW)
    assert gone.row["previous_version_id"] == first.version_id
    assert gone.row["version_id"] == gone.state.version_id != first.version_id
    assert gone.state.is_deleted
    assert versioned(taken_away(), gone.state, LATER) == Versioned(None, gone.state)


def test_what_lives_elsewhere_or_was_never_there_is_not_taken_back() -> None:
    first = index(made()).state
    assert versioned(taken_away(url="https://harbour.example/amp/quay"), first, LATER) == Versioned(None, first)
    assert versioned(taken_away(), None, LATER) == Versioned(None, None)


def test_a_field_that_older_states_do_not_know_makes_no_version() -> None:
    state = index(made()).state
    older = replace(state, digests=tuple(each for each in state.digests if not each.startswith("corrections=")))
    again = versioned(made(LATER), older, LATER)
    assert again.row is None
    assert again.state.digests == state.digests


def test_digests_stay_the_same_from_one_version_to_the_next() -> None:
    assert field_digests(made()) == (
        "headline=622b459de3e639c4",
        "text=8c7604ae6de2e996",
        "authors=ebcb7943020c6c7d",
        "published_at=882c5683f73450c1",
        "modified_at=74234e98afe7498f",
        "corrections=4f53cda18c2baa0c",
    )
