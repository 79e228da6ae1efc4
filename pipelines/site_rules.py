"""The rules for single sites that a run is given: read and checked when the command is read, carried as text."""

from __future__ import annotations

import argparse
import hashlib

from transforms.filesystem import open_bytes
from transforms.tasks import SiteRulesFile


def site_rules_file(path: str) -> SiteRulesFile:
    """The file at ``path``, any Beam filesystem, which holds rules that can be used."""
    # Here, since this brings trafilatura with it, and most calls have no such file.
    from transforms.core.extraction.site_rules import MAX_CHARS, BadSiteRules, read_site_rules

    try:
        with open_bytes(path) as file:
            data = file.read(4 * MAX_CHARS + 1)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"'{path}' cannot be read: {error}") from None
    try:
        text = data.decode("utf-8-sig")
        read_site_rules(text, path)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise argparse.ArgumentTypeError(f"{path}:{line}: no UTF-8") from None
    except BadSiteRules as error:
        raise argparse.ArgumentTypeError(" ".join(str(error).split())) from None
    return SiteRulesFile(path, hashlib.sha256(data).hexdigest(), text)
