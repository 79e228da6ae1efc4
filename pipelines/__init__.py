"""What a person runs: the command line, the pipelines, the demo edition."""

import logging

BEAM_NOISE = ("Failed to import GCSFileSystem", "apitools not found")
"""Beam warns at every start of extras that are not installed; whoever names gs:// without them gets an error."""


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(BEAM_NOISE)


# Beam warns while it is imported, so this must stand before any import of it.
for _name in ("", "apache_beam.io.filesystems"):
    logging.getLogger(_name).addFilter(_is_news)
