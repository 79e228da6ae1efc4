"""Input from strangers at its worst: a typed outcome for each, and neighbours that are written all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

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
