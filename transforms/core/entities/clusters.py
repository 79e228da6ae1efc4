"""Which names mean the same: clusters in the order of first mention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.article import Entity, Mention
from transforms.core.entities.bodies import body_groups
from transforms.core.entities.names import NameSpan
from transforms.core.entities.persons import person_groups
from transforms.core.entities.same import parts_of


@dataclass(frozen=True, slots=True)
class Cluster:
    """All mentions of one person, body or place, with its fullest name and its type by vote."""

    name: str
    type: str
    mentions: tuple[NameSpan, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other forms, in order of first mention."""
        return tuple(dict.fromkeys(mention.text for mention in self.mentions if mention.text != self.name))


@dataclass(frozen=True, slots=True)
class Link:
    """What a cluster is in the world: ``uri``, and how sure that is, 0 to 1."""

    uri: str
    confidence: float


def clusters_of(spans: Sequence[NameSpan], sources: Mapping[str, str]) -> tuple[Cluster, ...]:
    """Clusters of the names in a document; mentions of the headline come first.

    ``sources`` are the text and the headline by the name of their field.
    """
    ordered = sorted(spans, key=_place)
    people = [span for span in ordered if span.label == "PERSON"]
    others = [span for span in ordered if span.label != "PERSON"]
    groups = [*person_groups(people, sources), *body_groups(others, sources)]
    return tuple(sorted((_cluster(sorted(members, key=_place)) for members in groups), key=_first_place))


def entities_of(clusters: Sequence[Cluster], links: Iterable[Link | None] = ()) -> tuple[Entity, ...]:
    """The clusters as stored: ids e1, e2 … in order of first mention; ``links`` has one for each cluster, or none."""
    made = tuple(_entity(number, cluster) for number, cluster in enumerate(clusters, 1))
    linked = [
        replace(entity, uri=link.uri, link_confidence=link.confidence) if link else entity
        for entity, link in zip(made, links, strict=False)
    ]
    return (*linked, *made[len(linked) :])


def _entity(number: int, cluster: Cluster) -> Entity:
    return Entity(
        id=f"e{number}",
        name=cluster.name,
        type=cluster.type,
        aliases=cluster.aliases,
        mentions=tuple(Mention(span.start, span.end, span.text, span.field) for span in cluster.mentions),
    )


def _place(span: NameSpan) -> tuple[bool, int, int]:
    return (span.field == "text", span.start, span.end)


def _first_place(cluster: Cluster) -> tuple[bool, int, int]:
    return _place(cluster.mentions[0])


def _cluster(mentions: list[NameSpan]) -> Cluster:
    fullest = max(mentions, key=_fullness)
    votes = Counter(mention.label for mention in mentions)
    elected = max(votes, key=lambda label: (votes[label], label))
    return Cluster(fullest.text, elected, tuple(mentions))


def _fullness(span: NameSpan) -> tuple[int, int, bool]:
    """More words, then more letters, then not all in capitals."""
    return (len(parts_of(span.text)), len(span.text), not span.text.isupper())
