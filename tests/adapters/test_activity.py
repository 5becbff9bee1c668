"""What slots have been doing: the contract of ports.ActivityReader, held by PostgreSQL and by the twin in memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.activity import HEARTBEAT_LENGTH, SlotActivity
from app.domain.job import Failure, FailureReason, Source
from app.domain.statistics import Counts, Outcome
from tests.factories import SUCCESS, new_job, stored_result
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
MOSCOW = ZoneInfo("Europe/Moscow")


def ended(
    stores: Stores, reason: FailureReason | None = None, *, slot_id: str = "slot-001", source: Source = Source.INGEST
) -> UUID:
    """A photo of its own second, eight seconds old when it ended."""
    stores.pass_time(1)
    job = replace(new_job(slot_id=slot_id, age_seconds=8), source=source)
    stores.queue.enqueue(job)
    if reason:
        stores.queue.end_waiting(job.id, Failure(reason))
    else:
        [claimed] = stores.queue.claim("w", 1)
        assert stores.queue.finalize_success(claimed, stored_result(job.id), None, SUCCESS)
    return job.id


def activity(stores: Stores, slot_id: str = "slot-001", zone: ZoneInfo = MOSCOW) -> SlotActivity:
    return stores.activity.by_slot(zone)[slot_id]


def zone_where_it_is(hour: int, now: datetime) -> ZoneInfo:
    """Zones of this family are named by what must be added to their time."""
    ahead = (hour - now.astimezone(UTC).hour + 11) % 24 - 11
    return ZoneInfo(f"Etc/GMT{-ahead:+}")


def test_a_slot_without_photos_has_done_nothing(stores: Stores) -> None:
    ended(stores, slot_id="slot-002")
    assert set(stores.activity.by_slot(MOSCOW)) == {"slot-002"}


def test_beats_are_the_photos_that_ended_oldest_first(stores: Stores) -> None:
    good, late, bad = ended(stores), ended(stores, FailureReason.TIMEOUT), ended(stores, FailureReason.PROVIDER_ERROR)
    stopped = ended(stores, FailureReason.CANCELLED)
    stores.queue.enqueue(new_job())
    beats = activity(stores).beats
    assert [(beat.job_id, beat.outcome) for beat in beats] == [
        (good, Outcome.SUCCESS),
        (late, Outcome.TIMEOUT),
        (bad, Outcome.PROVIDER_ERROR),
        (stopped, Outcome.CANCELLED),
    ]
    assert activity(stores).last_success_at == beats[0].finalized_at
    assert all(timedelta(seconds=8) <= beat.took < timedelta(seconds=10) for beat in beats)


def test_there_are_no_more_than_fit_the_bar_and_the_newest_are_kept(stores: Stores) -> None:
    ids = [ended(stores, FailureReason.TIMEOUT) for _ in range(HEARTBEAT_LENGTH + 2)]
    assert [beat.job_id for beat in activity(stores).beats] == ids[2:]
    assert activity(stores).today.timeout == HEARTBEAT_LENGTH + 2
    assert activity(stores).last_success_at is None


@pytest.mark.parametrize("source", [Source.TEST, Source.RERUN], ids=str)
def test_what_administrators_try_is_no_photo_of_a_booth(stores: Stores, source: Source) -> None:
    ended(stores, source=source)
    ended(stores, slot_id="slot-002")
    assert "slot-001" not in stores.activity.by_slot(MOSCOW)


def test_slots_are_told_apart(stores: Stores) -> None:
    ended(stores)
    ended(stores, slot_id="slot-015")
    ended(stores, FailureReason.TIMEOUT, slot_id="slot-015")
    assert activity(stores).outcomes == {Outcome.SUCCESS: 1}
    assert activity(stores, "slot-015").outcomes == {Outcome.SUCCESS: 1, Outcome.TIMEOUT: 1}
    assert activity(stores, "slot-015").today == Counts(success=1, timeout=1)


def test_at_midnight_of_the_studio_the_day_begins_anew_and_the_beats_stay(stores: Stores) -> None:
    ended(stores)
    stores.pass_time(3 * 3600)
    ended(stores, FailureReason.TIMEOUT)
    now = activity(stores).beats[-1].finalized_at
    after_midnight = activity(stores, zone=zone_where_it_is(1, now))
    assert after_midnight.today == Counts(timeout=1)
    assert after_midnight.outcomes == {Outcome.SUCCESS: 1, Outcome.TIMEOUT: 1}
    assert activity(stores, zone=zone_where_it_is(12, now)).today == Counts(success=1, timeout=1)
