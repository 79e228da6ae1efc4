"""What the words of a text mean to a model: spaCy's tok2vec, in its two halves.

The first half, the embedding, looks at one word alone.  So it is worked out once for each word that is new, rather than
for each word of each text.  The second half, the encoder, looks at four neighbours on either side; it is done here with
the same weights in another order, so that the largest of three products is taken of three planes side by side.  What
comes out differs from spaCy's by rounding alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from spacy.tokens import Doc

KNOWN_SHAPE = re.compile(
    r"extract_features>>list2ragged>>with_array\(ints-getitem>>hashembed(\|ints-getitem>>hashembed)+\)"
    r">>with_array\(maxout>>layernorm>>dropout\)>>ragged2list"
    r">>with_array\(residual\(expand_window>>maxout>>layernorm>>dropout\)"
    r"(>>residual\(expand_window>>maxout>>layernorm>>dropout\))*\)"
)
"""spacy.Tok2Vec.v2 of spacy.MultiHashEmbed.v2 without vectors and spacy.MaxoutWindowEncoder.v2, as thinc names it."""

OF_A_WORD = frozenset({"ORTH", "LOWER", "NORM", "PREFIX", "SUFFIX", "SHAPE", "IS_SPACE"})
"""Features that a word has wherever it stands."""

LEAST_VARIANCE = 1e-8
"""What thinc adds to the variance before it divides by its root."""


class Embedding:
    """Gives the vectors of words, from the features that the model looks at."""

    def __init__(self, embed: Any) -> None:  # thinc's layers are Any
        extract, _, tables, mixed, _ = embed.layers
        self.features: tuple[str, ...] = tuple(extract.attrs["columns"])
        self._tables = tables.layers[0]
        self._layer = _Layer(mixed)
        self.width: int = self._layer.width

    def features_of(self, doc: Doc) -> Any:
        """One row of features for each word of ``doc``."""
        return doc.to_array(list(self.features)).reshape(len(doc), len(self.features))

    def vectors(self, features: Any) -> Any:
        """One vector for each row of ``features``.

        Each row is multiplied alone: in a product of many rows the last bits of one could depend on the others, and
        so on what had been seen before.
        """
        looked_up = self._tables.predict(features)
        return self._layer(np.matmul(looked_up[:, None, :], self._layer.weights)[:, 0])


class Encoder:
    """Gives the vectors of words in their places, from those of the words alone."""

    def __init__(self, encode: Any) -> None:
        self._layers = [_Layer(residual) for residual in encode.layers[0].layers]
        self._pad: int = encode.attrs["pad"]

    def encoded(self, vectors: Any) -> Any:
        """The vectors of one text in which the words stand in this order."""
        return self.encoded_together([vectors])[0]

    def encoded_together(self, texts: Sequence[Any]) -> list[Any]:
        """The vectors of several texts, none of which sees another."""
        rows, places = self._side_by_side(texts)
        for layer in self._layers:
            rows[1:-1] += layer(_windows(rows) @ layer.weights)
        return [rows[first:behind] for first, behind in places]

    def _side_by_side(self, texts: Sequence[Any]) -> tuple[Any, list[tuple[int, int]]]:
        """All texts in one array, with empty rows around each, and where each stands."""
        places = list(_places([len(text) for text in texts], self._pad))
        rows = np.zeros((places[-1][1] + self._pad, self._layers[0].width), dtype=np.float32)
        for text, (first, behind) in zip(texts, places, strict=True):
            rows[first:behind] = text
        return rows, places


class _Layer:
    """The weights of a maxout and of the layer norm behind it; called with products, it gives what follows them."""

    def __init__(self, holder: Any) -> None:
        maxout, norm = (next(part for part in holder.walk() if part.name == name) for name in ("maxout", "layernorm"))
        self.width, self._pieces, entering = maxout.get_param("W").shape
        planes = maxout.get_param("W").transpose(2, 1, 0)
        self.weights = np.ascontiguousarray(planes.reshape(entering, self._pieces * self.width))
        self._bias = maxout.get_param("b").T.reshape(-1).copy()
        self._scale, self._shift = norm.get_param("G"), norm.get_param("b")

    def __call__(self, products: Any) -> Any:
        """What the layer gives, one row of ``width`` for each row of ``products``, which are overwritten."""
        products += self._bias
        planes = [products[:, start : start + self.width] for start in range(0, products.shape[1], self.width)]
        best = planes[0] if len(planes) == 1 else np.maximum(planes[0], planes[1])
        for plane in planes[2:]:
            np.maximum(best, plane, out=best)
        best -= np.add.reduce(best, axis=1, keepdims=True) / self.width
        variance = np.einsum("ij,ij->i", best, best) / self.width + LEAST_VARIANCE
        best *= (variance**-0.5)[:, None]
        best *= self._scale
        best += self._shift
        return best


def parts_of(tok2vec: Any) -> tuple[Embedding, Encoder] | None:
    """The two halves of a model's tok2vec; None for one of another kind, which must be run itself."""
    if not KNOWN_SHAPE.fullmatch(tok2vec.name):
        return None
    embed, encode = tok2vec.layers
    windows = {part.attrs["window_size"] for part in encode.walk() if part.name == "expand_window"}
    return (Embedding(embed), Encoder(encode)) if windows == {1} else None


def _windows(rows: Any) -> Any:
    """Each row but the first and the last between its neighbours."""
    return np.concatenate((rows[:-2], rows[1:-1], rows[2:]), axis=1)


def _places(lengths: Sequence[int], gap: int) -> Iterator[tuple[int, int]]:
    behind = 0
    for length in lengths:
        first = behind + gap
        behind = first + length
        yield first, behind
