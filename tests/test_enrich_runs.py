"""Whole runs of ``newsbeam enrich``: the text comes back as it went in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import fastavro
import pytest

from support import Output

TEXT = "Ada Penn leads the council.\n\n  “We have listened,” Penn said on Tuesday.\t“All of us.”\n"
LINES: dict[str, str] = {
    "good": json.dumps({"url": "https://a.example/1", "text": TEXT, "headline": "Council listens"}),
    "astral": json.dumps({"url": "https://a.example/2", "text": f"😀 {TEXT}", "language": "en"}),
    "no model": json.dumps({"url": "https://a.example/3", "text": "Присутні погодилися.", "language": "uk"}),
    "not json": "{broken",
    "not an object": "[1, 2]",
    "no text": json.dumps({"url": "https://a.example/4"}),
    "blank text": json.dumps({"url": "https://a.example/4", "text": " \n"}),
    "wrong type": json.dumps({"url": "https://a.example/5", "text": TEXT, "headline": 7}),
    "surrogate": '{"url": "https://a.example/6", "text": "A lone \\ud800 surrogate, and no more than that."}',
    "punctuation": json.dumps({"url": "https://a.example/7", "text": "?!" * 50_000}),
}


@pytest.fixture(scope="module")
def output(newsbeam: Callable[..., Output], tmp_path_factory: pytest.TempPathFactory) -> Output:
    folder = tmp_path_factory.mktemp("enrich")
    (folder / "texts.jsonl").write_bytes(b"\xef\xbb\xbf" + "\n".join(LINES.values()).encode() + b"\n\n\xff\xfe\n")
    return newsbeam("enrich", "--input", str(folder / "*.jsonl"), output=folder / "out")


def article(output: Output, number: int) -> dict[str, object]:
    (row,) = [row for row in output.rows("articles") if row["url"] == f"https://a.example/{number}"]
    return row


def test_text_is_untouched(output: Output) -> None:
    assert article(output, 1)["text"] == TEXT
    assert article(output, 2)["text"] == f"😀 {TEXT}"
    assert article(output, 7)["text"] == "?!" * 50_000


def test_offsets_are_code_points(output: Output) -> None:
    for number in (1, 2):
        row = article(output, number)
        quotes = row["quotations"]
        assert isinstance(quotes, list)
        assert quotes[0]["speaker_name"] == "Ada Penn"
        for quote in quotes:
            assert str(row["text"])[quote["start_char"] : quote["end_char"]] == quote["text"]


def test_language_without_a_model(output: Output) -> None:
    row = article(output, 3)
    assert row["entities"] == []
    assert row["language"] == "uk"
    assert "no_model" in row["quality"]["flags"]  # type: ignore[index]  # a row of plain data


def test_bad_lines_are_outcomes(output: Output) -> None:
    kinds = {url.rsplit(":", 1)[1]: kind for url, kind in output.outcomes().items() if ".jsonl:" in url}
    assert kinds == dict.fromkeys(["4", "5", "6", "7", "8", "12"], "malformed")
    assert output.outcomes()["https://a.example/6"] == "invalid_record"


def test_avro_of_something_else_is_an_outcome(newsbeam: Callable[..., Output], tmp_path: Path) -> None:
    with (tmp_path / "other.avro").open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "Other", "fields": [{"name": "a", "type": "int"}]}, [{"a": 1}])
    output = newsbeam("enrich", "--input", str(tmp_path / "other.avro"), output=tmp_path / "out")
    assert list(output.outcomes().values()) == ["malformed"]


def test_articles_that_come_out_as_they_were_are_not_written_again(
    output: Output, newsbeam: Callable[..., Output], tmp_path: Path
) -> None:
    again = newsbeam("enrich", "--input", str(output.folder / "articles/*/*.avro"), output=tmp_path)
    assert again.rows("articles") == []
    assert again.outcomes() == {str(row["url"]): "unchanged" for row in output.rows("articles")}


def test_what_a_watchlist_changes_is_the_next_version(
    output: Output, newsbeam: Callable[..., Output], tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("name,type,uri\nAda Penn,PERSON,https://people.example/penn\n")
    archive, watched = str(output.folder / "articles/*/*.avro"), str(tmp_path / "people.csv")
    again = newsbeam("enrich", "--input", archive, "--watchlist", watched, output=tmp_path / "out")
    before = {row["url"]: row for row in output.rows("articles")}
    rows = {row["url"]: row for row in again.rows("articles")}
    assert set(rows) == {"https://a.example/1", "https://a.example/2"}
    for url, row in rows.items():
        assert row["text"] == before[url]["text"]
        assert (row["version"], row["action"], row["changed_fields"]) == (2, "REPLACE", ["entities"])
        assert row["previous_version_id"] == before[url]["version_id"] != row["version_id"]
        (penn,) = [entity for entity in row["entities"] if entity["name"] == "Ada Penn"]
        assert (penn["uri"], penn["link_confidence"]) == ("https://people.example/penn", 0.9)
        assert any(e["name"] == "watchlist" and e["version"].startswith("sha256:") for e in row["enrichers"])
    both = str(tmp_path / "out/articles/*/*.avro")
    third = newsbeam("enrich", "--input", archive, both, "--watchlist", watched, output=tmp_path / "third")
    assert third.rows("articles") == []
    assert third.outcomes()["https://a.example/1"] == "unchanged"


def test_the_file_that_a_text_stood_in_does_not_matter(newsbeam: Callable[..., Output], tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text(LINES["good"])
        output = newsbeam("enrich", "--input", str(tmp_path / f"{name}.jsonl"), "--run_id", "r", output=tmp_path / name)
        found.append(output.rows("articles"))
    assert found[0] == found[1]
