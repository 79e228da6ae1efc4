"""URLs as this project compares, groups and accepts them.

There is one parser, ``urllib3.util.parse_url``, for checking, for comparing and (through ``split_url``) for connecting:
two parsers that disagree about where the host of a URL ends are the classic way past an address check.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import unquote_plus, urljoin

import tldextract
from urllib3.util import parse_url

from schemas.outcome import OutcomeKind, Problem

MAX_URL_CHARS = 4096
"""Longer URLs are refused.  Twice what search engines take in a sitemap (2,048 characters)."""

WEB_PORTS = frozenset({80, 443, 8080, 8443})
"""Ports on which strangers' pages are asked for."""

ANY_PORT = range(1, 65536)

_DEFAULT_PORTS = {"http": 80, "https": 443}

# C0 with the line breaks, space, DEL, C1, and lone surrogates, which no request line can carry.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")
_USER_NAME = re.compile(r"[^/?#]*//[^/?#]*@")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\Z")
_IPV4_OLD_SPELLING = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\Z")

# Only names that a tracker owns and that no site uses to choose its content.  General words (ref, source, id, cid,
# session …), which courlan removes too, stay: removing one that matters merges two articles into one for ever, while
# keeping one that does not matter costs a second fetch, and the text's hash finds the copy.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "at_custom", "at_link_", "at_ptr_", "at_bbc_")
_TRACKING_NAMES = frozenset(
    """
    fbclid fb_action_ids fb_action_types fb_source fb_ref gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid
    srsltid msclkid yclid ysclid ymclid twclid ttclid li_fat_id igsh igshid epik rdt_cid sccid
    mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash oly_anon_id oly_enc_id vero_id vero_conv wickedid
    _hsenc _hsmi __hssc __hstc __hsfp hsctatracking _openstat __s rb_clickid s_cid ss_email_id _ga _gl
    at_medium at_campaign at_campaign_type at_format ns_campaign ns_mchannel ns_source ns_linkname ns_fee xtor
    """.split()  # noqa: SIM905 - sixty quoted names are harder to read
)

_SUFFIXES = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@dataclass(frozen=True, slots=True)
class UrlParts:
    """What a connection needs of a URL.

    ``host`` is lower case and ASCII, an IPv6 address in brackets.  ``target`` is what the request line carries: path
    and query, percent-encoded, never empty.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port; a port that the scheme implies is left out."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def url(self) -> str:
        """The whole URL, without a fragment."""
        return self.origin + self.target


def check_url(url: str, ports: Container[int] = WEB_PORTS) -> Problem | None:
    """Say why ``url`` may not be asked for, by its form alone; None where nothing speaks against it.

    Refused as malformed: schemes other than http and https, a missing or impossible host, user names, control
    characters, spaces, backslashes, more than ``MAX_URL_CHARS``.  Refused as a blocked address: a port outside
    ``ports``.  Where the host leads is for ``addresses.check_address``, at the time of dialling.
    """
    try:
        parts = split_url(url)
    except ValueError as error:
        return Problem(OutcomeKind.MALFORMED, f"not a URL to follow: {error}")
    if parts.port not in ports:
        return Problem(OutcomeKind.BLOCKED_ADDRESS, f"port {parts.port} is not a port of web pages")
    return None


def split_url(url: str) -> UrlParts:
    """Take an absolute http(s) URL apart.

    Dot segments are resolved, what needs percent-encoding is encoded, the fragment is dropped; nothing else changes.

    Raises:
        ValueError: it has a form that ``check_url`` refuses; the message says which.
    """
    if len(url) > MAX_URL_CHARS:
        raise ValueError(f"{len(url)} characters are more than {MAX_URL_CHARS}")
    if forbidden := _FORBIDDEN.search(url):
        raise ValueError(f"character {forbidden.group()!r} at {forbidden.start()}")
    parsed = parse_url(_tidy_percents(url))
    if parsed.scheme not in _DEFAULT_PORTS:
        raise ValueError(f"scheme {parsed.scheme!r} is not http or https")
    if _USER_NAME.match(url):
        raise ValueError("a user name in the URL")
    port = _DEFAULT_PORTS[parsed.scheme] if parsed.port is None else parsed.port
    target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query is not None else "")
    return UrlParts(parsed.scheme, _checked_host(parsed.host), port, target)


def resolve_url(base: str, reference: str) -> str | None:
    """Make the absolute URL of a link or redirect, without its fragment, or None where that cannot be done.

    As browsers do, white space around the reference and line breaks inside are dropped and inner spaces encoded.  The
    result may still be one that ``check_url`` refuses.
    """
    cleaned = re.sub(r"[\t\r\n]", "", reference.strip("\x00\t\n\x0b\x0c\r ")).replace(" ", "%20")
    try:
        return urljoin(base, cleaned).partition("#")[0] or None
    except ValueError:  # an unclosed bracket
        return None


def normalise_url(url: str) -> str:
    """Spell an accepted URL in the one way that equal URLs share (RFC 3986 §6.2.2 and §6.2.3).

    Lower-case scheme and host, host in punycode without a final dot, no default port, no dot segments, no fragment,
    percent-encoding only where needed and in upper case.  Parameters that only track readers are removed; the others
    keep order and spelling, for servers may mind both.  The result can be fetched in place of ``url``.

    Raises:
        ValueError: ``check_url`` refuses the form of ``url``.
    """
    parts = split_url(url)
    path, _, query = parts.target.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))
    return parts.origin + path + (f"?{kept}" if kept else "")


def url_key(url: str) -> str:
    """Make the key under which spellings of one page meet: ``example.org/2031/story?page=2``.  Not for fetching.

    As ``normalise_url``, and further without scheme, leading ``www.`` and final slashes: sites answer to both
    spellings of these with one page, and feeds mix them.  Case of the path and every other parameter count.

    Raises:
        ValueError: ``check_url`` refuses the form of ``url``.
    """
    _, _, rest = normalise_url(url).partition("://")
    location, mark, query = rest.partition("?")
    if location.startswith("www.") and "." in location.partition("/")[0].removeprefix("www."):
        location = location.removeprefix("www.")
    return location.rstrip("/") + mark + query


def registrable_domain(url_or_host: str) -> str:
    """Name whose host it is: ``example.co.uk`` for ``https://news.example.co.uk/a``.

    Hosting platforms on the public suffix list count as suffixes, so that each of their sites is a domain of its own.
    Hosts without a registrable domain (IP addresses, ``localhost``, a bare suffix) are returned as they are, in lower
    case, IPv6 without brackets.  The list is the one bundled with tldextract: nothing is fetched.
    """
    host = _host_of(url_or_host)
    if ":" in host or _IPV4_OLD_SPELLING.match(host):
        return host
    return _SUFFIXES.extract_str(host).top_domain_under_public_suffix or host


def _host_of(url_or_host: str) -> str:
    text = url_or_host.strip()
    if _is_ipv6(text):
        return text.lower()
    try:
        host = parse_url(text if "://" in text else f"//{text}").host or text
    except ValueError:
        host = text
    return host.strip("[]").rstrip(".").lower()


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _checked_host(host: str | None) -> str:
    if not host:
        raise ValueError("no host")
    if host.startswith("["):
        if "%" in host:
            raise ValueError(f"host {host!r} names a network interface")
        return f"[{ipaddress.IPv6Address(host.strip('[]')).compressed}]"
    name = host.removesuffix(".")
    if not _HOST_NAME.match(name):
        raise ValueError(f"host {host!r} cannot be a name")
    return name


def _tidy_percents(url: str) -> str:
    """Escape stray percent signs, write escapes in upper case, and unescape what never needed it (RFC 3986 §2.3)."""
    return _PERCENT.sub(_tidy_percent, url)


def _tidy_percent(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _is_tracking(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).lower()
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)
