"""People of hand-marked stories: every mention with its person, measured by B-cubed.

A story marks a mention as ``[text|person]``, or ``[text|person|cut]`` where ``cut`` stands before the name.  Titles
of address inside a mention ("Mr", "Dr.") are no part of the name and are left out of the comparison.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from transforms.core.annotation import Annotator, installed_models
from transforms.core.entities import NameSpan, clusters_of

STORIES = Path(__file__).parent / "data" / "clusters" / "stories.txt"
MARK = re.compile(r"\[(?P<text>[^|\]]+)\|(?P<who>\w+)(?:\|(?P<cut>[^\]]+))?\]")
ADDRESS = re.compile(r"(?:Mr|Mrs|Ms|Dr|Sen|Col)\.? ")
FLOOR = 0.97
"""B-cubed F1 that is never lowered."""

Place = tuple[str, int, int]


@dataclass(frozen=True)
class Story:
    """A text and its headline, and who is meant at each place."""

    name: str
    headline: str | None
    text: str
    people: Mapping[Place, str]


def _stories() -> list[Story]:
    return [_story(block) for block in re.split(r"(?m)^=== ", STORIES.read_text(encoding="utf-8"))[1:]]


def _story(block: str) -> Story:
    name, _, body = block.partition("\n")
    first, _, rest = body.partition("\n")
    marked = {"headline": first[2:], "text": rest} if first.startswith("# ") else {"text": body}
    people: dict[Place, str] = {}
    fields = {field: _unmarked(source.strip(), field, people) for field, source in marked.items()}
    return Story(name, fields.get("headline"), fields["text"], people)


def _unmarked(source: str, field: str, people: dict[Place, str]) -> str:
    plain, position = "", 0
    for match in MARK.finditer(source):
        plain += source[position : match.start()]
        address = ADDRESS.match(match["text"])
        cut = len(match["cut"]) if match["cut"] else address.end() if address else 0
        people[field, len(plain) + cut, len(plain) + len(match["text"])] = match["who"]
        plain += match["text"]
        position = match.end()
    return plain + source[position:]


def b_cubed(gold: Mapping[Place, str], found: Mapping[Place, str]) -> tuple[float, float]:
    """(precision, recall) over mentions; a mention that one side lacks counts against the other."""
    return _share(found, gold), _share(gold, found)


def _share(of: Mapping[Place, str], by: Mapping[Place, str]) -> float:
    """How much of each mention's group in ``of`` is one group in ``by``, on average over the mentions of ``of``."""
    groups: dict[str, list[Place]] = defaultdict(list)
    for place, who in of.items():
        groups[who].append(place)
    shares = []
    for place, who in of.items():
        mates = [other for other in groups[who] if place in by and by.get(other) == by[place]]
        shares.append(len(mates) / len(groups[who]))
    return sum(shares) / len(shares) if shares else 1.0


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    if "en" not in installed_models():
        pytest.skip("no English model is installed")
    return Annotator(installed_models())


def _found(story: Story, annotator: Annotator) -> dict[Place, str]:
    entities = annotator.annotate(story.text, headline=story.headline, language="en").entities
    return {
        (mention.field, mention.start_char, mention.end_char): entity.id
        for entity in entities
        if entity.type == "PERSON"
        for mention in entity.mentions
    }


def test_people_of_the_stories(annotator: Annotator) -> None:
    stories = _stories()
    assert len(stories) >= 20
    results = [b_cubed(story.people, _found(story, annotator)) for story in stories]
    precision = sum(result[0] for result in results) / len(results)
    recall = sum(result[1] for result in results) / len(results)
    f1 = 2 * precision * recall / (precision + recall)
    assert f1 >= FLOOR, [(story.name, result) for story, result in zip(stories, results, strict=True)]


def test_marks_are_read() -> None:
    story = _stories()[0]
    places = [(field, (story.headline if field == "headline" else story.text) or "") for field, _, _ in story.people]
    texts = [source[start:end] for (_, source), (_, start, end) in zip(places, story.people, strict=True)]
    assert texts[0] == "Castell"
    assert "Lund" in texts
    assert all(re.fullmatch(r"[\w '-]+", text) for text in texts)


def test_b_cubed() -> None:
    gold = {("text", 0, 1): "a", ("text", 2, 3): "a", ("text", 4, 5): "b"}
    assert b_cubed(gold, gold) == (1.0, 1.0)
    together = dict.fromkeys(gold, "x")
    assert b_cubed(gold, together) == (pytest.approx(5 / 9), 1.0)
    apart = {place: str(number) for number, place in enumerate(gold)}
    assert b_cubed(gold, apart) == (1.0, pytest.approx(2 / 3))
    assert b_cubed(gold, {}) == (1.0, 0.0)


def test_order_of_spans_does_not_matter() -> None:
    source = "Peter Lund met Anna Lund. Lund laughed. The UN and the United Nations agreed with Lund."
    names = [("Peter Lund", "PERSON"), ("Anna Lund", "PERSON"), ("UN", "ORG"), ("United Nations", "ORG")]
    spans = [NameSpan(source.index(name), source.index(name) + len(name), label, name) for name, label in names]
    spans += [NameSpan(m.start(), m.end(), "PERSON", "Lund") for m in re.finditer(r"(?<!Peter )(?<!Anna )Lund", source)]
    assert clusters_of(spans, {"text": source}) == clusters_of(spans[::-1], {"text": source})
