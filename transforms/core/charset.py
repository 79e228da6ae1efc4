"""Bytes to text: which character encoding a page is in.

The order is that of the HTML standard, with two departures that real pages ask for.  A declared encoding that does not
fit the bytes is passed over, and a page that is valid UTF-8 is read as such although a server's default says Latin-1.

    byte order mark -> HTTP header -> meta -> UTF-8 if nearly valid -> detector -> windows-1252
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

META_SCAN_BYTES = 4096
"""Where to look for ``<meta charset>``: the standard says 1024, comments before it push it further down."""

NEARLY = 0.999
"""Share of characters that must decode: one bad byte must not turn a whole UTF-8 page into something else."""

DETECT_BYTES = 65_536
"""Bytes that the detector sees, in ten spread chunks; more makes it slower and no better."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_LABELS = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252",
    "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs",
    "utf8": "utf-8", "utf8mb4": "utf-8", "unicode": "utf-8", "x-mac-roman": "mac-roman",
}  # fmt: skip
"""Labels whose meaning on the web differs from Python's codec of that name (WHATWG Encoding, "Names and labels")."""

_TEXT_CODECS = re.compile(r"(utf_?(8|16|32)|cp\d+|iso8859|koi8|mac|gb18030|big5|euc|iso2022|johab|hz|ptcp|kz1048|tis)")
_META = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_HTTP = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text of a page; ``charset`` is a Python codec name, ``source`` one of bom, http, meta, utf-8, detected."""

    text: str
    charset: str
    source: str


def decode(payload: bytes, content_type: str | None) -> Decoded:
    """Decode a page's bytes.  Never fails: what cannot be decoded becomes U+FFFD."""
    for bom, charset in _BOMS:
        if payload.startswith(bom):
            return Decoded(payload[len(bom) :].decode(charset, "replace"), charset, "bom")
    for charset, source in _declared(payload, content_type):
        if (decoded := _fitting(payload, charset, source)) is not None:
            return decoded
    return _fitting(payload, "utf-8", "utf-8") or _detected(payload)


def _declared(payload: bytes, content_type: str | None) -> list[tuple[str, str]]:
    head = payload[:META_SCAN_BYTES]
    found = [(_HTTP.search(content_type or ""), "http"), (_XML.match(head), "meta"), (_META.search(head), "meta")]
    labels = [(_label(match.group(1)), source) for match, source in found if match]
    # Bytes that could be searched as ASCII are not UTF-16, whatever their meta says.
    return [(c if s == "http" or not c.startswith("utf-16") else "utf-8", s) for c, s in labels if c]


def _label(raw: str | bytes) -> str | None:
    name = (raw.decode("ascii") if isinstance(raw, bytes) else raw).strip().lower()
    try:
        codec = codecs.lookup(_LABELS.get(name, name)).name
    except LookupError:
        return None
    return codec if _TEXT_CODECS.match(codec.replace("-", "_")) else None


def _fitting(payload: bytes, charset: str, source: str) -> Decoded | None:
    if charset != "utf-8" and _is_single_byte(charset) and _is_plainly_utf8(payload):
        return Decoded(payload.decode("utf-8"), "utf-8", "utf-8")
    text = payload.decode(charset, "replace")
    bad = text.count("\ufffd")
    return Decoded(text, charset, source) if bad <= (1 - NEARLY) * len(text) else None


def _is_single_byte(charset: str) -> bool:
    return charset.startswith(("cp125", "cp874", "iso8859", "koi8", "mac"))


def _is_plainly_utf8(payload: bytes) -> bool:
    """Strictly valid UTF-8 with characters beyond ASCII: text in a single-byte encoding practically never is."""
    if payload.isascii():
        return False
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _detected(payload: bytes) -> Decoded:
    best = from_bytes(payload[:DETECT_BYTES], steps=10).best()
    charset = _label(best.encoding) if best is not None else None
    charset = charset or "cp1252"
    return Decoded(payload.decode(charset, "replace"), charset, "detected")
