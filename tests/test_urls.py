import json
import random
from pathlib import Path

import pytest

from transforms.core.urls import (
    ANY_PORT,
    MAX_URL_CHARS,
    check_url,
    normalise_url,
    registrable_domain,
    resolve_url,
    split_url,
    url_key,
)

DATA = Path(__file__).parent / "data" / "urls"


def rows(name):
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("found", "normalised", "key"), rows("normalised.tsv"))
def test_a_url_has_one_spelling_and_one_key(found, normalised, key):
    assert check_url(found, ANY_PORT) is None
    assert normalise_url(found) == normalised
    assert url_key(found) == key


@pytest.mark.parametrize(("text", "kind"), rows("refused.tsv"))
def test_a_url_of_wrong_form_is_refused(text, kind):
    problem = check_url(json.loads(text))
    assert problem is not None
    assert problem.kind == kind
    assert problem.detail


def test_length_is_capped():
    longest = "https://example.com/".ljust(MAX_URL_CHARS, "a")
    assert check_url(longest) is None
    assert check_url(longest + "a").kind == "malformed"


def test_a_caller_may_allow_other_ports():
    assert check_url("http://example.com:8081/") is not None
    assert check_url("http://example.com:8081/", ports={8081}) is None


def random_urls():
    """URLs put together from what gives parsers trouble; the seed keeps them the same for ever."""
    source = random.Random(20310507)  # noqa: S311 - data, not a secret
    schemes = ["http://", "HTTPS://", "https://", "http:", "//", ""]
    hosts = ["example.com", "WWW.Example.com.", "bücher.example", "[::1]", "[2001:DB8::1]", "127.0.0.1", "a_b.example"]
    ports = ["", ":", ":80", ":443", ":8443", ":080"]
    pieces = ["/", "//", "..", ".", "%2e", "%2F", "%", "%4", "%41", "%c3%a9", "é", "a", "B", "~", "%7E", ";", "|", "+"]
    pieces += [
        "?",
        "&",
        "=",
        "utm_source=x",
        "id=1",
        "&utm_medium=y",
        "#",
        "?fbclid=z",
        "@",
        ":",
        "\u3000",
        "\u202e",
        "😀",
    ]
    for _ in range(5_000):
        tail = "".join(source.choices(pieces, k=source.randrange(12)))
        yield source.choice(schemes) + source.choice(hosts) + source.choice(ports) + source.choice(["/", ""]) + tail


ACCEPTED = [url for url in random_urls() if check_url(url, ANY_PORT) is None]


def test_random_urls_are_worth_their_name():
    assert len(ACCEPTED) > 1_000


def test_normalising_twice_changes_nothing():
    for url in ACCEPTED:
        once = normalise_url(url)
        assert normalise_url(once) == once, url


def test_a_normalised_url_is_accepted_ascii_and_goes_to_the_same_place():
    for url in ACCEPTED:
        before, after = split_url(url), split_url(normalise_url(url))
        assert check_url(normalise_url(url), ANY_PORT) is None
        assert normalise_url(url).isascii()
        assert (before.scheme, before.host, before.port) == (after.scheme, after.host, after.port)


def test_the_key_does_not_depend_on_the_spelling():
    for url in ACCEPTED:
        assert url_key(url) == url_key(normalise_url(url)), url
    spellings = (
        "http://example.com/a",
        "https://example.com/a/",
        "https://www.example.com/a",
        "http://EXAMPLE.com:80/a#b",
    )
    assert len({url_key(url) for url in spellings}) == 1


def test_different_pages_have_different_keys():
    pages = (
        "https://example.com/a",
        "https://example.com/A",
        "https://example.com/a?page=2",
        "https://example.com/a/b",
        "https://example.com:8080/a",
        "https://news.example.com/a",
        "https://www2.example.com/a",
    )
    assert len({url_key(url) for url in pages}) == len(pages)


@pytest.mark.parametrize(
    ("base", "reference", "url"),
    [
        ("https://example.com/a/b", "c", "https://example.com/a/c"),
        ("https://example.com/a/b", "/c#d", "https://example.com/c"),
        ("https://example.com/a/b", "//other.example/c", "https://other.example/c"),
        ("https://example.com/a/b", "?page=2", "https://example.com/a/b?page=2"),
        ("https://example.com/a/b", "../../../c", "https://example.com/c"),
        ("https://example.com/a", " \n/c d \t", "https://example.com/c%20d"),
        ("https://example.com/a", "/c\n d", "https://example.com/c%20d"),
        ("https://example.com/a", "http://other.example", "http://other.example"),
        ("https://example.com/a", "", "https://example.com/a"),
        ("https://example.com/a", "http://[::1", None),
        ("", "", None),
    ],
)
def test_links_become_absolute(base, reference, url):
    assert resolve_url(base, reference) == url


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://news.example.co.uk/a", "example.co.uk"),
        ("https://example.co.uk:8443/a", "example.co.uk"),
        ("WWW.Example.COM.", "example.com"),
        ("www.example.com:8080", "example.com"),
        ("https://www.bücher.example.de/", "example.de"),
        ("bücher.de", "xn--bcher-kva.de"),
        ("https://joan.github.io/blog", "joan.github.io"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
        ("http://localhost:8080/a", "localhost"),
        ("http://127.0.0.3:8080/a", "127.0.0.3"),
        ("127.0.0.3", "127.0.0.3"),
        ("2130706433", "2130706433"),
        ("http://[2001:DB8::1]:8080/a", "2001:db8::1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
        ("newsroom", "newsroom"),
        ("", ""),
    ],
)
def test_the_registrable_domain(text, domain):
    assert registrable_domain(text) == domain


def test_the_registrable_domain_of_an_accepted_url_is_part_of_its_host():
    for url in ACCEPTED:
        assert split_url(url).host.strip("[]").endswith(registrable_domain(url))
