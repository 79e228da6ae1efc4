"""robots.txt (RFC 9309): the one place that knows protego.

Also reads from it whether a site keeps its texts from the collectors of AI training data, which is one of the ways in
which a publisher reserves text and data mining (Directive (EU) 2019/790, article 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from protego import Protego

MAX_ROBOTS_BYTES = 512 * 1024
"""The rest of a longer file is not read (RFC 9309 §2.5 asks for 500 KiB at least); 12 MB took 4.7 s to parse."""

AI_AGENTS = (
    "GPTBot",
    "ChatGPT-User",
    "OAI-SearchBot",
    "ClaudeBot",
    "Claude-Web",
    "anthropic-ai",
    "CCBot",
    "Google-Extended",
    "GoogleOther",
    "Applebot-Extended",
    "Bytespider",
    "PerplexityBot",
    "Meta-ExternalAgent",
    "FacebookBot",
    "Amazonbot",
    "cohere-ai",
    "Diffbot",
    "ImagesiftBot",
    "Omgilibot",
    "AI2Bot",
    "DuckAssistBot",
    "MistralAI-User",
    "Timpibot",
)
"""Agents that collect texts for language models, under the names their operators publish."""

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one robots.txt says.  Without a file, or where it cannot be had, one answer holds for every URL."""

    _parsed: Protego | None
    _otherwise: bool

    def allows(self, url: str, agent: str) -> bool:
        """Whether ``agent`` may ask for ``url``.  robots.txt itself may always be asked for."""
        if url == robots_url(url):
            return True
        return self._otherwise if self._parsed is None else self._parsed.can_fetch(url, agent)

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds that ``agent`` shall leave between requests, where the file says so."""
        delay = None if self._parsed is None else self._parsed.crawl_delay(agent)
        return None if delay is None else float(delay)

    def reserves_from_ai(self, url: str) -> bool:
        """Whether an AI agent is kept from ``url``: the TDM reservation in this form.

        A file that could not be had reserves nothing: that says no more than that the server failed.
        """
        return self._parsed is not None and not all(self.allows(url, agent) for agent in AI_AGENTS)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the file names, in its order."""
        return () if self._parsed is None else tuple(self._parsed.sitemaps)


ALLOW_ALL = RobotsRules(None, True)
DISALLOW_ALL = RobotsRules(None, False)


class Robots:
    """Reads robots.txt files."""

    @staticmethod
    def parse(body: bytes, status: int | None) -> RobotsRules:
        """Read the answer to a request for robots.txt; ``status`` is None where there was no answer.

        By RFC 9309 §2.3.1: 2xx rules by the body; 3xx (redirects that lead nowhere) and 4xx allow everything; 5xx and
        no answer disallow everything.  So does 429, which says no more than "not now".
        """
        if status is None or is_unavailable(status):
            return DISALLOW_ALL
        if status >= 300:
            return ALLOW_ALL
        return RobotsRules(Protego.parse(_text(body)), True)


def is_unavailable(status: int | None) -> bool:
    """Whether an error status leaves open what the rules are, rather than saying that there are none."""
    return status is not None and (status == 429 or status >= 500)


def robots_url(url: str) -> str:
    """Where the robots.txt for ``url`` lies: same scheme, host and port."""
    return urljoin(url, "/robots.txt")


def _text(body: bytes) -> str:
    """Decode as RFC 9309 wants it, UTF-8; a file that is cut loses its last, incomplete line."""
    if len(body) > MAX_ROBOTS_BYTES:
        body = body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0]
    return body.decode("utf-8", errors="replace").removeprefix(_BYTE_ORDER_MARK)
