"""What a person did wrong, said in one line."""

from __future__ import annotations


class UsageError(Exception):
    """A wrong call: what is wrong, where, and what to do.  The command prints it and exits with 2."""


class RunFailed(Exception):
    """A run that could not finish, for a reason outside newsbeam.  The command prints it and exits with 1."""
