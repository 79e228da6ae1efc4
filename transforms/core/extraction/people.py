"""Names in bylines: cut apart, and freed of what is printed round them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from transforms.core.extraction.agencies import is_agency
from transforms.core.extraction.calendar_words import is_day
from transforms.core.extraction.prose import letters

MAX_NAME = 60
MAX_NAMES = 25
MAX_UNCASED = 40
"""Characters of a name, or two, in a script without capitals."""

_PREFIX = re.compile(
    r"""^(?:\W*(?:
    (?:written|words|story|report(?:ed|ing)?|text|article|posted|published|interview|analysis|review|comment)\s+by
    |by|von|par|por|av|af|door|(?:tekst|text|texte|texto|testo|teksti)(?=\s*:)|автор(?:ы)?|από|γράφει(?:\s+[ηο](?=\s))?|yazan|haber|penulis|reporter
    |autor(?:en|a|as|es|in)?|author(?:s)?|auteur|autore|skrevet\s+av|publisert\s+av|ein\s+\w+\s+von
    |(?:eine?\s+)?(?:analyse|kommentar|reportage|interview|gastbeitrag|kolumne|essay|bericht|glosse)\s+von
    |propos\s+recueillis\s+par|przez|opr(?:ac)?\b|szerző|írta|napsal[a]?|připravil[a]?|oleh|bởi|文|文[/／]|작성자|기자
    |пишет|пише|piše|autorius|autors|eftir|skrifar|redacción|redação|publicad[oa]\s+por
    |postado\s+por|posted\s+by|kirjoitti|teksti|escrito\s+por|escribe|scritto\s+da|a\s+cura\s+di|geschreven\s+door
    |كتب|كتبت|بقلم|تحرير|إعداد|المصدر|מאת|نویسنده|گزارش|लेखक|रिपोर्ट|द्वारा|โดย|ผู้เขียน|লেখক
    )(?:\s*[:：.]\s*|\s+)|(?:本报记者|本報記者|特约记者|记者|記者|撰文|取材・文|文・|作者)\s*[:：/／]?\s*(?=[\u4e00-\u9fff\u3040-\u30ff]))+(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
_AFTER = re.compile(
    r"""(?:\s+(?:in|aus|à|für|for|with|mit|reports?|reporting|special\s+to)\s+.*
    |\s+(?:기자|특파원|인턴기자|선임기자|논설위원|記者|记者|通讯员|특별취재팀)\b.*
    |(?:^|\s+)(?:published|updated|posted|publi[ée]+e?|mis\s+à\s+jour|veröffentlicht|aktualisiert|publicado|actualizado|atualizado
    |pubblicato|aggiornato|gepubliceerd|publicerad|publisert|udgivet|opublikowano|publikováno|опубликовано)\b.*
    |\s*[/／]\s?[^/／]{2,8}(?:報導|报道|報道|電|综合报道)$
    |\s*[-–—|]\s+.*|\s*@\w+.*|\s+\d.*|\s*[:：]\s*$)$""",
    re.IGNORECASE | re.VERBOSE,
)
_AND = re.compile(
    r"\s*[;|&/•·、，]\s*|\s+(?:and|und|et|och|og|en|ja|oraz|и|та|ve|dan|và|és|și|with|mit|und|e|y|i|a)\s+",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*,\s*(?:(?:and|und|et|y|e|og|och|en|и)\s+)?")
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_BRACKETED = re.compile(r"\s*[(\[（【].*?[)\]）】]")
_PICTURED = re.compile(
    r"(?<!\w)(?:fotos?|foto's|bild(?:er)?|photos?|photography|photographs?|illustrations?|video|grafik(?:en)?|kamera)\s*"
    r"(?::|by\b|von\b|av\b|par\b)",
    re.IGNORECASE,
)
"""Where a byline goes on to those who took the pictures."""

_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")
_URL = re.compile(r"^(?:https?://|www\.)", re.IGNORECASE)
_TITLE = re.compile(
    r"""\b(?:editor|correspondent|reporter|journalist|columnist|writer|producer|contributor|analyst|professor"
    r"|bureau|chief
    |photographer|fellow|director|redakteur(?:in)?|korrespondent(?:in)?|journalist(?:in)?|ressortleiter(?:in)?
    |chefredakteur(?:in)?
    |volont[äa]r(?:in)?|redactor[a]?|periodista|corresponsal|enviad[oa]|jefe|journaliste|rédact\w+|envoyé\w*
    |grand\s+reporter
    |giornalista|inviato|redattore|verslaggever|redacteur|correspondente|repórter|jornalista|editora?|политический
    |корреспондент
    |обозреватель|журналист\w*|редактор\w*|muhabir|editör[ü]?|kommentator|journalista|redaktør|dziennikarz
    |redaktor\w*|komentátor\w*
    |senior|staff|freelance|desk|politics|sports?|business|science|health|environment|opinion|nachrichten|politik|wirtschaft)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NOBODY = frozenset({
    "admin", "administrator", "author", "authors", "unknown", "anonymous", "none", "null", "undefined", "nan",
    "na", "webmaster", "user", "guest", "editor", "autor", "default", "root", "test", "wordpress", "redazione",
    "nobody", "automatic",
})  # fmt: skip
_PARTICLES = frozenset({
    "von", "van", "de", "der", "den", "da", "di", "du", "la", "le", "zu", "bin", "al", "el", "y", "of", "del", "dos",
    "das", "do", "della", "dello", "ter", "ten", "het", "op", "los", "las", "e", "i", "ibn", "abu", "ben", "bint", "af",
    "av", "zum", "zur", "am", "des", "d", "o",
})  # fmt: skip


def names_in(raw: str) -> list[str]:
    """The names in a byline or an author field, as printed: no "By", titles, places, addresses or handles."""
    text = _EMAIL.sub(" ", raw.replace("\xa0", " "))
    if _URL.match(text.strip()) or len(text) > 400:
        return []
    text = _PREFIX.sub("", _PICTURED.split(_BRACKETED.sub("", text).strip())[0].strip())
    parts = [part for piece in _split(text) for part in _by_commas(piece)]
    names = [name for part in parts if (name := _tidied(part)) is not None]
    return _without_titles(names)[:MAX_NAMES]


def distinct(names: Iterable[str]) -> list[str]:
    """Names in order without the same one in another case, with a hyphen, or without its accents."""
    found: dict[str, str] = {}
    for name in names:
        key = name_key(name)
        if key not in found or (found[key].islower() and not name.islower()):
            found[key] = name
    return list(found.values())


def name_key(name: str) -> str:
    """What two spellings of a name share."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return letters(bare.replace("ß", "ss"))


def looks_like_person(text: str) -> bool:
    """Two to four words that start as names do, and nothing else."""
    words = text.split()
    return 2 <= len(words) <= 4 and len(text) <= MAX_NAME and all(_is_name_word(word) for word in words)


def is_uncased_name(text: str) -> bool:
    """Whether a short line in a script without capitals may be a name: the markup round it must say that it is one."""
    names = names_in(text)
    letters_of = [c for c in text if c.isalpha()]
    if not names or len(text) > MAX_UNCASED or any(c.lower() != c.upper() for c in letters_of):
        return False
    return all(len(name.split()) <= 4 and not any(map(str.isdigit, name)) for name in names)


def opens_byline(text: str) -> bool:
    """Whether a line begins as bylines do, with "By" in some language."""
    return _PREFIX.match(text) is not None


def is_signature(text: str) -> bool:
    """Whether a line is nothing but names of persons and agencies, one person at least."""
    if len(text) > 3 * MAX_NAME:
        return False
    names = names_in(text)
    if not any(map(looks_like_person, names)) or not all(looks_like_person(n) or is_agency(n) for n in names):
        return False
    return name_key("".join(names)) == name_key(_AND.sub("", text.replace(",", "")))


def _is_name_word(word: str) -> bool:
    bare = word.strip("-.’'")
    return bare.lower() in _PARTICLES or (bare[:1].isupper() and all(c.isalpha() or c in "-.’'" for c in bare))


def _split(text: str) -> list[str]:
    """Cut at joining words where whole names stand on both sides ("Ortega y Gasset" is one)."""
    parts: list[str] = []
    for part in _AND.split(text):
        if parts and not (_is_whole(parts[-1]) and _is_whole(part)) and _joined_by_letter(text, parts[-1], part):
            joint = text[text.find(parts[-1]) + len(parts[-1]) : text.find(part, text.find(parts[-1]) + len(parts[-1]))]
            parts[-1] = f"{parts[-1]}{joint}{part}"
        else:
            parts.append(part)
    return parts


def _joined_by_letter(text: str, left: str, right: str) -> bool:
    return re.search(rf"{re.escape(left)}\s+(?:y|e|i|a|en|et)\s+{re.escape(right)}", text) is not None


def _is_whole(text: str) -> bool:
    return len(text.rsplit(",", maxsplit=1)[-1].split()) > 1 or is_agency(text)


def _by_commas(piece: str) -> list[str]:
    parts = _COMMA.split(piece)
    single = all(" " not in part.strip() and not is_agency(part) for part in parts)
    if len(parts) == 2 and single:
        return [f"{parts[1]} {parts[0]}"] if parts[0] and parts[1] else parts  # "Surname, Given"
    return parts


def _tidied(part: str) -> str | None:
    name = _AFTER.sub("", _PREFIX.sub("", part.strip())).strip(" \t.,;:-–—|/*•·\"“”'")
    name = " ".join(name.split())
    if name.isupper() and " " in name and name.isascii():
        name = name.title()
    if re.fullmatch(r"[a-z]+(?:-[a-z]+)+", name):
        name = name.replace("-", " ").title()
    if (
        _CLOCK.search(name)
        or is_day(name)
        or not name
        or len(name) > MAX_NAME
        or letters(name) in _NOBODY
        or not any(map(str.isalpha, name))
    ):
        return None
    return name


def _without_titles(names: list[str]) -> list[str]:
    """A job title is dropped where a name stands beside it; alone it is all the byline says."""
    if len(names) < 2:
        return names
    kept = [name for name in names if not (_TITLE.search(name) and not looks_like_newsroom(name))]
    return kept or names[:1]


def looks_like_newsroom(name: str) -> bool:
    """Whether a name is that of a desk or a team, which stands as an author of its own."""
    return (
        re.search(r"\b(?:team|staff|redaktion|redacción|redação|rédaction|redazione|newsroom)\b", name, re.I)
        is not None
    )
