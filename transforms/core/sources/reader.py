"""Reading a source list of any format."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from transforms.core.sitemaps import is_sitemap
from transforms.core.sources.checks import check_sources
from transforms.core.sources.opml import read_opml
from transforms.core.sources.plain import read_text
from transforms.core.sources.records import RawList, SourceError, SourceList
from transforms.core.sources.sitemap import read_sitemap
from transforms.core.sources.tables import read_csv
from transforms.core.sources.toml import read_toml
from transforms.core.sources.yaml_list import read_yaml

FORMATS = {
    ".txt": "text", ".list": "text", ".urls": "text", ".opml": "opml", ".xml": "opml", ".csv": "csv", ".tsv": "csv",
    ".toml": "toml", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip
"""By the end of the file's name; anything else is looked at."""

SNIFFED_CHARACTERS = 4096

_SIGNS = (
    ("opml", re.compile(r"\A\s*(?:<\?xml|<opml|<!--)", re.IGNORECASE)),
    ("toml", re.compile(r"^\s*\[\[\s*[A-Za-z]+\s*\]\]", re.MULTILINE)),
    ("yaml", re.compile(r"^(?:---\s*$|[A-Za-z]+:\s*(?:#.*)?$|-\s+(?:[a-z]+:\s|https?://))", re.MULTILINE)),
    ("csv", re.compile(r"\A\s*(?:[\"A-Za-z]+[,;\t])*\"?url\"?[ ]*(?:[,;\t]|$)", re.IGNORECASE | re.MULTILINE)),
)


def read_source_list(content: str | bytes, *, name: str) -> SourceList | list[SourceError]:
    """Read ``content``, whose file is called ``name``; the errors, in order of lines, if there are any.

    A sitemap is a list too: of pages, or as an index of sitemaps.  Errors print as
    ``sources.toml:12: unknown key 'nmae' (did you mean 'name'?)``.  Bytes are UTF-8, OPML's in the
    encoding that it declares.
    """
    body = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if is_sitemap(body):
        return check_sources(read_sitemap(body, name), name)
    try:
        text = _decoded(content)
    except UnicodeDecodeError as error:
        text = _replaced(content)
        if list_format(name, text) != "opml":
            line = error.object[: error.start].count(b"\n") + 1
            return [SourceError(name, line, "not UTF-8")]
    return check_sources(_read(text, content, name), name)


def list_format(name: str, text: str) -> str:
    """``text``, ``opml``, ``csv``, ``toml`` or ``yaml``: by the name's ending, else by what stands in ``text``."""
    known = FORMATS.get(PurePosixPath(name).suffix.lower())
    head = text[:SNIFFED_CHARACTERS].lstrip("\ufeff")
    return known or next((form for form, sign in _SIGNS if sign.search(head)), "text")


def _decoded(content: str | bytes) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what spreadsheets export as Unicode text
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def _replaced(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("utf-8", "replace")


def _read(text: str, content: str | bytes, name: str) -> RawList:
    match list_format(name, text):
        case "opml":
            return read_opml(content, name)
        case "csv":
            return read_csv(text, name)
        case "toml":
            return read_toml(text, name)
        case "yaml":
            return read_yaml(text, name)
        case _:
            return read_text(text)
