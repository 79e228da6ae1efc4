"""What is known of a feed or a page, in words."""

from __future__ import annotations

from dataclasses import replace

from polling import NOW, failed, hourly, hours, read, settled
from schemas.article import Discovery, Source
from schemas.hops import PageRequest
from schemas.outcome import Outcome
from transforms.core.polling.explain import explain_feed, explain_page
from transforms.core.revisits import PageNote, settle_page

LISTED = PageRequest(
    "https://harbour.example/1",
    Source(id="harbour", domain="harbour.example"),
    Discovery(kind="feed", seen_at=NOW, feed_url="https://harbour.example/rss.xml"),
)


def test_a_feed_that_works() -> None:
    text = "\n".join(explain_feed(settled(last_modified="then"), NOW + hours(0.5)))
    assert text.startswith(
        "feed https://harbour.example/rss.xml\n  not due at 2026-11-16 08:30:00 UTC: due 2026-11-16 "
    )
    assert "about 24.0 a day; 20 so far; 20 shown, 20 remembered" in text
    assert "asked 1 times since 2026-11-16 08:00:00 UTC" in text
    assert 'ETag "1"; Last-Modified then' in text
    assert "failed" not in text
    assert "move" not in text
    assert "due at 2026-11-16 20:00:00 UTC: due since" in "\n".join(explain_feed(settled(), NOW + hours(12)))


def test_a_feed_that_lost_entries() -> None:
    state = read(settled(), hourly(49, 68, NOW + hours(48)), NOW + hours(48))
    text = "\n".join(explain_feed(state, NOW + hours(48)))
    assert "last poll: 20 new, 48.0 expected; perhaps lost: 29, in all 29" in text
    assert "its window had overrun" in text or "entries a day" in text


def test_a_feed_that_fails_moves_or_is_gone() -> None:
    failing = failed(failed(settled(), NOW + hours(1)), NOW + hours(2))
    assert "failed 2 times in a row; last answered well 2026-11-16 08:00:00 UTC" in "\n".join(
        explain_feed(failing, NOW + hours(2))
    )
    moving = settled(moving_to="https://new.example/", moving_days=("2026-11-15", "2026-11-16"))
    assert "seems to move to https://new.example/: seen on 2026-11-15, 2026-11-16" in "\n".join(
        explain_feed(moving, NOW)
    )
    assert "has moved to https://new.example/" in "\n".join(explain_feed(settled(moved_to="https://new.example/"), NOW))
    assert "410 Gone" in "\n".join(explain_feed(failed(settled(), NOW, 410), NOW))


def test_a_feed_that_never_answered() -> None:
    text = "\n".join(explain_feed(failed(None, NOW), NOW))
    assert "last changed never" in text
    assert "new entries: unknown" in text
    assert "ETag none; Last-Modified none" in text


def test_pages() -> None:
    state = settle_page(None, [PageNote("k", taken=LISTED)], NOW)
    assert state
    assert "last asked for never: never" in "\n".join(explain_page(state, NOW))
    assert "asked for again in the next run" in "\n".join(explain_page(state, NOW))
    ended = Outcome(NOW, "r", "write", LISTED.url, "written", ok=True, retryable=False, article_id="a1")
    state = settle_page(None, [PageNote("k", taken=LISTED), PageNote("k", ended=ended)], NOW)
    assert state
    text = "\n".join(explain_page(state, NOW))
    assert text.startswith("page https://harbour.example/1\n  listed by https://harbour.example/rss.xml\n")
    assert "last asked for 2026-11-16 08:00:00 UTC: written" in text
    assert "asked for again at 2026-11-16 09:00:00 UTC" in text
    assert "article a1; ETag none" in text
    assert "only if its entry changes" in "\n".join(explain_page(replace(state, next_check_at=None), NOW))
    failing = replace(state, failures=2, status=503)
    assert "2 requests in a row gave no article (status 503)" in "\n".join(explain_page(failing, NOW))
