"""What `transforms.fork_server` loads, once, for all processes that are forked from it.

Imported for its effect alone.
"""

from __future__ import annotations

from importlib import import_module

from transforms.collector import importing

with importing():
    worker = import_module("transforms.worker")
    import_module("transforms.core.annotation.parser")  # spaCy, two thirds of the time
    worker.warm()
