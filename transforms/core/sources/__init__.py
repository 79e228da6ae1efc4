"""Source lists: text, OPML, CSV, TOML or YAML in, checked ``SourceSpec`` records or errors with line numbers out."""

from transforms.core.sources.reader import read_source_list
from transforms.core.sources.records import SourceError, SourceKind, SourceList, SourceSpec
from transforms.core.sources.writing import LIST_FORMATS, write_source_list

__all__ = [
    "LIST_FORMATS",
    "SourceError",
    "SourceKind",
    "SourceList",
    "SourceSpec",
    "read_source_list",
    "write_source_list",
]
