"""The names that spaCy's recognizer finds, decided for a whole text at once.

spaCy decides word by word, with a dozen small calls for each; that is half of the time that names cost.  But outside
of a name the decision on a word needs nothing of what was decided before it.  So all words are scored in one product
of matrices as if outside, all names that could begin somewhere are followed to their ends side by side, and one walk
puts the text together.  Model, weights and rules of what may follow what are spaCy's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.pipeline import EntityRecognizer

from transforms.core.annotation.encoder import Encoder

FEATURES = 3
"""Words that a decision looks at: the one in question and, inside a name, its first word and the one before."""

Found = tuple[int, int, str]
"""(first token, the token behind the last, label)."""


class NameFinder:
    """Finds what ``recognizer(doc).ents`` would give, for texts that nothing has been said of yet."""

    def __init__(self, recognizer: Any, encoder: Encoder) -> None:  # thinc's layers are Any
        self._encoder = encoder
        self._linear = recognizer.model.get_ref("tok2vec").layers[-1]
        self._scoring = _Scoring(recognizer.model.get_ref("lower"), recognizer.model.get_ref("upper"))
        moves = [recognizer.moves.get_class_name(number) for number in range(recognizer.moves.n_moves)]
        number = {move: index for index, move in enumerate(moves)}
        self._outside = [index for index, move in enumerate(moves) if move == "O" or (move[0] in "BU" and move[2:])]
        self._begins, self._units = (
            {place: moves[index][2:] for place, index in enumerate(self._outside) if moves[index][:2] == kind}
            for kind in ("B-", "U-")
        )
        self._goes_on = np.array([number.get(f"I-{moves[index][2:]}", -1) for index in self._outside])
        self._ends = np.array([number.get(f"L-{moves[index][2:]}", -1) for index in self._outside])

    def find(self, vectors: Any, spaces: Sequence[int]) -> list[Found]:
        """The names in a text of words with these ``vectors``, in order; ``spaces`` says which tokens are no words."""
        if not len(vectors):
            return []
        seen = self._linear.predict(self._encoder.encoded(vectors))
        decided = self._decided_outside(seen, spaces)
        starts = np.flatnonzero(np.isin(decided, list(self._begins)))
        behind = self._behind(seen, starts, decided[starts])
        return list(self._names(decided.tolist(), dict(zip(starts.tolist(), behind.tolist(), strict=True))))

    def _decided_outside(self, seen: Any, spaces: Sequence[int]) -> Any:
        """For each token the place in ``_outside`` of the move to make if it is not inside a name."""
        scores = self._scoring.alone(seen, self._outside)
        scores[np.ix_(spaces, [*self._begins, *self._units])] = -np.inf
        scores[-1, list(self._begins)] = -np.inf  # a name of several words cannot begin with the last
        return scores.argmax(axis=1)

    def _behind(self, seen: Any, starts: Any, moves: Any) -> Any:
        """For names that begin at ``starts`` with ``moves``: the token behind their last."""
        last = len(seen) - 1
        behind = np.zeros(len(starts), dtype=int)
        open_names, at = np.arange(len(starts)), starts + 1
        while len(open_names):
            begun, move = starts[open_names], moves[open_names]
            scores = self._scoring.inside(seen[at], seen[begun], seen[at - 1])
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


class _Scoring:
    """How well each move fits, from the words that a decision looks at."""

    def __init__(self, lower: Any, upper: Any) -> None:
        weights = lower.get_param("W")  # features, hidden units, pieces, width
        self._hidden, pieces = weights.shape[1:3]
        planes = weights.transpose(0, 3, 2, 1).reshape(FEATURES, -1, pieces * self._hidden)
        self._first = np.ascontiguousarray(planes[0])
        self._all = np.ascontiguousarray(planes.reshape(-1, planes.shape[2]))
        self._bias = lower.get_param("b").T.reshape(-1)
        empty = lower.get_param("pad")[0].transpose(0, 2, 1).reshape(FEATURES, -1)
        self._bias_alone = empty[1] + empty[2] + self._bias
        self._upper, self._upper_bias = upper.get_param("W").T.copy(), upper.get_param("b")

    def alone(self, words: Any, moves: Sequence[int]) -> Any:
        """Scores of ``moves`` for each word where no name has begun."""
        hidden = self._greatest(words @ self._first + self._bias_alone)
        return hidden @ self._upper[:, moves] + self._upper_bias[moves]

    def inside(self, words: Any, begun: Any, before: Any) -> Any:
        """Scores of all moves for each word, inside a name that began with ``begun``."""
        summed = np.concatenate((words, begun, before), axis=1) @ self._all + self._bias
        return self._greatest(summed) @ self._upper + self._upper_bias

    def _greatest(self, summed: Any) -> Any:
        planes = [summed[:, start : start + self._hidden] for start in range(0, summed.shape[1], self._hidden)]
        return np.maximum.reduce(planes)


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
