"""What is counted when photos end and providers are called: the contract of ports.Statistics over ports.JobQueue,
held by PostgreSQL and by the twin.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.errors import DatabaseUnavailable
from app.domain.job import LEASE_SECONDS, MAX_ATTEMPTS, Attempt, Failure, FailureReason, Source
from app.domain.periods import COARSE_STEP, FINE_STEP
from app.domain.statistics import Counts, Dimension, Outcome, Selection
from app.ports.jobs import JobQueue
from tests.factories import SUCCESS, again, new_job, stored_result
from tests.queue.counting import (
    ENDS,
    counted,
    cut,
    end_by_cancelling,
    end_by_failing,
    end_by_waiting,
    endings,
    spent,
)
from tests.queue.steps import PROVIDER_ERROR, TIMEOUT, Stores, claimed, succeeded

PAID = replace(SUCCESS, provider="gemini", model="flash", duration_ms=7100, cost_usd=Decimal("0.039"))
HUNG = replace(again(PAID), duration_ms=45_000, fault="hang", cost_usd=Decimal("0.0001"))


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


class TestPhotos:
    @pytest.mark.parametrize("end", ENDS)
    def test_each_end_is_counted_once_by_its_reason(self, queue: JobQueue, stores: Stores, end: str) -> None:
        act, outcome, reason = ENDS[end]
        act(queue, new_job())
        assert endings(stores) == {(outcome, reason): 1}
        for step in (FINE_STEP, COARSE_STEP):
            counts = counted(stores, step=step)
            assert (counts.photos, getattr(counts, outcome)) == (1, 1)

    def test_a_job_that_took_down_its_workers_counts_as_that(self, queue: JobQueue, stores: Stores) -> None:
        queue.enqueue(new_job(window_seconds=600))
        for _ in range(MAX_ATTEMPTS):
            assert queue.claim("w", 1)
            stores.pass_time(LEASE_SECONDS + 1)
            queue.rescue()
        assert endings(stores) == {(Outcome.PROVIDER_ERROR, "worker_lost"): 1}

    def test_a_success_takes_as_long_as_the_booth_waited(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job(age_seconds=4.2))
        end_by_waiting(queue, new_job(age_seconds=40))
        durations = counted(stores).durations
        assert durations.number == 1, "failures have no part in it"
        assert 4200 <= (durations.mean_ms or 0) < 5000
        assert 3000 < (durations.percentile_ms(0.95) or 0) <= 5000

    def test_whoever_loses_the_race_counts_nothing(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, job := new_job())
        queue.end_waiting(job.id, TIMEOUT)
        assert not queue.finalize_success(taken, stored_result(job.id), None, SUCCESS)
        assert not queue.finalize_failure(taken, PROVIDER_ERROR)
        assert not queue.cancel(job.id)
        queue.rescue()
        assert counted(stores) == Counts(timeout=1)

    def test_a_success_that_is_told_again_counts_once(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, job := new_job())
        for _ in range(2):
            assert queue.finalize_success(taken, stored_result(job.id), None, PAID, [PAID])
        assert (counted(stores).success, spent(stores).calls) == (1, 1)

    @pytest.mark.parametrize("stores", ["memory"], indirect=True)
    def test_a_success_whose_answer_was_lost_counts_once(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, job := new_job())
        stores.database.lose_answers()
        with pytest.raises(DatabaseUnavailable):
            queue.finalize_success(taken, stored_result(job.id), None, PAID, [PAID])
        assert queue.finalize_success(taken, stored_result(job.id), None, PAID, [PAID])
        assert (counted(stores).success, spent(stores).calls) == (1, 1)

    def test_a_refused_request_is_no_photo(self, stores: Stores) -> None:
        stores.request_log.refused("slot-001", "invalid_password", {"booth": "DESKTOP-1"})
        counts = counted(stores, Selection(slot_id="slot-001"))
        assert (counts.refused, counts.photos, counts.requests, counts.success_share) == (1, 0, 1, None)
        assert endings(stores) == {(Outcome.REFUSED, "invalid_password"): 1}

    def test_requests_to_links_of_no_slot_are_counted_together(self, stores: Stores) -> None:
        """However many links somebody tries, they make one line."""
        for slot_id in ("slot-099", "wp-login.php", "slot-001"):
            stores.request_log.refused(slot_id, "slot_not_found", {})
        [found] = stores.statistics.photos(cut(stores), [(Dimension.SLOT,)])
        assert {key: counts.refused for key, counts in found.items()} == {("",): 2, ("slot-001",): 1}

    def test_test_runs_are_left_out_unless_asked_for(self, queue: JobQueue, stores: Stores) -> None:
        for source in Source:
            succeeded(queue, replace(new_job(), source=source))
        assert counted(stores).success == 1
        for source in Source:
            assert counted(stores, Selection(sources=frozenset({source}))).success == 1
        assert counted(stores, Selection(sources=frozenset(Source))).success == 3

    def test_what_a_hundred_photos_of_all_kinds_add_up_to(self, queue: JobQueue, stores: Stores) -> None:
        """Over all rows that simultaneous photos are spread on."""
        for number in range(40):
            job = new_job(slot_id=f"slot-{1 + number % 3:03}", age_seconds=number % 20)
            [succeeded, end_by_waiting, end_by_failing, end_by_cancelling][number % 4](queue, job)
        everything, by_slot = stores.statistics.photos(cut(stores), [(), (Dimension.SLOT,)])
        assert everything[()].photos == sum(counts.photos for counts in by_slot.values()) == 40
        assert {key[0]: counts.photos for key, counts in by_slot.items()} == {
            "slot-001": 14,
            "slot-002": 13,
            "slot-003": 13,
        }
        assert everything[()].durations.number == everything[()].success == 10


class TestCalls:
    def test_each_call_is_counted_with_what_it_cost(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, job := new_job())
        queue.log_attempts(taken, [HUNG])
        assert queue.finalize_success(taken, stored_result(job.id), None, PAID, [PAID])
        found = spent(stores)
        assert (found.calls, found.failed, found.faults) == (2, 1, {"hang": 1})
        assert found.cost_usd == Decimal("0.0391")
        assert found.durations.total_ms == 52_100

    def test_calls_are_known_by_provider_and_model(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job())
        queue.log_attempts(taken, [PAID, again(PAID), Attempt("turbotext", "i2i", 20_000, fault="no_image")])
        [found] = stores.statistics.calls(cut(stores), [(Dimension.PROVIDER, Dimension.MODEL)])
        assert {key: (calls.calls, calls.failed) for key, calls in found.items()} == {
            ("gemini", "flash"): (2, 0),
            ("turbotext", ""): (1, 1),
        }

    def test_what_is_logged_again_counts_once(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, new_job())
        queue.log_attempts(taken, [HUNG])
        queue.log_attempts(taken, [HUNG, PAID])
        assert queue.finalize_failure(taken, PROVIDER_ERROR, [PAID, HUNG])
        assert (spent(stores).calls, spent(stores).cost_usd) == (2, Decimal("0.0391"))

    def test_an_answer_after_the_end_has_cost_all_the_same(self, queue: JobQueue, stores: Stores) -> None:
        taken = claimed(queue, job := new_job())
        queue.end_waiting(job.id, TIMEOUT)
        queue.log_attempts(taken, [PAID])
        assert (counted(stores), spent(stores).cost_usd) == (Counts(timeout=1), PAID.cost_usd)

    @pytest.mark.parametrize("column", [Dimension.BOOTH, Dimension.OUTCOME, Dimension.REASON])
    def test_they_are_not_known_by_what_only_photos_have(self, stores: Stores, column: Dimension) -> None:
        with pytest.raises(ValueError, match="not known"):
            stores.statistics.calls(cut(stores), [(column,)])

    def test_nor_is_their_cost_told_of_a_selection_of_photos(self, stores: Stores) -> None:
        with pytest.raises(ValueError, match="not known"):
            stores.statistics.calls(cut(stores, Selection(booth="DESKTOP-1 · 7")), [()])


def test_an_unknown_reason_of_a_failure_is_its_kind(queue: JobQueue, stores: Stores) -> None:
    queue.finalize_failure(claimed(queue, new_job()), Failure(FailureReason.PROVIDER_ERROR))
    assert endings(stores) == {(Outcome.PROVIDER_ERROR, "provider_error"): 1}
