import pytest

from reports import FLINT, QUOTE, SALTINGS, TEXT
from schemas.codec import to_row
from transforms.core.reporting.marking import Piece, headline, paragraphs


def quotation(start, end, **parts):
    empty = dict.fromkeys(["speaker_start_char", "speaker_end_char", "cue_start_char", "cue_end_char"])
    return {"start_char": start, "end_char": end, **empty, **parts}


def entity(*spans, field="text"):
    return {"mentions": [{"start_char": start, "end_char": end, "field": field} for start, end in spans]}


def test_a_text_is_cut_at_its_marks():
    cut = paragraphs(TEXT, [to_row(QUOTE)], [to_row(FLINT), to_row(SALTINGS)])
    assert cut == [
        (
            Piece("“"),
            Piece("The quay holds,", quotation=0),
            Piece("” "),
            Piece("said", cues=(0,)),
            Piece(" "),
            Piece("Dorothea Flint", entity=0, speaks=(0,)),
            Piece("."),
        ),
        (Piece("She left for "), Piece("Saltings", entity=1), Piece(".")),
    ]


def test_the_headline_has_marks_of_its_own():
    assert headline("Saltings quay holds", [to_row(FLINT), to_row(SALTINGS)]) == (
        Piece("Saltings", entity=1),
        Piece(" quay holds"),
    )


def test_a_name_inside_a_quotation_is_both():
    (only,) = paragraphs("one two three", [quotation(0, 13)], [entity((4, 7))])
    assert only == (Piece("one ", 0), Piece("two", 0, 0), Piece(" three", 0))


def test_a_quotation_over_two_paragraphs_is_marked_in_both():
    assert paragraphs("ab\ncd", [quotation(1, 4)], []) == [(Piece("a"), Piece("b", 0)), (Piece("c", 0), Piece("d"))]


def test_one_speaker_of_several_quotations():
    quotes = [
        quotation(0, 1, speaker_start_char=4, speaker_end_char=5),
        quotation(2, 3, speaker_start_char=4, speaker_end_char=5),
    ]
    (only,) = paragraphs("a b c", quotes, [])
    assert only[-1] == Piece("c", speaks=(0, 1))


def test_what_crosses_an_earlier_span_of_its_kind_is_left_unmarked():
    (only,) = paragraphs("abcdef", [quotation(0, 4), quotation(2, 6)], [])
    assert only == (Piece("abcd", 0), Piece("ef"))


@pytest.mark.parametrize("span", [(-1, 2), (0, 7), (3, 3), (4, 2), (None, 2), (2, None), (10**9, 10**9 + 1)])
def test_hostile_offsets_mark_nothing(span):
    (only,) = paragraphs("abcdef", [quotation(*span)], [])
    assert only == (Piece("abcdef"),)


def test_offsets_are_code_points():
    (only,) = paragraphs("𝄞🎻 no", [quotation(3, 5)], [])
    assert only == (Piece("𝄞🎻 "), Piece("no", 0))


def test_nothing_of_a_text_is_lost():
    text = "\n\none\n\ntwo three\n"
    quotes = [quotation(0, 4), quotation(5, 9, cue_start_char=1, cue_end_char=15)]
    cut = paragraphs(text, quotes, [entity((2, 11), (11, 12), (12, 17))])
    assert ["".join(piece.text for piece in pieces) for pieces in cut] == ["one", "two three"]


def test_no_text():
    assert paragraphs("", [quotation(0, 1)], []) == []
    assert headline("", []) == (Piece(""),)
