"""News agencies under the names by which bylines, datelines and credits call them."""

from __future__ import annotations

import re

_NAMES = {
    "AP": "ap|associated press|the associated press|ap news|ap photo|ассошиэйтед пресс|美联社|美聯社",
    "Reuters": "reuters|thomson reuters|рейтер|路透社|路透|ロイター|로이터|رويترز|रॉयटर्स",
    "AFP": "afp|agence france-presse|agence france presse|agencia afp|afpbb|法新社|法新|أ ف ب|أ.ف.ب|فرانس برس",
    "dpa": "dpa|deutsche presse-agentur|dpa-infocom|dpa-afx",
    "PA": "pa|pa media|press association|pa news agency",
    "UPI": "upi|united press international",
    "Bloomberg": "bloomberg|bloomberg news",
    "The Canadian Press": "cp|the canadian press|canadian press|la presse canadienne",
    "AAP": "aap|australian associated press",
    "EPA": "epa",
    "EFE": "efe|agencia efe",
    "Europa Press": "europa press",
    "ANSA": "ansa",
    "Adnkronos": "adnkronos",
    "APA": "apa|austria presse agentur",
    "Keystone-SDA": "ats|sda|keystone-sda|keystone-ats",
    "KNA": "kna",
    "epd": "epd",
    "SID": "sid",
    "NTB": "ntb",
    "TT": "tt|tt nyhetsbyrån",
    "Ritzau": "ritzau",
    "STT": "stt",
    "ANP": "anp",
    "Belga": "belga",
    "Lusa": "lusa|agência lusa",
    "PAP": "pap",
    "ČTK": "čtk|ctk",
    "TASR": "tasr",
    "MTI": "mti",
    "Agerpres": "agerpres",
    "Mediafax": "mediafax",
    "Tanjug": "tanjug|танјуг",
    "Hina": "hina",
    "STA": "sta",
    "AMNA": "αμπε|απε-μπε|αμνα|ape-mpe",
    "Anadolu": "aa|anadolu ajansı|anadolu agency|anadolu",
    "DHA": "dha|demirören haber ajansı",
    "İHA": "iha|i̇ha|ihlas haber ajansı",
    "TASS": "tass|тасс|итар-тасс",
    "RIA Novosti": "риа новости|ria novosti",
    "Interfax": "интерфакс|interfax",
    "Ukrinform": "укринформ|укрінформ|ukrinform",
    "Xinhua": "xinhua|新华社|新華社|xinhua news agency",
    "CNA": "中央社",
    "Kyodo": "kyodo|kyodo news|共同通信|共同通信社|共同",
    "Jiji": "時事通信|時事|jiji press|jiji",
    "Yonhap": "yonhap|연합뉴스|yonhap news agency",
    "Newsis": "뉴시스|newsis",
    "PTI": "pti|press trust of india|पीटीआई|भाषा",
    "ANI": "ani|एएनआई",
    "IANS": "ians|आईएएनएस",
    "APP": "associated press of pakistan",
    "BSS": "bss|বাসস",
    "UNB": "unb",
    "Bernama": "bernama",
    "Antara": "antara",
    "VNA": "vna|ttxvn",
    "WAM": "wam|وام",
    "SPA": "واس",
    "MENA": "أ ش أ|أ.ش.أ",
    "NAN": "news agency of nigeria",
}
"""The name under which an agency is recorded, and how it is written, alternatives of a regular expression."""

_ORIGIN_OF = {name: agency for agency, names in _NAMES.items() for name in names.split("|")}

AGENCIES = "|".join(sorted(map(re.escape, _ORIGIN_OF), key=len, reverse=True))
"""Every name of an agency, alternatives of a regular expression."""


def agency_of(name: str) -> str | None:
    """The agency that a name stands for, or None: "Associated Press" is AP."""
    return _ORIGIN_OF.get(name.strip(" .()").lower())


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency."""
    return agency_of(name) is not None
