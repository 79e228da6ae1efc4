"""What stands in a text but is not the reporter's: posts pasted in with their signature, and lines of promotion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from schemas.article import Boilerplate, Embed
from transforms.core.quotations.marks import Paragraph

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "janvier", "enero"),
            ("february", "feb", "février", "febrero"),
            ("march", "mar", "mars", "marzo"),
            ("april", "apr", "avril", "abril"),
            ("may", "mai", "mayo"),
            ("june", "jun", "juin", "junio"),
            ("july", "jul", "juillet", "julio"),
            ("august", "aug", "août", "agosto"),
            ("september", "sep", "sept", "septembre", "septiembre"),
            ("october", "oct", "octobre", "octubre"),
            ("november", "nov", "novembre", "noviembre"),
            ("december", "dec", "décembre", "diciembre"),
        ),
        1,
    )
    for name in names
}
SIGNATURE = re.compile(
    r"(?:[—–]|--?)\s*(?P<name>[^\n—@()]{1,80}?)\s*\(@(?P<handle>\w{1,30})\)[\s,]*"
    r"(?:(?P<month>[^\W\d_]{3,10})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>20\d\d)"
    r"|(?P<day2>\d{1,2})\.?\s+(?:de\s+)?(?P<month2>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(?P<year2>20\d\d))\s*\Z"
)
LINK = re.compile(r"(?:https?://)?(?:pic\.twitter\.com|t\.co)/\w+")
LONGEST_POST = 1_200
"""Characters of a line that may be a post; the longest seen in news pages had about 600."""
PROMOTION = (
    (
        "newsletter",
        re.compile(r"(?:sign up|subscribe|register)\b.{0,80}\bnewsletters?\b|get .{0,60}\bin your inbox\b", re.I),
    ),
    (
        "subscription",
        re.compile(r"subscribe (?:now|today|to)\b|already a subscriber\b|become a (?:member|subscriber)\b", re.I),
    ),
    ("advertisement", re.compile(r"(?:story continues below )?advertisement\W*\Z|scroll to continue\b", re.I)),
    (
        "read_more",
        re.compile(
            r"(?:read (?:more|also|next)|related(?: stor(?:y|ies))?|more from|see also|watch|listen)\s*(?::|\||\Z)",
            re.I,
        ),
    ),
    (
        "promo",
        re.compile(
            r"follow .{1,60}\bon (?:twitter|facebook|instagram|x)\b|click here (?:to|for)\b"
            r"|download (?:the|our) .{0,30}\bapp\b",
            re.I,
        ),
    ),
)
LONGEST_PROMOTION = 200


def posts_in(text: str, lines: Sequence[Paragraph]) -> tuple[Embed, ...]:
    """The posts whose signature ('— Name (@handle) May 4, 2021') stands in the text, with the words above it."""
    return tuple(_posts(text, lines))


def promotion_in(text: str, lines: Sequence[Paragraph]) -> tuple[Boilerplate, ...]:
    """Lines that ask the reader to subscribe, follow, click or read on."""
    return tuple(_promotion(text, lines))


def _posts(text: str, lines: Sequence[Paragraph]) -> Iterator[Embed]:
    for index, line in enumerate(lines):
        words = text[line.start : line.end]
        if len(words) > LONGEST_POST:
            continue
        signature = SIGNATURE.search(words)
        if signature is None:
            continue
        start = line.start
        if not words[: signature.start()].strip() and index > 0:
            start = lines[index - 1].start
        body = text[start : line.start + signature.start()].strip()
        yield _post(text, body, signature, (start, line.end))


def _post(text: str, body: str, signature: re.Match[str], span: tuple[int, int]) -> Embed:
    link = LINK.search(text, *span)
    address = link.group() if link else None
    return Embed(
        kind="social",
        provider="x",
        url=address if address is None or address.startswith("http") else f"https://{address}",
        text=body or None,
        author_name=signature["name"].strip(" \"“”'") or None,
        author_handle=signature["handle"],
        published_at=_date(signature),
        start_char=span[0],
        end_char=span[1],
    )


def _date(signature: re.Match[str]) -> datetime | None:
    """Midnight UTC of the day in the signature, which names no time."""
    month = MONTHS.get((signature["month"] or signature["month2"]).lower())
    day, year = int(signature["day"] or signature["day2"]), int(signature["year"] or signature["year2"])
    if month is None or not 1 <= day <= _days(month, year):
        return None
    return datetime(year, month, day, tzinfo=UTC)


def _days(month: int, year: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 else 28
    return 30 if month in {4, 6, 9, 11} else 31


def _promotion(text: str, lines: Sequence[Paragraph]) -> Iterator[Boilerplate]:
    for line in lines:
        words = text[line.start : line.end].strip()
        if len(words) > LONGEST_PROMOTION:
            continue
        kind = next((kind for kind, pattern in PROMOTION if pattern.match(words)), None)
        if kind is not None:
            yield Boilerplate(kind, text[line.start : line.end], line.start, line.end)
