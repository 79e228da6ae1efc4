"""What running text looks like, in any script."""

from __future__ import annotations

import re
from functools import lru_cache

PROSE_CHARS = 40
DENSE_PROSE_CHARS = 16
"""Shortest run that counts as prose; scripts without spaces between words say more in a character."""

_DENSE = re.compile(r"[\u0900-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STOP = re.compile(r"[.!?…。！？।۔؟:]['\"»”’“)\]」』]*\s*$")
_LETTERS = re.compile(r"[\W_]+")


@lru_cache(maxsize=2048)
def letters(text: str) -> str:
    """A text's letters and digits, without case: what is left when two printings of it are compared."""
    return _LETTERS.sub("", text.casefold())


def is_dense(text: str) -> bool:
    """Whether a text is in a script that says much in a character (Chinese, Japanese, Korean, Thai, Hindi …)."""
    return len(_DENSE.findall(text[:60])) > 8


def is_prose(text: str) -> bool:
    """Whether a block is long enough to be a paragraph rather than a label or a line of furniture."""
    return len(text) >= PROSE_CHARS or (len(text) >= DENSE_PROSE_CHARS and is_dense(text))


def closes_sentence(text: str) -> bool:
    """Whether a text ends as sentences do."""
    return _STOP.search(text) is not None
