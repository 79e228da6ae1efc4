"""Input from strangers at its worst: a typed outcome for each, and neighbours that are written all the same."""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

from loopback import on_air
from pipelines import ingest
from pipelines.errors import UsageError
from pipelines.logs import TextLines
from pipelines.summary import _failure
from support import Capture, Output

HTML = "text/html; charset=utf-8"
STORY = (
    "<p>The council of Little Haven voted on Tuesday to keep the old bridge open to walkers while the new one is "
    "built, after three hours of talks.</p><p>“We have listened to those who cross it each morning,” said Ada Penn, "
    "who leads the council. The work will begin in March and last for two years, the engineers said.</p>"
)


def page(title: str = "Bridge stays open", body: str = STORY) -> bytes:
    text = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return text.encode("utf-8", "surrogatepass")


HOSTILE: dict[str, tuple[bytes, str, set[str]]] = {
    "nul": (page(body=STORY.replace("bridge", "bri\0dge")), HTML, {"written"}),
    "surrogate-reference": (page(title="Lone &#xD800; surrogate"), HTML, {"written"}),
    "surrogate-bytes": (page(body=STORY.replace("old", "old \ud83d")), HTML, {"written"}),
    "punctuation": (page(body=f"{STORY}<p>{'.,;:!?' * 17_000}</p>"), HTML, {"written", "no_text"}),
    "script-in-title": (page(title="A title with &lt;script&gt;alert(1)&lt;/script&gt; in it"), HTML, {"written"}),
    "spans": (page(body="<p>" + "<span>word </span>" * 32_000 + "</p>"), HTML, {"written", "too_large", "timeout"}),
    "deep": (page(body="<div>" * 30_000 + STORY), HTML, {"written", "no_text", "malformed", "too_large"}),
    "fifty-megabytes": (b"<html><p>" + b"x" * 50_000_000, HTML, {"too_large"}),
    "empty": (b"", HTML, {"no_text"}),
    "pdf": (b"%PDF-1.7 " + b"x" * 500, "application/pdf", {"not_html"}),
    "picture-that-says-html": (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, HTML, {"not_html", "no_text", "malformed"}),
    "wrong-charset": (page(), "text/html; charset=klingon", {"written"}),
    "utf-16": (page().decode().encode("utf-16"), "text/html", {"written"}),
}


@pytest.fixture(scope="module")
def output(
    newsbeam: Callable[..., Output], write_archive: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Output:
    folder = tmp_path_factory.mktemp("hostile")
    pages: list[Capture] = [
        (f"https://strange.example/{name}", body, kind) for name, (body, kind, _) in HOSTILE.items()
    ]
    pages.append(("https://strange.example/neighbour", page(title="A neighbour"), HTML))
    archive = write_archive(folder / "hostile.warc.gz", pages)
    return newsbeam("ingest", "--warc", str(archive), "--page_timeout", "20", output=folder / "out")


@pytest.mark.parametrize("name", HOSTILE)
def test_typed_outcome(name: str, output: Output) -> None:
    assert output.outcomes()[f"https://strange.example/{name}"] in HOSTILE[name][2]


def test_failures_carry_their_payload(output: Output) -> None:
    failed = [row for row in output.rows("outcomes") if not row["ok"] and row["outcome"] != "too_large"]
    assert failed
    for row in failed:
        body = HOSTILE[row["url"].rsplit("/", 1)[1]][0]
        assert row["payload"] == body[: 1024 * 1024]
        assert row["detail"]


def test_neighbour_is_untouched(output: Output) -> None:
    (row,) = [row for row in output.rows("articles") if row["url"].endswith("/neighbour")]
    assert row["headline"] == "A neighbour"
    assert [quote["speaker_name"] for quote in row["quotations"] if quote["kind"] == "direct"] == ["Ada Penn"]


def test_no_markup_in_titles(output: Output) -> None:
    for row in output.rows("articles"):
        assert "<script>" not in (row["headline"] or "").replace("with <script>alert(1)</script> in it", "")


@pytest.mark.parametrize(
    ("damage", "whole"),
    [
        (lambda data: data[: len(data) // 2], True),
        (lambda data: data[: len(data) // 3] + b"damage" * 20 + data[len(data) // 3 :], True),
        (lambda _: b"no archive at all", False),
    ],
    ids=["truncated", "damaged", "no archive"],
)
def test_broken_archives(
    damage: Callable[[bytes], bytes],
    whole: bool,
    archive: Path,
    newsbeam: Callable[..., Output],
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(damage(archive.read_bytes()))
    output = newsbeam("ingest", "--warc", str(broken), output=tmp_path / "out")
    outcomes = output.outcomes()
    assert outcomes[str(broken)] == "malformed"
    assert (len(output.rows("articles")) > 3) is whole
    assert set(outcomes.values()) <= {"written", "malformed"}
    assert len(output.rows("articles")) == list(outcomes.values()).count("written")


NOWHERE = [
    "http://reader:secret@strange.example/a",
    "http://strange.example:99999/a",
    "http://two words.example/a",
    "http://back\\slash.example/a",
    "http://[::1/a",
    "http://*.example/a",
    "http://.../a",
    "http://%00.example/a",
    f"http://{'a' * 5000}.example/",
]
"""Addresses that nobody can follow, as strangers list them."""


@pytest.fixture
def listed(tmp_path: Path, write_archive: Callable[..., Path]) -> Iterator[list[str]]:
    """Options that name a feed, a JSON feed, a sitemap and an archive with such addresses beside one that is good."""
    with on_air() as site:
        good = f"{site.origin}/good"
        links = [*map(html.escape, NOWHERE), good]
        items = "".join(f"<item><title>A</title><link>{link}</link></item>" for link in links)
        site.add("/rss", f'<rss version="2.0"><channel><title>Strange</title>{items}</channel></rss>')
        entries = [{"id": link, "url": link, "title": "A"} for link in [*NOWHERE, good]]
        site.add("/json", json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "S", "items": entries}))
        places = "".join(f"<url><loc>{link}</loc></url>" for link in links)
        site.add("/map", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>')
        site.add("/good", page().decode(), **{"Content-Type": HTML})
        archive = write_archive(
            tmp_path / "a.warc", [(url, page(), HTML) for url in [*NOWHERE, "https://good.example/"]]
        )
        feeds = [f"{site.origin}/{name}" for name in ("rss", "json", "map")]
        yield ["--feeds", *feeds, "--warc", str(archive), "--allow_networks", "127.0.0.0/8", "--host_gap", "0"]


def test_addresses_that_cannot_be_followed_end_no_run(
    listed: list[str], newsbeam: Callable[..., Output], tmp_path: Path
) -> None:
    found = newsbeam("ingest", *listed, "--state", str(tmp_path / "state"), output=tmp_path / "out")
    outcomes = found.outcomes()
    assert sorted(outcomes.values()).count("written") == 2
    assert set(outcomes.values()) == {"parsed", "written", "malformed"}
    assert "secret" not in str([{**row, "payload": None} for row in found.rows("outcomes")])


@pytest.mark.parametrize("url", NOWHERE)
def test_a_person_who_lists_one_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        ingest.main(["--pages", url, "--output", str(tmp_path)])


def test_texts_under_such_addresses_are_malformed(newsbeam: Callable[..., Output], tmp_path: Path) -> None:
    lines = [json.dumps({"url": url, "text": "“Yes,” said Ines Calder."}) for url in [*NOWHERE, "https://a.example/"]]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))
    found = newsbeam("enrich", "--input", str(tmp_path / "texts.jsonl"), output=tmp_path / "out")
    assert sorted(found.outcomes().values()) == ["malformed"] * len(NOWHERE) + ["written"]


def test_articles_that_another_program_wrote(
    newsbeam: Callable[..., Output], edition_output: Output, tmp_path: Path
) -> None:
    """Avro under a schema of its own, with values that articles cannot have."""
    whole = edition_output.rows("articles")[0]
    wrong = [
        {"url": NOWHERE[0]},
        {"canonical_url": "a"},
        {"text": 7},
        {"fetch": "x"},
        {"version": "2"},
        {"entities": 1},
    ]
    for number, change in enumerate(wrong):
        write_as_it_is(tmp_path / f"{number}.avro", {"url": "https://a.example/", **to_plain(whole), **change})
    found = newsbeam("enrich", "--input", f"{tmp_path}/*.avro", output=tmp_path / "out")
    assert len(found.outcomes()) == len(wrong)
    assert set(found.outcomes().values()) <= {"malformed", "invalid_record"}


def to_plain(row: dict[str, Any]) -> dict[str, Any]:
    """The values of a row that a schema of plain fields can hold."""
    return {name: value for name, value in row.items() if isinstance(value, str | int | type(None))}


def write_as_it_is(path: Path, row: dict[str, Any]) -> None:
    kinds = {str: "string", int: "long", bool: "boolean", type(None): "null"}
    schema_fields = [{"name": name, "type": kinds[type(value)]} for name, value in row.items()]
    schema = {"type": "record", "name": "Article", "namespace": "elsewhere", "fields": schema_fields}
    with path.open("wb") as file:
        fastavro.writer(file, schema, [row])


def test_nothing_that_strangers_wrote_steers_the_terminal() -> None:
    """Escape sequences, marks that turn the direction, line ends that would look like lines of ours."""
    row = {
        "outcome": "http_error",
        "url": "https://a.example/\x1b[2J",
        "detail": "\u202e HTTP 500\nnewsbeam: all is well",
    }
    (line,) = _failure(row).splitlines()
    assert line == "  http_error       https://a.example/\ufffd[2J  (\ufffd HTTP 500 newsbeam: all is well)"
    record = logging.LogRecord(
        "newsbeam", logging.INFO, "", 0, "\x9b31m %s", ("https://a.example/?token=s3cret",), None
    )
    shown = TextLines().format(record)
    assert "\x9b" not in shown
    assert "s3cret" not in shown
