"""Posts and players that a page embeds: whose they are, and what a post says."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from schemas.article import Embed
from transforms.core.extraction.moments import read_moment

MAX_TEXT = 5000

_POST_CLASSES = {
    "twitter-tweet": "x", "twitter-video": "x", "instagram-media": "instagram", "fb-post": "facebook",
    "fb-video": "facebook", "tiktok-embed": "tiktok", "bluesky-embed": "bluesky", "text-post-media": "threads",
    "reddit-embed-bq": "reddit", "reddit-card": "reddit", "mastodon-embed": "mastodon", "telegram-post": "telegram",
    "imgur-embed-pub": "imgur", "vk-post": "vk", "truthsocial-embed": "truthsocial",
}  # fmt: skip

_HOSTS = {
    "twitter.com": ("social", "x"), "x.com": ("social", "x"), "instagram.com": ("social", "instagram"),
    "facebook.com": ("social", "facebook"), "tiktok.com": ("social", "tiktok"), "bsky.app": ("social", "bluesky"),
    "t.me": ("social", "telegram"), "telegram.org": ("social", "telegram"), "threads.net": ("social", "threads"),
    "threads.com": ("social", "threads"), "reddit.com": ("social", "reddit"), "redditmedia.com": ("social", "reddit"),
    "linkedin.com": ("social", "linkedin"), "vk.com": ("social", "vk"), "truthsocial.com": ("social", "truthsocial"),
    "youtube.com": ("video", "youtube"), "youtube-nocookie.com": ("video", "youtube"), "youtu.be": ("video", "youtube"),
    "vimeo.com": ("video", "vimeo"), "dailymotion.com": ("video", "dailymotion"), "twitch.tv": ("video", "twitch"),
    "brightcove.net": ("video", "brightcove"), "jwplayer.com": ("video", "jwplayer"),
    "jwplatform.com": ("video", "jwplayer"),
    "rumble.com": ("video", "rumble"), "rutube.ru": ("video", "rutube"), "streamable.com": ("video", "streamable"),
    "glomex.com": ("video", "glomex"), "soundcloud.com": ("audio", "soundcloud"), "spotify.com": ("audio", "spotify"),
    "apple.com": ("audio", "apple"), "acast.com": ("audio", "acast"), "megaphone.fm": ("audio", "megaphone"),
    "omny.fm": ("audio", "omny"), "simplecast.com": ("audio", "simplecast"), "podigee.io": ("audio", "podigee"),
    "ivoox.com": ("audio", "ivoox"), "documentcloud.org": ("document", "documentcloud"),
    "scribd.com": ("document", "scribd"),
    "datawrapper.de": ("document", "datawrapper"), "dwcdn.net": ("document", "datawrapper"),
    "flourish.studio": ("document", "flourish"), "infogram.com": ("document", "infogram"),
}  # fmt: skip

_ADVERTS = re.compile(
    r"doubleclick|googlesyndication|adservice|amazon-adsystem|taboola|outbrain|googletagmanager|safeframe"
)
_SIGNATURE = re.compile(
    r"\s*[—–-]{1,2}\s*(?P<name>[^—\n]{1,80}?)\s*\((?:@|＠)(?P<handle>[\w.\-]{1,60})\)\s*(?P<date>[^\n]{0,40})\s*$"
)
_POST_LINKS = re.compile(r"(?:pic\.twitter\.com|t\.co)/\w+")
_POST_URL = re.compile(r"(?:twitter|x)\.com/(?P<handle>\w+)/status|bsky\.app/profile/(?P<bsky>[\w.\-]+)/post")


def provider_of_class(names: str) -> str | None:
    """The network whose post a block with these classes is, or None."""
    return next((_POST_CLASSES[name] for name in names.lower().split() if name in _POST_CLASSES), None)


def provider_of_url(url: str) -> tuple[str, str | None]:
    """Kind and provider of what an address embeds; ("iframe", None) for an unknown one."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return "iframe", None
    labels = host.split(".")
    known = (_HOSTS.get(".".join(labels[n:])) for n in range(len(labels) - 1))
    return next((one for one in known if one), ("iframe", None))


def is_advert(url: str) -> bool:
    """Whether an address serves advertising or tracking, which is no embed of the story."""
    return _ADVERTS.search(url) is not None


def has_signature(text: str) -> bool:
    """Whether a text ends as an embedded post does: dash, name, handle in brackets, date."""
    return _SIGNATURE.search(text) is not None


def social(provider: str, text: str, url: str | None) -> Embed:
    """A post, with its signature cut off its text and read."""
    signed = _SIGNATURE.search(text)
    said = _POST_LINKS.sub("", text[: signed.start()] if signed else text).strip()
    moment = read_moment(signed["date"]) if signed and signed["date"] else None
    handle = signed["handle"] if signed else _handle_in(url or "")
    return Embed(
        kind="social",
        provider=provider,
        url=url,
        text=said[:MAX_TEXT] or None,
        author_name=signed["name"].strip() if signed else None,
        author_handle=handle,
        published_at=moment.at if moment else None,
    )


def _handle_in(url: str) -> str | None:
    match = _POST_URL.search(url)
    return (match["handle"] or match["bsky"]) if match else None
