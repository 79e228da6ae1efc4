"""Writing a source list, in every format that `read_source_list` reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence

from lxml import etree

from transforms.core.feeds.text import fold
from transforms.core.sources.records import SourceKind, SourceSpec


def write_source_list(specs: Sequence[SourceSpec], *, form: str, heading: str = "") -> str:
    """The list of ``specs`` in the format ``form``, one of `LIST_FORMATS`; notes are comments where it has comments.

    ``heading`` is one line about the list as a whole.  A list that is read back has the same URLs, kinds and, where
    the format has room for them, ids, names and languages: text has none, OPML no ids.
    """
    return _WRITERS[form](specs, fold(heading))


def _text(specs: Sequence[SourceSpec], heading: str) -> str:
    lines = [f"# {heading}"] if heading else []
    for spec in specs:
        kind = "Sitemap: " if spec.kind is SourceKind.SITEMAP else ""
        told = "; ".join(fold(part) for part in (spec.name, spec.notes) if part)
        lines.append(f"{kind}{spec.url}{f'  # {told}' if told else ''}")
    return "\n".join(lines) + "\n"


def _csv(specs: Sequence[SourceSpec], heading: str) -> str:  # noqa: ARG001 - CSV has no comments
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("url", "id", "name", "language", "kind", "notes"))
    for spec in specs:
        values = (spec.url, spec.id, spec.name, spec.language, spec.kind.value, spec.notes)
        writer.writerow([fold(value or "") for value in values])
    return file.getvalue()


def _toml(specs: Sequence[SourceSpec], heading: str) -> str:
    parts = [f"# {heading}\n"] if heading else []
    for spec in specs:
        lines = [f"{key} = {_quoted(value)}" for key, value in _fields(spec)]
        parts.append("\n".join(["[[source]]", *_comment(spec), *lines]) + "\n")
    return "\n".join(parts)


def _yaml(specs: Sequence[SourceSpec], heading: str) -> str:
    lines = [f"# {heading}"] if heading else []
    lines.append("sources:")
    for spec in specs:
        lines += [f"  {comment}" for comment in _comment(spec)]
        (first_key, first), *rest = _fields(spec)
        lines.append(f"  - {first_key}: {_quoted(first)}")
        lines += [f"    {key}: {_quoted(value)}" for key, value in rest]
    return "\n".join(lines) + "\n"


def _opml(specs: Sequence[SourceSpec], heading: str) -> str:
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = heading or "Sources"
    body = etree.SubElement(root, "body")
    for spec in specs:
        kind = "sitemap" if spec.kind is SourceKind.SITEMAP else "rss"
        given = {"language": spec.language, "description": spec.notes}
        told = {key: fold(value) for key, value in given.items() if value}
        etree.SubElement(body, "outline", type=kind, text=fold(spec.name or spec.url), xmlUrl=spec.url, **told)
    printed: str = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{printed}'


def _fields(spec: SourceSpec) -> Iterator[tuple[str, str]]:
    given = (("id", spec.id), ("url", spec.url), ("name", spec.name), ("language", spec.language), ("kind", spec.kind))
    return ((key, str(value)) for key, value in given if value)


def _comment(spec: SourceSpec) -> list[str]:
    return [f"# {fold(spec.notes)}"] if spec.notes else []


def _quoted(text: str) -> str:
    """JSON's quoted strings are those of TOML and YAML too, once control characters are gone."""
    return json.dumps(fold(text), ensure_ascii=False)


_WRITERS = {"toml": _toml, "yaml": _yaml, "csv": _csv, "opml": _opml, "text": _text}

LIST_FORMATS = tuple(_WRITERS)
