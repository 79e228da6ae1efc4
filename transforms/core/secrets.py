"""Secrets in URLs: what a feed's key or a reader's token looks like, and what stands in its place for others to read.

Paid feeds carry a key in their URL, and readers share links that hold a token.  What is fetched and what the state
keeps is the URL as it was listed; rows, manifests and logs are read by many, and carry it masked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

# Parameters that hold nothing else on any site known to us; the signed links of the three large object stores included.
_NAMES = (
    "access[_-]?token|auth[_-]?token|refresh[_-]?token|id[_-]?token|csrf[_-]?token|token|jwt|bearer|api[_-]?key|"
    "app[_-]?key|subscription[_-]?key|client[_-]?secret|secret|passw(?:or)?d|passwd|pwd|signature|"
    "x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature|x-goog-credential"
)

# Words that sites also use for what a page shows (`?key=sport`): a secret where the value looks like one.
_DOUBTFUL_NAMES = "key|auth|sig|hash|code|session|sessionid|sid|k"

_PARAMETER = re.compile(
    rf"(?P<name>[?&#;](?:{_NAMES}|(?P<doubtful>{_DOUBTFUL_NAMES}))=)(?P<value>[^&#;\s\"'<>]+)", re.IGNORECASE
)

_USER = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]*://)(?P<value>[^/?#\s\"'<>]+)@", re.IGNORECASE)

_MAY_BE_SECRET = re.compile(
    rf"[?&#;](?:{_NAMES}|{_DOUBTFUL_NAMES})=|://[^/?#\s\"'<>]+@|".encode() + "\u212a|\u017f".encode(), re.IGNORECASE
)
"""In UTF-8, as Avro writes texts.  The last two are letters that count as k and s where case does not matter."""

_LOOKS_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^a-zA-Z]*[a-zA-Z])[\w.~%+/=-]{16,}\Z")
"""At least 16 characters with letters and digits: shorter than any key in use, longer than most words."""

_MAY_HOLD_URLS = frozenset(
    {"detail", "traceback", "raw", "alternatives", "entry_id", "redirects", "license", "archive_uri"}
)
"""Fields besides those named url that may hold addresses or repeat one: the words about a failure, values as a page
had them, the ids of entries, which are addresses in most feeds, and the stations of a redirect."""

_MARK_DIGITS = 4

_MARKED = re.compile(rf"{re.escape(MASK)}[0-9a-f]{{{_MARK_DIGITS}}}\Z")


def masked(text: str) -> str:
    """``text`` with the secrets of the URLs in it replaced by three stars and four hexadecimal digits of their digest.

    Four digits keep two feeds that differ by their key apart, and are too few to find the key by trying.  What is
    masked stays as it is when it is masked again.
    """
    return _USER.sub(_without_user, _PARAMETER.sub(_without_value, text))


def may_hold_secrets(data: bytes) -> bool:
    """Whether something in encoded rows looks like what is masked; far quicker than `masked_row`, which most rows leave
    as they are."""
    return _MAY_BE_SECRET.search(data) is not None


def masked_row(value: Any) -> Any:
    """A row, or a part of one, with its addresses `masked`, at any depth, and what is said in words of a failure.

    The text of an article stays as it is: offsets index it.
    """
    if isinstance(value, dict):
        return {name: (masked_texts if _may_tell(name) else masked_row)(each) for name, each in value.items()}
    if isinstance(value, list):
        return [masked_row(each) for each in value]
    return value


def masked_texts(value: Any) -> Any:
    """Plain data with every text in it `masked`, such as the options of a run."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: masked_texts(each) for name, each in value.items()}
    return [masked_texts(each) for each in value] if isinstance(value, list | tuple) else value


def _may_tell(name: str) -> bool:
    return name.endswith("url") or name in _MAY_HOLD_URLS


def _without_value(found: re.Match[str]) -> str:
    if found["doubtful"] and not _LOOKS_RANDOM.match(found["value"]):
        return found[0]
    return found["name"] + _mark(found["value"])


def _without_user(found: re.Match[str]) -> str:
    return f"{found['name']}{_mark(found['value'])}@"


def _mark(secret: str) -> str:
    if _MARKED.match(secret):
        return secret
    return MASK + hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:_MARK_DIGITS]
