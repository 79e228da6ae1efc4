"""Sorts what a measurement of quotations found wrong into classes: missed, wrong span, wrong speaker, false find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from transforms.core.quotations import LEXICONS

ENGLISH = LEXICONS["en"]
SHORT = 4
"""Words of a content that is hardly a clause."""
DOCUMENTS = frozenset({"according", "show", "shows", "showed", "showing", "shown", "find", "finds", "found", "lists"})
INTENTIONS = frozenset(
    {"want", "wants", "wanted", "plan", "plans", "planned", "expected", "seek", "seeks", "sought", "like", "hoping"}
)
RELATIVE = frozenset({"who", "which", "that", "whom"})
PRONOUNS = ENGLISH.pronouns | {"it", "i", "we", "you", "his", "her", "their"}


def error_table(scorer: Any, stories: Sequence[Any], predicted: Any, track: str) -> list[tuple[str, int]]:
    """(class, rows), the largest first."""
    found: Counter[str] = Counter()
    for story in stories:
        marked = scorer.segments(story["text"])
        gold = scorer.items(story["text"], story["quotes"], track, marked, True, 3)
        ours = scorer.items(story["text"], predicted[story["id"]], track, marked, False, 3)
        pairs = scorer.match(gold, ours, scorer.jac, 0.8)
        found.update(_missed(story["text"], gold, ours, pairs))
        found.update(_false(gold, ours, pairs))
        found.update(_wrong_speakers(scorer, gold, ours, pairs))
    return found.most_common()


def _missed(text: str, gold: Sequence[Any], ours: Sequence[Any], pairs: Any) -> Iterator[str]:
    for at, row in enumerate(gold):
        if at in pairs:
            continue
        near = next((other for other in ours if _overlap(row, other)), None)
        yield f"missed, {_kind(text, row)}" if near is None else f"other span, {_reach(row, near)}"


def _overlap(one: Any, other: Any) -> bool:
    return bool(one["s"] < other["e"] and other["s"] < one["e"])


def _reach(gold: Any, ours: Any) -> str:
    start = "ours starts earlier" if ours["s"] < gold["s"] else "ours starts later" if ours["s"] > gold["s"] else ""
    end = "ours ends later" if ours["e"] > gold["e"] else "ours ends earlier" if ours["e"] < gold["e"] else ""
    return " and ".join(part for part in (start, end) if part) or "other words inside"


def _kind(text: str, row: Any) -> str:
    """What kind of content was missed, by its first words and its cue."""
    words = text[row["s"] : row["e"]].lower().split()
    cue = set((row["q"]["cue"] or "").lower().split())
    kinds = {
        "in marks": row["q"]["type"] == "direct",
        "infinitive": words[0] == "to",
        "four words and fewer": len(words) <= SHORT,
        "document or poll": bool(cue & DOCUMENTS),
        "belief or intention": bool(cue & (ENGLISH.mind | INTENTIONS)),
        "cue that is no verb of speech": not cue & ENGLISH.verbs,
        "clause with a conjunction": words[0] in ENGLISH.conjunctions,
    }
    return next((kind for kind, holds in kinds.items() if holds), "clause or object of a verb of speech")


def _false(gold: Sequence[Any], ours: Sequence[Any], pairs: Any) -> Iterator[str]:
    reached = set(pairs.values())
    for at, row in enumerate(ours):
        if at not in reached and not any(_overlap(row, other) for other in gold):
            yield f"nobody says, {row['q']['method']}"


def _wrong_speakers(scorer: Any, gold: Sequence[Any], ours: Sequence[Any], pairs: Any) -> Iterator[str]:
    for at, other in pairs.items():
        said, row = gold[at]["q"], ours[other]["q"]
        if said["speaker"] and not scorer.spk_ok(said, row):
            yield f"wrong speaker, {_cause(said['speaker'], row)}"


def _cause(speaker: str, row: Any) -> str:
    lower = speaker.lower()
    if lower in RELATIVE:
        return "annotators name the relative pronoun, newsbeam its noun"
    if not row["speaker"]:
        return "none found"
    if row["method"].startswith(("floating", "only-person", "signed")):
        return "floating"
    if speaker.endswith(("'s", "’s")):
        return "owner of a noun"
    if (lower in PRONOUNS) != (row["speaker"].lower() in PRONOUNS):
        return "pronoun for a name or a name for a pronoun"
    return "another name"
