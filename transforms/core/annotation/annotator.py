"""From a text to its annotations: the stages in their order, and the models that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemas.article import Boilerplate, Embed, Enricher, Entity, Quotation
from schemas.hops import Annotations
from transforms.core.annotation.guard import tokenizable, within_cap
from transforms.core.annotation.models import is_installed
from transforms.core.annotation.naming import named
from transforms.core.entities import NAMES_VERSION, Cluster, NameSpan, entities_of, recased, with_speakers
from transforms.core.quotations import (
    LEXICONS,
    RULES_VERSION,
    Lexicon,
    Marked,
    frames,
    marked,
    posts_in,
    promotion_in,
    quotations_of,
    speaker_names,
)
from transforms.core.watchlists import Watchlist

if TYPE_CHECKING:
    from transforms.core.annotation.parser import Model


@dataclass(frozen=True, slots=True)
class _Fields:
    """A text and its headline, as they came and as the tokenizer can bear them: equal in length."""

    text: str
    headline: str
    safe_text: str
    safe_headline: str


@dataclass(frozen=True, slots=True)
class _Naming:
    """What names are looked up in: the fields as far as they are annotated, the language, the newsroom's list."""

    sources: Mapping[str, str]
    language: str
    watchlist: Watchlist | None

    def found(self, spans: Sequence[NameSpan]) -> tuple[tuple[Cluster, ...], tuple[Entity, ...]]:
        """The clusters that ``spans`` make, and the same as they are stored."""
        clusters, links = named(spans, self.sources, self.language, self.watchlist)
        return clusters, entities_of(clusters, links)


class Annotator:
    """Entities and quotations of texts, with one spaCy model a language.

    Not thread-safe, because spaCy is not: one a process.  Nothing of a text stays for the next.
    """

    def __init__(self, models: Mapping[str, str], watchlist: Watchlist | None = None) -> None:
        self._packages = dict(models)
        self._watchlist = watchlist

    def warm(self) -> None:
        """Loads every model now rather than at the first text of its language."""
        for language in self._packages:
            self._model(language)

    def check(self) -> None:
        """Raises OSError where a model is not installed."""
        for package in self._packages.values():
            if not is_installed(package):
                raise OSError(f"the spaCy model {package} is not installed")

    def annotate(self, text: str, *, headline: str | None = None, language: str | None = None) -> Annotations:
        """What ``text`` and ``headline`` hold; ``language`` is a BCP 47 tag, English if it is not given.

        Flags: ``no_model`` where the language has none, ``annotated_in_part`` where the text is longer than the cap.
        """
        safe = tokenizable(within_cap(text))
        head = within_cap(headline or "")
        fields = _Fields(text, head, safe, tokenizable(head))
        code = (language or "en").replace("_", "-").split("-")[0].lower()
        lexicon = LEXICONS.get(code)
        in_marks = marked(
            safe,
            dialogue=lexicon is not None and lexicon.has_dialogue,
            incises=lexicon.say if lexicon is not None and lexicon.clitics else (),
        )
        embeds, boilerplate = posts_in(safe, in_marks.lines), promotion_in(safe, in_marks.lines)
        in_marks = replace(in_marks, apart=_apart(embeds, boilerplate))
        flags = ("annotated_in_part",) if len(safe) < len(text) else ()
        naming = _Naming({"text": text[: len(safe)], "headline": head}, code, self._watchlist)
        if code in self._packages:
            model = self._model(code)
            entities, quotations = _annotated(model, fields, in_marks, lexicon, naming)
            version: str | None = model.version
        else:
            _, entities = naming.found(())
            quotations = quotations_of(text, in_marks, (), (), None)
            version, flags = None, ("no_model", *flags)
        return Annotations(entities, quotations, embeds, boilerplate, flags, self._enrichers(version))

    def _enrichers(self, model: str | None) -> tuple[Enricher, ...]:
        watchlist = (Enricher("watchlist", f"sha256:{self._watchlist.digest}"),) if self._watchlist else ()
        entities = (Enricher("entities", f"{model}, newsbeam rules {NAMES_VERSION}"),) if model else ()
        return (*entities, *watchlist, Enricher("quotations", f"newsbeam rules {RULES_VERSION}"))

    def _model(self, language: str) -> Model:
        # Here, so that asking for a model that is not there, or which there are, does not take half a second of spaCy.
        from transforms.core.annotation.parser import model

        return model(self._packages[language])


def _annotated(
    model: Model, fields: _Fields, in_marks: Marked, lexicon: Lexicon | None, naming: _Naming
) -> tuple[tuple[Entity, ...], tuple[Quotation, ...]]:
    tokens, names = model.read(recased(fields.safe_text), "text")
    _, headline_names = model.read(recased(fields.safe_headline), "headline")
    sentences = model.parse(frames(fields.safe_text, tokens, in_marks, lexicon)) if lexicon else ()
    if lexicon is not None:
        names = with_speakers(names, speaker_names(sentences, lexicon), fields.safe_text)
    clusters, entities = naming.found((*headline_names, *names))
    return entities, quotations_of(fields.text, in_marks, sentences, clusters, lexicon)


def _apart(embeds: Sequence[Embed], boilerplate: Sequence[Boilerplate]) -> tuple[tuple[int, int], ...]:
    spans = [(embed.start_char, embed.end_char) for embed in embeds]
    spans += [(line.start_char, line.end_char) for line in boilerplate]
    return tuple(sorted((start, end) for start, end in spans if start is not None and end is not None))
