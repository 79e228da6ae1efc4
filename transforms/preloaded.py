"""What `transforms.fork_server` loads, once, for all processes that are forked from it.

Imported for its effect alone.
"""

from __future__ import annotations

import gc
from importlib import import_module

from transforms import worker

import_module("transforms.core.annotation.parser")  # spaCy, two thirds of the time
worker.warm()
# What is here now lives as long as the processes: the collector need not look at it, and its pages stay shared.
gc.collect()
gc.freeze()
