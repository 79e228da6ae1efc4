"""Names in a story: cleaned, clustered and typed, in the order of first mention."""

from __future__ import annotations

from transforms.core.entities.agree import agreed, with_speakers
from transforms.core.entities.clean import cleaned
from transforms.core.entities.clusters import Cluster, clusters_of, entities_of
from transforms.core.entities.names import NameSpan
from transforms.core.entities.people import Gender, Person, people_of

__all__ = [
    "Cluster",
    "Gender",
    "NameSpan",
    "Person",
    "agreed",
    "cleaned",
    "clusters_of",
    "entities_of",
    "people_of",
    "with_speakers",
]
