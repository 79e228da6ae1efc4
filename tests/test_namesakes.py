"""Surnames that two people share, and surnames that are towns: told apart by titles and by what is done."""

from __future__ import annotations

from transforms.core.entities.names import NameSpan
from transforms.core.entities.votes import retyped
from transforms.core.entities.which import Bearer, chosen


def spans(source: str, *names: tuple[str, str]) -> list[NameSpan]:
    """The mentions of ``names``, (text, type of the model), in their order in ``source``."""
    found, position = [], 0
    for text, label in names:
        position = source.index(text, position)
        found.append(NameSpan(position, position + len(text), label, text, "text"))
        position += len(text)
    return found


def test_who_was_ms_is_not_mr_later() -> None:
    source = "Amos Wendt led Marisol Wendt by eleven. Ms. Wendt laughed. Mr. Wendt did not."
    amos, marisol, ms, mr = spans(
        source, *((name, "PERSON") for name in ("Amos Wendt", "Marisol Wendt", "Wendt", "Wendt"))
    )
    bearers = [
        Bearer(0, "amos", 1, (True, amos.start, amos.end), (True, amos.start, amos.end)),
        Bearer(1, "marisol", 1, (True, marisol.start, marisol.end), (True, marisol.start, marisol.end)),
    ]
    assert chosen(ms, bearers, source).given == "marisol"
    assert chosen(mr, bearers, source).given == "amos"


def labels(source: str, *names: tuple[str, str]) -> list[str]:
    return [span.label for span in retyped(spans(source, *names), {"text": source})]


def test_a_town_that_promises_is_the_person_of_that_name() -> None:
    source = "Dorothea Flint leads the council. Flint promised a ferry. She was born in Flint."
    names = (("Dorothea Flint", "PERSON"), ("Flint", "GPE"), ("Flint", "GPE"))
    assert labels(source, *names) == ["PERSON", "PERSON", "GPE"]


def test_without_such_a_person_it_stays_a_town() -> None:
    assert (
        labels("Flint promised clean water. Nobody in Flint drank it.", ("Flint", "GPE"), ("Flint", "GPE"))
        == ["GPE"] * 2
    )
