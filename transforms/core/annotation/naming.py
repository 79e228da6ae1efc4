"""From the spans of a model to the clusters of a document and what they are in the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transforms.core.entities import Cluster, Link, NameSpan, clusters_of, names_in
from transforms.core.geography import country_of
from transforms.core.watchlists import Watchlist, linked, with_watched

LINKED_TO_COUNTRIES = frozenset({"GPE", "LOC", "NORP"})


def named(
    spans: Sequence[NameSpan], sources: Mapping[str, str], language: str, watchlist: Watchlist | None
) -> tuple[tuple[Cluster, ...], tuple[Link | None, ...]]:
    """(clusters, the link of each).  A newsroom's own entry goes before a country."""
    names = names_in(spans, sources, language)
    if watchlist is None:
        clusters = clusters_of(names, sources)
        return clusters, tuple(_country(cluster, language) for cluster in clusters)
    sightings = {field: tuple(watchlist.sightings(source)) for field, source in sources.items()}
    clusters = clusters_of(with_watched(names, sightings, watchlist, sources), sources)
    links = linked(clusters, sightings, watchlist, sources)
    return clusters, tuple(link or _country(cluster, language) for cluster, link in zip(clusters, links, strict=True))


def _country(cluster: Cluster, language: str) -> Link | None:
    if cluster.type not in LINKED_TO_COUNTRIES:
        return None
    return next(_countries(cluster, language), None)


def _countries(cluster: Cluster, language: str) -> Iterator[Link]:
    for form in (cluster.name, *cluster.aliases):
        country = country_of(form, language)
        if country is not None and (country.kind == "people") == (cluster.type == "NORP"):
            yield Link(country.uri, country.confidence)
