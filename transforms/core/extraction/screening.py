"""Pages that hold no story: other formats, and walls that stand where the story was."""

from __future__ import annotations

import re

from schemas.outcome import OutcomeKind, Problem

MAX_BYTES = 12 * 1024 * 1024
"""Bytes of a page that are decoded at all; the largest of the development pages has 2.2 MB."""

WALL_CHARS = 1200
"""Text up to which a page's words may make it a wall; walls say little, and stories about walls say more."""

_HTML_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "application/xml",
    "text/xml",
    "text/plain",
    "application/octet-stream",
)
_MAGIC = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"), (b"RIFF", "RIFF"), (b"OggS", "Ogg"), (b"ID3", "MP3"), (b"\x00\x00\x00", "binary"),
)  # fmt: skip
_FEED = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.DOTALL
)
_TAG = re.compile(
    r"<(?:!doctype|html|head|body|article|div|p|h1|meta|title|section|main|table|span|br)\b", re.IGNORECASE
)
_JSON = re.compile(r"^\s*[\[{]")

_BOT = re.compile(
    r"just a moment|attention required|verify (?:that )?you(?:'re| are) (?:a )?human|are you a (?:robot|human)"
    r"|checking your browser|access (?:to this page has been )?denied|pardon our interruption|unusual traffic|captcha"
    r"|request (?:unsuccessful|blocked)|bot detection|ddos protection|please enable (?:js"
    r"|javascript) and disable any ad blocker"
    r"|press (?:&|and) hold|security check|zugriff verweigert|accès refusé|доступ ограничен|проверка браузера|访问验证"
    r"|人机验证"
    r"|enable javascript and cookies to continue",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|we (?:and our|use) [^.]{0,60}(?:partners|cookies)|cookie (?:consent|settings|policy)"
    r"|privacy (?:gate|settings)"
    r"|manage (?:your )?(?:cookie|privacy|consent)|(?:bevor|zustimmung|einwilligung"
    r"|datenschutz)[^.]{0,60}(?:fortfahren|cookies|werbung|tracking)"
    r"|mit werbung (?:weiter|lesen)|cookies (?:zustimmen|akzeptieren)|nous (?:et nos"
    r"|utilisons)[^.]{0,60}(?:partenaires|cookies)"
    r"|continuer sans accepter|utilizamos cookies|aceptar (?:y continuar|cookies)|accetta (?:e continua|i cookie)"
    r"|wij gebruiken cookies"
    r"|vi (?:använder|bruker) cookies|^\W*(?:cookie )?consent",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:log|sign) in to (?:continue|read|view|your account)|please (?:log|sign) in|members? only|login required"
    r"|create (?:a free|an) account to"
    r"|(?:bitte )?(?:melden sie sich|einloggen|anmelden)|connectez-vous|inicia(?:r)? sesión|inicie sesión"
    r"|faça (?:seu )?login|accedi per"
    r"|logg inn|logga in|войдите|авторизуйтесь|giriş yap|ログイン|登录|로그인",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"^\W*404\b|error 404|404 (?:error|page)|^\W*(?:page |article |file )?not found\W*(?:$|[|–-])"
    r"|page (?:not found|cannot be found|doesn'?t exist|no longer (?:exists|available))"
    r"|seite (?:nicht gefunden|existiert nicht)"
    r"|(?:page|article) (?:introuvable|non trouvée)|página no encontrada|no (?:se )?encontr(?:ada|ado|amos)"
    r"|página não encontrada"
    r"|pagina (?:non trovata|niet gevonden)|sidan (?:kunde inte hittas|finns inte)|siden (?:finnes ikke"
    r"|blev ikke fundet)|sivua ei löy"
    r"|nie (?:znaleziono|istnieje)|stránka nenalezena|страница не найдена|сторінку не знайдено|sayfa bulunamadı"
    r"|không tìm thấy"
    r"|halaman tidak ditemukan|見つかりません|页面不存在|找不到|찾을 수 없|الصفحة غير موجودة"
    r"|(?:page|article|content) (?:has been|was) (?:removed|deleted)"
    r"|(?:page|article) is no longer available",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"subscri|abonn|paywall|premium|suscri|assinant|sottoscri|prenumer|tilaa|подписк|会員|订阅|구독|already a member"
    r"|jetzt (?:lesen|testen)",
    re.IGNORECASE,
)

_WALLS = (
    (OutcomeKind.BOT_WALL, _BOT),
    (OutcomeKind.SOFT_404, _MISSING),
    (OutcomeKind.CONSENT_PAGE, _CONSENT),
    (OutcomeKind.LOGIN_WALL, _LOGIN),
)


def not_a_page(payload: bytes, content_type: str | None) -> Problem | None:
    """Why bytes are no web page, by their header and their first bytes, or None."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and kind not in _HTML_TYPES and "html" not in kind:
        return Problem(OutcomeKind.NOT_HTML, f"content type {kind[:80]}")
    if len(payload) > MAX_BYTES:
        return Problem(OutcomeKind.TOO_LARGE, f"{len(payload)} bytes, {MAX_BYTES} are read")
    magic = next((name for start, name in _MAGIC if payload.startswith(start)), None)
    if magic is not None:
        return Problem(OutcomeKind.NOT_HTML, f"the bytes are {magic}")
    return None


def not_markup(text: str) -> Problem | None:
    """Why a decoded body is no HTML, or None."""
    if not text.strip():
        return Problem(OutcomeKind.NO_TEXT, "the page is empty")
    head = text[:20_000]
    if _FEED.match(head):
        return Problem(OutcomeKind.NOT_HTML, "a feed or sitemap")
    if not _TAG.search(head):
        return Problem(OutcomeKind.NOT_HTML, "JSON" if _JSON.match(head) else "text without HTML tags")
    return None


def wall(title: str, text: str, is_article: bool) -> Problem | None:
    """What stands in the place of the story, by the page's title and words; ``is_article`` asks for proof in its title.

    ``text`` is what was taken for the story, of which only the opening counts, or all that the page prints where
    there is no story in it.
    """
    for kind, pattern in _WALLS:
        match = pattern.search(title) or (None if is_article else pattern.search(text))
        if match is not None and len(text) <= WALL_CHARS:
            return Problem(kind, f"the page says “{match.group(0)[:80]}”")
    return None


def asks_to_subscribe(text: str) -> bool:
    """Whether a text asks its reader to subscribe."""
    return _PAYWALL.search(text) is not None
