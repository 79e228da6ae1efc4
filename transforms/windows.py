"""Outputs that keep the time and window of the element they came of, though they are yielded with another."""

from __future__ import annotations

from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue

Place = tuple[Any, Any]
"""(timestamp, window) of an element."""


def placed(output: Any, place: Place) -> Any:
    """``output``, tagged or not, at ``place``."""
    timestamp, window = place
    if isinstance(output, beam.pvalue.TaggedOutput):
        return beam.pvalue.TaggedOutput(output.tag, WindowedValue(output.value, timestamp, [window]))
    return WindowedValue(output, timestamp, [window])
