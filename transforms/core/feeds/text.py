"""Cleaning of what feeds print: titles and summaries become plain text, content stays HTML, scrubbed."""

from __future__ import annotations

import html
import re

_HTML_NAMES = (
    "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption center"
    " cite code col colgroup data dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font"
    " footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link"
    " main map mark meta meter nav nobr noscript object ol optgroup option output p param picture pre progress q rp rt"
    " ruby s samp script section select small source span strike strong style sub summary sup svg table tbody td"
    " template textarea tfoot th thead time title tr track tt u ul var video wbr"
)
HTML_ELEMENTS = frozenset(_HTML_NAMES.split())
"""Only these are taken for tags: ``<5 %`` and a work's title in angle brackets are text."""

_INLINE_NAMES = (
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd label mark nobr q s samp small span strike strong"
    " sub sup time tt u var wbr"
)
INLINE_ELEMENTS = frozenset(_INLINE_NAMES.split())
"""These do not part words; every other tag does."""

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ATTRIBUTES = r"""(?:[\s/](?:"[^"]*"|'[^']*'|[^<>"'])*)?"""
_TAG = re.compile(rf"</?([A-Za-z][A-Za-z0-9]*){_ATTRIBUTES}>")
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>", re.IGNORECASE)


def scrub(text: str) -> str:
    """``text`` without NUL, control characters and noncharacters; lone surrogates become U+FFFD.

    Tabs and line breaks stay: in HTML they part words.
    """
    return _UNWANTED.sub(lambda match: "\N{REPLACEMENT CHARACTER}" if match[0] >= "\ud800" else "", text)


def fold(text: str) -> str:
    """``text`` scrubbed and with every run of whitespace as one space."""
    return " ".join(scrub(text).split())


def plain_text(markup: str) -> str:
    """The words of a title or summary: tags stripped, entities resolved once, whitespace folded."""
    visible = _TAG.sub(_gap_for_tag, _without_hidden(_without_comments(markup)))
    return fold(_ENTITY.sub(lambda match: html.unescape(match[0]), visible))


def plain_text_or_none(markup: str | None) -> str | None:
    """As ``plain_text``; None where nothing is left."""
    return plain_text(markup) or None if markup else None


def _gap_for_tag(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name not in HTML_ELEMENTS:
        return tag[0]
    return "" if name in INLINE_ELEMENTS else " "


def _without_comments(markup: str) -> str:
    kept = []
    position = 0
    while (opening := markup.find("<!--", position)) >= 0:
        kept.append(markup[position:opening])
        closing = markup.find("-->", opening + 4)
        position = closing + 3 if closing >= 0 else len(markup)
    return "".join(kept) + markup[position:]


def _without_hidden(markup: str) -> str:
    """Scripts and styles go with what they hold; one that never ends takes the rest with it."""
    kept = []
    position = 0
    while opening := _HIDDEN.search(markup, position):
        kept.append(markup[position : opening.start()])
        closing = re.compile(rf"</{opening[1]}\s*>", re.IGNORECASE).search(markup, opening.end())
        position = closing.end() if closing else len(markup)
    return "".join(kept) + markup[position:]
