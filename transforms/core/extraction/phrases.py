"""Lines that newsrooms print round a story, by how they begin, in the languages of many newsrooms.

Each pattern is tried at the start of a short line only: whole blocks are told by structure, not by words.
"""

from __future__ import annotations

import re

MAX_LINE = 220
"""Characters of a line that may be furniture; a paragraph that starts like it ("Read more about …") is longer."""

_READ_MORE = r"""
read (?:more|also|next|the full (?:story|article))\b|also read\b|see also\b|more (?:on this|from|about)\b
|related(?:\s*:|\s+(?:articles?|stor(?:y|ies)|news|content|topics?|links?|posts?|coverage|reading)\b|$)
|you can also (?:check|read)\s*:|more\s?:(?!\S)|(?:arrow )?more\s?: |recommended stor(?:y|ies)\b
|(?:don.t miss|you may (?:also )?like|recommended|keep reading|continue reading|up next|further reading|most read)\b
|(?:lesen|lies|sehen|hören) (?:sie )?(?:auch|hier|dazu|mehr)|mehr (?:zum thema|dazu|lesen|aus)
|passend zum (?:artikel|thema)
|(?:das könnte sie|auch interessant|weitere (?:artikel|nachrichten|themen)|zum thema:)|weiterlesen
|(?:à )?lire (?:aussi|également|plus)|(?:voir|à voir) aussi|sur le même (?:sujet|thème)|notre dossier
|(?:lee|leer|lea|ver|vea|mira|te puede interesar|puedes leer|más información|noticias? relacionadas?
|además)(?: también| más)?\s*(?::|$)
|(?:lee|leer|lea) (?:también|además|más)|te puede interesar|noticias? relacionadas?
|(?:leia|leia mais|veja|saiba|confira)(?: também| mais)\b|leia mais
|leggi anche|leggi (?:tutto|di più)|potrebbe interessarti|approfondisci
|lees (?:ook|meer|verder|hier)|bekijk ook|meer over dit onderwerp
|läs (?:också|mer|även)|les (?:også|mer|hele)|læs (?:også|mere)|se også|lue (?:myös|lisää)|katso myös
|(?:czytaj|zobacz|przeczytaj|sprawdź) (?:też|także|również|więcej)|(?:čtěte|přečtěte si|mohlo by vás
|související)(?: také)?
|(?:читайте|смотрите|читать|читай) (?:также|ещ[её]|по теме|далее|по темі)|(?:читайте|дивіться) (?:також|ще)
|по теме:|материалы по теме
|(?:bunu da okuyun|ilgili haber|ayrıca okuyun|haberin devamı|i̇lgili haber)|(?:baca|simak|lihat) (?:juga|selengkapnya)
|xem thêm|đọc thêm|(?:citește|citiți) și|olvass[ao]n? (?:még|tovább)|διαβάστε (?:επίσης|ακόμη)|прочетете още
|čitajte (?:još|i)|pročitajte
|関連記事|あわせて読みたい|次のページ|【関連|相关(?:阅读|报道|新闻)|延伸閱讀|更多[^，。]{0,6}(?:新闻|新聞|報導|报道)|관련기사
|▶|اقرأ أيضا|إقرأ أيضا|اقرأ المزيد|यह भी पढ़ें
|ये भी पढ़ें|आरो पढ़ें
"""

_NEWSLETTER = r"""
(?:sign|signed) up (?:for|to|here|now|below)|subscribe to (?:our|the)|get (?:the|our|all)[^.]{0,60}(?:inbox
|newsletter|email)
|(?:want|like)[^.?]{0,60}(?:newsletter|inbox)|our[^.]{0,40}newsletter\b|join our[^.]{0,40}(?:newsletter|channel
|whatsapp|telegram)
|follow (?:us|[\w ]{2,40}) on\b|download (?:our|the) app|by (?:signing up|submitting|entering|subscribing)
|enter your email
|(?:jetzt|hier|kostenlos)[^.]{0,50}newsletter|(?:abonnieren|melden) sie|newsletter\b|unser(?:en)? newsletter
|folgen sie uns
|(?:inscrivez|abonnez)[ -]vous|(?:recevez|recevoir) [^.]{0,60}(?:newsletter|e-?mail|infolettre)|suivez[ -](?:nous
|[^.]{0,20}sur)
|suscríb|suscribete|recib[ea] [^.]{0,60}(?:newsletter|bolet[ií]n|correo)|síguenos|sigue (?:toda|la información
|el canal)[^.]{0,80}
|(?:assine|inscreva-se|receba) [^.]{0,60}(?:newsletter|e-?mail|boletim)|siga (?:o|a|nos)[^.]{0,40}(?:whatsapp
|instagram|canal)
|iscriviti|segui(?:ci)? su|(?:meld je|schrijf je|abonneer)|volg (?:ons|ook)|(?:anmäl dig|prenumerera)|meld deg
|tilmeld dig
|(?:zapisz się|subskrybuj|obserwuj nas)|подпи(?:шитесь|сывайтесь|ш)|підпи(?:шіться|суйтесь)|(?:abone ol
|bültenimize)|theo dõi\b[^.]{0,60}$
|(?:ikuti|dapatkan)[^.]{0,60}(?:whatsapp|channel|google news|telegram)
|sledujte nás|pratite nas|følg (?:oss|os)\b|följ oss|kövess\w*\b|urmăr(?:iți|ește)[ -]|تابعوا|تابعنا
|следите за (?:нами|новостями)
|ακολουθήστε\b|[^.]{0,80}\bgoogle (?:news|новост|haberler|nachrichten|actualités|noticias|notícias)[^.]{0,60}$
|無料会員|会員登録|メルマガ|(?:关注|關注|订阅|訂閱)[^。]{0,30}$|구독
"""

_SUBSCRIPTION = r"""
(?:this (?:article|story|content) is|available)[^.]{0,40}(?:subscribers?|members?|premium)|already (?:a
|have an?)[^.]{0,20}(?:subscriber|member|account)
|(?:log|sign) in (?:to|or)|to (?:continue|keep) reading|subscribers? only|support (?:our
|independent)[^.]{0,40}(?:journalism|work|reporting)
|(?:make a|please) donat|esta funcionalidad es sólo|contenido exclusivo|(?:solo|exclusivo) para suscriptores
|ya (?:eres|soy) suscriptor
|(?:nur )?für abonnenten|diesen artikel (?:weiter|frei|mit)|(?:bereits|schon) (?:abonnent|registriert)|この記事は会員
|ログイン(?:して|する)|残り\s?\d+\s?文字
|article réservé|(?:réservé|exclusif)[^.]{0,20}abonnés|il vous reste \d+|(?:exclusivo|apenas) para assinantes
|(?:voor abonnees|alleen voor)
|(?:contenuto|articolo) riservato|(?:dla|tylko dla) subskrybent|материал доступен|только для подписчиков
"""

_CREDIT = r"""
(?:photo|image|picture|photograph|file photo|video|illustration|graphic)s?(?: credits?| courtesy| by| from
| source)?\s*[:©/|]
|(?:foto|bild|fotos|bilder|grafik|abbildung|quelle|fotograf|bildquelle|imagen|imagem|crédito|créditos|fotografía
|infografik)\s*[:©/|]
|(?:foto|zdjęcie|fot)\.?\s?[:/]|фото\s*[:.]|фото:|зображення:|ảnh\s*:|(?:写真|図)\s*[=＝:：]|(?:图|圖|图片|圖片)(?:源|来源
|來源)?\s*[:：/／]|사진\s*[=:]|▲|△
|(?:getty images|reuters|afp|ap photo|shutterstock|alamy|istock|unsplash|picture alliance|imago|epa|pa media
|pa wire|dpa)\s*$
|\(?(?:[\w-]{1,6}/){0,3}(?:dpa|afp|ap|rtr|reuters|sid|kna|epd|apa|ots|afx|ddp|ntb|ritzau|tt|anp|ats|sda|efe|ansa)(?:[/-][\w-]{1,8}){0,3}\)?$
|©|\(c\) |copyright\b|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos
|все права защищены
|(?:reporting|editing|writing|additional reporting|compiled|edited|produced|translated) by\b[^.]{0,120}$
|\(?(?:reporting|editing|writing)(?: and \w+)? by [^)]{0,160}\)?$|this (?:article|story) was (?:originally
|first) published
|(?:[\w.'’-]+ ){1,6}(?:contributed (?:to|reporting)|reported from)\b
|.{0,150}(?:[摄攝]|[(（=＝][^(（]{0,40}(?:撮影|提供))\s?[)）]?$
|(?:źródło|source|sources|fonte|fuente|kaynak|источник|джерело|zdroj|forrás|bron|kilde|källa|lähde|πηγή|nguồn|sumber
|izvor|vir|allikas|avots|šaltinis|sursa|المصدر|स्रोत)\s*[:：][^.]{0,80}$
|(?:来源|來源|出典|資料來源)\s*[:：／/][^。]{0,60}$
|(?:無断転載|版权所有|责任编辑|責任編輯|編集|저작권자|무단\s?전재)
"""

_ADVERT = r"""
(?:advertisement|advertising|advert|sponsored(?: content)?|anzeige|werbung|publicité|publicidad|pubblicità
|advertentie|reklama?|reklam|annons|annonce
|mainos|hirdetés|реклама|διαφήμιση|広告|广告|廣告|광고|iklan|quảng cáo|إعلان|विज्ञापन|anunțuri?
|pub)\s*[:.\-–—]*(?:\s*(?:-\s*)?(?:scroll|article continues|continue|story continues)[^.]*\.?)?$
|(?:story|article|content|text) continues (?:below|after)|(?:der artikel|text) (?:wird|geht) (?:nach
|unter)[^.]{0,60}weiter|artikkelen fortsetter|artikeln fortsätter
|skip (?:past|advertisement|ad)\b|scroll to continue|continua después de la publicidad|continua após a publicidade
|report this ad
"""

_PROMO = r"""
(?:watch|listen|read|video|podcast|live)\s?[:|](?!\S)
|(?:dieses thema im programm|über dieses thema berichtet|sendung)\b[^.]{0,12}:
|(?:editor.?s picks?|in other news|what to read next)\W*$
|follow (?:the )?\w+[’']s? (?:full |live |latest )?coverage\b
|(?:click|tap|watch|listen|hear|download|play|buy|order|pre-order|book) (?:here|now|below|to|live|the full|the video
|on|our|this|video)\b[^.]{0,120}$
|(?:listen|watch|share|save|print|comments?|copy link|email|bookmark|loading|close|menu|gallery|view gallery
|open image|image \d+ of \d+)\s*[.…:]*$
|(?:share|save) this (?:article|story)?|\d+\s?(?:min(?:ute)?s?|minuten?|minutos?|мин)\b[ .]{0,2}(?:read|lesezeit
|de lectura|de lecture|leestijd|чтения)?$
|(?:teilen|drucken|merken|kommentieren|hören|anhören|schließen|zur startseite|partager|compartir|compartilhar
|condividi|delen|del|dela|jaa|udostępnij|поделиться|paylaş|bagikan|chia sẻ)\s*$
|externer inhalt|an dieser stelle|(?:deine|ihre) privatsphäre|zur anzeige aktiviere|(?:empfohlener
|redaktioneller) (?:redaktioneller )?inhalt
|this (?:video|content) (?:is|can|cannot)[^.]{0,60}|please enable javascript|your browser (?:does|is)
|video (?:unavailable|loading)|(?:error|please) (?:try|enable)
|(?:we use|this site uses|accept) cookies|thank you for (?:your patience|visiting|reading|registering|subscribing)
|(?:sie|du) (?:lesen|liest) gerade
|(?:if you|have you|do you|got|send)[^.?]{0,80}(?:news tip|story (?:tip|to share)|contact us|email us|get in touch
|let us know)|(?:contact|email|write to) (?:us|the (?:author|reporter|writer))
|as an? (?:amazon|affiliate) |(?:we|the \w+) may (?:earn|receive|get) (?:a )?commission|prices? (?:and
|are) [^.]{0,40}(?:time of|correct)
"""

_KINDS = {
    "advertisement": _ADVERT,
    "subscription": _SUBSCRIPTION,
    "newsletter": _NEWSLETTER,
    "read_more": _READ_MORE,
    "credit": _CREDIT,
    "promo": _PROMO,
}


def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(rf"^[\s\-–—•►▶»>→|*\[(]*(?:{source.replace(chr(10), '')})", re.IGNORECASE)


_PATTERNS = [(kind, _compiled(source)) for kind, source in _KINDS.items()]


def furniture(line: str) -> str | None:
    """The kind of boilerplate that a line is by its first words, or None."""
    if len(line) > MAX_LINE:
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.search(line)), None)
