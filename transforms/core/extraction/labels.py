"""What the names in a page's markup say of a part: its classes, ids and roles, read as hints.

Publishers name the parts of a page in a vocabulary that is largely shared, and English in most of the world.  The
patterns match whole words of a name ("author", not "authority"), after camelCase and underscores became hyphens.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

MAX_NAMES = 400
"""Characters of class, id and role that are looked at."""


class Label(StrEnum):
    """What a part of a page is, by its names."""

    BODY = "body"
    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    BYLINE = "byline"
    TIME = "time"
    CAPTION = "caption"
    RELATED = "related"
    NEWSLETTER = "newsletter"
    SUBSCRIPTION = "subscription"
    ADVERT = "advert"
    SHARE = "share"
    COMMENTS = "comments"
    NAVIGATION = "navigation"
    TAGS = "tags"
    ASIDE = "aside"
    PULLQUOTE = "pullquote"
    PLAYER = "player"
    CONSENT = "consent"
    HIDDEN = "hidden"
    CORRECTION = "correction"


_WORDS = {
    Label.BODY: r"article-?body|story-?body|post-?body|entry-?content|post-?content|article-?content|story-?content"
    r"|article-?text|body-?text|body-?copy|content-?body|main-?content|rich-?text|news-?text|post-?text|article-main",
    Label.HEADLINE: r"headline|article-?title|post-?title|entry-?title|story-?title|news-?title",
    Label.STANDFIRST: r"stand-?first|dek|deck|sub-?title|sub-?headline|sub-?heading|lead|lede|intro|introduction"
    r"|ingress"
    r"|chapo|chapeau|sommario|sumario|bajada|entradilla|perex|sapo|excerpt|summary|vorspann|anriss|preamble|abstract"
    r"|article-?description|kurzfassung|lead-?text|lead-?paragraph|strapline|sous-?titre|zhaiyao|manchet|onderkop",
    Label.BYLINE: r"authors?|by-?lines?|autor(en|es|in)?|bio(graphy)?|contributors?|contributed|writers?|reporters?"
    r"|journalists?|redakt(eur|or|ion)|firma|signature|auteurs?|autore|about-the-author|article-?meta|post-?meta"
    r"|entry-?meta|meta-?info|article-?info|post-?info|skribent|verfasser|forfatter",
    Label.TIME: r"date(line|time)?|time(stamp)?|published|publish-?date|pub-?date|updated|last-?modified|datum|fecha",
    Label.CAPTION: r"captions?|fig-?caption|credits?|photo-?credit|image-?credit|copyright|bild(unter|text|quelle)\w*"
    r"|img-?desc|legende|pie-(de-)?foto|image-?(info|description|meta|source)|photo-?(info|desc|description|source)"
    r"|didascalia",
    Label.RELATED: r"related\w*|read-?(more|also|next|on)|see-?also|more-?(on|stories|news|from|like|articles)"
    r"|recommend\w*"
    r"|recirc\w*|teasers?|outbrain|taboola|most-?(read|popular|viewed)|popular|trending|also-?(like|read)"
    r"|suggest(ed|ions)"
    r"|next-?(article|story|post|up)|prev-?next|post-?nav\w*|relacionad\w*|verwandt\w*|similar|mehr-zum-thema|linkbox"
    r"|leia-mais|lire-aussi|lees-ook|leggi-anche|les-ogsa|las-mer|lue-myos|lesen-sie-auch|latest-?(news|stories)?"
    r"|promo-?(box|link|item)s?|link-?list|story-?links|crosslinks?|further-?reading|you-may\w*|onward|up-?next"
    r"|in-?article-?link|inline-?link|backlink|interlink(ing)?|jp-relatedposts|yarpp\w*|rel-?(articles|news|posts)",
    Label.NEWSLETTER: r"news-?letters?|sign-?up|mailing(-?list)?|mc-embed\w*|email-?(capture|form|signup)|mailchimp",
    Label.SUBSCRIPTION: r"pay-?wall|reg-?wall|registration-?wall|subscri(be|ption|ptions|ber)(-\w+)?|piano|meter(ed)?"
    r"|upsell|offer|cta|call-?to-?action|abo-?(box|teaser)|premium-?(box|teaser)|barrier|donat(e|ion|ions)|support-?us|membership"
    r"|app-?promo",
    Label.ADVERT: r"ads?|ad-?(slot|unit|wrapper|container|box|placeholder|label)|advert\w*|sponsor(ed|ship)?"
    r"|promo(tion|s)?"
    r"|anzeigen?|werbung|publicidad|publicite|reklam\w*|annons\w*|annonce|banner|dfp|google-?ads?|adsense"
    r"|affiliate\w*"
    r"|commercial|mpu|outstream",
    Label.SHARE: r"shar(e|ing)(-\w+)?|social(-\w+)?|follow(-us)?|addtoany|sharedaddy|tool(s|bar)|actions?|bookmark"
    r"|print"
    r"|font-?size|listen|text-?to-?speech|gift-?article|save-?article|audio-?version|reading-?time|copy-?link"
    r"|google-?news|whatsapp",
    Label.COMMENTS: r"comments?(-\w+)?|disqus\w*|respond|replies|discussion|livefyre|coral|kommentar\w*"
    r"|comentarios|reactions",
    Label.NAVIGATION: r"nav(bar|igation)?|menus?|breadcrumbs?|paginat(ion|or)|pager|toc|table-of-contents|tabs?"
    r"|footer"
    r"|masthead|skip-?(link|nav)|site-?header|global-?header|side-?bar|widget-?area|index-?list",
    Label.TAGS: r"tags?(-?(list|cloud|links|s))?|keywords?|topics?|categor(y|ies)|hashtags?|filed-under|schlagwort\w*"
    r"|article-?tags|kicker|over-?line|eyebrow|topper|dachzeile|spitzmarke|label|volanta|section-?(label|name|title)",
    Label.ASIDE: r"info-?box(es)?|fact-?box(es)?|facts?|fakta\w*|fakten\w*|side-?box|glossar\w*|explainer-?box"
    r"|(?:[a-z]+-)?box(?=\s|$)"
    r"|key-?facts|infobloc|encadre|recuadro|despiece|apoyo|biobox|wp-block-details",
    Label.PULLQUOTE: r"pull-?quotes?|quote-?pull|blockquote-?pull|zitat-?box|destacado|callout-quote|citat-?box",
    Label.PLAYER: r"players?|video(-?(js|player|container|wrapper|embed|box))?|jw-?player|brightcove|audio-?player"
    r"|podcast"
    r"(-?player)?|embed(s|ded|ly)?(-\w+)?|oembed|o-?embed|vjs-\w+|youtube|vimeo|dailymotion|infogram|datawrapper"
    r"|flourish"
    r"|slick-\w+|carousel\w*|slide-?show|swiper\w*|gallery(-\w+)?|lightbox|iframe\w*",
    Label.CONSENT: r"cookies?(-\w+)?|consent\w*|gdpr|cmp|privacy(-\w+)?|modal|pop-?up|overlay|lightbox|dialog|toast"
    r"|no-?script|browser-?(warning|upgrade)|opt-?out|external-?content|2-?click",
    Label.HIDDEN: r"sr-only|visually-?hidden|screen-?reader(-text)?|visuallyhidden|assistive-text|a11y-\w+|print-only"
    r"|only-print|hide-?on-?desktop|is-hidden|d-none",
    Label.CORRECTION: r"corrections?|editors?-?note|clarification|erratum|rectificatif|berichtigung|korrektur",
}

_PATTERNS = [(label, re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])")) for label, words in _WORDS.items()]
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NONE: frozenset[Label] = frozenset()


def labels_of(names: str) -> frozenset[Label]:
    """The labels that an element's class, id, role and the like ask for."""
    return _labels(names[:MAX_NAMES]) if names else _NONE


@lru_cache(maxsize=4096)
def _labels(names: str) -> frozenset[Label]:
    tidy = _CAMEL.sub("-", names).lower().replace("_", "-").replace("--", "-")
    return frozenset(label for label, pattern in _PATTERNS if pattern.search(tidy))
