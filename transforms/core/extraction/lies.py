"""Answers that say 200 and hold no article: walls, missing pages, empty shells, and the front page.

A false alarm loses a story, a miss only writes a poor one, so a page that states that it is an article is believed,
and against a text of an article's length words alone count for little: they must make up the page's heading, or open
a page on which nothing is dated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from schemas.outcome import OutcomeKind, Problem
from transforms.core import charset
from transforms.core.extraction import markup, wall_words
from transforms.core.extraction.facts import Facts, page_urls
from transforms.core.extraction.linked import LinkedArticle
from transforms.core.extraction.listing import MIN_TEASERS, has_headline, listing_of
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.prose import letters
from transforms.core.feeds.text import plain_text

WALL_CHARS = 1200
"""Text up to which a page's words may make it a wall; walls say little, and stories about walls say more."""

MAX_WALL_LETTERS = 800
"""Letters from which a text is no wall, whatever its page is called."""

OPENING = 200
"""Characters of a text in which a wall says what it is; what a story says later is its own."""

HEADING_SHARE = 0.6
"""How much of a heading a wall's words must be: a story's headline has words of its own (judged)."""

SHELL_LETTERS = 60
FORM_LETTERS = 300
"""Letters that a page prints around scripts that will fill it, and around a form to log in (judged)."""

MAX_SEEN_BYTES = 500_000
MAX_SEEN_MARKUP = 60_000
MAX_SEEN = 10_000
"""Bytes of a page in which markers are looked for, characters of its markup, and of what it prints: walls are small."""

MAX_HEADING = 500
MAX_HEADINGS = 10

_SEPARATOR = re.compile(r"\s[|–—·•»«:-]+\s|\s*\|\s*")
_SCRIPT_FILE = re.compile(
    rb"<script\b[^>]{0,300}?\ssrc\s*=|id=[\"']?(?:root|app|__next|__nuxt|main-app)\b", re.IGNORECASE
)
_JAVASCRIPT = re.compile(r"java ?script|جافا ?سكر[یي]بت", re.IGNORECASE)
_PASSWORD = re.compile(rb"<input\b[^>]{0,300}?type\s*=\s*[\"']?password", re.IGNORECASE)
_OF_A_PART = re.compile(
    r"[^.!?\n]{0,80}(?:comment|kommentar|coment|disqus|video|vídeo|player)[^.!?\n]{0,80}", re.IGNORECASE
)
_STORY_KINDS = ("Article", "Posting")
_DATE_KEYS = re.compile(r"published|modified|date|datum|fecha")

_WALLS = (
    (OutcomeKind.BOT_WALL, wall_words.BOT),
    (OutcomeKind.SOFT_404, wall_words.MISSING),
    (OutcomeKind.NEEDS_JAVASCRIPT, wall_words.SCRIPT),
    (OutcomeKind.CONSENT_PAGE, wall_words.CONSENT),
    (OutcomeKind.LOGIN_WALL, wall_words.LOGIN),
)

_HEADED = frozenset({OutcomeKind.NEEDS_JAVASCRIPT, OutcomeKind.LOGIN_WALL})
"""What a story under a headline of its own may tell its readers to do."""


@dataclass(frozen=True)
class Suspect:
    """A page, the text that was taken for its story, and the blocks of that."""

    facts: Facts
    outline: Outline
    headline: str
    text: str
    blocks: tuple[Block, ...]

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Each part of the title, and each heading of the first order."""
        title = (self.facts.head.title or "")[:MAX_HEADING]
        parts = (*_SEPARATOR.split(title), title, self.headline[:MAX_HEADING], *self.facts.head.headings[:MAX_HEADINGS])
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))

    @cached_property
    def printed(self) -> str:
        """The texts of the page without its navigation and its footer."""
        return " ".join(block.text for block in self.outline.blocks)

    @cached_property
    def seen(self) -> str:
        """What the page prints where no script runs, from its beginning."""
        page = self.facts.page
        html = charset.decode(page.payload[:MAX_SEEN_BYTES], page.fetch.content_type).text
        reduced = markup.reduce(html).html
        return plain_text((reduced.partition("<body")[2] or reduced)[:MAX_SEEN_MARKUP])[:MAX_SEEN]

    @property
    def states_article(self) -> bool:
        """Whether the page says in its markup that it is an article."""
        metas = self.facts.head
        return (
            self.is_linked_story or metas.first("og:type") == "article" or bool(metas.first("article:published_time"))
        )

    @property
    def is_linked_story(self) -> bool:
        """Whether its JSON-LD says so; among the stories of a list, only one with the page's own address counts."""
        article = self.facts.article
        if article is None or not article.is_story:
            return False
        stories = sum(any(kind.endswith(_STORY_KINDS) for kind in one.types) for one in self.facts.found)
        return stories < MIN_TEASERS or not page_urls(self.facts.page, self.facts.head).isdisjoint(_addresses(article))

    @property
    def is_dated(self) -> bool:
        """Whether anything on the page has a date."""
        keys = (key for key, _ in self.facts.head.metas)
        return any(item.name == "time" or "date" in item.name for item in self.facts.head.items) or any(
            _DATE_KEYS.search(key) for key in keys
        )


def _addresses(article: LinkedArticle) -> set[str]:
    page = article.raw("mainEntityOfPage")
    of_page = page.get("@id") or page.get("url") if isinstance(page, dict) else page
    return {address for address in (article.text("url", "@id"), of_page) if isinstance(address, str)}


def lie_of_story(suspect: Suspect) -> Problem | None:
    """What stands in the place of the story, where the text is as long as a story's."""
    if suspect.is_linked_story:
        return None
    problem = _heading_lie(suspect) or _opening_lie(suspect)
    if problem is not None or suspect.states_article:
        return problem
    listing = listing_of(suspect.facts, suspect.outline, suspect.blocks)
    return Problem(OutcomeKind.HOME_PAGE, listing) if listing else None


def lie_of_stub(suspect: Suspect) -> Problem | None:
    """What stands in the place of the story, where there is no text to speak of: anything that says so counts."""
    marker = wall_words.BOT_MARKERS.search(suspect.facts.page.payload[:MAX_SEEN_BYTES])
    if marker is not None and len(suspect.seen) <= WALL_CHARS:
        return Problem(OutcomeKind.BOT_WALL, f"the page holds {marker[0].decode('ascii')}")
    if any(wall_words.BOT_TITLES.fullmatch(heading.strip(" .…!")) for heading in suspect.headings):
        return Problem(OutcomeKind.BOT_WALL, f"the page is called “{suspect.headings[0][:80]}”")
    said = suspect.printed if len(letters(suspect.printed)) > SHELL_LETTERS else suspect.seen
    if len(said) > WALL_CHARS:
        said = ""
    for kind, pattern in _WALLS:
        problem = _said(kind, pattern, *suspect.headings, said)
        if problem is not None:
            return problem
    return _shell(suspect)


def _heading_lie(suspect: Suspect) -> Problem | None:
    """A heading that is nothing but a wall's words."""
    if suspect.states_article or len(suspect.text) > WALL_CHARS:
        return None
    for heading in suspect.headings:
        for kind, pattern in _WALLS:
            match = pattern.search(heading)
            if match is not None and len(letters(match[0])) >= HEADING_SHARE * len(letters(heading)):
                return _told(kind, heading)
        if wall_words.BOT_TITLES.fullmatch(heading.strip(" .…!")):
            return _told(OutcomeKind.BOT_WALL, heading)
    return None


def _opening_lie(suspect: Suspect) -> Problem | None:
    """A short, undated text that opens with a wall's words."""
    is_long = len(letters(suspect.text)) >= MAX_WALL_LETTERS or len(suspect.text) > WALL_CHARS
    if is_long or suspect.states_article or suspect.is_dated:
        return None
    is_headed = has_headline(suspect.facts, suspect.outline)
    problems = (_said(kind, pattern, suspect.text[:OPENING]) for kind, pattern in _WALLS)
    return next((one for one in problems if one is not None and not (is_headed and one.kind in _HEADED)), None)


def _shell(suspect: Suspect) -> Problem | None:
    """A page that says next to nothing: one for scripts to fill, or a form."""
    payload, size = suspect.facts.page.payload[:MAX_SEEN_BYTES], len(letters(suspect.seen))
    if size <= WALL_CHARS and _JAVASCRIPT.search(_OF_A_PART.sub("", suspect.seen)):
        return Problem(OutcomeKind.NEEDS_JAVASCRIPT, "the page asks for JavaScript")
    if size <= FORM_LETTERS and _PASSWORD.search(payload):
        return Problem(OutcomeKind.LOGIN_WALL, "a form with a password")
    if size <= SHELL_LETTERS and _SCRIPT_FILE.search(payload):
        return Problem(OutcomeKind.NEEDS_JAVASCRIPT, f"{size} letters of text, and scripts that fill the page")
    listing = listing_of(suspect.facts, suspect.outline, suspect.blocks)
    return Problem(OutcomeKind.HOME_PAGE, listing) if listing and not suspect.states_article else None


def _said(kind: OutcomeKind, pattern: re.Pattern[str], *texts: str) -> Problem | None:
    match = next((match for text in texts if (match := pattern.search(text))), None)
    return _told(kind, match[0]) if match else None


def _told(kind: OutcomeKind, words: str) -> Problem:
    return Problem(kind, f"the page says “{words[:80]}”")
