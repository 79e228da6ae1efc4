"""An article that is annotated anew: is it another version, or as it was?"""

from __future__ import annotations

from dataclasses import replace

from schemas.article import Article
from schemas.outcome import OutcomeKind, Problem
from transforms.core.identity import version_id
from transforms.core.versions import REPLACE

ANNOTATION_FIELDS = ("entities", "quotations", "embeds", "boilerplate")
"""What annotation makes.  A newer model or rule that finds the same is no change: ``enrichers`` does not count."""


def changed_annotations(before: Article, after: Article) -> tuple[str, ...]:
    """The names of the annotation fields in which two rows of one article differ."""
    return tuple(name for name in ANNOTATION_FIELDS if getattr(before, name) != getattr(after, name))


def next_version(before: Article, after: Article) -> Article | Problem:
    """``after`` as the version that follows ``before``; ``unchanged`` where its annotations are the same."""
    changed = changed_annotations(before, after)
    if not changed:
        return Problem(OutcomeKind.UNCHANGED, f"annotated as in version {before.version}")
    return replace(
        after,
        version=before.version + 1,
        action=REPLACE,
        previous_version_id=before.version_id,
        changed_fields=changed,
        version_id=version_id(before.article_id, before.content_hash, before.version_id),
    )
