"""From a page to its story: text, headline, authors, dates, pictures, with where each value came from.

The two functions here import what they need when they are called: whoever only wants a small module of this package
(`markup`, `dom.parse`) does not load trafilatura with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from schemas.hops import Page, Story
from schemas.outcome import Problem

if TYPE_CHECKING:
    from transforms.core.extraction.site_rules import SiteRules

__all__ = ["extract_story", "warm"]


def warm() -> None:
    """Loads what costs at first use: see `transforms.core.extraction.story.warm`."""
    from transforms.core.extraction import story

    story.warm()


def extract_story(page: Page, *, now: datetime, rules: SiteRules | None = None) -> Story | Problem:
    """The story of a page, or why there is none: see `transforms.core.extraction.story.extract_story`."""
    from transforms.core.extraction import story

    return story.extract_story(page, now=now, rules=rules)
