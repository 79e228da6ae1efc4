"""Rules for single sites: what they do to a page, and what a file of them may not hold."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.ingest import parser, plan_of
from pipelines.site_rules import site_rules_file
from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Story
from transforms.core.extraction import extract_story
from transforms.core.extraction.site_rules import NO_RULE, BadSiteRules, SiteRules, read_site_rules, shipped

HERE = Path(__file__).parent
NOW = datetime(2031, 6, 1, tzinfo=UTC)
STORY = "".join(f"<p>Paragraph {n} of a story that goes on for a while, and ends here.</p>" for n in range(6))
HTML = f"""<html><head><title>A story of some length</title></head><body><h1>A story of some length</h1>
<div class="main">{STORY}<p class="odd">A line that only this site prints, and that no rule could know.</p></div>
<div class="comments" id="told"><p>The story as the reader tells it, in a part called comments.</p>
<p>It has a second <b>paragraph</b>, since one alone is too short to be a story.</p>
<p>And a third, which says a little more than the others and then ends it all.</p></div></body></html>"""


def story(url: str, rules: SiteRules | None) -> Story:
    request = PageRequest(url, Source("s", "s"), Discovery("url_list", NOW))
    result = extract_story(
        Page(request, Fetch(url, url, content_type="text/html"), HTML.encode()), now=NOW, rules=rules
    )
    assert isinstance(result, Story)
    return result


def test_cut_goes_to_the_boilerplate() -> None:
    rules = read_site_rules('["paper.example"]\ncut = ["//p[@class=\'odd\']"]', "rules.toml")
    cut, left = story("https://www.paper.example/a", rules), story("https://other.example/a", rules)
    assert "only this site" not in cut.text
    assert "A line that only this site prints, and that no rule could know." in [one.text for one in cut.boilerplate]
    assert "only this site" in left.text


def test_take_is_the_story_alone() -> None:
    rules = read_site_rules('["paper.example"]\ntake = ["//*[@id=\'told\']"]', "rules.toml")
    taken = story("https://paper.example/a", rules)
    assert taken.text.split("\n") == [
        "The story as the reader tells it, in a part called comments.",
        "It has a second paragraph, since one alone is too short to be a story.",
        "And a third, which says a little more than the others and then ends it all.",
    ]
    assert taken.extractor == "newsbeam with a site rule"


def test_the_longest_domain_wins() -> None:
    rules = read_site_rules('["paper.example"]\ncut=["//a"]\n["sport.paper.example"]\ncut=["//b"]', "r")
    assert rules.of("https://sport.paper.example/x").cut == ("//b",)
    assert rules.of("https://news.paper.example/x").cut == ("//a",)
    assert rules.of("https://notpaper.example/x") == NO_RULE
    assert rules.of("https://[bad") == NO_RULE


def test_own_rules_stand_over_the_shipped_ones() -> None:
    domain = next(iter(shipped().by_domain))
    own = shipped().with_more(SiteRules({domain: NO_RULE}))
    assert own.of(f"https://{domain}/a") == NO_RULE
    assert len(own.by_domain) == len(shipped().by_domain)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["a.example"]\ncut = [', "r.toml:2: no TOML"),
        ('["a.example"]\ncut = ["//p"]\n\n["b.example"]\ncut = ["//p[@class="]', "r.toml:"),
        ('# first\n["a.example"]\ncut = ["//p[["]', "r.toml:3: cut: '//p[[': no XPath"),
        ('["a.example"]\ntake = ["count(//p)"]', "r.toml:2: take: 'count(//p)': an XPath that finds no elements"),
        ('["a.example"]\ntake = ["//p[re:test(., 1)]"]', "r.toml:2: take"),
        ('["a.example"]\ntake = "//p"', "r.toml:1: take is no list of XPaths"),
        ('["a.example"]\ndrop = ["//p"]', "r.toml:1: a.example: unknown key 'drop'"),
        ('["a.example"]\n', "r.toml:1: a.example: no cut and no take"),
        ("a = 1\n", "r.toml:1: no domain"),
        ('[a.example]\ncut = ["//p"]', "r.toml:1: no domain"),
    ],
)
def test_bad_file(text: str, message: str) -> None:
    with pytest.raises(BadSiteRules) as caught:
        read_site_rules(text, "r.toml")
    assert str(caught.value).startswith(message)


def test_the_option_names_file_and_line(tmp_path: Path) -> None:
    good, bad, odd = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "odd.toml"
    good.write_text('["a.example"]\ncut = ["//p"]', encoding="utf-8")
    bad.write_text('["a.example"]\ncut = ["//p[["]', encoding="utf-8")
    odd.write_bytes(b'["a.example"]\ncut = ["\xff"]')
    checked = site_rules_file(str(good))
    assert checked.sha256 in str(checked)
    for path, line in ((bad, 2), (odd, 2)):
        with pytest.raises(argparse.ArgumentTypeError, match=rf"{path.name}:{line}: "):
            site_rules_file(str(path))
    with pytest.raises(argparse.ArgumentTypeError, match="cannot be read"):
        site_rules_file(str(tmp_path / "absent.toml"))


def test_every_shipped_rule_has_a_page_that_needs_it() -> None:
    spec = importlib.util.spec_from_file_location("rule_pages", HERE / "test_extraction_pages.py")
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    needed = set()
    for path in sorted((HERE / "data" / "pages").glob("site_rule_*.html")):
        _, page = pages.load(path)
        ruled, plain = (extract_story(page, now=NOW, rules=rules) for rules in (shipped(), SiteRules()))
        assert isinstance(ruled, Story)
        assert isinstance(plain, Story)
        if ruled.text != plain.text:
            needed |= {domain for domain in shipped().by_domain if domain in page.request.url}
    assert needed == set(shipped().by_domain)
    assert all(dataclasses.astuple(rule) != ((), ()) for rule in shipped().by_domain.values())


def test_the_manifest_names_the_file_and_its_digest(tmp_path: Path) -> None:
    rules, page = tmp_path / "mine.toml", tmp_path / "page.html"
    rules.write_text('["a.example"]\ncut = ["//p"]', encoding="utf-8")
    page.write_text(HTML, encoding="utf-8")
    plan = plan_of(
        parser().parse_args(["--pages", str(page), "--output", str(tmp_path / "out"), "--site_rules", str(rules)])
    )
    assert json.loads(json.dumps(plan.facts.options))["site_rules"].startswith(f"{rules} sha256:")
    assert plan.pool.tools.site_rules is not None
    assert plan.pool.tools.site_rules.text == rules.read_text(encoding="utf-8")
