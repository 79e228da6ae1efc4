"""The report in a real Chromium, opened from disk: it works, it says nothing on the console, axe finds nothing.

`make test-browser` runs these.  Chromium is the system's; NEWSBEAM_CHROMIUM names another.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines import report
from pipelines.demo import command as demo
from reports import NOW, QUOTE, decided, story, write_run
from schemas.article import Duplicate, Entity, Mention, Source
from transforms.core.volumes import Volume

pytestmark = pytest.mark.browser

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    "narrow and dark": {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}},
}

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make test-browser")
    path = os.environ.get("NEWSBEAM_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium here; Debian has it as chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])  # root in a container needs it
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def demo_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the demo edition."""
    output = tmp_path_factory.mktemp("demo") / "output"
    demo.main(["--output", str(output)])
    report.main([str(output)])
    return output / "report.html"


@pytest.fixture
def opened(chromium: Any, demo_page: Path) -> Iterator[Open]:
    """Opens a page; in the end nothing must have gone wrong on it, nor been asked of a network."""
    heard: list[str] = []
    contexts = []

    def open_page(path: Path = demo_page, look: str = "light", **settings: Any) -> Any:
        contexts.append(chromium.new_context(**LOOKS[look], **settings))
        page = contexts[-1].new_page()
        page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: heard.append(request.url) if "file" not in request.url[:4] else None)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in heard if line != "data:,"] == []


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": AXE_RULES}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(opened: Open, look: str) -> None:
    page = opened(look=look)
    assert violations(page) == []
    for summary in page.locator("summary").all():
        summary.click()
    page.locator("#reader mark.q").first.focus()
    page.locator("#tip").wait_for()
    assert violations(page) == []


@pytest.fixture(scope="module")
def busy_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with something in every section: two days, copies, agencies, ill feeds, a changed headline."""
    output = tmp_path_factory.mktemp("busy")
    first = story("first", wire_origin="AP")
    changed = story(
        "first",
        version=2,
        version_id="2",
        previous_version_id=first.version_id,
        action="REPLACE",
        changed_fields=("headline",),
        headline="Saltings quay gives way",
        ingested_at=NOW + timedelta(days=4),
    )
    copy = story("copy", "ledger.example", language="fr", duplicate=Duplicate("near", of=first.article_id))
    outcomes = [decided("https://ledger.example/copy"), decided("https://ledger.example/late", "timeout")]
    ill = [Volume("harbour.example", 2, 1, 0, 9.0, 3), Volume("ledger.example", 1, 0, 1, 1.0, 0)]
    write_run(output, [first, copy], outcomes, volumes=ill)
    late = [decided("https://harbour.example/first", at=NOW + timedelta(days=4))]
    write_run(output, [changed], late, run_id="two", now=NOW + timedelta(days=4), volumes=ill)
    report.main([str(output)])
    return output / "report.html"


@pytest.mark.parametrize("look", ["light", "narrow and dark"])
def test_axe_finds_nothing_where_every_section_is_filled(opened: Open, busy_page: Path, look: str) -> None:
    page = opened(busy_page, look)
    assert violations(page) == []
    row = page.get_by_role("table", name="Changed headlines").locator("tbody tr")
    assert row.inner_text().split("\t")[1:] == ["harbour.example", "Saltings quay holds", "Saltings quay gives way"]
    assert {"failing", "overrun", "quiet"} <= set(page.locator("#sources .tag.bad").all_inner_texts())


def test_the_switch_turns_the_colours_and_axe_still_finds_nothing(opened: Open) -> None:
    page = opened()
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Switch to dark colours").click()
    assert page.evaluate(ground) != before
    assert violations(page) == []
    page.reload()
    assert page.evaluate(ground) != before
    page.get_by_role("button", name="Switch to light colours").click()
    assert page.evaluate(ground) == before


@pytest.mark.parametrize("look", ["narrow", "light"])
def test_nothing_is_wider_than_the_screen(opened: Open, look: str) -> None:
    page = opened(look=look)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_what_failed_is_said_first(opened: Open) -> None:
    page = opened()
    assert page.get_by_role("heading", level=1).inner_text() == "25 stories from 4 sources. 10 of 42 URLs failed."
    assert page.locator(".advice li").first.bounding_box()["y"] < 900


def test_every_chart_is_drawn_and_has_its_numbers_in_a_table(opened: Open) -> None:
    page = opened()
    figures = page.locator("figure.chart")
    assert figures.count() >= 4
    for figure in figures.all():
        drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
        assert figure.locator("canvas").evaluate(drawn)
        figure.locator("summary").click()
        assert figure.locator("tbody tr").first.is_visible()


def test_search_finds_a_story_and_a_click_shows_it(opened: Open) -> None:
    page = opened()
    page.get_by_label("Search articles").fill("dorothea flint")
    assert page.locator("#found").inner_text() in {"1 story", "2 stories"}
    page.locator("#list button").first.click()
    assert "Dorothea Flint" in page.locator("#reader").inner_text()
    assert page.evaluate("document.activeElement.id") == "reader"
    page.get_by_label("Search articles").fill("no such words anywhere")
    assert page.locator("#found").inner_text() == "0 stories"
    assert page.locator("#list button").count() == 0


def open_flint(page: Any) -> Any:
    """The quotation of Dorothea Flint with the most words."""
    page.get_by_label("Search articles").fill("explain a closed bridge")
    page.locator("#list button").first.click()
    return page.locator("#reader mark.q", has_text="explain a closed bridge").first


def test_pointing_at_a_quotation_tells_who_and_how_sure(opened: Open) -> None:
    page = opened()
    quote = open_flint(page)
    quote.hover()
    tip = page.locator("#tip")
    told = tip.inner_text()
    assert told.startswith("Dorothea Flint")
    assert all(word in told for word in ("cue", "said", "confidence", "%", "method", "direct"))
    assert page.locator("#reader .s.on").count() >= 1
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_the_tip_lies_at_its_mark_and_inside_the_screen(opened: Open) -> None:
    page = opened(look="narrow")
    quote = open_flint(page)
    quote.scroll_into_view_if_needed()
    quote.focus()
    mark, tip = quote.bounding_box(), page.locator("#tip").bounding_box()
    assert tip["x"] >= 0
    assert tip["x"] + tip["width"] <= 360
    assert mark["y"] - tip["height"] - 40 <= tip["y"] <= mark["y"] + mark["height"] + 40


def test_marks_are_one_stop_of_the_tab_key_and_arrows_lead_on(opened: Open) -> None:
    page = opened()
    open_flint(page)
    assert page.locator("#reader .body [tabindex='0']").count() == 1
    page.locator("#reader .body [tabindex='0']").focus()
    texts = []
    for _ in range(3):
        texts.append(page.evaluate("document.activeElement.textContent"))
        assert page.locator("#tip").is_visible()
        page.keyboard.press("ArrowRight")
    assert len(set(texts)) > 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.body') === null")
    assert not page.locator("#tip").is_visible()


def test_the_record_shows_where_its_fields_came_from(opened: Open) -> None:
    page = opened()
    open_flint(page)
    table = page.get_by_role("region", name="Where each field came from")
    assert "headline" in table.inner_text()
    assert "json-ld" in table.inner_text()


def test_every_url_has_its_reason(opened: Open) -> None:
    page = opened()
    assert page.locator("#urls-found").inner_text() == "42 URLs"
    page.get_by_label("Outcome", exact=True).select_option("timeout")
    assert page.locator("#urls-found").inner_text() == "1 URL"
    assert "it took longer than" in page.locator("#url-table tbody").inner_text()
    page.get_by_label("Outcome", exact=True).select_option("failed")
    assert page.locator("#urls-found").inner_text() == "10 URLs"
    page.get_by_label("Outcome", exact=True).select_option("written")
    page.get_by_label("Search URLs and reasons").fill("harbour-bridge")
    page.get_by_role("button", name="Read").first.click()
    assert page.evaluate("document.activeElement.id") == "reader"


def test_the_figures_need_no_scripts(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    assert page.get_by_role("table", name="Sources").is_visible()
    assert page.locator("noscript").first.is_visible()


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of texts and addresses that try to run."""
    bad = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\"'><b>\u202ecba"
    output = tmp_path_factory.mktemp("hostile")
    article = story(
        canonical_url=f"javascript:window.hacked=1//{bad}",
        source=Source("x", "x", bad),
        headline=bad,
        text=f"{bad} “{bad}” said {bad}",
        language=bad,
        entities=(Entity("e1", bad, bad, (bad,), (Mention(0, 9, bad), Mention(3, 12, bad, "headline")), bad),),
        quotations=(QUOTE,),
    )
    urls = [
        f"javascript:window.hacked=1//{bad}",
        f"https://a.example/{bad}",
        "data:text/html,<script>alert(1)</script>",
    ]
    outcomes = [decided(url, "malformed", detail=bad, source_id=bad) for url in urls]
    write_run(output, [article], outcomes, now=NOW)
    report.main([str(output)])
    return output / "report.html"


def test_a_hostile_headline_does_nothing(opened: Open, hostile_page: Path) -> None:
    page = opened(hostile_page)
    page.locator("#list button").first.click()
    for mark in page.locator("#reader .q, #reader .e").all():
        mark.hover()
    page.get_by_label("Search URLs and reasons").fill("hacked")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, iframe, object, embed, #reader script, main script").count() == 0
    links = [link.get_attribute("href") for link in page.locator("main a").all()]
    assert all(href.startswith("https://a.example/") for href in links)
    assert "window.hacked=1</script>" in page.locator("#reader h3.title").inner_text()
    assert "\u202e" not in page.content()


def test_an_address_that_tries_to_run_is_a_text(opened: Open, hostile_page: Path) -> None:
    page = opened(hostile_page)
    before = page.url
    page.get_by_text("javascript:window.hacked").first.click()
    assert page.url == before
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("look", LOOKS)
def test_no_word_of_a_table_is_torn(opened: Open, look: str) -> None:
    """A heading is as high as one line: what is too wide is scrolled to, and not broken between letters."""
    page = opened(look=look)
    page.locator("#articles").scroll_into_view_if_needed()
    heights = page.eval_on_selector_all("#reader th[scope=col]", "all => all.map(each => each.clientHeight)")
    assert heights
    assert max(heights) < 60
