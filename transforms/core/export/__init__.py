"""An article as others write it: IPTC ninjs, schema.org JSON-LD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.article import Article
from transforms.core.export.jsonld import jsonld
from transforms.core.export.ninjs import ninjs

FORMATS: Mapping[str, Callable[[Article], dict[str, Any]]] = {"jsonld": jsonld, "ninjs": ninjs}
"""Name to the function that makes an article's object."""
