import pytest

from schemas.outcome import OutcomeKind
from transforms.fetcher import FetchProblem
from transforms.outages import MAX_IN_A_ROW, PAUSE_SECONDS, Outages

URL = "https://news.example/story"
TIMEOUT = FetchProblem(OutcomeKind.TIMEOUT, "too slow")


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def outages(clock):
    return Outages(lambda: clock[0])


def fail(outages, times, url=URL, problem=TIMEOUT):
    for _ in range(times):
        outages.note(url, problem)


def test_a_host_without_answers_is_left_alone_for_a_while(outages, clock):
    fail(outages, MAX_IN_A_ROW - 1)
    assert outages.problem(URL) is None
    fail(outages, 1)
    problem = outages.problem("https://news.example/another")
    assert problem.kind is OutcomeKind.UNREACHABLE
    assert problem.detail == "not asked: the last 4 requests to its host had no answer"
    assert outages.problem("https://www.news.example/story") is None
    clock[0] = PAUSE_SECONDS
    assert outages.problem(URL) is None
    fail(outages, 1)
    assert outages.problem(URL)


@pytest.mark.parametrize(
    "answer", ["a response", FetchProblem(OutcomeKind.HTTP_ERROR, "HTTP 500", status=500),
               FetchProblem(OutcomeKind.TOO_LARGE, "too large")]
)  # fmt: skip
def test_any_answer_ends_the_row(outages, answer):
    for _ in range(5):
        fail(outages, MAX_IN_A_ROW - 1)
        outages.note(URL, answer)
        assert outages.problem(URL) is None


def test_what_is_no_url_has_a_row_too(outages):
    fail(outages, MAX_IN_A_ROW, "not a url")
    assert outages.problem("not a url")
    assert outages.problem("another") is None
