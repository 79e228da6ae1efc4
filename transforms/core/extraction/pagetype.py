"""What kind of page a story stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.article import Embed, Image, LiveUpdate
from transforms.core.extraction import details
from transforms.core.extraction.candidates import Text
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.prose import letters
from transforms.core.extraction.reasons import Reason

SHORT_LETTERS = 600
STUB_LETTERS = 1500
"""Letters up to which a video or gallery page is one, and a page with a call to subscribe is cut short by it."""

MANY_PICTURES = 5
"""Pictures from which a page with little text is a gallery."""

_VIDEO = re.compile(r"/(?:videos?|watch|mediathek|tv|av)(?:/|$)", re.IGNORECASE)


def page_type(
    facts: Facts, text: Text, updates: Sequence[LiveUpdate], images: Sequence[Image], embeds: Sequence[Embed]
) -> str:
    """live_blog, gallery, video, paywall_stub or article: by what the page says of itself, then by its shape."""
    kinds = facts.article.types if facts.article is not None else ()
    size = len(letters(text.text))
    if updates or "LiveBlogPosting" in kinds:
        return "live_blog"
    if size < SHORT_LETTERS and (len(images) >= MANY_PICTURES or any(kind.endswith("Gallery") for kind in kinds)):
        return "gallery"
    if size < SHORT_LETTERS and (_is_video(facts, kinds) or _is_round_a_player(facts, embeds)):
        return "video"
    if size < STUB_LETTERS and (is_closed(facts, text) or _ends_at_a_wall(facts, text)):
        return "paywall_stub"
    return "article"


def is_closed(facts: Facts, text: Text) -> bool:
    """Whether the page says that it is not free, and asks to subscribe where the story would go on."""
    asked = any(reason is Reason.SUBSCRIPTION for _, reason in text.body.rejected)
    return asked and details.rights(facts).is_accessible_for_free is False


def _is_video(facts: Facts, kinds: Sequence[str]) -> bool:
    return "VideoObject" in kinds or (facts.head.first("og:type") or "").startswith("video")


def _is_round_a_player(facts: Facts, embeds: Sequence[Embed]) -> bool:
    return _VIDEO.search(facts.url) is not None and any(embed.kind == "video" for embed in embeds)


def _ends_at_a_wall(facts: Facts, text: Text) -> bool:
    """Whether the story breaks off at a call to subscribe, on a page that does not say that it is free."""
    if details.rights(facts).is_accessible_for_free is True or not text.body.blocks:
        return False
    last = text.body.blocks[-1].index
    below = sorted((b.index, reason) for b, reason in text.body.rejected if b.index > last)
    return any(reason is Reason.SUBSCRIPTION for _, reason in below[:2])
