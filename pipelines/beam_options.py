"""Beam's own options on newsbeam's command line: passed through, and refused where Beam does not know them."""

from __future__ import annotations

import argparse
import difflib
import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr

from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions, _BeamArgumentParser

from pipelines.errors import UsageError
from pipelines.flink_options import FlinkJobOptions
from transforms.spread import Placement

LOCAL_RUNNER = "FnApiRunner"
"""Beam's own switch, DirectRunner, looks for another local runner on the network first and chooses by the graph."""

LOCAL_NAMES = frozenset({"directrunner", "direct", "fnapirunner", "fnapi"})

RUNNERS = {name.lower(): name for name in StandardOptions.KNOWN_RUNNER_NAMES}
"""What Beam calls its runners, by their names in small letters."""

PRISM, FLINK = "PrismRunner", "FlinkRunner"

JOB_SECONDS = 2_000_000_000
"""Beam asks Prism how the job goes with this deadline, and takes its end for the end of the job: 63 years."""

DEFAULTS = {
    PRISM: {"--job_server_timeout": JOB_SECONDS},
}
"""Options of Beam that are set where the call does not, by runner."""

logger = logging.getLogger("newsbeam")


def read_call(parser: argparse.ArgumentParser, argv: Sequence[str]) -> tuple[argparse.Namespace, PipelineOptions]:
    """What ``parser`` makes of a call, and the options for Beam that stand in it too.  Raises `UsageError`."""
    parsed, rest = parser.parse_known_args(list(argv))
    return parsed, beam_options(rest, list(parser._option_string_actions))


def beam_options(flags: Sequence[str], known_here: Sequence[str]) -> PipelineOptions:
    """The options for Beam.  Raises `UsageError` for one that neither Beam nor newsbeam (``known_here``) has."""
    parser = _parser()
    _refuse_unknown(parser, flags, known_here)
    runner = _runner(flags)
    options = PipelineOptions(_with_defaults(flags, runner), runner=runner)
    logger.debug("runner: %s", options.get_all_options()["runner"])
    return options


def is_local(options: PipelineOptions) -> bool:
    """Whether the run happens in this process."""
    return runner_of(options) == LOCAL_RUNNER


def runner_of(options: PipelineOptions) -> str:
    """The name of the runner, as Beam writes it."""
    return str(options.get_all_options()["runner"])


def placement_of(options: PipelineOptions) -> Placement:
    """What the workers of the run are."""
    return Placement.ONE_MACHINE if runner_of(options) in (LOCAL_RUNNER, PRISM) else Placement.CLUSTER


def _runner(flags: Sequence[str]) -> str:
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--runner", default=LOCAL_RUNNER)
    asked = str(parser.parse_known_args(list(flags))[0].runner)
    if asked.lower() in LOCAL_NAMES:
        return LOCAL_RUNNER
    if "." in asked:  # a class of somebody's own, by its module
        return asked
    for name in (asked.lower(), f"{asked.lower()}runner"):
        if name in RUNNERS:
            return str(RUNNERS[name])
    close = difflib.get_close_matches(asked.lower(), RUNNERS, n=1)
    raise UsageError(f"--runner {asked}: unknown" + (f" (did you mean {RUNNERS[close[0]]}?)" if close else ""))


def _with_defaults(flags: Sequence[str], runner: str) -> list[str]:
    named = {flag.partition("=")[0] for flag in flags}
    added = [f"{name}={value}" for name, value in DEFAULTS.get(runner, {}).items() if name not in named]
    return [*flags, *added]


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _BeamArgumentParser(allow_abbrev=False, add_help=False)
    for options in _option_classes():
        options._add_argparse_args(parser)
    return parser


def _option_classes() -> Iterator[type[PipelineOptions]]:
    """Each class once: Beam's own, and those of modules that are loaded twice under other names not at all."""
    yield FlinkJobOptions
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
