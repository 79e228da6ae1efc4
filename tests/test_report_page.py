"""The page: what strangers wrote does nothing in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipelines.reporting.charts import charts
from pipelines.reporting.gathering import Report, gather
from pipelines.reporting.page import POLICY, data_block, html_page, ill_first
from pipelines.reporting.reading import Selection
from pipelines.reporting.terminal import summary_lines
from pipelines.reporting.words import duration, share
from pipelines.shown import harmless
from reports import NOW, decided, story, write_run
from schemas.article import Author, Duplicate, Entity, FieldProvenance, Mention, Quotation, Source
from transforms.core.volumes import Volume

RIGHT_TO_LEFT = "\u202e"

HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>'\"--><!--" + RIGHT_TO_LEFT + "\x1b[2J"
)
"""All that a headline can try at once; the last is for terminals."""


class Elements(HTMLParser):
    """The elements of a page, with their attributes, and what stands inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style"):
            self.inside.append((self._open, data))

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.found if name == tag)


@pytest.fixture
def plain(tmp_path: Path) -> Report:
    write_run(tmp_path, [story()], [decided("https://harbour.example/quay", article_id="harbour.example-quay")])
    return gather(Selection(str(tmp_path)), 10, 10)


@pytest.fixture
def hostile(tmp_path: Path) -> Report:
    """A run in which every string that a stranger can set is hostile."""
    bad = HOSTILE
    article = story(
        canonical_url="javascript:" + bad,
        source=Source(bad, bad, bad),
        headline=bad,
        text=bad,
        byline=bad,
        authors=(Author(bad, "javascript:" + bad),),
        section=bad,
        language=bad,
        wire_origin=bad,
        duplicate=None,
        entities=(Entity("e1", bad, "PERSON", (bad,), (Mention(0, 4, bad),), "javascript:" + bad),),
        quotations=(Quotation("q1", bad, 0, 5, bad, speaker=bad, speaker_name=bad, speaker_entity_id="e1", cue=bad),),
        provenance=(FieldProvenance(bad, bad, bad, (bad,)),),
    )
    changed = story(
        "other",
        canonical_url="javascript:" + bad,
        version=2,
        version_id="2",
        previous_version_id=article.version_id,
        action="REPLACE",
        headline=bad,
        changed_fields=("headline",),
        duplicate=Duplicate(bad, bad),
    )
    outcome = decided("javascript:" + bad, bad, ok=False, source_id=bad, detail=bad)
    write_run(tmp_path, [article, changed], [outcome], volumes=[Volume(bad, 1, 1, 0, 9.0, 3)])
    return gather(Selection(str(tmp_path)), 10, 10)


def page_of(report: Report) -> str:
    return html_page(report).decode()


def test_a_hostile_headline_adds_no_element_and_no_attribute(hostile: Report) -> None:
    elements = Elements(page_of(hostile))
    ours = {
        "html",
        "head",
        "meta",
        "title",
        "link",
        "style",
        "body",
        "a",
        "header",
        "div",
        "b",
        "nav",
        "button",
        "main",
    }
    ours |= {"section", "p", "h1", "h2", "noscript", "dl", "dt", "dd", "span", "ol", "li", "table", "caption", "thead"}
    ours |= {"tbody", "tr", "th", "td", "code", "figure", "figcaption", "canvas", "details", "summary", "ul", "label"}
    ours |= {"input", "select", "option", "article", "footer", "script"}
    assert {tag for tag, _ in elements.found} <= ours
    assert elements.count("script") == 5
    names = {name for _, attributes in elements.found for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc")]


def test_hostile_addresses_become_no_links(hostile: Report) -> None:
    links = [attributes["href"] for tag, attributes in Elements(page_of(hostile)).found if tag == "a"]
    assert all(link.startswith("#") for link in links if link)
    for row in (*hostile.articles, *hostile.urls):
        assert json.loads(row)["url"] is None


def test_no_character_steers_the_screen(hostile: Report) -> None:
    page = page_of(hostile)
    assert RIGHT_TO_LEFT not in page
    assert "\x1b" not in page
    printed = "\n".join(summary_lines(hostile))
    assert RIGHT_TO_LEFT not in printed
    assert "\x1b" not in printed


def test_the_data_is_the_data(hostile: Report) -> None:
    blocks = [text for kind, text in Elements(page_of(hostile)).inside if kind == "script"][:3]
    charts, articles, urls = (json.loads(block) for block in blocks)
    assert charts
    assert harmless(HOSTILE)[:60] in articles[0]["title"]
    assert urls[0]["outcome"] == harmless(HOSTILE).replace("\ufffd[2J", "\x1b[2J")


def test_a_data_block_cannot_be_left() -> None:
    text = json.dumps(["</ScRipt>", "<!--", "]]>", "&lt;", "\u2028"], ensure_ascii=False)
    block = data_block(text)
    assert not set("<>&\u2028") & set(block)
    assert json.loads(block) == json.loads(text)


def test_the_policy_lets_only_our_scripts_and_styles_run(plain: Report) -> None:
    elements = Elements(page_of(plain))
    (policy,) = (made["content"] for tag, made in elements.found if made.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith(POLICY.split(";", maxsplit=1)[0])
    for kind, text in elements.inside[:1] + elements.inside[-2:]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in directives[f"{kind}-src"]


def test_the_page_names_nothing_to_load(plain: Report) -> None:
    for tag, attributes in Elements(page_of(plain)).found:
        assert "src" not in attributes, tag
        if tag == "link":
            assert attributes["href"] == "data:,"
    style = "".join(text for kind, text in Elements(page_of(plain)).inside if kind == "style")
    assert not re.search(r"url\(|@import", style)


def test_what_would_be_an_empty_chart_is_a_sentence(tmp_path: Path) -> None:
    old = NOW - timedelta(days=400)
    pages = [story(published_at=old), story("tide", published_at=old, language="de")]
    write_run(tmp_path, pages, [decided(page.url, article_id=page.article_id) for page in pages])
    report = gather(Selection(str(tmp_path)), 10, 10)
    assert not {"published", "seen"} & charts(report.figures).keys()
    page = html_page(report).decode()
    assert "No story was seen within 7 d of its publication." in page
    shown_from = report.figures.timeline.moments[0].start
    assert f"2 stories were published before {shown_from:%-d %B %Y, %H:%M} UTC." in page
    assert "German" in page


def test_a_source_that_is_ill_stands_before_those_with_more_stories(tmp_path: Path) -> None:
    pages = [story("a"), story("b"), story("c", "ledger.example")]
    ill = [Volume("harbour.example", 1, 0, 2, None, 0), Volume("ledger.example", 1, 1, 0, None, 0)]
    write_run(tmp_path, pages, [decided(page.url) for page in pages], volumes=ill)
    sources = gather(Selection(str(tmp_path)), 10, 10).figures.sources
    assert [source.source_id for source in sources] == ["harbour.example", "ledger.example"]
    assert [source.source_id for source in ill_first(sources)] == ["ledger.example", "harbour.example"]


def test_every_chart_has_a_table(plain: Report) -> None:
    elements = Elements(page_of(plain))
    assert elements.count("canvas") > 0
    assert elements.count("canvas") == elements.count("figure") == elements.count("details") - 1
    assert all(made["role"] == "img" and made["aria-label"] for tag, made in elements.found if tag == "canvas")


def test_the_same_output_gives_the_same_page(tmp_path: Path) -> None:
    write_run(tmp_path, [story("b"), story("a")], [decided("https://harbour.example/b")])
    one, other = (html_page(gather(Selection(str(tmp_path)), 10, 10)) for _ in range(2))
    assert one == other


def test_the_browser_holds_the_newest_and_says_so(tmp_path: Path) -> None:
    stories = [story(f"number {number}", ingested_at=NOW.replace(minute=number)) for number in range(30)]
    outcomes = [decided(f"https://a.example/{number}", "timeout" if number == 7 else "written") for number in range(30)]
    write_run(tmp_path, stories, outcomes)
    report = gather(Selection(str(tmp_path)), 3, 2)
    assert [json.loads(row)["id"][-2:] for row in report.articles] == ["29", "28", "27"]
    assert json.loads(report.urls[0])["outcome"] == "timeout"
    assert report.figures.totals.stories == 30
    page = page_of(report)
    assert "The newest 3 of 30 stories" in page
    assert "2 of 30 URLs" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (59, "59 s"),
        (150, "2 min"),
        (3600, "1 h"),
        (9000, "2.5 h"),
        (86_400, "24 h"),
        (3 * 86_400, "3 d"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("part", "whole", "words"), [(0, 0, "–"), (0, 5, "0 %"), (1, 30, "3.3 %"), (1, 2, "50 %")])
def test_shares(part: int, whole: int, words: str) -> None:
    assert share(part, whole) == words
