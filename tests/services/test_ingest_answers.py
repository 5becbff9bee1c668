"""How a held request is answered, whatever ends the wait; and that its place is free again afterwards."""

from collections.abc import Callable

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import Failure, FailureReason, FinishedJob, QueuedJob
from app.domain.job_log import Stretch, Wanted
from app.ports.jobs import WaitAbandoned, WaitInterrupted
from tests.services.house import shot
from tests.services.reception import Reception, upload


def hangs_up(_: QueuedJob) -> None:
    raise WaitAbandoned


def is_stopped(_: QueuedJob) -> None:
    raise WaitInterrupted


def nothing(_: QueuedJob) -> None:
    pass


def crashes(_: QueuedJob) -> None:
    raise RuntimeError


def fails(reception: Reception) -> Callable[[QueuedJob], None]:
    failure = Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_error", "fault": "hang"})

    def fail(job: QueuedJob) -> None:
        assert reception.queue.finalize_failure(reception.claim(job), failure, [])

    return fail


class TestSuccess:
    def test_the_picture_in_the_row_is_the_answer(self, reception: Reception) -> None:
        reception.meanwhile(reception.work)
        answer = reception.receive()
        assert (answer.data, answer.mime_type) == (shot(48, 32), "image/jpeg")
        assert reception.stores.events(answer.job_id)[-1] == "answered"

    def test_a_large_picture_is_read_from_its_file(self, reception: Reception) -> None:
        reception.meanwhile(reception.work_by_file)
        assert reception.receive().data == shot(48, 32)

    def test_a_small_one_needs_no_file(self, reception: Reception) -> None:
        def work_and_lose_the_disk(job: QueuedJob) -> None:
            reception.work(job)
            reception.media.unavailable = True

        reception.meanwhile(work_and_lose_the_disk)
        assert reception.receive().data == shot(48, 32)

    @pytest.mark.parametrize("lost", ["file", "store", "bytes"])
    def test_a_file_that_is_not_there_as_stored_is_said_with_the_job(self, reception: Reception, lost: str) -> None:
        def work_and_lose(job: QueuedJob) -> None:
            reception.work_by_file(job)
            reception.media.unavailable = lost == "store"
            if lost == "file":
                reception.media.files.clear()
            elif lost == "bytes":
                reception.media.files = dict.fromkeys(reception.media.files, b"damaged")

        reception.meanwhile(work_and_lose)
        refusal = reception.refusal()
        assert refusal.reason is Reason.QUEUE_UNAVAILABLE
        assert "job_id" in refusal.details


class TestFailure:
    def test_a_providers_failure_is_told(self, reception: Reception) -> None:
        reception.meanwhile(fails(reception))
        refusal = reception.refusal()
        assert refusal.reason is Reason.PROVIDER_ERROR
        assert refusal.details["fault"] == "hang"

    def test_at_the_deadline_the_job_is_over_for_everybody(self, reception: Reception) -> None:
        reception.meanwhile(nothing)
        assert reception.refusal().reason is Reason.SYNC_TIMEOUT
        assert ended(reception).failure == Failure(FailureReason.TIMEOUT)

    def test_a_booth_that_hangs_up_cancels_its_job(self, reception: Reception) -> None:
        reception.meanwhile(hangs_up)
        reception.refusal()
        assert ended(reception).failure == Failure(FailureReason.CANCELLED, {"by": "booth"})

    def test_a_stopping_server_says_so(self, reception: Reception) -> None:
        reception.meanwhile(is_stopped)
        refusal = reception.refusal()
        assert (refusal.reason, refusal.retry_after) == (Reason.SHUTTING_DOWN, 5)
        assert ended(reception).failure == Failure(FailureReason.CANCELLED, {"by": "shutdown"})

    @pytest.mark.parametrize("end", [nothing, hangs_up, is_stopped])
    def test_an_end_without_a_worker_leaves_nothing_to_claim(
        self, reception: Reception, end: Callable[[QueuedJob], None]
    ) -> None:
        reception.meanwhile(end)
        reception.refusal()
        assert reception.queue.claim("worker", 1) == []


def ended(reception: Reception) -> FinishedJob:
    [view] = reception.stores.job_log.jobs(Wanted(), Stretch())
    [finished] = reception.queue.finished([view.id])
    return finished


class TestRaces:
    @pytest.mark.parametrize("end", [hangs_up, is_stopped], ids=["hang-up", "stop"])
    def test_a_worker_that_was_first_has_the_last_word(
        self, reception: Reception, end: Callable[[QueuedJob], None]
    ) -> None:
        def finished_at_the_same_moment(job: QueuedJob) -> None:
            reception.work(job)
            end(job)

        reception.meanwhile(finished_at_the_same_moment)
        assert reception.receive().data == shot(48, 32)

    def test_an_outage_right_after_the_race_does_not_take_the_picture_away(self, reception: Reception) -> None:
        def finished_and_then_an_outage(job: QueuedJob) -> None:
            reception.work(job)
            reception.database.go_away(after=1)
            raise WaitInterrupted

        reception.meanwhile(finished_and_then_an_outage)
        assert reception.receive().data == shot(48, 32)

    def test_at_the_deadline_without_a_database_the_answer_is_a_timeout(self, reception: Reception) -> None:
        reception.meanwhile(lambda job: reception.database.go_away())
        refusal = reception.refusal()
        assert refusal.reason is Reason.SYNC_TIMEOUT
        assert refusal.details.keys() == {"job_id", "expires_at"}
        reception.database.come_back()
        reception.stores.pass_time(50)
        assert reception.queue.rescue()["timed_out"] == 1, "what could not be written is written later"


class TestHeldRequests:
    def test_beyond_the_limit_a_request_is_refused_at_once(self) -> None:
        reception = Reception(held_max=1)
        second: list[Refused] = []
        reception.meanwhile(lambda job: second.append(reception.refusal()), nothing)
        reception.refusal()
        assert [(refusal.reason, refusal.details) for refusal in second] == [
            (Reason.QUEUE_UNAVAILABLE, {"held_max": 1})
        ]
        assert second[0].retry_after
        assert [reason for _, reason, _ in reception.stores.request_log.entries] == ["queue_unavailable"]

    @pytest.mark.parametrize("end", [nothing, hangs_up, is_stopped, crashes])
    def test_the_place_is_free_again_after_every_end_of_a_wait(self, end: Callable[[QueuedJob], None]) -> None:
        reception = Reception(held_max=1)
        reception.meanwhile(end, reception.work)
        with pytest.raises((Refused, RuntimeError)):
            reception.receive()
        self.assert_free(reception)

    def test_the_place_is_free_again_after_a_refusal(self) -> None:
        reception = Reception(held_max=1)
        reception.refusal([upload(b"text")])
        reception.refusal(password="guess")
        reception.refusal(slot_id="slot-016")
        self.assert_free(reception)

    def test_the_place_is_free_again_after_a_success(self) -> None:
        reception = Reception(held_max=1)
        reception.meanwhile(reception.work)
        reception.receive()
        self.assert_free(reception)

    def test_the_place_is_free_again_after_an_outage(self) -> None:
        reception = Reception(held_max=1)
        reception.media.unavailable = True
        reception.refusal()
        reception.media.unavailable = False
        self.assert_free(reception)

    def assert_free(self, reception: Reception) -> None:
        for job in reception.queue.claim("other worker", 9):
            reception.queue.cancel(job.id)
        reception.meanwhile(reception.work)
        assert reception.receive().data == shot(48, 32)
