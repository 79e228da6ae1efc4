"""Names in a story: cleaned, clustered and typed, in the order of first mention."""

from __future__ import annotations

from transforms.core.entities.casing import recased
from transforms.core.entities.clusters import Cluster, Link, clusters_of, entities_of
from transforms.core.entities.document import names_in
from transforms.core.entities.names import NameSpan
from transforms.core.entities.people import Gender, Person, people_of
from transforms.core.entities.speakers import with_speakers

NAMES_VERSION = "2"
"""Goes up when the rules find other names in the same text."""

__all__ = [
    "NAMES_VERSION",
    "Cluster",
    "Gender",
    "Link",
    "NameSpan",
    "Person",
    "clusters_of",
    "entities_of",
    "names_in",
    "people_of",
    "recased",
    "with_speakers",
]
