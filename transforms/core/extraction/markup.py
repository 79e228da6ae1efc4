"""A page's source before it is parsed: what can be cut from it unseen, and what is too much to parse at all.

Scripts and styles are most of a large page (development pages of 2.2 MB shrink to 90 KB), so they go before the parser
sees them.  Data in scripts is kept aside as strings.  Every scan here is linear in the length of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.outcome import OutcomeKind, Problem

MAX_CHARS = 4 * 1024 * 1024
"""Characters of markup left after scripts are gone; real news pages stay under 0.5 million."""

MAX_TAGS = 50_000
"""Count of ``<`` left after scripts are gone.  News pages have up to 5,300; 64,000 cost trafilatura 18 s."""

MAX_TAG_CHARS = 4_000
MAX_ATTRIBUTES = 500
"""One tag with 200,000 attributes keeps libxml2 busy for 150 s; a long tag with few (a data: URI) is harmless."""

MAX_JSON_LD = 40
"""Blocks of JSON-LD that are kept from one page."""

_OPEN = re.compile(r"<(script|style|svg|template)(?=[\s/>])|<!--", re.IGNORECASE)
_CLOSE = {
    name: re.compile(rf"</{name}\s*>" if name != "!--" else "-->", re.IGNORECASE)
    for name in ("script", "style", "svg", "template", "!--")
}
_JSON_LD = re.compile(r"type\s*=\s*[\"']?\s*application/ld\+json", re.IGNORECASE)
_UNPARSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TELEGRAM = re.compile(r"data-telegram-post\s*=\s*[\"']?([\w/.-]{3,80})")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PROLOG = re.compile(r"^\s*<\?xml[^>]*>")


@dataclass(frozen=True, slots=True)
class Markup:
    """A page ready to be parsed.  ``json_ld`` and ``scripts`` are the bodies of those elements, in page order."""

    html: str
    json_ld: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


def reduce(text: str) -> Markup:
    """Cut scripts, styles, drawings, templates and comments out of a page's source."""
    kept: list[str] = []
    json_ld: list[str] = []
    scripts: list[str] = []
    position = 0
    for part in _parts(text):
        kept.append(text[position : part.start])
        if part.name == "script":
            content = text[part.content : part.content_end]
            (json_ld if _JSON_LD.search(part.attributes) else scripts).append(content)
            kept.append(_post_of(part.attributes))
        position = part.end
    kept.append(text[position:])
    html = _UNPARSABLE.sub("", _PROLOG.sub("", "".join(kept), count=1))
    return Markup(html, tuple(json_ld[:MAX_JSON_LD]), tuple(scripts))


@dataclass(frozen=True, slots=True)
class _Part:
    """An element or comment to cut: positions in the source."""

    name: str
    attributes: str
    start: int
    content: int
    content_end: int
    end: int


def _parts(text: str) -> Iterator[_Part]:
    """What is to be cut, in page order; what is never closed stays for the parser, which knows how to end it."""
    position = 0
    unclosed: set[str] = set()
    while (match := _OPEN.search(text, position)) is not None:
        name = (match.group(1) or "!--").lower()
        head = match.end() if name == "!--" else text.find(">", match.end()) + 1
        if not head:
            return
        close = None if name in unclosed else _CLOSE[name].search(text, head)
        if close is None:
            unclosed.add(name)
            position = head
            continue
        yield _Part(name, text[match.end() : head], match.start(), head, close.start(), close.end())
        position = close.end()


def _post_of(attributes: str) -> str:
    """Telegram posts are embedded by a script that names them: what it would put there, as a quotation."""
    match = _TELEGRAM.search(attributes)
    return f'<blockquote class="telegram-post" cite="https://t.me/{match.group(1)}"></blockquote>' if match else ""


def excess(html: str) -> Problem | None:
    """Why a page's markup is more than a parser should be given, or None."""
    if len(html) > MAX_CHARS:
        return Problem(OutcomeKind.TOO_LARGE, f"{len(html)} characters of markup, {MAX_CHARS} are read")
    if (tags := html.count("<")) > MAX_TAGS:
        return Problem(OutcomeKind.TOO_LARGE, f"{tags} tags, {MAX_TAGS} are read")
    if any(len(piece) > MAX_TAG_CHARS and _attributes(piece) > MAX_ATTRIBUTES for piece in html.split(">")):
        return Problem(OutcomeKind.MALFORMED, f"a tag with more than {MAX_ATTRIBUTES} attributes")
    return None


def _attributes(piece: str) -> int:
    return len(_QUOTED.sub("", piece[piece.find("<") + 1 :]).split())
