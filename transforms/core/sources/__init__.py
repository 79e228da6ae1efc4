"""Source lists: text, OPML, CSV, TOML or YAML in, checked ``SourceSpec`` records or errors with line numbers out."""

from transforms.core.sources.reader import read_source_list
from transforms.core.sources.records import SourceError, SourceKind, SourceList, SourceSpec

__all__ = ["SourceError", "SourceKind", "SourceList", "SourceSpec", "read_source_list"]
