"""A text in, who is named in it and who said what in it out: the one place that runs spaCy."""

from __future__ import annotations

from transforms.core.annotation.annotator import Annotator
from transforms.core.annotation.models import installed_models

__all__ = ["Annotator", "installed_models"]
