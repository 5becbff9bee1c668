"""The questions about an order: apart, patient, and as many as its time allows."""

import time
from threading import Event

import pytest

from app.adapters.polling import PASSING, Polling, fetched
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import HttpReply


def polling(pause: float = 0.1, seconds: float = 5.0, cancelled: Event | None = None) -> Polling:
    until = Deadline(time.monotonic() + seconds)
    return Polling("The studio's printer", until, cancelled or Event(), pause=pause, patience=2.0)


def rested(questions: Polling) -> float:
    began = time.monotonic()
    questions.rest()
    return time.monotonic() - began


def fault(kind: FaultKind, *, permanent: bool = False, retry_after: float | None = None) -> ProviderFault:
    return ProviderFault(kind, "It happened.", permanent=permanent, retry_after=retry_after)


def test_the_first_question_is_put_at_once_and_the_next_after_the_pause() -> None:
    questions = polling()
    assert rested(questions) < 0.05
    questions.hold()
    assert 0.09 <= rested(questions) < 0.4


def test_a_longer_delay_that_the_provider_wants_is_kept() -> None:
    questions = polling(pause=0.05)
    questions.bear(fault(FaultKind.RATE_LIMITED, retry_after=0.3))
    questions.hold()
    assert rested(questions) >= 0.29


@pytest.mark.parametrize(("pause", "seconds"), [(0.5, 0.3), (0.0, 0.0)])
def test_nobody_rests_beyond_the_end_of_the_attempt(pause: float, seconds: float) -> None:
    questions = polling(pause, seconds)
    questions.hold()
    began = time.monotonic()
    with pytest.raises(ProviderFault, match="The studio's printer had no picture ready in time") as caught:
        questions.rest()
    assert (caught.value.kind, caught.value.permanent) == (FaultKind.HANG, False)
    assert time.monotonic() - began < 0.2


def test_a_rest_ends_when_the_job_does() -> None:
    cancelled = Event()
    cancelled.set()
    questions = polling(pause=3, cancelled=cancelled)
    questions.hold()
    with pytest.raises(ProviderFault) as caught:
        questions.rest()
    assert caught.value.kind is FaultKind.CANCELLED


def test_a_question_may_take_as_long_as_there_is_patience_but_not_longer_than_the_attempt() -> None:
    now = time.monotonic()
    assert polling(seconds=30).end_of_question().ends_at - now == pytest.approx(2, abs=0.3)
    assert polling(seconds=1).end_of_question().ends_at - now == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("kind", FaultKind)
def test_only_what_passes_is_borne(kind: FaultKind) -> None:
    questions = polling()
    if kind in PASSING:
        questions.bear(fault(kind))
    else:
        with pytest.raises(ProviderFault):
            questions.bear(fault(kind))
    with pytest.raises(ProviderFault):
        questions.bear(fault(kind, permanent=True))


def test_the_third_unreadable_answer_in_a_row_is_the_last() -> None:
    questions = polling()
    for _ in range(3):
        questions.bear(fault(FaultKind.INVALID_OUTPUT))
        questions.bear(fault(FaultKind.INVALID_OUTPUT))
        questions.answered()
    questions.bear(fault(FaultKind.INVALID_OUTPUT))
    questions.bear(fault(FaultKind.INVALID_OUTPUT))
    with pytest.raises(ProviderFault) as caught:
        questions.bear(fault(FaultKind.INVALID_OUTPUT))
    assert caught.value.permanent


class TestFetching:
    def fetch(self, *statuses: int) -> tuple[bytes, int]:
        """What is fetched from a place that answers so, and how often somebody rested."""
        replies = iter(HttpReply(status, {}, b"picture") for status in statuses)
        rests: list[None] = []
        return fetched(lambda: next(replies), lambda: rests.append(None)), len(rests)

    def test_a_file_that_is_late_is_looked_for_again_after_a_rest(self) -> None:
        assert self.fetch(200) == (b"picture", 0)
        assert self.fetch(404, 410, 200) == (b"picture", 2)

    @pytest.mark.parametrize(
        ("statuses", "kind"),
        [((404, 404, 410), FaultKind.RESULT_GONE), ((403,), FaultKind.RESULT_GONE), ((503,), FaultKind.OVERLOADED)],
    )
    def test_one_that_does_not_come_is_gone_unless_its_server_is_only_busy(
        self, statuses: tuple[int, ...], kind: FaultKind
    ) -> None:
        with pytest.raises(ProviderFault) as caught:
            self.fetch(*statuses)
        assert (caught.value.kind, caught.value.status) == (kind, statuses[-1])
