"""From a page to its story: the order of the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from schemas.article import Boilerplate, Embed
from schemas.hops import Page, Story
from schemas.outcome import OutcomeKind, Problem
from transforms.core import charset
from transforms.core.extraction import details, jsonld, markup, media, notices, screening, wide
from transforms.core.extraction.authors import choose_authors
from transforms.core.extraction.boilerplate import boilerplate
from transforms.core.extraction.bylines import byline_of, date_lines, printed_bylines, signature_lines
from transforms.core.extraction.candidates import Text, pick_text
from transforms.core.extraction.choice import Choice
from transforms.core.extraction.dateline import dateline_of
from transforms.core.extraction.dates import choose_dates
from transforms.core.extraction.datesearch import search_date
from transforms.core.extraction.datesearch import warm as warm_dates
from transforms.core.extraction.dom.cuts import cut_embeds
from transforms.core.extraction.dom.head import read_head
from transforms.core.extraction.dom.parse import PARSER_FAILURES, parse
from transforms.core.extraction.dom.rules import cut_by, taken_by
from transforms.core.extraction.dom.walk import Walked, walk
from transforms.core.extraction.facts import Facts, canonical_url, page_urls
from transforms.core.extraction.headline import choose_headline
from transforms.core.extraction.lies import Suspect, lie_of_story, lie_of_stub
from transforms.core.extraction.linked import find_article
from transforms.core.extraction.live import live_updates
from transforms.core.extraction.pagetype import is_closed, page_type
from transforms.core.extraction.prose import is_dense, letters
from transforms.core.extraction.reasons import Body, Known
from transforms.core.extraction.site_rules import NO_RULE, SiteRule, SiteRules, shipped
from transforms.core.extraction.ticker import printed_updates
from transforms.core.extraction.wall_words import PAYWALL

STORY_LETTERS = 150
DENSE_STORY_LETTERS = 60
"""Letters that make a story: a brief has two sentences.  Media Cloud counts less than 200 characters as a failure."""

TEASER_LETTERS = 300
DENSE_TEASER_LETTERS = 120
"""Two sentences: what a subscriber's page shows to others is no story below this."""

MAX_TRACE = 8192
WALL_TAIL = 20_000


@dataclass(frozen=True, slots=True)
class _Read:
    """A page taken apart: what it states, its tree and its blocks."""

    facts: Facts
    tree: Any
    walked: Walked
    embeds: tuple[Embed, ...]
    scripts: tuple[str, ...]
    taken: frozenset[int]
    ruled_out: tuple[str, ...]


def warm() -> None:
    """Load what costs at first use (about 3 s), so that a first bundle does not look hung."""
    wide.warm()
    warm_dates()


def extract_story(page: Page, *, now: datetime, rules: SiteRules | None = None) -> Story | Problem:
    """The story of a page, or why there is none.

    ``now`` (aware, UTC) bounds the dates that are believed: nothing later than 48 hours after it.  ``rules`` are those
    for single sites, by default the ones that come with the package.  Bad input gives a ``Problem``; only a fault of
    this program raises.
    """
    problem = screening.not_a_page(page.payload, page.fetch.content_type)
    if problem is not None:
        return problem
    decoded = charset.decode(page.payload, page.fetch.content_type)
    reduced = markup.reduce(decoded.text)
    problem = screening.not_markup(reduced.html) or markup.excess(reduced.html)
    if problem is not None:
        return problem
    try:
        tree = parse(reduced.html)
    except PARSER_FAILURES as error:
        return Problem(
            OutcomeKind.MALFORMED, f"no tree can be made of it: {error}"[:200], error_type=type(error).__name__
        )
    rule = (rules or shipped()).of(page.fetch.final_url or page.request.url)
    return _story(_read(page, tree, reduced, rule), decoded, now)


def _read(page: Page, tree: Any, reduced: markup.Markup, rule: SiteRule = NO_RULE) -> _Read:
    head = read_head(tree)
    found, _ = jsonld.read(reduced.json_ld)
    facts = Facts(page, head, found, find_article(found, page_urls(page, head)))
    ruled_out = tuple(cut_by(tree, rule.cut)) if rule.cut else ()
    embeds = tuple(cut_embeds(tree))
    walked, wanted = walk(tree), taken_by(tree, rule.take) if rule.take else frozenset()
    taken = frozenset(node for node, element in enumerate(walked.elements) if element in wanted) if wanted else wanted
    return _Read(facts, tree, walked, embeds, reduced.scripts, taken, ruled_out)


def _story(read: _Read, decoded: charset.Decoded, now: datetime) -> Story | Problem:
    facts = read.facts
    headline = choose_headline(facts)
    stated = choose_authors(facts, ())
    names = tuple(author.name for author in stated.names)
    is_signed = bool(names) and not stated.flags
    known = Known(headline.value or "", details.stated_description(facts), names, is_signed, read.taken)
    text = pick_text(read.walked, read.tree, facts, known, read.scripts)
    problem = _no_story(read, known.headline, text)
    if problem is not None:
        return problem
    written = _written(read, text, headline, now)
    return replace(written, charset=decoded.charset, charset_source=decoded.source)


def _written(read: _Read, text: Text, headline: Choice[str], now: datetime) -> Story:
    facts, outline, body = read.facts, read.walked.outline, text.body
    title = headline.value or ""
    authors = choose_authors(facts, printed_bylines(outline, body, title), signature_lines(outline, body, title))
    printed = date_lines(outline, body, title)
    dates = choose_dates(facts, now, printed, partial(search_date, read.tree, facts.url, now))
    url = canonical_url(facts)
    description = details.choose_description(facts, " ".join(block.text for block in body.standfirst) or None)
    section, language = details.choose_section(facts), details.declared_language(facts)
    updates, images = (
        live_updates(facts) or printed_updates(facts, outline, body, title),
        media.images(facts, outline, body),
    )
    byline = byline_of(outline, body, title, [author.name for author in authors.names])
    told = [byline, *(f"{image.caption or ''}{image.credit or ''}" for image in images)]
    chosen = (headline, url, description, section, language)
    return Story(
        text=text.text,
        canonical_url=url.value or facts.url,
        type=details.story_type(facts),
        headline=headline.value,
        description=description.value,
        language_declared=language.value,
        authors=authors.names,
        byline=byline,
        dateline=_dateline(text),
        published_at=dates.published.at if dates.published else None,
        published_precision=dates.published.precision if dates.published else None,
        modified_at=dates.modified.at if dates.modified else None,
        section=section.value,
        keywords=details.keywords(facts),
        images=images,
        embeds=media.embeds_in(outline, body, read.embeds),
        boilerplate=(*boilerplate(body, told), *(Boilerplate("promo", text) for text in read.ruled_out)),
        links=media.links(facts, body.blocks),
        live_updates=updates,
        corrections=notices.notices(_lines_near(body)),
        rights=details.rights(facts),
        site_name=facts.site_name,
        page_type=page_type(facts, text, updates, images, read.embeds),
        extractor=text.extractor,
        flags=(*text.flags, *_size_flag(text.text), *dates.flags, *authors.flags),
        provenance=(*details.provenance_of(*chosen), *filter(None, [authors.provenance]), *dates.provenance),
    )


def _size_flag(text: str) -> tuple[str, ...]:
    least = DENSE_TEASER_LETTERS if is_dense(text) else TEASER_LETTERS
    return ("short_text",) if len(letters(text)) < least else ()


def _dateline(text: Text) -> str | None:
    """The place that opens the story, under its standfirst."""
    lead = {block.index for block in text.body.standfirst}
    first = next((block.text for block in text.body.blocks if block.index not in lead), text.text)
    return dateline_of(first) or dateline_of(text.text)


def _no_story(read: _Read, headline: str, text: Text) -> Problem | None:
    """Why a page without enough text, or with a wall for text, has no story."""
    size = len(letters(text.text))
    enough = DENSE_STORY_LETTERS if is_dense(text.text) else STORY_LETTERS
    teaser = DENSE_TEASER_LETTERS if is_dense(text.text) else TEASER_LETTERS
    if size < teaser and is_closed(read.facts, text):
        return Problem(OutcomeKind.PAYWALL_STUB, f"{size} letters of text, and a call to subscribe")
    suspect = Suspect(read.facts, read.walked.outline, headline, text.text, text.body.blocks)
    problem = lie_of_story(suspect) if size >= enough else lie_of_stub(suspect)
    if problem is not None or size >= enough:
        return problem
    if text.failure is not None:
        return Problem(
            OutcomeKind.CRASHED,
            "trafilatura failed",
            error_type=text.failure[0],
            traceback=text.failure[1][-MAX_TRACE:],
        )
    if details.rights(read.facts).is_accessible_for_free is False or PAYWALL.search(suspect.printed[-WALL_TAIL:]):
        return Problem(OutcomeKind.PAYWALL_STUB, f"{size} letters of text, and a call to subscribe")
    return Problem(OutcomeKind.NO_TEXT, f"{size} letters of text, {enough} make a story")


def _lines_near(body: Body) -> list[str]:
    blocks = [*body.blocks, *(block for block, _ in body.rejected)]
    return [block.text for block in sorted(blocks, key=lambda block: block.index)]
