"""Scheduled runs on one state: what is asked for, what is written, what is remembered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from changing_site import ChangingSite, changing_site
from pipelines import ingest
from pipelines.errors import RunFailed, UsageError
from pipelines.state import main as state_command
from support import Output
from transforms.state.store import LocalStore

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

Round = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def site() -> Iterator[ChangingSite]:
    with changing_site() as publisher:
        publisher.publish("/a", "Quay to be rebuilt", "The quay at Port Little will be rebuilt.", _rss(START, -2))
        publisher.publish(
            "/b", "Ferry is late again", "The ferry was late on Monday for the ninth time.", _rss(START, -3)
        )
        yield publisher


@pytest.fixture
def run(site: ChangingSite, tmp_path: Path) -> Round:
    """Runs at START plus some hours; gives the outcomes of that run."""

    def at(hours: float, *argv: str, **kwargs: Any) -> list[dict[str, Any]]:
        now = START + timedelta(hours=hours)
        run_id = kwargs.get("run_id") or f"at-{hours:g}"
        sources = kwargs.get("sources") or ["--feeds", f"{site.origin}/feed.xml"]
        ingest.main(
            [
                *(*sources, "--state", str(tmp_path / "state"), "--output", str(tmp_path / "out")),
                *("--now", now.isoformat(), "--run_id", run_id, "--allow_networks", "127.0.0.0/8"),
                *("--host_gap", "0", *argv),
            ]
        )
        return [row for row in Output(tmp_path / "out").rows("outcomes") if row["run_id"] == run_id]

    return at


def test_second_run_asks_for_nothing(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    first = run(0)
    assert _kinds(first) == {"/feed.xml": "parsed", "/a": "written", "/b": "written"}
    assert site.paths() == ["/a", "/b", "/feed.xml"]
    second = run(0.01)
    assert _kinds(second) == {"/feed.xml": "not_due"}
    assert site.paths() == []
    assert len(Output(tmp_path / "out").rows("articles")) == 2


def test_a_dry_run_takes_what_the_next_run_would(
    site: ChangingSite, run: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(0)
    site.paths()
    site.publish("/c", "Crane arrives", "A crane arrived by barge at noon on Friday.", _rss(START, -1))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    run(0.01, "--dry_run")
    printed = capsys.readouterr().out
    assert "discover/not_due" in printed
    assert "would take" not in printed
    assert site.paths() == []
    run(30, "--dry_run")
    printed = capsys.readouterr().out
    assert f"would take  {site.origin}/c " in printed
    assert site.paths() == ["/feed.xml"]
    run(0.01, "--dry_run", "--force")
    assert capsys.readouterr().out.count("would take") == 3
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    taken = {path for path, what in _kinds(run(30)).items() if what == "written"}
    assert taken == {"/c"}


def test_a_dry_run_over_no_state_yet(run: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(0, "--dry_run")
    assert capsys.readouterr().out.count("would take") == 2
    assert not (tmp_path / "state").exists()


def test_feed_is_asked_with_its_validators(site: ChangingSite, run: Round) -> None:
    run(0)
    site.asked.clear()
    outcomes = run(30)
    assert _kinds(outcomes)["/feed.xml"] == "not_modified"
    (asked,) = [each for each in site.asked if each.path == "/feed.xml"]
    assert asked.status == 304
    assert asked.if_none_match is not None
    assert asked.if_none_match.startswith('"')


def test_new_and_changed_entries_are_asked_for(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    run(0)
    site.paths()
    site.publish("/c", "Crane arrives", "A crane arrived by barge at noon on Friday.", _rss(START, 100))
    site.publish("/b", "Ferry is late once more", "The ferry was late on Monday for the tenth time.", _rss(START, -3))
    outcomes = run(200)
    assert {path: kind for path, kind in _kinds(outcomes).items() if path in ("/b", "/c")} == {
        "/b": "written",
        "/c": "written",
    }
    rows = {(row["headline"], row["action"], row["version"]): row for row in _articles(tmp_path)}
    assert {key for key in rows if "Ferry" in key[0]} == {
        ("Ferry is late again", "ADD", 1),
        ("Ferry is late once more", "REPLACE", 2),
    }
    later, earlier = rows["Ferry is late once more", "REPLACE", 2], rows["Ferry is late again", "ADD", 1]
    assert later["previous_version_id"] == earlier["version_id"] != later["version_id"]
    assert later["changed_fields"] == ["headline", "text"]
    assert later["first_seen_at"] == earlier["first_seen_at"] == START


def test_an_unchanged_entry_is_left_alone(site: ChangingSite, run: Round) -> None:
    run(0)
    run(200)  # the last check of both, seven days after publication
    site.publish("/c", "Crane arrives", "A crane arrived by barge at noon.", _rss(START, 239))
    site.paths()
    assert _kinds(run(240)) == {"/feed.xml": "parsed", "/a": "unchanged", "/b": "unchanged", "/c": "written"}
    assert site.paths() == ["/c", "/feed.xml"]


def test_silent_edits_are_found(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    run(0)
    site.paths()
    headline, _, date = site.stories["/a"]
    site.publish("/a", headline, "The quay at Port Little will not be rebuilt.", date)
    outcomes = run(5)  # published two hours before the start: the check after six hours is due
    assert "/a" in site.paths()
    assert _kinds(outcomes)["/a"] == "written"
    assert [row["changed_fields"] for row in _articles(tmp_path) if row["version"] == 2] == [["text"]]


def test_same_bytes_are_not_read_again_though_validators_lie(site: ChangingSite, run: Round) -> None:
    site.has_etags = False
    run(0)
    outcomes = run(5, "--force")
    assert set(_kinds(outcomes).values()) == {"not_modified"}


def test_moved_feed_is_followed_after_three_days(site: ChangingSite, run: Round, capsys: Any, tmp_path: Path) -> None:
    site.answers["/old.xml"] = (301, {"Location": "/feed.xml"}, b"")
    sources = ["--feeds", f"{site.origin}/old.xml"]
    for day in range(3):
        run(24 * day, "--force", sources=sources)
        assert "/old.xml" in site.paths()
    run(24 * 3, "--force", sources=sources)
    assert "/old.xml" not in site.paths()
    state_command(["show", f"{site.origin}/old.xml", "--state", str(tmp_path / "state")])
    assert f"has moved to {site.origin}/feed.xml" in capsys.readouterr().out


def test_gone_feed_is_stopped(site: ChangingSite, run: Round) -> None:
    site.answers["/feed.xml"] = (410, {}, b"")
    assert _kinds(run(0)) == {"/feed.xml": "http_error"}
    (stopped,) = run(24 * 30)
    assert stopped["outcome"] == "filtered"
    assert "410" in stopped["detail"]
    del site.answers["/feed.xml"]
    assert _kinds(run(24 * 30 + 1, "--force"))["/feed.xml"] == "parsed"


def test_failing_feed_comes_back_by_itself(site: ChangingSite, run: Round) -> None:
    site.answers["/feed.xml"] = (503, {}, b"")
    assert _kinds(run(0)) == {"/feed.xml": "http_error"}
    assert _kinds(run(0.05)) == {"/feed.xml": "not_due"}
    assert _kinds(run(1)) == {"/feed.xml": "http_error"}
    del site.answers["/feed.xml"]
    assert _kinds(run(3)) == {"/feed.xml": "parsed", "/a": "written", "/b": "written"}


def test_a_liar_and_an_empty_body_are_typed(site: ChangingSite, run: Round) -> None:
    site.answers["/feed.xml"] = (304, {}, b"")
    assert _kinds(run(0)) == {"/feed.xml": "http_error"}
    site.answers["/feed.xml"] = (200, {"ETag": '"one"'}, b"")
    assert _kinds(run(24)) == {"/feed.xml": "not_a_feed"}
    del site.answers["/feed.xml"]
    assert _kinds(run(72))["/feed.xml"] == "parsed"


def test_an_overrun_window_is_told(site: ChangingSite, run: Round) -> None:
    run(0)
    site.stories.clear()
    for number in range(20):
        site.publish(
            f"/n{number}", f"Notice {number}", "A notice was put up on the quay.", _rss(START, 10 + number / 2)
        )
    (feed,) = [row for row in run(20) if row["url"].endswith("/feed.xml")]
    assert "may be lost" in feed["detail"]


def test_deletions_and_restorations_are_found(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    run(0)
    site.unlisted.add("/a")
    story = site.stories["/a"]
    site.answers["/a"] = (404, {}, b"<p>No such page.")
    assert _kinds(run(5))["/a"] == "http_error"
    assert _kinds(run(6.5))["/a"] == "written"
    assert "/a" not in _kinds(run(8))
    assert _kinds(run(30))["/a"] == "http_error"
    del site.answers["/a"]
    site.publish("/a", *story)
    assert _kinds(run(200))["/a"] == "written"
    history = [(row["version"], row["action"]) for row in _articles(tmp_path) if "Quay" in (row["headline"] or "Quay")]
    assert sorted(history) == [(1, "ADD"), (2, "DELETE"), (3, "ADD")]
    rows = [row for row in _articles(tmp_path) if row["url"].endswith("/a")]
    ids = {row["version"]: row["version_id"] for row in rows}
    assert len(set(ids.values())) == 3
    assert {row["version"]: row["previous_version_id"] for row in rows} == {1: None, 2: ids[1], 3: ids[2]}


def test_copies_are_known_within_a_run_and_between_runs(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    first = " ".join(
        f"On day {day} the crew of the Marta unloaded {day * 7} crates and counted them twice." for day in range(12)
    )
    site.stories.clear()
    site.publish("/one", "Crates are counted", first, _rss(START, -2))
    site.publish("/two", "Crates are counted again", first, _rss(START, -2))
    site.publish("/else", "Quay to be rebuilt", "The quay at Port Little will be rebuilt.", _rss(START, -2))
    run(0)
    site.publish("/late", "Crates were counted", first, _rss(START, 20))
    run(30)
    rows = {row["url"].rsplit("/", 1)[1]: row for row in _articles(tmp_path)}
    copies = {name for name, row in rows.items() if row["duplicate"]}
    (original,) = {"one", "two", "late"} - copies
    assert original != "late"
    assert rows["else"]["duplicate"] is None
    assert {rows[name]["duplicate"]["of"] for name in copies} == {rows[original]["article_id"]}
    assert {rows[name]["duplicate"]["kind"] for name in copies} == {"near"}


def test_failed_page_is_tried_again_with_patience(site: ChangingSite, run: Round) -> None:
    site.answers["/a"] = (503, {}, b"busy")
    assert _kinds(run(0))["/a"] == "http_error"
    site.paths()
    del site.answers["/a"]
    assert "/a" not in _kinds(run(0.1))
    assert _kinds(run(0.3))["/a"] == "written"


def test_pages_over_the_limit_are_taken_next_time(site: ChangingSite, run: Round) -> None:
    first = _kinds(run(0, "--limit", "1"))
    assert [path for path, kind in first.items() if kind == "written"] == ["/a"]
    site.publish("/c", "Crane arrives", "A crane arrived by barge at noon.", _rss(START, 20))
    assert _kinds(run(30))["/b"] == "written"


def test_listed_pages_and_sitemaps(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    urls = "".join(f"<url><loc>{site.origin}{path}</loc><lastmod>2026-11-16</lastmod></url>" for path in site.stories)
    schema = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    site.answers["/news.xml"] = (200, {}, f"<urlset {schema}>{urls}</urlset>".encode())
    entry = f"<sitemap><loc>{site.origin}/news.xml</loc><lastmod>2026-11-16</lastmod></sitemap>"
    deeper = f"<sitemap><loc>{site.origin}/deeper.xml</loc><lastmod>2026-11-16</lastmod></sitemap>"
    deepest = f"<sitemap><loc>{site.origin}/deepest.xml</loc><lastmod>2026-11-16</lastmod></sitemap>"
    site.answers["/deeper.xml"] = (200, {}, f"<sitemapindex {schema}>{deepest}</sitemapindex>".encode())
    site.answers["/index.xml"] = (200, {}, f"<sitemapindex {schema}>{entry}{deeper}</sitemapindex>".encode())
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[sources]]\nurl = "{site.origin}/index.xml"\nkind = "sitemap"\nid = "harbour"\n')
    assert _kinds(run(0, sources=["--feeds", str(sources)])) == {
        "/index.xml": "parsed",
        "/news.xml": "parsed",
        "/deeper.xml": "parsed",
        "/deepest.xml": "filtered",
        "/a": "written",
        "/b": "written",
    }
    assert {row["discovery"]["kind"] for row in _articles(tmp_path)} == {"sitemap"}
    assert {row["source"]["id"] for row in _articles(tmp_path)} == {"harbour"}
    assert set(_kinds(run(0.1, sources=["--feeds", str(sources)]))) == {"/index.xml"}


def test_what_a_feed_says_stands_in_for_a_page(site: ChangingSite, run: Round, tmp_path: Path) -> None:
    paragraph = "<p>The ferry to Port Little was late again, and the crew said the pump had failed twice in a week.</p>"
    full = f"<content:encoded><![CDATA[{paragraph * 8}]]></content:encoded>"
    teaser = f"<content:encoded><![CDATA[{paragraph * 8}<p>Read more …</p>]]></content:encoded>"
    items = "".join(
        f"<item><title>Ferry late</title><link>{site.origin}/{name}</link>{text}</item>"
        for name, text in [("walled", full), ("gone", full), ("cut", teaser), ("shut", full)]
    )
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    body = f'<rss version="2.0" {namespace}><channel><title>Harbour</title>{items}</channel></rss>'
    site.answers["/feed.xml"] = (200, {"Content-Type": "application/rss+xml"}, body.encode())
    wall = b"<html><title>Just a moment...</title><body><h1>Checking your browser before accessing</h1></body></html>"
    site.answers["/walled"] = (200, {"Content-Type": "text/html"}, wall)
    site.answers["/cut"] = site.answers["/shut"] = (403, {}, b"no")
    assert _kinds(run(0)) == {
        "/feed.xml": "parsed",
        "/walled": "written",
        "/gone": "http_error",
        "/cut": "http_error",
        "/shut": "written",
    }
    rows = {row["url"].rsplit("/", 1)[1]: row for row in _articles(tmp_path)}
    assert rows["shut"]["text"].count("pump had failed") >= 1
    assert {"text_from_feed", "page_http_error"} <= set(rows["shut"]["quality"]["flags"])
    assert {"text_from_feed", "page_bot_wall"} <= set(rows["walled"]["quality"]["flags"])
    assert [each["source"] for each in rows["shut"]["provenance"] if each["field"] == "text"] == [
        "feed content, since the page could not be had (http_error)"
    ]


def test_a_run_that_was_published_is_not_done_again(
    run: Round, site: ChangingSite, tmp_path: Path, capsys: Any
) -> None:
    run(0, run_id="daily")
    before = Output(tmp_path / "out").bytes_by_name()
    site.paths()
    run(5, run_id="daily")
    assert site.paths() == []
    assert Output(tmp_path / "out").bytes_by_name() == before
    assert "published before" in capsys.readouterr().out


def test_a_state_whose_name_is_a_pattern_is_refused() -> None:
    with pytest.raises(UsageError, match="file patterns"):
        state_command(["show", "--state", "out/state[1]"])


def test_two_runs_on_one_state(run: Round, tmp_path: Path) -> None:
    run(0)
    with LocalStore(str(tmp_path / "state")).held("other", "elsewhere", "now"), pytest.raises(RunFailed) as failure:
        run(1)
    assert "run other" in str(failure.value)


@pytest.mark.parametrize("damage", ["truncated manifest", "no manifest", "truncated shard", "changed shard"])
def test_a_damaged_state_is_refused(damage: str, run: Round, site: ChangingSite, tmp_path: Path) -> None:
    run(0)
    site.paths()
    state = tmp_path / "state"
    manifest, shard = state / "manifest.json", min(state.glob("snapshots/*/*.avro"))
    if damage == "truncated manifest":
        manifest.write_bytes(manifest.read_bytes()[:40])
    elif damage == "no manifest":
        manifest.unlink()
    elif damage == "truncated shard":
        shard.write_bytes(shard.read_bytes()[:-7])
    else:
        data = bytearray(shard.read_bytes())
        data[-30] ^= 1
        shard.write_bytes(bytes(data))
    with pytest.raises(RunFailed, match=r"damaged.*Restore it"):
        run(30)
    assert site.paths() == []


def test_state_show(run: Round, site: ChangingSite, tmp_path: Path, capsys: Any) -> None:
    run(0)
    capsys.readouterr()
    state = str(tmp_path / "state")
    state_command(["show", "--state", state])
    assert "1 feeds, 2 pages, 2 articles" in capsys.readouterr().out
    later = (START + timedelta(hours=1)).isoformat()
    state_command(["show", "--state", state, f"{site.origin}/feed.xml", "--now", START.isoformat()])
    assert "not due" in capsys.readouterr().out
    state_command(["show", f"{site.origin}/a?utm_source=mail", "--state", state, "--now", later])
    assert "first listed 2026-11-16 08:00:00 UTC" in capsys.readouterr().out
    with pytest.raises(UsageError, match="nothing is known"):
        state_command(["show", "https://unknown.example/", "--state", state])


def test_volumes_are_in_the_manifest(run: Round, tmp_path: Path) -> None:
    run(0)
    manifest = json.loads((tmp_path / "out" / "runs" / "at-0.json").read_text())
    (source,) = manifest["sources"]
    assert (source["feeds"], source["failed"], source["entries_new"]) == (1, 0, 2)


def _kinds(outcomes: list[dict[str, Any]]) -> dict[str, str]:
    return {"/" + row["url"].split("/", 3)[3]: row["outcome"] for row in outcomes}


def _articles(folder: Path) -> list[dict[str, Any]]:
    return Output(folder / "out").rows("articles")


def _rss(start: datetime, hours: float) -> str:
    return (start + timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
