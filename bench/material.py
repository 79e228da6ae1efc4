"""Pages to measure with: those of the demo edition, or of a web archive, as many as are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from copies import Original, pages, write_records
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.demo.publishers import load_publishers
from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Story
from transforms.core.extraction import extract_story
from transforms.core.language import detect

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DATE = "2026-11-15T06:00:00Z"


def demo_archive(folder: Path) -> tuple[Path, float]:
    """(an archive of the English pages of the demo edition, words in a story of theirs)."""
    captures = []
    for publisher in load_publishers():
        origin = f"https://{publisher.key}.example"
        for file in publisher.files:
            if file.name.startswith("written--"):
                body = file.body.replace(b"{{base}}", origin.encode())
                captures.append((origin + file.path, DATE, [("Content-Type", file.content_type)], body))
    return _english(captures, folder / "demo.warc.gz")


def english_archive(archive: Path, folder: Path) -> tuple[Path, float]:
    """(an archive of the English stories in ``archive``, words in one of them)."""
    with archive.open("rb") as file:
        return _english(pages(file), folder / "english.warc.gz")


def repeated(source: Path, count: int, target: Path) -> tuple[int, Path]:
    """(pages, archive) with ``count`` pages, copies of those in ``source``."""
    with source.open("rb") as file:
        originals = pages(file)
    return write_records(originals, count, target), target


def _english(captures: list[Original], target: Path) -> tuple[Path, float]:
    words = []
    with target.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, date, headers, body in captures:
            story = _story(url, dict(headers).get("Content-Type"), body)
            found = detect(story.text) if story else None
            if story is not None and found is not None and found.language == "en":
                words.append(len(story.text.split()))
                http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
                record = writer.create_warc_record(
                    url, "response", BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date}
                )
                writer.write_record(record)
    if not words:
        raise SystemExit("no English stories in the archive")
    return target, sum(words) / len(words)


def _story(url: str, content_type: str | None, body: bytes) -> Story | None:
    page = Page(
        PageRequest(url, Source("bench", "bench"), Discovery("warc", NOW)),
        Fetch(url, url, content_type=content_type),
        body,
    )
    story = extract_story(page, now=NOW)
    return story if isinstance(story, Story) else None
