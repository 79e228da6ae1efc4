"""Broken input made from whole input: bytes of the seeds cut, swapped, doubled, overwritten and spliced."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

DATA = Path(__file__).parent.parent / "data"

MAX_EDITS = 6
MAX_BYTES = 60_000
"""Of a mutant: what doubles may grow; the hostile tests have the large shapes."""

TOKENS = [
    *b"\0|\xff|<|>|</|/>|]]>|<!--|-->|<![CDATA[|&#xD800;|&#0;|&amp|\"|'|\\|%|%00|..|//|@|:|://|?|#|[|{|}".split(b"|"),
    *b"9999-12-31T23:59:59-12:00|0000-00-00|Sun, 30 Feb 2031 25:61:61 +9999|1e999|NaN|null|-1".split(b"|"),
    *b"charset=utf-7|xmlns=|<!DOCTYPE x [<!ENTITY a 'b'>]>&a;|<script>|<p>|<time>|\r\n|\n\n".split(b"|"),
    *(sign.encode("utf-8", "surrogatepass") for sign in "\ud800\ufeff\u200b\u202e“”«»🇬"),
    b"\xf4\x90\x80\x80",
    b" " * 200,
    b"9" * 30,
]
"""What breaks readers, between whole words of theirs."""


def seeds(folder: str, *patterns: str) -> list[bytes]:
    """The files of the golden cases, which are whole and small."""
    found = sorted(path for pattern in patterns for path in (DATA / folder).rglob(pattern))
    whole = [path.read_bytes() for path in found if path.stat().st_size < MAX_BYTES]
    assert whole, f"no seeds in {folder}"
    return whole


@st.composite
def mutants(draw: st.DrawFn, whole: Sequence[bytes]) -> bytes:
    """A seed after a few edits."""
    made = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, MAX_EDITS))):
        made = draw(st.sampled_from(EDITS))(draw, made, whole)[:MAX_BYTES]
    return made


def _span(draw: st.DrawFn, data: bytes, longest: int) -> tuple[int, int]:
    start = draw(st.integers(0, len(data)))
    return start, min(len(data), start + draw(st.integers(0, longest)))


def _cut(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    start, end = _span(draw, data, 400)
    return data[:start] + data[end:]


def _end_early(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    return data[: _span(draw, data, 0)[0]]


def _overwrite(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    start, end = _span(draw, data, 8)
    return data[:start] + draw(st.binary(min_size=end - start, max_size=end - start)) + data[end:]


def _insert(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    start, _ = _span(draw, data, 0)
    return data[:start] + draw(st.sampled_from(TOKENS)) + data[start:]


def _double(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    start, end = _span(draw, data, 400)
    return data[:end] + data[start:end] * draw(st.integers(1, 20)) + data[end:]


def _splice(draw: st.DrawFn, data: bytes, whole: Sequence[bytes]) -> bytes:
    other = draw(st.sampled_from(whole))
    return data[: _span(draw, data, 0)[0]] + other[_span(draw, other, 0)[0] :]


EDITS = (_cut, _end_early, _overwrite, _insert, _double, _splice)
