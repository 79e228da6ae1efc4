"""The rules that a source list keeps whatever its format, and the errors where it does not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from transforms.core.sources.records import RawList, RawSource, SourceError, SourceKind, SourceList, SourceSpec
from transforms.core.urls import ANY_PORT, check_url

KEYS = ("url", "id", "name", "language", "interval", "tags", "notes", "kind", "file")

UNIT_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 604800}
MIN_INTERVAL_SECONDS = 60
MAX_INTERVAL_SECONDS = 30 * 86400
"""A feed polled less than monthly has lost its entries: windows of feeds span days."""

_INTERVAL = re.compile(r"\s*([0-9]{1,9})\s*([a-z]*)\s*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_ID = re.compile(r"[^\s\x00-\x1f/][^\s\x00-\x1f]{0,99}")


class BadValue(ValueError):
    """A value that cannot stand; the message is for the person who wrote the list."""


def check_sources(raw: RawList, name: str) -> SourceList | list[SourceError]:
    """The list if every source in it can stand, else all errors; a URL listed again is left out with a warning."""
    checked = [_spec(source, name) for source in raw.sources]
    specs = [found for found in checked if isinstance(found, SourceSpec)]
    faults = [error for found in checked if not isinstance(found, SourceSpec) for error in found]
    errors = [*raw.errors, *faults, *_repeated_ids(raw.sources, name)]
    if errors:
        return sorted(errors, key=lambda error: error.line)
    kept, repeated = _without_repeated_urls(specs, name)
    return SourceList(tuple(kept), (*raw.warnings, *repeated))


def _spec(raw: RawSource, name: str) -> SourceSpec | list[SourceError]:
    errors: list[SourceError] = []
    fields: dict[str, Any] = {"line": raw.line}
    for key, value in raw.values:
        try:
            fields.update(_field(key, value))
        except BadValue as error:
            errors.append(SourceError(name, raw.line_of(key), str(error)))
    if "url" not in fields and not any(key == "url" and value for key, value in raw.values):
        errors.append(SourceError(name, raw.line, "no url"))
    return errors or SourceSpec(**fields)


def _field(key: str, value: object) -> dict[str, object]:
    """A key as a field of ``SourceSpec``; an empty value is as good as none."""
    if key not in _READERS:
        raise BadValue(unknown_key(key))
    field, reader = _READERS[key]
    return {} if value is None or value == "" else {field: reader(value)}


def unknown_key(key: str, known: Iterable[str] = KEYS) -> str:
    """The message for a key that means nothing here, with the one that was probably meant."""
    nearest = difflib.get_close_matches(key.lower(), list(known), n=1)
    return f"unknown key {key!r}" + (f" (did you mean {nearest[0]!r}?)" if nearest else "")


def _url(value: object) -> str:
    url = _text("url", value)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadValue(f"not a URL: {url!r}") from error
    if parts.scheme not in ("http", "https"):
        scheme = f"unknown scheme {parts.scheme!r}" if "://" in url or ":" in url.split("/")[0] else "no scheme"
        raise BadValue(f"{scheme} in {url!r} (http or https)")
    if not parts.hostname or re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise BadValue(f"not a URL: {url!r}")
    if problem := check_url(url, ANY_PORT):
        raise BadValue(f"{problem.detail}: {url!r}")
    return url


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadValue(f"{key} must be a text, not {value!r}")
    return value.strip()


def _id(value: object) -> str:
    identifier = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text("id", value)
    if not _ID.fullmatch(identifier):
        raise BadValue(f"id {identifier!r} may hold neither spaces nor a leading slash, nor more than 100 characters")
    return identifier


def _language(value: object) -> str:
    if value is False:
        raise BadValue("language is false: YAML reads a bare no so, write 'no' in quotes for Norwegian")
    language = _text("language", value)
    if not _LANGUAGE.fullmatch(language):
        raise BadValue(f"language {language!r} is not a tag such as 'en' or 'pt-BR'")
    return language.replace("_", "-")


def _interval(value: object) -> int:
    """Seconds as a number, or a number with a unit: ``15min``, ``2h``, ``1d``."""
    match = _INTERVAL.fullmatch(str(value)) if isinstance(value, int | str) else None
    unit = UNIT_SECONDS.get(match[2].lower() or "s") if match else None
    if not match or unit is None or isinstance(value, bool):
        raise BadValue(f"interval {value!r} is neither seconds nor a number with s, min, h, d or w")
    seconds = int(match[1]) * unit
    if not MIN_INTERVAL_SECONDS <= seconds <= MAX_INTERVAL_SECONDS:
        raise BadValue(f"interval {value!r} is not between {MIN_INTERVAL_SECONDS} seconds and 30 days")
    return seconds


def _tags(value: object) -> tuple[str, ...]:
    """A list of texts, or one text whose tags are parted by commas or semicolons."""
    parts = re.split(r"[,;]", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise BadValue(f"tags must be texts, not {value!r}")
    stripped = (part.strip() for part in parts)
    return tuple(dict.fromkeys(tag for tag in stripped if tag))


def _kind(value: object) -> SourceKind:
    try:
        return SourceKind(_text("kind", value).lower())
    except ValueError as error:
        raise BadValue(f"kind {value!r} is none of {', '.join(SourceKind)}") from error


def _name(value: object) -> str:
    return _text("name", value)


def _file(value: object) -> str:
    return _text("file", value)


def _notes(value: object) -> str:
    return _text("notes", value)


_READERS = {
    "url": ("url", _url),
    "id": ("id", _id),
    "name": ("name", _name),
    "language": ("language", _language),
    "interval": ("interval_seconds", _interval),
    "tags": ("tags", _tags),
    "notes": ("notes", _notes),
    "kind": ("kind", _kind),
    "file": ("file", _file),
}


def _repeated_ids(raws: Iterable[RawSource], name: str) -> list[SourceError]:
    """Also among sources that have other faults, so that one reading tells all."""
    first: dict[str, int] = {}
    errors = []
    for raw in raws:
        line, printed = raw.line_of("id"), dict(raw.values).get("id")
        identifier = str(printed).strip() if printed is not None else ""
        if identifier and identifier in first:
            errors.append(SourceError(name, line, f"duplicate id {identifier!r} (first on line {first[identifier]})"))
        first.setdefault(identifier, line)
    return errors


def _without_repeated_urls(specs: Iterable[SourceSpec], name: str) -> tuple[list[SourceSpec], list[SourceError]]:
    first: dict[str, SourceSpec] = {}
    warnings = []
    for spec in specs:
        if spec.url in first:
            message = f"duplicate url {spec.url!r} (first on line {first[spec.url].line}), left out"
            warnings.append(SourceError(name, spec.line, message))
        first.setdefault(spec.url, spec)
    return list(first.values()), warnings
