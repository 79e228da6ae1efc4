"""How much work a page takes, counted and not timed: on the demo edition, with ceilings that may only be lowered.

What is slow on a busy machine is not slower code.  But a second parse of a page, a model run twice, or a record that
travels with its page's tree shows in these counts at once.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from thinc.api import Model as Layer

from schemas.article import Discovery, Fetch, Source
from schemas.hops import Page, PageRequest, Run
from support import edition_captures
from transforms import worker
from transforms.core.annotation import installed_models
from transforms.core.annotation import parser as spacy_adapter
from transforms.core.extraction import candidates, story
from transforms.core.extraction.dom import parse as dom_parse

CEILINGS = {
    "parses of HTML": 1.0,
    "runs of trafilatura": 1.1,
    "texts read for names": 2.0,
    "batches parsed": 1.0,
    "calls of models": 4.0,
    "share of words parsed": 0.48,
    "times a page is encoded": 1.0,
    "bytes pickled to a process besides the page": 650.0,
    "bytes pickled back besides the record": 480.0,
}
"""Means over the pages of the edition."""

RUN = Run("counts", datetime(2026, 11, 15, 21, tzinfo=UTC), "0")


def pages() -> Iterator[Page]:
    """The pages of the edition that become articles, as if they had just been fetched."""
    for url, body, kind in edition_captures():
        request = PageRequest(url, Source("edition", "edition"), Discovery("listed", RUN.now))
        yield Page(request, Fetch(url, url, content_type=kind), body)


def counted(patch: pytest.MonkeyPatch, place: Any, name: str, count: Callable[..., None]) -> None:
    """Has ``count`` called with the arguments and the result of every call of ``place.name``."""
    inner = getattr(place, name)

    def counting(*args: Any, **options: Any) -> Any:
        result = inner(*args, **options)
        count(args, result)
        return result

    patch.setattr(place, name, counting)


@pytest.fixture(scope="module")
def counts() -> dict[str, float]:
    models = installed_models()
    if not {"en", "es", "fr"} <= models.keys():
        pytest.skip("the edition is in English, French and Spanish")
    tools = worker.Tools(tuple(sorted(models.items())))
    total: Counter[str] = Counter()

    def add(name: str) -> Callable[..., None]:
        return lambda *_: total.update({name: 1})

    with pytest.MonkeyPatch.context() as patch:
        everything = list(pages())
        for page in everything:
            worker.page_to_record(page, RUN, tools)  # loads the models and what they remember
        counted(patch, story, "parse", add("parses of HTML"))
        counted(patch, dom_parse, "document_fromstring", add("trees made"))
        counted(patch, candidates.wide, "read_body", add("runs of trafilatura"))
        counted(patch, worker, "encode", add("times a page is encoded"))
        counted(patch, Layer, "predict", add("calls of models"))
        counted(patch, spacy_adapter.Model, "read", lambda _, read: total.update({"words": len(read[0])}))
        counted(patch, spacy_adapter.Model, "read", add("texts read for names"))
        counted(patch, spacy_adapter.Model, "parse", lambda given, _: total.update(parsed_of(given[1])))
        for page in everything:
            sent = pickle.dumps((worker.page_to_record, page, RUN, tools))
            made = worker.page_to_record(page, RUN, tools)
            assert isinstance(made, worker.MadeArticle), page.request.url
            total["bytes pickled to a process besides the page"] += len(sent) - len(page.payload)
            total["bytes pickled back besides the record"] += len(pickle.dumps(made)) - len(made.record.data)
    means = {name: number / len(everything) for name, number in total.items()}
    return means | {"share of words parsed": total["words parsed"] / total["words"]}


def parsed_of(frames: Any) -> dict[str, int]:
    """Words and batches that a call of the parser works on."""
    return {
        "words parsed": sum(len(frame.words) for frame in frames),
        "batches parsed": -(-len(frames) // spacy_adapter.BATCH),
    }


@pytest.mark.parametrize("name", CEILINGS)
def test_work_on_a_page_stays_under_its_ceiling(counts: dict[str, float], name: str) -> None:
    assert 0 < counts[name] <= CEILINGS[name], counts
