"""Beam's own options on newsbeam's command line: passed through, and refused where Beam does not know them."""

from __future__ import annotations

import argparse
import difflib
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr

from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

from pipelines.errors import UsageError

LOCAL_RUNNER = "FnApiRunner"
"""Beam's own switch, DirectRunner, looks for another local runner on the network first and chooses by the graph."""

LOCAL_NAMES = frozenset({"directrunner", "direct", "fnapirunner", "fnapi"})

logger = logging.getLogger("newsbeam")


def beam_options(flags: Sequence[str], known_here: Sequence[str]) -> PipelineOptions:
    """The options for Beam.  Raises `UsageError` for one that neither Beam nor newsbeam (``known_here``) has."""
    parser = _parser()
    _refuse_unknown(parser, flags, known_here)
    options = PipelineOptions(list(flags), runner=_runner(flags))
    logger.debug("runner: %s", options.get_all_options()["runner"])
    return options


def is_local(options: PipelineOptions) -> bool:
    """Whether the run happens in this process."""
    return str(options.get_all_options()["runner"]) == LOCAL_RUNNER


def _runner(flags: Sequence[str]) -> str:
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--runner", default=LOCAL_RUNNER)
    asked = str(parser.parse_known_args(list(flags))[0].runner)
    return LOCAL_RUNNER if asked.lower() in LOCAL_NAMES else asked


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _BeamArgumentParser(allow_abbrev=False, add_help=False)
    for options in _option_classes():
        options._add_argparse_args(parser)
    return parser


def _option_classes() -> Iterator[type[PipelineOptions]]:
    """Each class once: Beam's own, and those of modules that are loaded twice under other names not at all."""
    seen = set()
    for options in PipelineOptions.__subclasses__():
        if options.__module__.startswith("apache_beam.") and options.__qualname__ not in seen:
            seen.add(options.__qualname__)
            yield options


def _refuse_unknown(parser: argparse.ArgumentParser, flags: Sequence[str], known_here: Sequence[str]) -> None:
    complaint = io.StringIO()
    try:
        with redirect_stderr(complaint):
            _, unknown = parser.parse_known_args(list(flags))
    except SystemExit:
        raise UsageError(f"a Beam option is wrong: {complaint.getvalue().strip().splitlines()[-1]}") from None
    if unknown:
        raise UsageError(_hint(unknown[0], [*known_here, *parser._option_string_actions]))


def _hint(flag: str, known: Sequence[str]) -> str:
    name = flag.split("=", 1)[0]
    if not name.startswith("-"):
        return f"'{flag}' belongs to no option"
    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown option {name}" + (f" (did you mean {close[0]}?)" if close else "")
