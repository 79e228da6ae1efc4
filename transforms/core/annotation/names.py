"""The names that spaCy's recognizer finds, decided for a whole text at once.

spaCy decides word by word, with a dozen small calls for each; that is half of the time that names cost.  But outside
of a name the decision on a word needs nothing of what was decided before it.  So all words are scored in one product
of matrices as if outside, all names that could begin somewhere are followed to their ends side by side, and one walk
puts the text together.  Model, weights and rules of what may follow what are spaCy's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from spacy.pipeline import EntityRecognizer
from spacy.tokens import Doc

FEATURES = 3
"""Words that a decision looks at: the one in question and, inside a name, its first word and the one before."""

Found = tuple[int, int, str]
"""(first token, the token behind the last, label)."""


class NameFinder:
    """Finds what ``recognizer(doc).ents`` would give, for documents that nothing has been said of yet."""

    def __init__(self, recognizer: Any) -> None:  # thinc's layers are Any
        model = recognizer.model
        self._tok2vec, self._lower, self._upper = (model.get_ref(name) for name in ("tok2vec", "lower", "upper"))
        moves = [recognizer.moves.get_class_name(number) for number in range(recognizer.moves.n_moves)]
        self._begins, self._units = (
            {number: move[2:] for number, move in enumerate(moves) if move[:2] == kind and move[2:]}
            for kind in ("B-", "U-")
        )
        number = {move: index for index, move in enumerate(moves)}
        self._goes_on = np.array([number.get(f"I-{move[2:]}", -1) for move in moves])
        self._ends = np.array([number.get(f"L-{move[2:]}", -1) for move in moves])
        outside = {*self._begins, *self._units, number["O"]}
        self._never = np.array([index not in outside for index in range(len(moves))])

    def find(self, doc: Doc) -> list[Found]:
        """The names in ``doc``, in order."""
        if not len(doc):
            return []
        decided, parts = self._outside(doc)
        starts = np.flatnonzero(np.isin(decided, list(self._begins)))
        behind = self._behind(parts, starts, decided[starts])
        return list(self._names(decided.tolist(), dict(zip(starts.tolist(), behind.tolist(), strict=True))))

    def _outside(self, doc: Doc) -> tuple[Any, Any]:
        """The move at each token if it is not inside a name; and what each token adds to a decision in each of its
        three places, with the value for an empty place first."""
        parts = self._lower.predict(self._tok2vec.predict([doc]))
        scores = self._scores(parts[1:, 0] + parts[0, 1] + parts[0, 2])
        scores[:, self._never] = -np.inf
        spaces = np.flatnonzero(doc.to_array("IS_SPACE"))
        scores[spaces[:, None], [*self._begins, *self._units]] = -np.inf
        scores[-1, list(self._begins)] = -np.inf  # a name of several words cannot begin with the last
        return scores.argmax(axis=1), parts

    def _scores(self, summed: Any) -> Any:
        hidden = (summed + self._lower.get_param("b")).max(axis=-1)
        return hidden @ self._upper.get_param("W").T + self._upper.get_param("b")

    def _behind(self, parts: Any, starts: Any, moves: Any) -> Any:
        """For names that begin at ``starts`` with ``moves``: the token behind their last."""
        last = len(parts) - 2
        behind = np.zeros(len(starts), dtype=int)
        open_names, at = np.arange(len(starts)), starts + 1
        while len(open_names):
            begun, move = starts[open_names], moves[open_names]
            scores = self._scores(parts[at + 1, 0] + parts[begun + 1, 1] + parts[at, 2])
            rows = np.arange(len(at))
            goes_on = scores[rows, self._goes_on[move]] > scores[rows, self._ends[move]]
            goes_on &= at < last
            behind[open_names[~goes_on]] = at[~goes_on] + 1
            open_names, at = open_names[goes_on], at[goes_on] + 1
        return behind

    def _names(self, decided: list[int], behind: dict[int, int]) -> list[Found]:
        found, at = [], 0
        while at < len(decided):
            move = decided[at]
            if move in self._begins:
                found.append((at, behind[at], self._begins[move]))
                at = behind[at]
                continue
            if move in self._units:
                found.append((at, at + 1, self._units[move]))
            at += 1
        return found


def can_find(recognizer: Any) -> bool:
    """Whether a component is a recognizer of the kind that `NameFinder` knows; else it must be run itself."""
    return (
        type(recognizer) is EntityRecognizer
        and recognizer.cfg["beam_width"] == 1
        and recognizer.model.attrs["has_upper"]
        and not recognizer.model.attrs["unseen_classes"]
        and recognizer.model.get_ref("lower").get_dim("nF") == FEATURES
        and {f"{kind}-{label}" for kind in "BILU" for label in recognizer.labels} <= set(recognizer.move_names)
    )
