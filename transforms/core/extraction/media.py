"""Pictures of a story with their captions and credits, links in its text, and the embeds that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.article import Embed, Image, Link
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.jsonld import strings
from transforms.core.extraction.outline import Block, Outline, Picture
from transforms.core.extraction.reasons import Body, Reason

MAX_IMAGES = 60
MAX_LINKS = 300
MAX_CAPTION = 1000
MIN_SENTENCE = 4
"""Characters from which what ends in a point is a sentence and no initial."""

LEAD_REACH = 25
"""Blocks before the first paragraph among which the lead picture stands."""

_FURNITURE = re.compile(
    r"(?:pixel|spacer|blank|avatar|gravatar|logo|icon|emoji|sprite|badge|1x1|placeholder|transparent|counter|vgwort)",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:(?<=[.\s(\[|])|^)[(\[]?(?:(?:photo(?:graph)?s?|pictures?|image|credits?|courtesy|fotos?|fotograf|bild|bilder"
    r"|bildquelle|bildrechte|quelle|source|crédits?|crédito|imagen|imagem|фото|zdjęcie|fot|ảnh|写真|사진|图)"
    r"(?: credits?| source| by| of)?\s*[:.©/|=：]+|photo(?:graph)? by|courtesy of|©|\(c\))\s*"
    r"(?P<who>[^()\[\]]{2,120}?)[)\]]?\s*$",
    re.IGNORECASE,
)
_AGENCY_TAIL = re.compile(
    r"[(\[|–—-]?\s*(?P<who>(?:[\w .\-]{2,50}\s?[/|]\s?)?(?:getty images|reuters|afp|ap|ap photo|epa|dpa"
    r"|shutterstock|alamy|pa|imago|picture alliance|tt|ntb"
    r"|scanpix|ansa|efe|anp|belga|istock|xinhua|tass)(?:\s?[/|]\s?[\w .\-]{2,50})*)\s*[)\]]?\s*$",
    re.IGNORECASE,
)


def images(facts: Facts, outline: Outline, body: Body) -> tuple[Image, ...]:
    """The lead picture and those in the story, each with what is printed under it."""
    found: dict[str, Image] = {}
    for url, alt in _lead(facts):
        found.setdefault(_same(url), Image(url, None, None, alt, True))
        break
    captions = _captions(outline, body)
    for picture in _pictures(outline, body):
        src = facts.absolute(picture.src.split(" ")[0].rstrip(","))
        if src is None or _FURNITURE.search(src.rsplit("/", 1)[-1]):
            continue
        caption, credit = _caption_of(outline, picture, captions, body.container)
        known = found.get(_same(src))
        found[_same(src)] = Image(
            known.url if known else src, caption, credit, picture.alt or None, known.is_main if known else False
        )
    return tuple(found.values())[:MAX_IMAGES]


def links(facts: Facts, blocks: Sequence[Block]) -> tuple[Link, ...]:
    """Where the story's own text links to, each address once."""
    found: dict[str, Link] = {}
    for block in blocks:
        for anchor in block.anchors:
            url = facts.absolute(anchor.href)
            if url and url != facts.url:
                found.setdefault(url, Link(url, anchor.text or None))
    return tuple(found.values())[:MAX_LINKS]


def embeds_in(outline: Outline, body: Body, cut: Sequence[Embed]) -> tuple[Embed, ...]:
    """The embeds that stood in the story or between its headline and its end."""
    if not body.blocks:
        return ()
    first = min(block.index for block in body.blocks)
    last = max(block.index for block in body.blocks)
    inside = [
        cut[mark.number]
        for mark in outline.marks
        if outline.is_within(mark.node, body.container) or first <= mark.after <= last
    ]
    return tuple(dict.fromkeys(inside))


def _lead(facts: Facts) -> Iterator[tuple[str, str | None]]:
    alt = facts.head.first("og:image:alt", "twitter:image:alt")
    raws = list(strings(facts.article.raw("image")) if facts.article is not None else [])
    if facts.article is not None:
        raws = [
            url for one in facts.article.objects("image") for url in strings(one.get("url") or one.get("contentUrl"))
        ] + raws
    raws = [*filter(None, [facts.head.first("og:image", "og:image:url", "twitter:image", "twitter:image:src")]), *raws]
    yield from ((url, alt) for raw in raws if (url := facts.absolute(raw)))


def _same(url: str) -> str:
    """Sizes of one picture share a path up to the query."""
    return url.split("?", 1)[0]


def _pictures(outline: Outline, body: Body) -> list[Picture]:
    if not body.blocks:
        return []
    first = min(block.index for block in body.blocks)
    home = _story_element(outline, body.container)
    return [
        picture
        for picture in outline.pictures
        if outline.is_within(picture.node, body.container)
        or (first - LEAD_REACH <= picture.after <= first and _is_figure(outline, picture))
        or (home >= 0 and _story_element(outline, picture.node) == home and _is_figure(outline, picture))
    ]


def _is_figure(outline: Outline, picture: Picture) -> bool:
    return any(outline.nodes[node].tag == "figure" for node in outline.lineage(picture.node))


def _story_element(outline: Outline, node: int) -> int:
    """The ``article`` or ``main`` that a node stands in, else -1."""
    return next((one for one in outline.lineage(node) if outline.nodes[one].tag in ("article", "main")), -1)


def _captions(outline: Outline, body: Body) -> list[Block]:
    rejected = [block for block, reason in body.rejected if reason in (Reason.CAPTION, Reason.CREDIT, Reason.ABOVE)]
    known = {block.index for block in rejected}
    in_figure = _within_figures(outline)
    figures = [block for block in outline.blocks if block.index not in known and in_figure[block.node]]
    return sorted([*rejected, *figures], key=lambda block: block.index)


def _within_figures(outline: Outline) -> list[bool]:
    """Of each node whether it stands in a figure; a node comes after the one that it hangs on."""
    within: list[bool] = []
    for node in outline.nodes:
        within.append(node.tag in ("figure", "figcaption") or (node.parent >= 0 and within[node.parent]))
    return within


def _caption_of(
    outline: Outline, picture: Picture, captions: Sequence[Block], container: int
) -> tuple[str | None, str | None]:
    """Caption and credit: the text that shares the nearest wrapper with a picture, up to the container."""
    for depth, node in enumerate(outline.lineage_within(picture.node, container)):
        inside = [block.text for block in captions if outline.is_within(block.node, node)]
        if inside:
            return split_credit(" ".join(dict.fromkeys(inside))[:MAX_CAPTION])
        if depth > 4 or outline.nodes[node].tag == "figure":
            break
    return None, None


def split_credit(caption: str) -> tuple[str | None, str | None]:
    """A caption and the credit at its end, apart."""
    match = _CREDIT.search(caption) or _AGENCY_TAIL.search(caption)
    if match is None:
        return caption or None, None
    sentence = match["who"].rfind(". ") + 1  # a name may hold points, but not the end of the caption's last sentence
    start = match.start("who") + (sentence if sentence > MIN_SENTENCE else 0)
    rest = caption[: start if sentence > MIN_SENTENCE else match.start()].strip(" -–—|/([")
    return rest or None, caption[start : match.end("who")].strip(" -–—|/)]") or None
