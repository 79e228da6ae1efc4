"""Which link of an entry to follow, and why another cannot be."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from transforms.core.urls import ANY_PORT, check_url

MAX_URL_CHARACTERS = 4096
"""Longer ones are refused by the fetcher too."""

_BREAKS = re.compile(r"[\t\r\n]+ *")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


class BadLink(ValueError):
    """A link that cannot be followed; the message is the reason in one line."""


def absolute_link(raw: str, base: str) -> str:
    """``raw`` made absolute against ``base``, spaces percent-encoded.

    Raises ``BadLink`` for anything but http and https, and for what `check_url` refuses by its form.
    """
    link = _BREAKS.sub("", raw.strip()).replace(" ", "%20")
    if not link:
        raise BadLink("no link")
    if _FORBIDDEN.search(link):
        raise BadLink("control character in link")
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
    except ValueError as error:
        raise BadLink("not a URL") from error
    if parts.scheme not in ("http", "https"):
        raise BadLink(f"scheme {parts.scheme[:20] or 'missing'}")
    if not parts.hostname:
        raise BadLink("no host")
    if len(url) > MAX_URL_CHARACTERS:
        raise BadLink(f"longer than {MAX_URL_CHARACTERS} characters")
    if problem := check_url(url, ANY_PORT):  # user names, impossible hosts and ports: no later step can read these
        raise BadLink(problem.detail or "")
    return url


def absolute_or_none(raw: str | None, base: str) -> str | None:
    """As ``absolute_link``, None where that raises."""
    try:
        return absolute_link(raw or "", base)
    except BadLink:
        return None


def is_absolute_http(link: str) -> bool:
    """Whether ``link`` names its own http or https scheme, as a guid must to serve as a link."""
    scheme = _SCHEME.match(link.strip())
    return bool(scheme) and scheme[1].lower() in ("http", "https") if scheme else False


def base_for_links(feed_url: str, site_link: str | None) -> str:
    """What relative links of entries are relative to.

    The feed's own URL, unless the channel's link is on another host: then the feed is hosted by a service, and the
    links speak of the site.
    """
    site = absolute_or_none(site_link, feed_url)
    if site and urlsplit(site).hostname != urlsplit(feed_url).hostname:
        return site
    return feed_url
