"""The demo edition: files and tables agree, feeds parse, and the server behaves like a publisher's."""

import gzip
import http.client
import json
import re
import socket
import time
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import lxml.html
import pytest

from pipelines.demo.publishers import ExpectedQuotation, ServedFile, expected_outcome, load_publisher, load_publishers
from pipelines.demo.server import DemoEdition, DemoPage, serve_edition
from schemas.outcome import OutcomeKind

EDITION = Path(str(files("pipelines.demo"))) / "edition"
PUBLISHERS = load_publishers()
FIRST_DAY, LAST_DAY = date(2026, 11, 9), date(2026, 11, 15)
TIME = re.compile(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


@pytest.fixture(scope="module")
def edition() -> Iterator[DemoEdition]:
    with serve_edition() as on_air:
        yield on_air


def request(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request(method, url.removeprefix(f"http://{parts.netloc}"), headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def files_of(key: str) -> tuple[ServedFile, ...]:
    return next(publisher.files for publisher in PUBLISHERS if publisher.key == key)


def page_files() -> list[Path]:
    return sorted(path for path in EDITION.glob("*/*--*") if not path.name.startswith("feed--"))


def written(edition: DemoEdition) -> list[DemoPage]:
    return [page for page in edition.pages if page.outcome is OutcomeKind.WRITTEN]


def entry_links(url: str, body: bytes) -> list[str]:
    if url.endswith("/json"):
        return [item["url"] for item in json.loads(body)["items"]]
    return [entry.link for entry in feedparser.parse(body).entries if "link" in entry]


def visible_text(page: DemoPage) -> str:
    _, body = request(page.final_url)
    charset = re.search(rb'charset="?([\w-]+)', body)
    assert charset is not None
    tree = lxml.html.fromstring(body.decode(charset[1].decode()))
    for element in tree.xpath("//script | //style"):
        element.drop_tree()
    return unicodedata.normalize("NFC", " ".join(tree.text_content().split()))


def holds(text: str, quotation: ExpectedQuotation) -> bool:
    opens_after_a_mark = re.search(rf'[“"‘«—]\s?{re.escape(quotation.opening)}', text)
    return opens_after_a_mark is not None and quotation.speaker in text


# What the folders hold


@pytest.mark.parametrize("key", [publisher.key for publisher in PUBLISHERS])
def test_every_file_is_listed_once_and_every_listed_file_is_there(key: str) -> None:
    listed = [file.name for file in files_of(key)]
    assert sorted(listed) == sorted({path.name for path in (EDITION / key).iterdir()} - {"publisher.toml"})


@pytest.mark.parametrize("path", page_files(), ids=lambda path: path.name)
def test_file_names_carry_a_known_outcome(path: Path) -> None:
    assert expected_outcome(path.name) in OutcomeKind


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(ValueError, match="printed"):
        expected_outcome("printed--harbour-bridge.html")


def test_a_listed_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").write_text(
        'name = "n"\nlanguage = "en"\nfeeds = []\nextras = []\npages = [{path = "/a", file = "written--a.html"}]\n'
    )
    with pytest.raises(FileNotFoundError):
        load_publisher(tmp_path)


def test_the_edition_is_as_large_and_varied_as_promised() -> None:
    assert len(PUBLISHERS) >= 4
    assert len(page_files()) >= 28
    by_language = dict.fromkeys(("en", "fr", "es"), 0)
    for publisher in PUBLISHERS:
        by_language[publisher.language] += sum(e.outcome is OutcomeKind.WRITTEN for e in publisher.expectations)
    assert by_language["en"] >= 12
    assert by_language["fr"] >= 3
    assert by_language["es"] >= 3


def test_every_kind_of_failure_that_a_page_can_show_is_there(edition: DemoEdition) -> None:
    assert {page.outcome for page in edition.pages} == {
        OutcomeKind.WRITTEN,
        OutcomeKind.DUPLICATE,
        OutcomeKind.DISALLOWED,
        OutcomeKind.HTTP_ERROR,
        OutcomeKind.TIMEOUT,
        OutcomeKind.NOT_HTML,
        OutcomeKind.PAYWALL_STUB,
        OutcomeKind.BOT_WALL,
        OutcomeKind.CONSENT_PAGE,
        OutcomeKind.SOFT_404,
    }


@pytest.mark.parametrize("path", sorted(EDITION.glob("*/*.*")), ids=lambda path: path.name)
def test_times_lie_within_the_week_of_the_edition(path: Path) -> None:
    for time_found in TIME.findall(path.read_bytes().decode("latin-1")):
        assert FIRST_DAY <= datetime.fromisoformat(time_found).date() <= LAST_DAY


@pytest.mark.parametrize("path", page_files(), ids=lambda path: path.name)
def test_addresses_do_not_give_the_outcome_away(path: Path, edition: DemoEdition) -> None:
    word = expected_outcome(path.name).value
    assert not any(word in urlsplit(page.url).path for page in edition.pages)


# What a run is told to expect


def test_written_pages_tell_headline_authors_and_an_aware_time(edition: DemoEdition) -> None:
    for page in written(edition):
        assert page.headline
        assert page.authors
        assert page.published is not None
        assert page.published.tzinfo is not None
        assert FIRST_DAY <= page.published.date() <= LAST_DAY


def test_written_pages_show_what_is_expected_of_them(edition: DemoEdition) -> None:
    for page in written(edition):
        text = visible_text(page)
        assert page.headline is not None
        assert " ".join(page.headline.split()) in text
        assert [author for author in page.authors if author not in text] == []


def test_expected_quotations_open_after_a_mark_and_their_speakers_are_named(edition: DemoEdition) -> None:
    expected = [(page, quotation) for page in edition.pages for quotation in page.quotations]
    assert len({page.url for page, _ in expected}) >= 12
    missed = [(page.url, quotation) for page, quotation in expected if not holds(visible_text(page), quotation)]
    assert missed == []


# The feeds


def test_the_feeds_cover_the_four_formats(edition: DemoEdition) -> None:
    versions = set()
    for url in edition.feeds:
        _, body = request(url)
        versions.add(
            json.loads(body)["version"].rpartition("/")[2] if url.endswith("json") else feedparser.parse(body).version
        )
    assert versions == {"rss20", "atom10", "rss10", "1.1"}


def test_the_xml_feeds_are_well_formed(edition: DemoEdition) -> None:
    for url in edition.feeds:
        _, body = request(url)
        if not url.endswith("json"):
            assert not feedparser.parse(body).bozo, url


def test_feeds_and_pages_name_each_other(edition: DemoEdition) -> None:
    listed = [link for url in edition.feeds for link in entry_links(url, request(url)[1])]
    followable = [link for link in listed if link.startswith("http")]
    assert set(followable) == {page.url for page in edition.pages}
    assert len(followable) > len(set(followable))  # some page stands in two feeds
    assert "javascript:abrirRadio()" in listed
    assert any("link" not in entry for entry in feedparser.parse(request(edition.feeds[0])[1]).entries)


# The server


def test_pages_are_served_as_they_lie_there_with_addresses_filled_in(edition: DemoEdition) -> None:
    url = f"{edition.origin('harbour')}/2026/11/14/harbour-bridge.html"
    response, body = request(url)
    stored = (EDITION / "harbour" / "written--harbour-bridge.html").read_bytes()
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert body == stored.replace(b"{{base}}", edition.origin("harbour").encode())
    assert f'<link rel="canonical" href="{url}">'.encode() in body


def test_no_placeholder_is_left_in_anything_served(edition: DemoEdition) -> None:
    for publisher in PUBLISHERS:
        for file in publisher.files:
            if not file.trickle:
                assert b"{{base" not in request(edition.origin(publisher.key) + file.path)[1]


def test_the_latin_1_page_says_so_in_its_meta_only(edition: DemoEdition) -> None:
    response, body = request(f"{edition.origin('vaurigny')}/2026/11/12/marche-couvert.htm")
    assert response.getheader("Content-Type") == "text/html"
    assert b"charset=iso-8859-1" in body
    assert "a reconnu la maire, Mathilde Voisard, à l'issue" in body.decode("iso-8859-1")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_pdf_is_served_as_one(edition: DemoEdition) -> None:
    response, body = request(f"{edition.origin('harbour')}/2026/11/13/budget-tables.pdf")
    assert response.getheader("Content-Type") == "application/pdf"
    assert body.startswith(b"%PDF-1.4")
    assert int(body.rsplit(b"startxref\n", 1)[1].split()[0]) == body.index(b"xref\n0 ")


def test_a_missing_page_is_a_404(edition: DemoEdition) -> None:
    for url in (page.url for page in edition.pages if page.outcome is OutcomeKind.HTTP_ERROR):
        assert request(url)[0].status == 404
    assert request(f"{edition.origin('harbour')}/2026/11/14/no-such-page.html")[0].status == 404


def test_the_redirect_is_permanent_and_leads_to_a_written_page(edition: DemoEdition) -> None:
    (page,) = [page for page in edition.pages if page.url != page.final_url]
    response, body = request(page.url)
    assert (response.status, response.getheader("Location"), body) == (301, page.final_url, b"")
    assert page.outcome is OutcomeKind.WRITTEN
    assert request(page.final_url)[0].status == 200


def test_the_duplicate_names_the_plain_address_as_canonical(edition: DemoEdition) -> None:
    (page,) = [page for page in edition.pages if page.outcome is OutcomeKind.DUPLICATE]
    plain = page.url.partition("?")[0]
    assert plain in {other.url for other in written(edition)}
    assert request(page.url)[1] == request(plain)[1]


@pytest.mark.parametrize("validator", [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")])
def test_validators_bring_a_304(edition: DemoEdition, validator: tuple[str, str]) -> None:
    given, sent_back = validator
    for url in (edition.feeds[0], edition.pages[0].url):
        first, _ = request(url)
        again, body = request(url, headers={sent_back: first.getheader(given) or ""})
        assert (again.status, body) == (304, b"")
        assert again.getheader("ETag") == first.getheader("ETag")


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"stale"'},
        {"If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"stale"', "If-Modified-Since": "Mon, 16 Nov 2026 00:00:00 GMT"},
    ],
)
def test_stale_or_broken_validators_bring_the_page(edition: DemoEdition, headers: dict[str, str]) -> None:
    response, body = request(edition.pages[0].url, headers=headers)
    assert response.status == 200
    assert body


def test_head_has_the_headers_of_get_and_no_body(edition: DemoEdition) -> None:
    url = edition.pages[0].url
    head, nothing = request(url, method="HEAD")
    get, body = request(url)
    assert nothing == b""
    assert head.getheader("Content-Length") == get.getheader("Content-Length") == str(len(body))
    assert head.getheader("ETag") == get.getheader("ETag")


def test_gzip_is_sent_to_those_who_ask(edition: DemoEdition) -> None:
    url = edition.pages[0].url
    plain, body = request(url)
    packed, compressed = request(url, headers={"Accept-Encoding": "gzip"})
    assert packed.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(compressed) == body
    assert packed.getheader("ETag") != plain.getheader("ETag")


def test_every_publisher_has_an_origin_a_front_page_and_robots_txt(edition: DemoEdition) -> None:
    assert len({publisher.origin for publisher in edition.publishers}) == len(PUBLISHERS)
    for publisher in edition.publishers:
        assert request(f"{publisher.origin}/")[0].status == 200
        response, body = request(f"{publisher.origin}/robots.txt")
        assert response.getheader("Content-Type") == "text/plain; charset=utf-8"
        assert body.startswith(b"User-agent: *")
    disallowed = [urlsplit(page.url).path for page in edition.pages if page.outcome is OutcomeKind.DISALLOWED]
    assert disallowed
    assert all(path.startswith("/embargo/") for path in disallowed)


def test_origins_of_the_given_prefix_fall_back_to_the_one_address_that_is_everywhere() -> None:
    # 203.0.113.0/24 is reserved for documentation (RFC 5737): no machine has an address in it.
    with serve_edition(host_prefix="203.0.113") as edition:
        assert {urlsplit(publisher.origin).hostname for publisher in edition.publishers} == {"127.0.0.1"}
        assert request(edition.feeds[0])[0].status == 200


def test_it_stops_at_once_while_a_reader_hangs_on_the_trickling_page(capfd: pytest.CaptureFixture[str]) -> None:
    with serve_edition() as edition:
        (page,) = [page for page in edition.pages if page.outcome is OutcomeKind.TIMEOUT]
        parts = urlsplit(page.url)
        reader = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)
        reader.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        head, _, start = reader.recv(4096).partition(b"\r\n\r\n")
        idle = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    announced = int(re.search(rb"Content-Length: (\d+)", head)[1])  # type: ignore[index]  # the server always sends it
    assert len(start) < announced
    while chunk := reader.recv(4096):
        start += chunk
    assert len(start) < announced
    assert idle.recv(1) == b""
    reader.close()
    idle.close()
    assert capfd.readouterr() == ("", "")


def test_after_the_block_nothing_listens() -> None:
    with serve_edition() as edition:
        parts = urlsplit(edition.feeds[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5)
