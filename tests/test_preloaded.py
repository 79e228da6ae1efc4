"""What the processes of the pool are forked from has done the common work before."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import gc
from transforms import preloaded, worker
from transforms.core import language
from transforms.core.annotation import parser
from transforms.core.entities import gazetteer
tables = [parser.model, language._identifier, gazetteer.finder]
print(*(table.cache_info().currsize for table in tables), gc.isenabled(), "apache_beam" in __import__("sys").modules)
"""


def test_models_and_tables_are_there_before_a_process_is_forked() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["1", "1", "1", "True", "False"]


BROKEN = """
from transforms.core.annotation import parser
def broken(package): raise TypeError(package)
parser.Model = broken
from transforms import preloaded
print(parser.model.cache_info().misses, parser.model.cache_info().currsize)
"""


def test_a_model_that_cannot_be_loaded_leaves_the_server_alone() -> None:
    done = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["1", "0"]
