from datetime import UTC, datetime

import pytest

from schemas.article import Fetch, Rights
from schemas.hops import Annotations, Page, Run
from transforms.core.articles import make_article
from transforms.core.discovery import listed_page
from transforms.core.reservations import MAX_DIRECTIVES, reserved_rights, with_reservations
from transforms.core.robots import ALLOW_ALL, DISALLOW_ALL, Robots

URL = "https://news.example/story"
CLOSED_TO_AI = Robots.parse(b"User-agent: GPTBot\nDisallow: /\n", 200)
OPEN = Robots.parse(b"User-agent: *\nDisallow: /private\n", 200)


@pytest.mark.parametrize(
    ("value", "directives", "reserved"),
    [
        ("noai", ("noai",), True),
        ("NoImageAI, noindex", ("noimageai", "noindex"), True),
        ("noindex", ("noindex",), None),
        ("otherbot: noindex, nofollow", ("noindex", "nofollow"), None),
        ("googlebot: nofollow, otherbot: noai", ("nofollow", "noai"), True),
        ("max-snippet:50, max-image-preview: large", ("max-snippet:50", "max-image-preview: large"), None),
        ("otherbot: max-snippet:-1", ("max-snippet:-1",), None),
        ("unavailable_after: 25 Jun 2031 15:00:00 GMT", ("unavailable_after: 25 jun 2031 15:00:00 gmt",), None),
        ("noai, noai,, ,NOAI", ("noai",), True),
        ("", (), None),
        (":", (":",), None),
    ],
)
def test_robots_tags_of_the_header(value, directives, reserved):
    rights = reserved_rights([("Content-Type", "text/html"), ("X-Robots-Tag", value)], None, URL)
    assert rights == Rights(tdm_reservation=reserved, meta_robots=directives)


def test_the_header_may_come_several_times():
    fields = [("x-robots-tag", "noindex"), ("X-ROBOTS-TAG", "newsbeam: noai"), ("X-Robots-Tag", "noindex")]
    assert reserved_rights(fields, None, URL).meta_robots == ("noindex", "noai")


def test_a_list_without_end_is_cut():
    value = ",".join(f"word{number}" for number in range(10_000))
    assert len(reserved_rights([("X-Robots-Tag", value)], None, URL).meta_robots) == MAX_DIRECTIVES


@pytest.mark.parametrize(
    ("value", "reserved"), [("1", True), (" 1 ", True), ("0", False), ("yes", None), ("", None), ("2", None)]
)
def test_the_protocol_of_tdm_reservations(value, reserved):
    assert reserved_rights([("TDM-Reservation", value)], None, URL).tdm_reservation is reserved


@pytest.mark.parametrize(
    ("rules", "reserved"), [(None, None), (OPEN, None), (ALLOW_ALL, None), (DISALLOW_ALL, None), (CLOSED_TO_AI, True)]
)
def test_robots_rules_for_ai_agents(rules, reserved):
    assert reserved_rights([], rules, URL).tdm_reservation is reserved


def test_one_reservation_stands_against_any_denial():
    assert reserved_rights([("tdm-reservation", "0")], CLOSED_TO_AI, URL).tdm_reservation is True
    assert reserved_rights([("tdm-reservation", "0"), ("X-Robots-Tag", "noai")], OPEN, URL).tdm_reservation is True


@pytest.mark.parametrize(
    ("said", "reserved", "both"),
    [
        (None, None, None),
        (True, None, True),
        (None, True, True),
        (False, None, False),
        (None, False, False),
        (False, True, True),
        (True, False, True),
        (False, False, False),
    ],
)
def test_page_and_answer_together(said, reserved, both):
    page = Rights(True, "https://license.example/", "Harbour Post", said, ("max-snippet:50", "noai"))
    whole = with_reservations(page, Rights(tdm_reservation=reserved, meta_robots=("noai", "noindex")))
    assert whole == Rights(
        True, "https://license.example/", "Harbour Post", both, ("max-snippet:50", "noai", "noindex")
    )


STORY = """<html><head><meta name="robots" content="max-snippet:50"></head><body><article><h1>Ferry returns</h1>
<p>The ferry came back to Port Little on Monday after four months in dock, and two hundred people stood on the quay to
see it, some with flags and many with bread from the bakery by the harbour.</p></article></body></html>"""


class Silent:
    def annotate(self, text, *, headline=None, language=None):
        return Annotations()


def test_what_is_reserved_outside_of_the_page_is_written_with_it():
    now = datetime(2031, 5, 7, tzinfo=UTC)
    reserved = Rights(tdm_reservation=True, meta_robots=("noindex",))
    page = Page(listed_page(URL, position=0, now=now), Fetch(URL, URL), STORY.encode(), reserved)
    rights = make_article(page, run=Run("a run", now, "0"), annotator=Silent()).rights
    assert (rights.tdm_reservation, rights.meta_robots) == (True, ("max-snippet:50", "noindex"))
