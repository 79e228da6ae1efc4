"""What strangers wrote, as a terminal or a page may show it."""

from __future__ import annotations

import re

from transforms.core.secrets import masked

STEERING = re.compile("[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]")
"""Characters that turn the direction of what follows, and control characters: a headline has no need of them."""


def harmless(text: str) -> str:
    """``text`` with a visible sign in place of each character that steers the reader's screen."""
    return STEERING.sub("\ufffd", text)


def shown(text: str) -> str:
    """``text`` for a terminal: `harmless`, and the secrets of its URLs masked."""
    return harmless(masked(text))


def shown_line(text: str) -> str:
    """The same on one line: what a stranger wrote must not look like a line of ours."""
    return " ".join(shown(text).splitlines())
