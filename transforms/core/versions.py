"""Versions of an article: what is new, what has changed, what is as it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.state import ArticleState
from transforms.core.identity import version_id
from transforms.core.urls import url_key

Row = dict[str, Any]

VERSIONED_FIELDS = ("headline", "text", "authors", "published_at", "modified_at", "corrections")
"""A change in one of these makes a new version; entities and quotations follow from the text and do not."""

ADD, REPLACE, DELETE = "ADD", "REPLACE", "DELETE"

DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Versioned:
    """``row`` is what is written, None where nothing has changed; ``state`` what the index remembers, if anything."""

    row: Row | None
    state: ArticleState | None


def versioned(row: Row, known: ArticleState | None, now: datetime) -> Versioned:
    """``row``, an article as it was just made, as the next version after ``known``."""
    if row["action"] == DELETE:
        return _deleted(row, known, now)
    digests = field_digests(row)
    if known is None:
        return Versioned(row, _state(row, digests, row["first_seen_at"], now))
    changed = changed_fields(known, digests)
    row = {**row, "first_seen_at": known.first_seen_at}
    if not changed and not known.is_deleted:
        return Versioned(None, _state({**row, **_identity(known)}, digests, known.first_seen_at, now))
    row |= {
        "version": known.version + 1,
        "action": ADD if known.is_deleted else REPLACE,
        "previous_version_id": known.version_id,
        "changed_fields": changed,
        # The chain goes into the id: a story that is changed and changed back has three versions, not two.
        "version_id": version_id(row["article_id"], row["content_hash"], known.version_id),
    }
    return Versioned(row, _state(row, digests, known.first_seen_at, now))


def _deleted(row: Row, known: ArticleState | None, now: datetime) -> Versioned:
    """A deletion counts for an article that is there and lives at the address that is gone."""
    if known is None or known.is_deleted or url_key(known.url) != url_key(row["url"]):
        return Versioned(None, known)
    row = {
        **row,
        "canonical_url": known.url,
        "first_seen_at": known.first_seen_at,
        "version": known.version + 1,
        "previous_version_id": known.version_id,
        "version_id": version_id(row["article_id"], row["content_hash"], known.version_id),
    }
    state = replace(known, version=row["version"], version_id=row["version_id"], last_seen_at=now, is_deleted=True)
    return Versioned(row, state)


def field_digests(row: Row) -> tuple[str, ...]:
    """``field=digest`` for each versioned field of ``row``."""
    return tuple(f"{name}={_digest(row.get(name))}" for name in VERSIONED_FIELDS)


def changed_fields(known: ArticleState, digests: tuple[str, ...]) -> list[str]:
    """The names of the fields that differ from the known version."""
    before = dict(each.split("=", 1) for each in known.digests)
    return [name for name, value in (each.split("=", 1) for each in digests) if before.get(name, value) != value]


def _identity(known: ArticleState) -> Row:
    return {"version_id": known.version_id, "version": known.version}


def _state(row: Row, digests: tuple[str, ...], first_seen_at: datetime, now: datetime) -> ArticleState:
    return ArticleState(
        article_id=row["article_id"],
        version_id=row["version_id"],
        version=row["version"],
        url=row["canonical_url"],
        first_seen_at=first_seen_at,
        last_seen_at=now,
        digests=digests,
        simhash=row.get("simhash"),
        content_hash=row["content_hash"],
        words=row["quality"]["word_count"],
        domain=row["source"]["domain"],
        origin=row.get("wire_origin"),
    )


def _digest(value: Any) -> str:
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:DIGEST_DIGITS]
