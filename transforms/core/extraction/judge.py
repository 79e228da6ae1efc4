"""Why a block inside the story's container is no part of the story."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from transforms.core.extraction.evidence import Evidence
from transforms.core.extraction.labels import Label
from transforms.core.extraction.outline import Block, Outline
from transforms.core.extraction.people import looks_like_person, names_in, opens_byline
from transforms.core.extraction.phrases import furniture
from transforms.core.extraction.prose import closes_sentence, is_prose, letters
from transforms.core.extraction.reasons import Known, Reason
from transforms.core.extraction.shape import HEADINGS, Shape

_BY_LABEL = {
    Label.CAPTION: Reason.CAPTION,
    Label.RELATED: Reason.READ_MORE,
    Label.NEWSLETTER: Reason.NEWSLETTER,
    Label.SUBSCRIPTION: Reason.SUBSCRIPTION,
    Label.ADVERT: Reason.ADVERTISEMENT,
    Label.SHARE: Reason.PROMO,
    Label.COMMENTS: Reason.PROMO,
    Label.NAVIGATION: Reason.PROMO,
    Label.TAGS: Reason.PROMO,
    Label.CONSENT: Reason.PROMO,
    Label.PLAYER: Reason.PROMO,
    Label.BYLINE: Reason.BYLINE,
    Label.TIME: Reason.TIME,
    Label.ASIDE: Reason.ASIDE,
    Label.PULLQUOTE: Reason.REPEATED,
    Label.HIDDEN: Reason.HIDDEN,
}

COMMON_SHARE = 0.5
"""A name that holds this much of the story's prose says nothing against it: the whole story carries it."""

LINKED = 0.75
"""Share of link above which a block is a link to somewhere else, and not a sentence with links."""

ALL_LINKED = 0.95
"""... where the page's own articleBody has the block: systems put their links to other stories there too."""

WHOLE = 0.9
"""Share of the prose from which the page's articleBody is whole, and what it lacks is not the story's."""

FIT = 0.6
"""Share of the story's prose that trafilatura must have seen for its silence on a block to mean anything."""

ABOVE = 0.2
"""Share of the prose that may stand over the headline inside the container: notices, a standfirst."""

NOTICES = 0.9
"""Share of the prose up to which surroundings full of copies are notices; above, there is nothing else."""

SAID_CHARS = 60
"""A block of this length that the page's articleBody repeats is the story's, whatever its surroundings are called."""

_WEAK = frozenset(_BY_LABEL) - {Label.ASIDE, Label.CAPTION, Label.RELATED, Label.NEWSLETTER, Label.PULLQUOTE}
"""Labels that the page's own articleBody overrules."""

_LOOSE = frozenset(
    {Label.SHARE, Label.NAVIGATION, Label.SUBSCRIPTION, Label.PLAYER, Label.CONSENT, Label.ASIDE, Label.COMMENTS}
)
"""Labels that make sense on a part of the page, and are chance on a single paragraph or heading."""

_RUNNING = frozenset({"p", "div", "section", "blockquote"})
_LEAVES = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "li", "td", "tr"})

_LOOSE_TAGS = frozenset({"div", "section", "header", "article", "body", "main"})

_DATED = re.compile(r"\d")

MAX_DATE_LINE = 90

MAX_BYLINE = 140

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")

_STAMP = re.compile(
    r"\W*(?:updated|published|posted|last (?:updated|modified)|first published|aktualisiert|veröffentlicht|stand:"
    r"|erstellt|publi[ée]|mis à jour|publicado|actualizado|atualizado|pubblicato|aggiornato|gepubliceerd"
    r"|bijgewerkt|uppdaterad|publicerad|oppdatert|publisert|opdateret|julkaistu|päivitetty|opublikowano|aktualizacja|publikováno|опубликовано"
    r"|обновлено|güncelleme|yayınlan|cập nhật|diterbitkan|更新|公開|入力|입력|수정)",
    re.IGNORECASE,
)


class Judge:
    """Says of each block in the container why it is not the story's, or nothing."""

    def __init__(self, outline: Outline, shape: Shape, known: Known, wide: Evidence, declared: Evidence | None) -> None:
        self._outline = outline
        self._shape = shape
        self._wide = wide
        self._declared = declared
        self._headline = letters(known.headline)
        self._bylines = frozenset(letters(name) for name in known.authors)
        self._copies = Counter(block.text for block in shape.held)
        self._headings = frozenset(letters(block.text) for block in shape.held if block.tag in HEADINGS)
        self._notices = self._notice_chains()
        self._is_wide_fit = self._share_in(wide) >= FIT
        self._said_share = self._share_in(declared) if declared is not None else 0.0
        self.top = self._headline_index()

    def reason_against(self, block: Block) -> Reason | None:
        """The first reason found: where it stands over the headline, how its surroundings are called, how it begins,
        how it hangs.  What the page's own articleBody repeats is forgiven weak names and odd places."""
        if block.index <= self.top:
            return Reason.HEADLINE if block.index == self.top else Reason.ABOVE
        if letters(block.text) == self._headline:
            return Reason.HEADLINE
        is_said = (
            self._declared is not None and len(block.text) > SAID_CHARS and self._declared.share(block.text) == 1.0
        )
        return self._by_place(block, is_said) or self._by_words(block, is_said) or self._by_shape(block, is_said)

    def _notice_chains(self) -> frozenset[str]:
        """Surroundings in which every text is printed at least twice, where they do not hold the whole story."""
        texts: dict[str, list[Block]] = defaultdict(list)
        for block in self._shape.held:
            texts[self._shape.chain(block.node)].append(block)
        return frozenset(
            chain
            for chain, alike in texts.items()
            if 2 * len({block.text for block in alike}) <= len(alike)
            and sum(map(self._shape.weight, alike)) < NOTICES * self._shape.total
        )

    def _share_in(self, evidence: Evidence) -> float:
        """How much of the container's prose another reading has."""
        held = self._shape.held
        return sum(self._shape.weight(b) * evidence.share(b.text) for b in held) / self._shape.total

    def _headline_index(self) -> int:
        """The block that prints the headline above the story, else -1."""
        read, found = 0.0, -1
        for block in self._shape.held:
            if read > ABOVE * self._shape.total:
                return found
            if block.tag == "h1" or block.prints(self._headline):
                found = block.index
            read += self._shape.weight(block)
        return found

    def _by_place(self, block: Block, is_said: bool) -> Reason | None:
        for node in self._outline.lineage_within(block.node, self._shape.container):
            if self._shape.share(node) >= COMMON_SHARE:
                continue
            one = self._outline.nodes[node]
            if one.tag == "figure" and block.tag != "tr" and self._shape.has_picture(node):
                return Reason.CAPTION
            weak = _WEAK if is_said else _LOOSE if node == block.node and one.tag in _LEAVES else frozenset()
            for label in sorted(one.labels - weak):
                if label in _BY_LABEL and (label is not Label.TIME or _is_dated(block)):
                    return _BY_LABEL[label]
        return None

    def _by_words(self, block: Block, is_said: bool) -> Reason | None:
        if block.link_share > (ALL_LINKED if is_said else LINKED):
            return Reason.READ_MORE
        if (kind := furniture(block.text)) is not None:
            return Reason(kind)
        own = letters(block.text)
        if self._is_byline(block):
            return Reason.BYLINE
        if block.tag != "tr" and _is_date_line(block.text):
            return Reason.TIME
        is_furniture = self._copies[block.text] > 2 and self._is_notice(block)
        if not own or is_furniture or (block.tag == "li" and own in self._headings):
            return Reason.REPEATED
        return None

    def _is_notice(self, block: Block) -> bool:
        """Whether a block that is printed over and over is no paragraph of the story: its surroundings hold little but
        copies, and the story is elsewhere."""
        if not (self._shape.is_mainstream(block) and is_prose(block.text)):
            return True
        return self._shape.chain(block.node) in self._notices

    def _is_byline(self, block: Block) -> bool:
        """A short line with an address, or with the authors' names and nothing else but a "By"."""
        if len(block.text) > MAX_BYLINE or closes_sentence(block.text):
            return False
        if _EMAIL.search(block.text):
            return True
        names = names_in(block.text)
        if not names:
            return False
        is_opened = opens_byline(block.text) and all(map(looks_like_person, names))
        return letters(names[0]) in self._bylines or (is_opened and block.tag not in HEADINGS)

    def _by_shape(self, block: Block, is_said: bool) -> Reason | None:
        if is_said:
            return None
        is_seen = not self._is_wide_fit or self._wide.share(block.text) >= 0.5
        if (block.tag in _LOOSE_TAGS or not is_seen) and self._shape.is_with_picture(block):
            return Reason.CAPTION
        if not is_seen and (
            not self._shape.is_beside(block) or (block.tag in _LOOSE_TAGS and not is_prose(block.text))
        ):
            return Reason.PROMO
        if self._shape.is_teaser(block):
            return Reason.READ_MORE
        if self._is_unsaid(block):
            return Reason.PROMO
        return Reason.ASIDE if self._shape.is_boxed(block) else None

    def _is_unsaid(self, block: Block) -> bool:
        """Whether running text is missing from an articleBody that has nearly all of the story."""
        if self._declared is None or self._said_share < WHOLE or block.tag not in _RUNNING or not is_prose(block.text):
            return False
        return self._declared.share(block.text) == 0.0


def _is_dated(block: Block) -> bool:
    """Whether a block that is called a time may be one."""
    return len(block.text) <= MAX_DATE_LINE and block.tag not in HEADINGS and _DATED.search(block.text) is not None


def _is_date_line(text: str) -> bool:
    """A short line that is mostly a date or a time, or says when the page was published or changed."""
    if len(text) > MAX_DATE_LINE or not _DATED.search(text) or closes_sentence(text):
        return False
    digits = sum(map(str.isdigit, text))
    return digits >= 4 and (digits >= 0.3 * len(letters(text)) or _STAMP.match(text) is not None)
