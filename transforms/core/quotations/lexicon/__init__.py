"""Word lists by language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from transforms.core.quotations.lexicon.en import ENGLISH
from transforms.core.quotations.lexicon.es import SPANISH
from transforms.core.quotations.lexicon.fr import FRENCH
from transforms.core.quotations.lexicon.lexicon import Lexicon

LEXICONS: Mapping[str, Lexicon] = MappingProxyType({"en": ENGLISH, "es": SPANISH, "fr": FRENCH})
"""Languages whose quotations get speakers."""

__all__ = ["LEXICONS", "Lexicon"]
