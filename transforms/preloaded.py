"""What `transforms.fork_server` loads, once, for all processes that are forked from it.

Imported for its effect alone.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from transforms.collector import importing
from transforms.core.annotation.models import small_model

PRELOADED_LANGUAGE = "en"
"""Its model takes a third of a second, while Beam is still being imported, and is shared by all processes.  Those of
other languages are loaded where their first text is: French takes more than two seconds, and not every run has it."""

with importing():
    worker = import_module("transforms.worker")
    parser = import_module("transforms.core.annotation.parser")  # spaCy, half of the time
    worker.warm()
    if package := small_model(PRELOADED_LANGUAGE):
        with suppress(Exception):  # whatever is wrong with it: a process that needs it raises the same again
            parser.model(package)
