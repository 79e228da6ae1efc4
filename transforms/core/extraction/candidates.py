"""The text of a story: several readings of one page, compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from transforms.core.extraction import wide
from transforms.core.extraction.body import choose
from transforms.core.extraction.container import comments, surroundings
from transforms.core.extraction.dom.parse import document_of
from transforms.core.extraction.dom.walk import Walked, tidy
from transforms.core.extraction.evidence import Evidence
from transforms.core.extraction.facts import Facts
from transforms.core.extraction.jsonld import plain
from transforms.core.extraction.outline import Outline
from transforms.core.extraction.phrases import furniture
from transforms.core.extraction.prose import closes_sentence, is_dense, is_prose, letters
from transforms.core.extraction.reasons import Body, Known
from transforms.core.extraction.scripts import script_body

SHORT = 900
DENSE_SHORT = 350
"""Letters under which a text is doubtful enough for trafilatura's whole cascade."""

MIN_DECLARED = 400
"""Letters from which the page's own articleBody may judge its paragraphs; shorter ones are often teasers."""

MAX_DECLARED = 100_000
"""Letters up to which it may: every block is looked for in it.  The longest development story has 38,000."""

COVERAGE = 0.6
"""How much of another reading a text must hold to be above doubt."""

BETTER = 1.3
"""How much more another reading must offer to replace the one that was put together from the page's blocks."""

_VERSION = f"trafilatura {wide.VERSION}"


@dataclass(frozen=True, slots=True)
class Text:
    """The text that won, what it was made of, and who made it; ``failure`` is set where trafilatura broke."""

    text: str
    body: Body
    extractor: str
    flags: tuple[str, ...] = ()
    failure: tuple[str, str] | None = None


def pick_text(walked: Walked, tree: Any, facts: Facts, known: Known, scripts: tuple[str, ...]) -> Text:
    """The story's text.

    The page's blocks are judged with trafilatura's fast reading and the page's own articleBody as witnesses.  Where
    that leaves doubt (short, or far from either), trafilatura's whole cascade reads the page too, and the reading
    with the most prose wins, the blocks' own unless another has 1.3 times as much.
    """
    outline = walked.outline
    declared = declared_body(facts)
    fast = wide.read_body(document_of(walked.elements[surroundings(outline)]), thorough=False)
    body = choose(outline, known, Evidence(fast.text), _witness(declared, fast.text))
    text = Text(joined(body), body, f"newsbeam with {_VERSION} fast", failure=fast.failure)
    if known.taken and text.text:
        return replace(text, extractor="newsbeam with a site rule")
    if not _is_doubtful(text.text, fast.text, declared):
        return text
    full = wide.read_body(tree, thorough=True)
    again = choose(outline, known, Evidence(full.text), _witness(declared, full.text))
    retried = replace(text, text=joined(again), body=again, extractor=f"newsbeam with {_VERSION}")
    best = max(text, retried, key=lambda one: score(one.text))
    read = _without_comments(full.text, outline, known.headline)
    others = (
        replace(best, text=_lines(read, known, best.body), extractor=_VERSION, flags=("unmatched_blocks",)),
        replace(
            best, text=_lines(declared, known, best.body), extractor="articleBody", flags=("from_structured_data",)
        ),
        replace(
            best, text=_lines(script_body(scripts), known, best.body), extractor="script data", flags=("from_script",)
        ),
    )
    rival = max(others, key=lambda one: score(one.text))
    return rival if score(rival.text) > BETTER * score(best.text) else best


def _without_comments(text: str, outline: Outline, headline: str) -> str:
    """A reading without the lines that the page prints among its readers' comments."""
    said = {letters(outline.blocks[index].text) for index in comments(outline, headline)}
    return "\n".join(line for line in text.split("\n") if letters(line) not in said) if said else text


def declared_body(facts: Facts) -> str:
    """The articleBody that the page's structured data gives, as lines; empty where there is none."""
    raw = facts.article.text("articleBody", "text") if facts.article is not None else None
    return "\n".join(line for part in plain(raw or "").split("\n") if (line := tidy(part)))


def joined(body: Body) -> str:
    """The chosen blocks as paragraphs, one a line."""
    return "\n".join(block.text for block in body.blocks)


def score(text: str) -> float:
    """How much of a story a text is: its letters in lines of prose, those that end as sentences counted whole."""
    total = 0.0
    for line in dict.fromkeys(text.split("\n")):
        if is_prose(line) and furniture(line) is None:
            total += len(letters(line)) * (1.0 if closes_sentence(line) else 0.5)
    return total


def _is_doubtful(text: str, fast: str, declared: str) -> bool:
    size = len(letters(text))
    if size < (DENSE_SHORT if is_dense(text) else SHORT):
        return True
    return size < COVERAGE * len(letters(fast)) or size < COVERAGE * len(letters(declared))


def _witness(declared: str, seen: str) -> Evidence | None:
    """The articleBody as a witness: long enough, and about the same story as the page shows."""
    size = len(letters(declared))
    if not MIN_DECLARED <= size <= MAX_DECLARED or size < COVERAGE * len(letters(seen)):
        return None
    evidence = Evidence(declared)
    lines = [line for line in seen.split("\n") if is_prose(line)]
    known = sum(evidence.share(line) * len(line) for line in lines)
    return evidence if known >= 0.5 * sum(map(len, lines)) else None


def _lines(text: str, known: Known, body: Body) -> str:
    """A reading line by line, without the headline and what was found to be no part of the story."""
    refused = {letters(known.headline), *(letters(block.text) for block, _ in body.rejected)}
    lines = (tidy(line.removeprefix("- ")) for line in text.split("\n"))
    return "\n".join(line for line in lines if line and letters(line) not in refused and furniture(line) is None)
