"""Repairs of XML before any parser sees it, on bytes: what parsers would choke on, or mend by losing text."""

from __future__ import annotations

import re
from collections import deque

_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));")
_PAIR = re.compile(
    rb"&#(?:[xX]([dD][89abAB][0-9a-fA-F]{2})|(5[0-9]{4}));&#(?:[xX]([dD][c-fC-F][0-9a-fA-F]{2})|(5[0-9]{4}));"
)
_CDATA_OR_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9._-]*);)", re.DOTALL
)
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")
_WIDE_CODECS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)


GOOD_PER_BAD = 20

TAIL_BYTES = 1000
"""Caches sign pages behind the last tag: comments of some hundred bytes."""


def wide_codec(body: bytes) -> str | None:
    """The codec of UTF-16 and UTF-32 text, by its byte order mark or the first two characters of a declaration."""
    return next((codec for mark, codec in _WIDE_CODECS if body.startswith(mark)), None)


def without_bad_references(body: bytes) -> bytes:
    """``body`` with numeric references to surrogates, controls and beyond Unicode as ``&#xFFFD;``.

    XML allows none of them, and a surrogate makes feedparser 6.0.14 raise.  Two surrogates that make a pair are the
    one character that software with UTF-16 strings meant.
    """
    codec = wide_codec(body)
    if codec is None:
        return _repaired_references(body)
    narrow = body.decode(codec, "replace").encode("utf-8")
    return _repaired_references(narrow).decode("utf-8").encode(codec)


def _repaired_references(body: bytes) -> bytes:
    return _REFERENCE.sub(_allowed_reference, _PAIR.sub(_joined_pair, body))


def _joined_pair(pair: re.Match[bytes]) -> bytes:
    high = int(pair[1], 16) if pair[1] else int(pair[2])
    low = int(pair[3], 16) if pair[3] else int(pair[4])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return pair[0]
    return b"&#x%X;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _allowed_reference(reference: re.Match[bytes]) -> bytes:
    point = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if _is_xml_character(point) else b"&#xFFFD;"


def _is_xml_character(point: int) -> bool:
    """The production Char of XML 1.0."""
    if point < 0x20:
        return point in (0x9, 0xA, 0xD)
    return point < 0xD800 or 0xE000 <= point < 0xFFFE or 0xFFFF < point < 0x110000


def with_ampersands_escaped(body: bytes) -> bytes:
    """``body`` with every bare ``&`` outside CDATA as ``&amp;``: lxml's recovery drops it and the word behind it.

    ``?a=1&b=2`` would become ``?a=1=2``.
    """
    return body if wide_codec(body) else _CDATA_OR_BARE.sub(_escaped, body)


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"&amp;" if match[0] == b"&" else match[0]


def first_difference_line(before: bytes, after: bytes) -> int:
    """The line, counted from 1, on which two texts first differ; 0 where they do not."""
    pairs = enumerate(zip(before.split(b"\n"), after.split(b"\n"), strict=False), start=1)
    return next((number for number, (left, right) in pairs if left != right), 0)


def without_broken_tail(body: bytes, *, root: str, elements: tuple[str, ...]) -> bytes:
    """``body`` up to the last element that is complete, where it breaks off inside one: half a URL is a wrong URL.

    A body that closes ``root``, or breaks off between elements, stays as it is.
    """
    closes_root = re.compile(rf"</(?:[\w.-]+:)?{re.escape(root)}\b".encode(), re.IGNORECASE)
    if closes_root.search(body, max(0, len(body) - TAIL_BYTES)) or wide_codec(body):
        return body
    named = rf"(?:[\w.-]+:)?(?:{'|'.join(elements)})\b"
    tags = re.finditer(rf"<(/?){named}".encode(), body, re.IGNORECASE)
    last = next(iter(deque(tags, maxlen=1)), None)
    return body[: last.start()] if last and not last[1] else body


def in_utf8(body: bytes) -> bytes:
    """``body`` as valid UTF-8, by its byte order mark or declaration; what cannot be read or referred to is U+FFFD.

    lxml's recovery passes broken bytes and surrogates on, and raises when such names are asked for.  The declaration
    stays, so the parser must be told the encoding.
    """
    declared = _DECLARED.match(body)
    named = declared[1].decode("ascii") if declared else "utf-8"
    try:
        text = body.decode(wide_codec(body) or named, "replace")
    except (LookupError, ValueError):  # no such codec, not one of text, or one that refuses everything
        text = body.decode("utf-8", "replace")
    return _repaired_references(text.removeprefix("\ufeff").encode("utf-8", "replace"))


def as_utf8(body: bytes) -> tuple[bytes, int] | None:
    """``body`` if it is UTF-8 beyond ASCII, with the number of bytes that had to be replaced; None if it is not.

    Bytes that are valid UTF-8 are UTF-8 whatever their labels say: no other charset produces such a text by accident.
    A stray byte among ``GOOD_PER_BAD`` times as many good characters does not change that; another charset would
    turn every one of those into rubbish.
    """
    if body.isascii() or wide_codec(body):
        return None
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return (text.encode("utf-8"), bad) if good >= GOOD_PER_BAD * bad else None
