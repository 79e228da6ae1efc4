"""Front pages, sections and other lists of stories that stand where one story should.

Their text is teasers: each paragraph belongs to a link to somewhere else.  A digest of the day is made the same way,
so the shape alone is no proof: the page must also have been reached by being sent away from the story, or call
itself something else than a story, or speak of another one, or have no headline of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from unicodedata import combining, normalize
from urllib.parse import SplitResult, unquote, urlsplit

from transforms.core.extraction.facts import Facts
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.prose import is_dense, is_prose, letters
from transforms.core.extraction.shape import HEADINGS
from transforms.core.urls import url_key

MIN_TEASERS = 4
TEASER_SHARE = 0.8
"""Teasers that make a list, and their share of the text (judged: no development page comes near either)."""

HEADLINE_LETTERS = 15
DENSE_HEADLINE_LETTERS = 6
"""Letters of a link that is a headline; shorter ones are names of sections."""

NEAR = 3
"""Blocks between a linked headline and its teaser: a label, a date."""

HEADLINE_LINK = 0.9

FRONT = "/"

MIN_WORDS = 3
LATIN = 0.8
MAX_HEADINGS = 10
MAX_TITLE = 1000

_WORD = re.compile(r"[^\W\d_]{4,}")
_LIST_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "OfferCatalog"})


def listing_of(facts: Facts, outline: Outline, blocks: Sequence[Block]) -> str | None:
    """Why the page is a list of stories, in a line; None where it is not known to be one.

    ``blocks`` are those of the text that was taken for the story; without any, the page's linked headlines count.
    """
    sent = _sent_away(facts)
    if sent == FRONT:
        return "the request for the story was sent to the front page"
    running = [block for block in blocks if block.tag not in HEADINGS]
    listed = _teasers(outline, running) if running else _headlines(outline)
    weight = sum(len(block.text) for block in running or listed)
    if len(listed) < MIN_TEASERS or sum(len(block.text) for block in listed) < TEASER_SHARE * weight:
        return None
    if sent is not None:
        return f"a list of {len(listed)} stories, to which the request was sent"
    is_odd = _calls_itself_a_list(facts) or _is_of_another_story(facts)
    if is_odd or not _has_headline(facts, outline, listed[0]):
        return f"a list of {len(listed)} stories"
    return None


def has_headline(facts: Facts, outline: Outline) -> bool:
    """Whether the page prints an unlinked heading of the first order that is longer than a section's name."""
    last = outline.blocks[-1] if outline.blocks else None
    return last is not None and _has_headline(facts, outline, last)


def _sent_away(facts: Facts) -> str | None:
    """The path to which a redirect led, where that is the front page or a folder above the story; else None."""
    asked, got = urlsplit(facts.page.request.url), urlsplit(facts.url)
    asked_path, got_path = asked.path.rstrip("/"), got.path.rstrip("/")
    if _host(asked) != _host(got) or got.query or not asked_path or asked_path == got_path:
        return None
    if got_path in ("", "/index.html", "/index.php", "/home"):
        return FRONT
    is_above = asked_path.startswith(f"{got_path}/") or got_path.count("/") == 1
    return got_path if is_above else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.").removeprefix("m.")


def _headlines(outline: Outline) -> list[Block]:
    """Blocks that are nothing but a headline linked to a page of its own."""
    linked = [block for block in outline.blocks if block.link_share >= HEADLINE_LINK and _is_headline(block.text)]
    return list({block.anchors[0].href if block.anchors else block.text: block for block in linked}.values())


def _teasers(outline: Outline, blocks: Sequence[Block]) -> list[Block]:
    """The blocks of the text that speak of another page, each of one of its own."""
    told = {block.index for block in blocks}
    repeated = _repeated_links(blocks)
    targets: dict[str, Block] = {}
    follows: list[Block] = []
    for block in blocks:
        target = _own_link(block, repeated) or _headline_before(outline, block, told)
        if target is not None and target not in targets:
            targets[target] = block
        elif target is not None:
            follows.append(block)  # a second paragraph of the same teaser
    return sorted([*targets.values(), *follows], key=lambda block: block.index) if len(targets) >= MIN_TEASERS else []


def _own_link(block: Block, repeated: frozenset[str]) -> str | None:
    """The target of a block that begins with a linked headline, or ends with the same words as the others do."""
    for anchor in block.anchors:
        if block.text.startswith(anchor.text) and _is_headline(anchor.text):
            return anchor.href
        if anchor.text in repeated:
            return anchor.href
    return None


def _repeated_links(blocks: Sequence[Block]) -> frozenset[str]:
    """Words that link to as many targets as there are blocks with them: "Read more", "Continue"."""
    links = {(anchor.text, anchor.href) for block in blocks for anchor in block.anchors if anchor.text.strip()}
    counts = Counter(text for text, _ in links)
    return frozenset(text for text, count in counts.items() if count >= MIN_TEASERS)


def _headline_before(outline: Outline, block: Block, told: set[int]) -> str | None:
    """The target of the linked headline over a block, with nothing of the text in between."""
    for before in reversed(outline.blocks[max(0, block.index - NEAR) : block.index]):
        if before.anchors and before.link_share >= HEADLINE_LINK and _is_headline(before.text):
            return before.anchors[0].href
        if before.index in told and is_prose(before.text):
            return None
    return None


def _is_headline(text: str) -> bool:
    return len(letters(text)) >= (DENSE_HEADLINE_LETTERS if is_dense(text) else HEADLINE_LETTERS)


def _calls_itself_a_list(facts: Facts) -> bool:
    """By its JSON-LD, or by the front page's address given as its own together with a website's type."""
    if any(_LIST_TYPES & set(one.types) and not one.is_listed for one in facts.found):
        return True
    own = [facts.absolute(link) for link in (facts.head.link("canonical"), facts.head.first("og:url")) if link]
    is_root = any(url and not urlsplit(url).path.strip("/") for url in own)
    return is_root and facts.head.first("og:type") in (None, "website") and url_key(facts.url).count("/") > 0


def _is_of_another_story(facts: Facts) -> bool:
    """Whether the page's title and headings have no word of the headline that the feed gives, or else of those in the
    address; words in an address are compared with Latin titles only."""
    told = " ".join(filter(None, (facts.head.title, facts.head.first("og:title"), *facts.head.headings[:MAX_HEADINGS])))
    title = facts.page.request.discovery.entry_title
    printed, wanted = _words(told), _words(title or unquote(urlsplit(facts.page.request.url).path))
    is_comparable = title is not None or sum(word.isascii() for word in printed) > LATIN * len(printed)
    return bool(printed) and len(wanted) >= MIN_WORDS and is_comparable and wanted.isdisjoint(printed)


def _words(text: str) -> set[str]:
    """Words of four letters and more without accents; pairs of characters where a script does not part words."""
    bare = "".join(one for one in normalize("NFKD", text[:MAX_TITLE].casefold()) if not combining(one))
    if is_dense(text):
        run = letters(bare)
        return {run[place : place + 2] for place in range(len(run) - 1)}
    return set(_WORD.findall(bare))


def _has_headline(facts: Facts, outline: Outline, first: Block) -> bool:
    """As `has_headline`, over the first of the stories that are listed."""
    over = [block for block in outline.blocks[: first.index + 1] if block.tag == "h1"]
    return any(_is_headline(block.text) and not block.anchors and not facts.is_site(block.text) for block in over)
