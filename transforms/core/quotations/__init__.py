"""Who said what, as pure functions over text and parsed sentences."""

from __future__ import annotations

from transforms.core.quotations.extract import quotations_of
from transforms.core.quotations.frames import Frame, Token, frames
from transforms.core.quotations.grammar import Sentence, Word, sentence_of
from transforms.core.quotations.lexicon import LEXICONS, Lexicon
from transforms.core.quotations.marking import marked
from transforms.core.quotations.marks import Marked
from transforms.core.quotations.posts import posts_in, promotion_in
from transforms.core.quotations.speakers import speaker_names

RULES_VERSION = "3"
"""Goes up with every change of the rules that can change a quotation."""

__all__ = [
    "LEXICONS",
    "RULES_VERSION",
    "Frame",
    "Lexicon",
    "Marked",
    "Sentence",
    "Token",
    "Word",
    "frames",
    "marked",
    "posts_in",
    "promotion_in",
    "quotations_of",
    "sentence_of",
    "speaker_names",
]
