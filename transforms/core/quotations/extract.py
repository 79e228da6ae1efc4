"""From marks and parsed sentences to quotations: the stages in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from schemas.article import Quotation
from transforms.core.entities import Cluster
from transforms.core.quotations.attribution import Attribution
from transforms.core.quotations.confidence import confidence_of, shape_of
from transforms.core.quotations.floating import Event, Flow, announced, signed_behind, with_floating
from transforms.core.quotations.fragments import with_their_object
from transforms.core.quotations.frames import is_whole
from transforms.core.quotations.grammar import Sentence
from transforms.core.quotations.indirect import Reported, reported
from transforms.core.quotations.lexicon import Lexicon
from transforms.core.quotations.marks import Marked, Segment, is_inside
from transforms.core.quotations.resolve import Resolver
from transforms.core.quotations.speakers import attribution_of
from transforms.core.quotations.speech import is_speech, word_count

CARRIED = frozenset({"floating", "split"})
"""Methods that take the speaker from the quotation before."""


def quotations_of(
    text: str,
    marked: Marked,
    sentences: Sequence[Sentence],
    clusters: Sequence[Cluster],
    lexicon: Lexicon | None,
) -> tuple[Quotation, ...]:
    """Every quotation of a text in order; without a lexicon only what stands in marks, with the speaker left open."""
    segments = marked.segments
    if lexicon is None:
        return _numbered(
            [_quotation(text, segment, None, ()) for segment in segments if word_count(text, segment) >= 3]
        )
    own = dict(_own(sentences, lexicon, len(segments))) | signed_behind(text, marked.lines, segments)
    clauses = [clause for sentence in sentences for clause in reported(sentence, lexicon)]
    woven = {index for clause in clauses for index in clause.segments if not is_whole(text, segments[index])}
    clauses = [clause for clause in clauses if not is_inside(marked.apart, clause.spans[0][0])]
    reporters = {index for index, segment in enumerate(segments) if not is_inside(marked.apart, segment.start)}
    events = [Event(segments[index].start, found) for index, found in own.items() if index in reporters]
    events += [Event(clause.spans[0][0], clause.attribution) for clause in clauses if clause.goes_on]
    flow = Flow(text, marked.lines, events, people_outside(clusters, segments))
    wanted = [
        index
        for index, segment in enumerate(segments)
        if index not in woven and _can_float(text, segment) and index in reporters
    ]
    spoken = with_floating(segments, wanted, own, flow, announced(sentences, lexicon))
    said = [
        index
        for index, segment in enumerate(segments)
        if index not in woven and is_speech(text, segment, spoken.get(index), lexicon)
    ]
    fragments = {index: spoken[index] for index in said if index in spoken}
    widened = [clause for sentence in sentences for clause in with_their_object(sentence, fragments, lexicon)]
    inside = {index for clause in widened for index in clause.segments}
    quotes = [
        _quotation(text, segments[index], spoken.get(index), lexicon.plain) for index in said if index not in inside
    ]
    for clause in [*clauses, *widened]:
        quotes.extend(_reported(text, clause, segments, lexicon.plain))
    heads = _heads([*spoken.values(), *(clause.attribution for clause in clauses)])
    return Resolver(text, marked, clusters, lexicon, heads).resolved(_numbered(quotes))


def _heads(attributions: Iterable[Attribution]) -> dict[int, int]:
    """Where the head word of a speaker's phrase starts, by the start of the phrase."""
    return {made.speaker[0]: made.head for made in attributions if made.speaker is not None and made.head is not None}


def _can_float(text: str, segment: Segment) -> bool:
    return is_whole(text, segment) and word_count(text, segment) >= (1 if segment.carries_on else 2)


def people_outside(clusters: Sequence[Cluster], segments: Sequence[Segment]) -> list[tuple[int, int]]:
    """Where people are named by the reporter rather than inside a quote, in order."""
    quoted = [(segment.start, segment.end) for segment in segments]
    spans = sorted(
        (mention.start, mention.end)
        for cluster in clusters
        for mention in cluster.mentions
        if cluster.type == "PERSON" and mention.field == "text"
    )
    return [span for span in spans if not is_inside(quoted, span[0])]


def _own(sentences: Sequence[Sentence], lexicon: Lexicon, count: int) -> list[tuple[int, Attribution]]:
    found: list[tuple[int, Attribution]] = []
    for sentence in sentences:
        present = sorted({max(word.masked, word.inside) for word in sentence.words} & set(range(count)))
        for index in present:
            attribution = attribution_of(sentence, index, lexicon)
            if attribution is not None:
                found.append((index, _shared(attribution, index, found)))
    return found


def _shared(attribution: Attribution, index: int, found: Sequence[tuple[int, Attribution]]) -> Attribution:
    """The second half of a split quote has the speaker of the first, whose cue it shares."""
    if attribution.method == "split" and found and found[-1][0] == index - 1 and found[-1][1].cue == attribution.cue:
        return replace(found[-1][1], method="split")
    return attribution


def _quotation(text: str, segment: Segment, attribution: Attribution | None, plain: Collection[str]) -> Quotation:
    start, end = _stripped(text, segment.start, segment.end)
    return _made(text, start, end, "direct", attribution or Attribution(None, None, "marks"), plain)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _reported(text: str, clause: Reported, segments: Sequence[Segment], plain: Collection[str]) -> list[Quotation]:
    kind = "mixed" if clause.segments else "indirect"
    inside = [segments[index] for index in clause.segments]
    spans = dict.fromkeys(_to_marks(text, start, end, inside) for start, end in clause.spans)
    return [_made(text, start, end, kind, clause.attribution, plain) for start, end in spans]


def _to_marks(text: str, start: int, end: int, inside: Sequence[Segment]) -> tuple[int, int]:
    """A span that begins or ends in the middle of quoted words, widened to hold them all."""
    for segment in inside:
        if segment.start < start < segment.end:
            start, _ = _stripped(text, segment.start, segment.end)
        if segment.start < end < segment.end:
            _, end = _stripped(text, segment.start, segment.end)
    return start, end


def _made(text: str, start: int, end: int, kind: str, attribution: Attribution, plain: Collection[str]) -> Quotation:
    speaker, cue = attribution.speaker, attribution.cue
    return Quotation(
        id="",
        text=text[start:end],
        start_char=start,
        end_char=end,
        kind=kind,
        speaker=text[slice(*speaker)] if speaker else None,
        speaker_start_char=speaker[0] if speaker else None,
        speaker_end_char=speaker[1] if speaker else None,
        cue=text[slice(*cue)] if cue else None,
        cue_start_char=cue[0] if cue else None,
        cue_end_char=cue[1] if cue else None,
        confidence=confidence_of(
            attribution.method,
            kind,
            shape_of(text[start:end], cue[0] - end if cue is not None else None),
            plain=cue is not None and text[slice(*cue)].lower() in plain,
        ),
        method=attribution.method,
    )


def _numbered(quotes: Sequence[Quotation]) -> tuple[Quotation, ...]:
    ordered = sorted(quotes, key=lambda quote: (quote.start_char, quote.end_char))
    return tuple(_joined([replace(quote, id=f"q{number}") for number, quote in enumerate(ordered, 1)]))


def _joined(quotes: Sequence[Quotation]) -> Iterator[Quotation]:
    """The quotations, with ``continues`` where one goes on with what the one before said under the same cue."""
    before: Quotation | None = None
    for quote in quotes:
        shares = (
            before is not None and quote.cue_start_char is not None and quote.cue_start_char == before.cue_start_char
        )
        carried = (
            quote.method in CARRIED and before is not None and quote.speaker_start_char == before.speaker_start_char
        )
        yield replace(quote, continues=before.id) if before is not None and (shares or carried) else quote
        before = quote
