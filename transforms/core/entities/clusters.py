"""Which names mean the same: clusters in the order of first mention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.article import Entity, Mention
from transforms.core.entities.names import NameSpan

SMALL_WORDS = frozenset({"of", "the", "and", "for", "de", "du", "des", "et", "y", "&", "on", "in"})


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


def clusters_of(spans: Sequence[NameSpan]) -> tuple[Cluster, ...]:
    """Clusters of the names in a document; mentions of the headline come first."""
    ordered = sorted(spans, key=_place)
    groups: dict[int, list[NameSpan]] = {}
    keys: list[tuple[str, ...]] = []
    for span in sorted(ordered, key=_longest_first):
        parts = _parts(span)
        home = _home(parts, span.label, keys, groups)
        if home is None:
            home = len(keys)
            keys.append(parts)
        groups.setdefault(home, []).append(span)
    made = [_cluster(sorted(members, key=_place)) for members in groups.values()]
    return tuple(sorted(made, key=_first_place))


def entities_of(clusters: Sequence[Cluster]) -> tuple[Entity, ...]:
    """The clusters as stored: ids e1, e2 … in order of first mention."""
    return tuple(
        Entity(
            id=f"e{number}",
            name=cluster.name,
            type=cluster.type,
            aliases=cluster.aliases,
            mentions=tuple(Mention(span.start, span.end, span.text, span.field) for span in cluster.mentions),
        )
        for number, cluster in enumerate(clusters, 1)
    )


def _place(span: NameSpan) -> tuple[bool, int, int]:
    return (span.field == "text", span.start, span.end)


def _first_place(cluster: Cluster) -> tuple[bool, int, int]:
    return _place(cluster.mentions[0])


def _longest_first(span: NameSpan) -> tuple[int, bool, int]:
    return (-len(_parts(span)), *_place(span)[:2])


def _parts(span: NameSpan) -> tuple[str, ...]:
    return tuple(span.text.casefold().replace("’", "'").split())


def _home(
    parts: tuple[str, ...], label: str, keys: list[tuple[str, ...]], groups: dict[int, list[NameSpan]]
) -> int | None:
    for index, key in enumerate(keys):
        if key == parts:
            return index
        is_person = label == "PERSON" or groups[index][0].label == "PERSON"
        if _is_short_form(parts, key) if is_person else _is_acronym(parts, key):
            return index
    return None


def _is_short_form(parts: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether ``parts`` is the surname or the given name of ``full``, or leaves out what stands between them."""
    if len(full) < 2:
        return False
    if len(parts) == 1:
        return parts[0] in (full[-1], full[0])
    return len(parts) < len(full) and (parts[0], parts[-1]) == (full[0], full[-1])


def _is_acronym(parts: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether ``parts`` is one word made of the initials of ``full``, small words left out or not."""
    if len(parts) != 1 or len(full) < 2 or len(parts[0].replace(".", "")) < 2:
        return False
    initials = "".join(word[0] for word in full)
    without_small = "".join(word[0] for word in full if word not in SMALL_WORDS)
    return parts[0].replace(".", "") in (initials, without_small)


def _cluster(mentions: list[NameSpan]) -> Cluster:
    fullest = max(mentions, key=_fullness)
    votes = Counter(mention.label for mention in mentions)
    elected = max(votes, key=lambda label: (votes[label], label))
    is_person = any(mention.label == "PERSON" and mention.text == fullest.text for mention in mentions)
    return Cluster(fullest.text, "PERSON" if is_person and len(_parts(fullest)) > 1 else elected, tuple(mentions))


def _fullness(span: NameSpan) -> tuple[int, int]:
    return (len(_parts(span)), len(span.text))
