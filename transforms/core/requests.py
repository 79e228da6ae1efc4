"""Messages that ask for work: JSON in, one typed request or the reason why there is none.

A message is a JSON object in UTF-8.  One of these says what is asked for:

    {"feed": URL}                 a feed or sitemap, and the pages that it lists
    {"page": URL}                 a page
    {"url": URL, "html": "…"}     a page that the message carries; nothing is fetched
    {"url": URL, "text": "…"}     a text that is annotated as it is; ``headline`` may come with it
    {"warc": URI}                 an archive, in a place that the operator allows

and any of them may have ``source`` (the publisher's id), ``language`` (BCP 47; of a text, taken as said), ``id`` (the
sender's own, kept as ``discovery.entry_id``) and ``version`` (1, the format described here).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn

from schemas.outcome import OutcomeKind, Problem
from transforms.core.urls import ANY_PORT, check_url, url_key

VERSION = 1
"""Of the format.  A message without a version is of version 1; keys may be added within a version, never change."""

MAX_MESSAGE_BYTES = 10 * 1024 * 1024
"""What Pub/Sub carries at most is 10 MB."""

MAX_TEXT_CHARS = 1_000_000
"""Of ``text``: the length beyond which spaCy's models refuse a text."""

MAX_HEADLINE_CHARS = 1_000
MAX_ID_CHARS = 200
MAX_SOURCE_CHARS = 100
"""As in source lists."""

MAX_URI_CHARS = 1_024
"""Of ``warc``: the longest name of an object in Cloud Storage, in bytes."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATTERN = re.compile(r"[*?\[\]{}]")


class Asked(StrEnum):
    """What a message asks for."""

    FEED = "feed"
    PAGE = "page"
    HTML = "html"
    TEXT = "text"
    WARC = "warc"


OPTIONAL = ("source", "language", "id", "version")

KEYS = {
    Asked.FEED: frozenset({"feed", *OPTIONAL}),
    Asked.PAGE: frozenset({"page", *OPTIONAL}),
    Asked.HTML: frozenset({"url", "html", *OPTIONAL}),
    Asked.TEXT: frozenset({"url", "text", "headline", *OPTIONAL}),
    Asked.WARC: frozenset({"warc", *OPTIONAL}),
}
"""The keys that may stand together."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a queue delivered it.

    ``origin`` is what outcomes name it by where it asks for no URL that could be read:
    ``pubsub:projects/P/subscriptions/S/MESSAGE_ID``.  ``attributes`` are sorted by name.
    """

    data: bytes
    origin: str
    message_id: str
    published_at: datetime
    attributes: tuple[tuple[str, str], ...] = ()
    ordering_key: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a message asks for, checked.

    ``target`` is the URL, or the URI of an archive; ``body`` the HTML or text that came with it.  ``message`` has the
    attributes, the time and the ids.
    """

    asked: Asked
    target: str
    message: Message
    body: str = ""
    headline: str | None = None
    source_id: str | None = None
    language: str | None = None
    sender_id: str | None = None

    @property
    def entry_id(self) -> str:
        """The sender's id, else that of the message."""
        return self.sender_id or self.message.message_id


class _Bad(ValueError):
    """What is wrong with a message, in words for its sender."""


def request_of(message: Message, *, archives_below: Sequence[str] = ()) -> Request | Problem:
    """The request that ``message`` makes, or why it makes none.

    ``archives_below`` are the places (prefixes of URIs) from which archives may be read: whoever may publish a message
    could otherwise read whatever this process can.
    """
    try:
        fields = _fields(message.data)
        asked = _asked(fields)
        request = _checked(asked, fields, message)
    except _Bad as bad:
        return Problem(OutcomeKind.MALFORMED, f"not a request: {bad}")
    if asked is Asked.WARC:
        return _archive_problem(request.target, archives_below) or request
    return request


def newest_first_of_each(requests: Sequence[Request]) -> tuple[list[Request], list[tuple[Request, Problem]]]:
    """(one request for each thing that is asked for, the others with why they are not needed), in no set order.

    Of two that carry the same page or text the one that was published last has the newer story.
    """
    newest: dict[tuple[bool, str], Request] = {}
    passed = []
    for request in sorted(requests, key=_newest_first):
        kept = newest.setdefault(_subject(request), request)
        if kept is not request:
            reason = f"asked for again by message {kept.message.message_id}, which is newer"
            passed.append((request, Problem(OutcomeKind.DUPLICATE, reason)))
    return list(newest.values()), passed


def _newest_first(request: Request) -> tuple[float, str]:
    return -request.message.published_at.timestamp(), request.message.message_id


def _subject(request: Request) -> tuple[bool, str]:
    """What a request is about: a page however it comes, or a feed or archive."""
    is_page = request.asked in (Asked.PAGE, Asked.HTML, Asked.TEXT)
    return is_page, url_key(request.target) if is_page else request.target


def _fields(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_MESSAGE_BYTES:
        raise _Bad(f"{len(data)} bytes are more than {MAX_MESSAGE_BYTES}")
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except _Bad:
        raise
    except UnicodeDecodeError as error:
        raise _Bad(f"not UTF-8 at byte {error.start}") from None
    except (ValueError, RecursionError) as error:  # RecursionError: 100,000 opening brackets
        raise _Bad(f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise _Bad("JSON, but not an object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise _Bad(f"the key {_shown(repeated)} stands there twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Bad(f"not JSON: {name}")


def _asked(fields: dict[str, Any]) -> Asked:
    found = [asked for asked in Asked if asked.value in fields]
    if len(found) != 1:
        wanted = "one of feed, page, html, text, warc"
        raise _Bad(f"it has {' and '.join(found)}; exactly {wanted} is needed" if found else f"it has none of {wanted}")
    known = KEYS[found[0]]
    if unknown := sorted(fields.keys() - known):
        nearest = difflib.get_close_matches(unknown[0].lower(), known, n=1)
        hint = f" (did you mean {_shown(nearest[0])}?)" if nearest else f" beside {_shown(found[0].value)}"
        raise _Bad(f"unknown key {_shown(unknown[0])}{hint}")
    return found[0]


def _checked(asked: Asked, fields: dict[str, Any], message: Message) -> Request:
    version = fields.get("version", VERSION)
    if type(version) is not int or version != VERSION:  # True == 1
        raise _Bad(f"version {_shown(version)}; this newsbeam reads version {VERSION}")
    request = Request(
        asked,
        _target(asked, fields),
        message,
        source_id=_label(fields, "source", MAX_SOURCE_CHARS),
        language=_label(fields, "language", MAX_SOURCE_CHARS),
        sender_id=_label(fields, "id", MAX_ID_CHARS),
    )
    if request.language and not _LANGUAGE.fullmatch(request.language):
        raise _Bad(f"language {_shown(request.language)} is no code such as en or pt-BR")
    if asked is Asked.HTML:
        return replace(request, body=_text(fields, "html", MAX_MESSAGE_BYTES))
    if asked is Asked.TEXT:
        headline = _label(fields, "headline", MAX_HEADLINE_CHARS)
        return replace(request, body=_text(fields, "text", MAX_TEXT_CHARS), headline=headline)
    return request


def _target(asked: Asked, fields: dict[str, Any]) -> str:
    if asked is Asked.WARC:
        return _text(fields, "warc", MAX_URI_CHARS)
    key = "url" if asked in (Asked.HTML, Asked.TEXT) else asked.value
    if key not in fields:
        raise _Bad(f"no url beside {asked.value}")
    url = fields[key]
    if not isinstance(url, str):
        raise _Bad(f"{key} must be text")
    if problem := check_url(url, ANY_PORT):
        raise _Bad(f"{key}: {problem.detail}")
    return url


def _text(fields: dict[str, Any], key: str, most: int) -> str:
    value = fields[key]
    if not isinstance(value, str) or not value.strip():
        raise _Bad(f"{key} must be text, and not empty")
    if len(value) > most:
        raise _Bad(f"{key} has {len(value)} characters, and may have {most}")
    if not value.isascii() and (found := re.search("[\ud800-\udfff]", value)):
        raise _Bad(f"{key} has half a character (a lone surrogate) at {found.start()}")
    return value


def _label(fields: dict[str, Any], key: str, most: int) -> str | None:
    """A short text; null and the empty text are as good as none."""
    if fields.get(key) in (None, ""):
        return None
    value = _text(fields, key, most)
    if _CONTROL.search(value):
        raise _Bad(f"{key} has control characters")
    return value.strip()


def _archive_problem(uri: str, below: Sequence[str]) -> Problem | None:
    if _PATTERN.search(uri) or _CONTROL.search(uri):
        return Problem(OutcomeKind.MALFORMED, "not a request: warc must name one file, without * ? [ ] { }")
    is_inside = any(uri.startswith(place.rstrip("/") + "/") for place in below)
    if is_inside and ".." not in uri.split("/"):
        return None
    return Problem(OutcomeKind.BLOCKED_ADDRESS, "archives are read only from the places that --allow_warc names")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:59] + "…"
