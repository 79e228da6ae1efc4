"""Text lists: one URL a line, ``#`` begins a comment."""

from __future__ import annotations

import re

from transforms.core.sources.records import RawList, RawSource

_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_text(text: str) -> RawList:
    """One source for each line that is neither blank nor a comment.

    A ``#`` inside a URL is its fragment; one after a space begins a comment.
    """
    lines = enumerate(text.splitlines(), start=1)
    stripped = ((number, _COMMENT.sub("", line).strip()) for number, line in lines)
    return RawList(tuple(RawSource(number, (("url", url),)) for number, url in stripped if url))
