"""Reads the embedded edition: what each fictional publisher serves under which path, and what a run should make of it.

Every folder of ``edition/`` is a publisher.  Its ``publisher.toml`` lists ``feeds``, ``pages`` and ``extras`` (front
page, robots.txt, picture); the outcome that a page should have stands before ``--`` in its file's name.  Adding a page
is adding a file, a ``[[pages]]`` table and an entry in the publisher's feed.

Text files name web addresses by placeholder: ``{{base}}`` is the publisher's own origin, ``{{base:harbour}}`` that of
the publisher in the folder ``harbour``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Any

from schemas.outcome import OutcomeKind

CONTENT_TYPES = {
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
}
"""Content types of files whose table names none."""

BINARY_TYPES = ("image/jpeg", "application/pdf")


@dataclass(frozen=True, slots=True)
class ServedFile:
    """What a path answers: a status, a ``Content-Type`` and a body that may still hold placeholders.

    ``trickle`` bodies are sent so slowly that no reader sees their end.
    """

    path: str
    name: str
    content_type: str
    body: bytes
    status: int = 200
    trickle: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the body is text: only then may it hold placeholders."""
        return self.content_type not in BINARY_TYPES


@dataclass(frozen=True, slots=True)
class Redirect:
    """A path that answers 301 with the path of the same publisher to go to."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class ExpectedQuotation:
    """A quotation that a page holds: the speaker's full name and the first words inside the marks."""

    speaker: str
    opening: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a run should make of a page, by the path under which a feed lists it.

    ``final_path`` is where the redirects lead.  Headline (with plain spaces), authors and ``published`` (aware) are
    known of written pages; ``quotations`` names some of a page's quotations, never claims to be all of them.
    """

    path: str
    final_path: str
    outcome: OutcomeKind
    headline: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    quotations: tuple[ExpectedQuotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Publisher:
    """One fictional newspaper; ``key`` is the name of its folder, ``language`` an ISO 639-1 code."""

    key: str
    name: str
    language: str
    feeds: tuple[ServedFile, ...]
    files: tuple[ServedFile, ...]
    redirects: tuple[Redirect, ...]
    expectations: tuple[Expectation, ...]


def load_publishers() -> tuple[Publisher, ...]:
    """Every publisher of the edition, by folder name.

    Raises ``KeyError``, ``ValueError`` or ``FileNotFoundError`` where a ``publisher.toml`` and its folder disagree.
    """
    folders = [entry for entry in files("pipelines.demo").joinpath("edition").iterdir() if entry.is_dir()]
    return tuple(load_publisher(folder) for folder in sorted(folders, key=lambda folder: folder.name))


def load_publisher(folder: Traversable) -> Publisher:
    """The publisher that a folder holds; raises like ``load_publishers``."""
    spec = tomllib.loads(folder.joinpath("publisher.toml").read_text(encoding="utf-8"))
    pages: list[dict[str, Any]] = spec["pages"]
    feeds = tuple(_served(folder, table) for table in spec["feeds"])
    rest = tuple(_served(folder, table) for table in [*pages, *spec["extras"]] if "file" in table)
    return Publisher(
        key=folder.name,
        name=spec["name"],
        language=spec["language"],
        feeds=feeds,
        files=feeds + rest,
        redirects=tuple(Redirect(page["path"], page["redirect_to"]) for page in pages if "redirect_to" in page),
        expectations=_expectations(pages),
    )


def expected_outcome(file_name: str) -> OutcomeKind:
    """The outcome in a page's file name; raises ``ValueError`` where it is none that newsbeam knows."""
    return OutcomeKind(file_name.partition("--")[0])


def _served(folder: Traversable, table: dict[str, Any]) -> ServedFile:
    name = table["file"]
    return ServedFile(
        path=table["path"],
        name=name,
        content_type=table.get("content_type") or CONTENT_TYPES[PurePosixPath(name).suffix],
        body=folder.joinpath(name).read_bytes(),
        status=table.get("status", 200),
        trickle=table.get("trickle", False),
    )


def _expectations(pages: list[dict[str, Any]]) -> tuple[Expectation, ...]:
    by_path = {page["path"]: page for page in pages}
    return tuple(_expectation(page["path"], by_path) for page in pages if page.get("listed", True))


def _expectation(path: str, by_path: dict[str, dict[str, Any]]) -> Expectation:
    page = by_path[path]
    if "redirect_to" in page:
        page = by_path[page["redirect_to"]]
    return Expectation(
        path=path,
        final_path=page["path"],
        outcome=expected_outcome(page["file"]),
        headline=page.get("headline"),
        authors=tuple(page.get("authors", ())),
        published=page.get("published"),
        quotations=tuple(ExpectedQuotation(speaker, opening) for speaker, opening in page.get("quotations", ())),
    )
