"""Articles that their publisher took away: the row that says so."""

from __future__ import annotations

from schemas.article import SCHEMA_VERSION, Article, Fetch, Quality, Rights
from schemas.hops import PageRequest, Run
from schemas.outcome import Problem
from transforms.core.identity import content_hash, version_id
from transforms.core.revisits import GONE_STATUS, GONE_TWICE
from transforms.core.urls import normalise_url
from transforms.core.versions import DELETE


def is_withdrawn(request: PageRequest, problem: Problem) -> bool:
    """Whether the page of a known article is gone for the second time in a row: once may be a mishap."""
    known = request.known
    return (
        known is not None
        and known.article_id is not None
        and problem.status in GONE_STATUS
        and known.gone == GONE_TWICE - 1
    )


def withdrawn_article(request: PageRequest, article_id: str, status: int | None, run: Run) -> Article:
    """The row that takes back what was written of the page: without text, with the ids that the merge completes."""
    digest = content_hash(None, None)
    return Article(
        schema_version=SCHEMA_VERSION,
        article_id=article_id,
        version_id=version_id(article_id, digest),
        action=DELETE,
        url=request.url,
        canonical_url=normalise_url(request.url),
        source=request.source,
        discovery=request.discovery,
        first_seen_at=request.discovery.seen_at,
        ingested_at=run.now,
        content_hash=digest,
        rights=Rights(),
        quality=Quality(),
        run_id=run.run_id,
        pipeline_version=run.pipeline_version,
        fetch=Fetch(request.url, request.url, status=status),
    )
