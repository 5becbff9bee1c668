"""Finding shots: the contract of ports.JobLog, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.job import Failure, FailureReason, NewJob, Source
from app.domain.job_log import KEPT, Place, State, Stretch, Wanted, place_of
from tests.factories import SUCCESS, new_job, stored_result
from tests.support.booths import of_computer
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
EVERYTHING = Wanted()
BOOTHS = [{}, of_computer("A", "wedding"), of_computer("B", "expo")]
ENDINGS = [
    None,
    Failure(FailureReason.TIMEOUT),
    Failure(FailureReason.CANCELLED, {"by": "booth"}),
    Failure(FailureReason.PROVIDER_ERROR, {"code": "worker_lost"}),
    Failure(FailureReason.PROVIDER_ERROR, {"code": "provider_error", "fault": "content_blocked"}),
]


def queue(stores: Stores, number: int, *, slot_id: str = "slot-001", source: Source = Source.INGEST) -> NewJob:
    """A job with an id that tells its number, from one of the booths."""
    job = replace(new_job(slot_id=slot_id), id=UUID(int=number << 96), source=source)
    job = replace(job, booth_fields=BOOTHS[number % len(BOOTHS)])
    stores.queue.enqueue(job)
    return job


def end(stores: Stores, failure: Failure | None) -> None:
    """A worker ends the job that is queued."""
    [claimed] = stores.queue.claim("w", 1)
    if failure:
        assert stores.queue.finalize_failure(claimed, failure)
    else:
        assert stores.queue.finalize_success(claimed, stored_result(claimed.id), None, SUCCESS)


def fill(stores: Stores) -> None:
    """Forty shots, hours apart, of every kind, and two that are not finished."""
    for number in range(1, 31):
        source = Source.TEST if number % 7 == 0 else Source.RERUN if number % 11 == 0 else Source.INGEST
        queue(stores, number, slot_id=f"slot-00{1 + number % 3}", source=source)
        end(stores, ENDINGS[number % len(ENDINGS)])
        if number % 3 == 0:
            reason = "invalid_password" if number % 2 else "slot_not_found"
            stores.request_log.refused(f"slot-00{1 + number % 4}", reason, {"client": f"10.0.0.{number}"})
        stores.pass_time(3600)
    queue(stores, 31)
    stores.queue.claim("w", 1)
    queue(stores, 32, slot_id="slot-002")


@pytest.fixture(scope="module")
def filled(shared_postgres: PostgresStores) -> tuple[MemoryStores, PostgresStores]:
    """The same shots twice, for the tests that come first: whoever asks for `stores` empties PostgreSQL."""
    shared_postgres.reset()
    memory = MemoryStores()
    for stores in (memory, shared_postgres):
        fill(stores)
    return memory, shared_postgres


HOURS_AGO = st.none() | st.integers(-1, 32)
WANTED = st.builds(
    Wanted,
    slot_id=st.sampled_from([None, None, "slot-001", "slot-003", "slot-099"]),
    state=st.sampled_from([None, None, *State]),
    reason=st.sampled_from([None, None, None, "timeout", "worker_lost", "content_blocked", "invalid_password", "x"]),
    booth=st.sampled_from([None, None, "A · wedding", "B · expo", "C", ""]),
    source=st.sampled_from([None, None, *Source]),
    id_prefix=st.sampled_from([None, None, None, "0000", "00000005", f"{7:08x}{0:024x}", "ffff"]),
)
STRETCHES = st.builds(Stretch, before=st.none(), offset=st.integers(0, 12), size=st.integers(1, 12))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=WANTED, start=HOURS_AGO, end=HOURS_AGO, stretch=STRETCHES)
def test_the_twin_finds_what_postgresql_finds(
    filled: tuple[MemoryStores, PostgresStores],
    wanted: Wanted,
    start: int | None,
    end: int | None,
    stretch: Stretch,
) -> None:
    of_memory, of_postgres = (
        answers(stores, replace(wanted, start=ago(stores, start), end=ago(stores, end)), stretch) for stores in filled
    )
    assert of_memory == of_postgres


def ago(stores: Stores, hours: int | None) -> datetime | None:
    """By the clock of these stores, and between two shots."""
    now = stores.database.now() if isinstance(stores, MemoryStores) else datetime.now(UTC)
    return None if hours is None else now - timedelta(hours=hours, minutes=30)


def answers(stores: Stores, wanted: Wanted, stretch: Stretch) -> list[object]:
    """What can be told of both: the ids of jobs, the senders of refusals, and how many there are."""
    log = stores.job_log
    jobs = [view.id for view in log.jobs(wanted, stretch)] if wanted.may_be_job else []
    refusals = [r.client for r in log.refusals(wanted, stretch)] if wanted.may_be_refusal else []
    counts = [log.count_jobs(wanted, 9) if wanted.may_be_job else 0]
    counts += [log.count_refusals(wanted, 5) if wanted.may_be_refusal else 0]
    return [jobs, refusals, counts]


def test_places_lead_through_the_whole_log(filled: tuple[MemoryStores, PostgresStores]) -> None:
    for stores in filled:
        for read, number in ((stores.job_log.jobs, 32), (stores.job_log.refusals, 10)):
            seen, before = [], None
            while page := read(EVERYTHING, Stretch(before, 0, 5)):
                seen += [place_of(entry) for entry in page]
                before = seen[-1]
            assert len(seen) == number
            assert seen == sorted(seen, reverse=True)


def test_what_came_at_the_same_moment_is_told_apart_by_its_key(stores: Stores) -> None:
    queue(stores, 1)
    end(stores, None)
    [job] = stores.job_log.jobs(EVERYTHING, Stretch())
    for key, found in ((job.id, 0), (UUID(int=job.id.int + 1), 1)):
        assert len(stores.job_log.jobs(EVERYTHING, Stretch(Place(job.created_at, key)))) == found


def test_a_refusal_tells_who_was_refused_and_why(stores: Stores) -> None:
    stores.request_log.refused("slot-0099", "slot_not_found", {"client": "10.0.0.7"})
    [refusal] = stores.job_log.refusals(EVERYTHING, Stretch())
    assert (refusal.slot_id, refusal.reason, refusal.client) == ("slot-0099", "slot_not_found", "10.0.0.7")


def test_booths_are_named_once_in_their_order(stores: Stores) -> None:
    assert stores.job_log.booths(10) == []
    for number in range(6):
        queue(stores, number)
    assert stores.job_log.booths(10) == ["A · wedding", "B · expo"]
    assert stores.job_log.booths(1) == ["A · wedding"]


class TestForgetting:
    """Jobs and their stories are kept for ninety days."""

    def test_old_jobs_go_with_their_stories_in_batches(self, stores: Stores) -> None:
        jobs = [queue(stores, number).id for number in range(1, 6)]
        for _ in jobs:
            end(stores, Failure(FailureReason.TIMEOUT))
        self.clear_files(stores, KEPT.total_seconds() - 60)
        assert stores.queue.forget_jobs(10) == 0
        stores.pass_time(61)
        young = queue(stores, 9)
        assert [stores.queue.forget_jobs(3) for _ in range(3)] == [3, 2, 0]
        assert [stores.events(job_id) for job_id in jobs] == [[]] * 5
        assert stores.jobs.get(jobs[0]) is None
        assert stores.events(young.id) == ["received"]

    def test_a_job_whose_files_are_still_there_waits_for_them(self, stores: Stores) -> None:
        queue(stores, 1)
        end(stores, None)
        stores.pass_time(KEPT.total_seconds() + 60)
        assert stores.queue.forget_jobs(10) == 0
        stores.queue.forget_payloads(10)
        assert stores.queue.forget_jobs(10) == 0
        stores.queue.forget_results(10)
        assert stores.queue.forget_jobs(10) == 1

    def test_an_unfinished_job_never_goes(self, stores: Stores) -> None:
        queue(stores, 1)
        self.clear_files(stores, KEPT.total_seconds() + 60)
        assert stores.queue.forget_jobs(10) == 0

    def test_refused_requests_stay(self, stores: Stores) -> None:
        stores.request_log.refused("slot-001", "invalid_password", {})
        stores.pass_time(KEPT.total_seconds() + 60)
        stores.queue.forget_jobs(10)
        assert stores.job_log.count_refusals(EVERYTHING, 9) == 1

    def clear_files(self, stores: Stores, seconds_later: float) -> None:
        stores.pass_time(seconds_later)
        stores.queue.forget_payloads(10)
