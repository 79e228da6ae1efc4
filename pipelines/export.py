"""newsbeam export: the command."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from pipelines.errors import RunFailed, UsageError
from pipelines.options import Parser
from pipelines.places import usable_file
from pipelines.sources import matching_files, suffix_of
from pipelines.values import place
from schemas.article import Article
from schemas.codec import from_row, read_container
from transforms.core.export import FORMATS
from transforms.filesystem import create, move, open_bytes, remove

DESCRIPTION = """\
Writes articles as others read them, one JSON object a line: ninjs 3.0 of the IPTC, or schema.org JSON-LD."""

EXAMPLES = """\
examples:
  newsbeam export --format ninjs --input 'out/articles/*/*.avro' --output articles.ninjs.jsonl
  newsbeam export --format jsonld --input 'out/articles/date=2026-11-15/*.avro' --output - | head -1"""

STDOUT = "-"


def parser() -> Parser:
    """The options of ``newsbeam export``."""
    made = Parser(prog="newsbeam export", description=DESCRIPTION, epilog=EXAMPLES)
    made.add_argument("--format", required=True, choices=list(FORMATS), help="of each line")
    made.add_argument("--input", nargs="+", required=True, metavar="GLOB", help="files of articles, .avro")
    made.add_argument(
        "--output", required=True, type=place, metavar="FILE|-", help="the file to write; - is standard output"
    )
    return made


def main(argv: Sequence[str]) -> None:
    """Runs the command."""
    parsed = parser().parse_args(list(argv))
    if parsed.output != STDOUT:
        usable_file(parsed.output, "--output")
    lines = exported(_files(parsed), parsed.format)
    if parsed.output == STDOUT:
        _write(sys.stdout.buffer, lines)
    else:
        print(f"{_write_whole(parsed.output, lines)} articles in {parsed.output}", file=sys.stderr)


def exported(paths: Iterable[str], name: str) -> Iterator[bytes]:
    """A line for each article of the files.  Raises `RunFailed` for a file that holds something else."""
    for path in paths:
        for article in _articles(path):
            yield json.dumps(FORMATS[name](article), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _files(parsed: argparse.Namespace) -> Sequence[str]:
    files = matching_files(parsed.input, "--input")
    if wrong := [path for path in files if suffix_of(path) != ".avro"]:
        raise UsageError(f"--input {wrong[0]}: the name must end in .avro")
    return files


def _articles(path: str) -> Iterator[Article]:
    with open_bytes(path) as file:
        rows = read_container(file)
        while True:
            try:
                article = from_row(Article, next(rows))
            except StopIteration:
                return
            except (ValueError, KeyError, TypeError) as error:
                raise RunFailed(f"{path}: not an Avro file of newsbeam articles: {error}") from error
            yield article


def _write(file: IO[bytes], lines: Iterable[bytes]) -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count


def _write_whole(path: str, lines: Iterable[bytes]) -> int:
    """Writes the file so that it is there whole or not at all; gives the number of lines."""
    draft = f"{path}.part"
    try:
        with create(draft) as file:
            count = _write(file, lines)
        move(draft, path)
    except BaseException:  # a signal, too, must not leave half a file
        with contextlib.suppress(OSError, ValueError):
            remove([draft])
        raise
    return count


if __name__ == "__main__":
    from pipelines.cli import run

    run("export", sys.argv[1:])
