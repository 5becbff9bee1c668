"""How counters are read, begun anew and forgotten: the contract of ports.Statistics, held by PostgreSQL and twin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.periods import COARSE_STEP, FINE_STEP, Period, TimeStep
from app.domain.statistics import Counts, Dimension, Outcome, Selection, Spent
from app.ports.jobs import JobQueue
from app.ports.statistics import Cut
from tests.factories import new_job
from tests.queue.counting import EVERYTHING, ZONE, counted, cut, end_by_failing, spent
from tests.queue.steps import Stores, succeeded
from tests.support.booths import of_computer

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def queue(stores: Stores) -> JobQueue:
    return stores.queue


class TestReading:
    def test_several_groupings_are_answered_at_once(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job(slot_id="slot-001"))
        end_by_failing(queue, new_job(slot_id="slot-002"))
        asked = cut(stores)
        totals, slots, hours, both = stores.statistics.photos(
            asked, [(), (Dimension.SLOT,), (TimeStep.HOUR,), (Dimension.SLOT, Dimension.OUTCOME)]
        )
        assert (totals[()].photos, totals[()].success_share) == (2, 0.5)
        assert {key[0]: counts.success_share for key, counts in slots.items()} == {"slot-001": 1, "slot-002": 0}
        assert set(hours) <= {(start,) for start in asked.period.starts(TimeStep.HOUR, ZONE)}
        assert sum(counts.photos for counts in hours.values()) == 2
        assert set(both) == {("slot-001", "success"), ("slot-002", "provider_error")}

    def test_times_are_those_of_the_zone(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        [found] = stores.statistics.photos(cut(stores), [(TimeStep.DAY,)])
        [(day,)] = found
        local = stores.statistics.now().astimezone(ZONE)
        assert day == local.replace(hour=0, minute=0, second=0, microsecond=0)
        assert day.utcoffset() == timedelta(hours=3)

    @pytest.mark.parametrize(
        ("selection", "found"),
        [
            (Selection(provider="local"), 2),
            (Selection(provider="gemini"), 0),
            (Selection(model=""), 2),
            (Selection(booth="DESKTOP-1 · 7"), 1),
            (Selection(booth=""), 1),
            (Selection(outcome=Outcome.SUCCESS), 1),
            (Selection(reason="hang"), 1),
            (Selection(slot_id="slot-002"), 1),
            (Selection(slot_id="slot-002", outcome=Outcome.SUCCESS), 0),
            (Selection(sources=frozenset()), 0),
        ],
        ids=["provider", "another", "model", "booth", "no booth", "outcome", "reason", "slot", "both", "no source"],
    )
    def test_a_selection(self, queue: JobQueue, stores: Stores, selection: Selection, found: int) -> None:
        succeeded(queue, replace(new_job(), booth_fields=of_computer("DESKTOP-1", "7")))
        end_by_failing(queue, new_job(slot_id="slot-002"))
        assert counted(stores, selection).photos == found

    def test_nothing_counted_is_nothing_found(self, stores: Stores) -> None:
        assert stores.statistics.photos(cut(stores), [(), (Dimension.SLOT,)]) == [{}, {}]
        assert stores.statistics.calls(cut(stores), [()]) == [{}]

    def test_a_period_ends_before_its_end(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        asked = cut(stores)
        for period in (asked.period.before(), Period(asked.period.end, asked.period.end + FINE_STEP)):
            assert stores.statistics.photos(replace(asked, period=period), [()]) == [{}]


class TestReset:
    def test_a_slot_is_counted_from_nothing(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        before = stores.statistics.now()
        begun = stores.statistics.reset("slot-001", "serg")
        assert begun == stores.statistics.epoch("slot-001")
        assert begun is not None
        assert (begun.epoch, begun.reset_by) == (1, "serg")
        assert begun.reset_at is not None
        assert before <= begun.reset_at <= stores.statistics.now()
        of_slot = Selection(slot_id="slot-001")
        assert (counted(stores, of_slot), spent(stores, of_slot)) == (Counts(), Spent())
        succeeded(queue, new_job())
        assert (counted(stores, of_slot).success, spent(stores, of_slot).calls) == (1, 1)

    def test_the_house_and_other_slots_keep_what_was_counted(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        succeeded(queue, new_job(slot_id="slot-002"))
        stores.statistics.reset("slot-001", "serg")
        assert counted(stores).success == 2
        assert counted(stores, Selection(slot_id="slot-002")).success == 1

    def test_a_slot_that_was_never_reset_says_so(self, stores: Stores) -> None:
        epoch = stores.statistics.epoch("slot-001")
        assert epoch is not None
        assert (epoch.epoch, epoch.reset_at, epoch.reset_by) == (0, None, None)

    def test_a_slot_that_is_none(self, stores: Stores) -> None:
        assert stores.statistics.epoch("slot-099") is None
        assert stores.statistics.reset("slot-099", "serg") is None


class TestForgetting:
    def test_five_minutes_are_told_apart_for_two_days(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        stores.pass_time(2 * DAY + 2 * HOUR)
        self.forget(stores)
        now = stores.statistics.now()
        period = Period(now - timedelta(days=3), now)
        fine = Cut(period.widened(FINE_STEP), FINE_STEP, ZONE, EVERYTHING)
        coarse = Cut(period.widened(COARSE_STEP), COARSE_STEP, ZONE, EVERYTHING)
        assert stores.statistics.photos(fine, [()]) == [{}]
        assert stores.statistics.calls(fine, [()]) == [{}]
        assert stores.statistics.photos(coarse, [()])[0][()].success == 1
        assert stores.statistics.calls(coarse, [()])[0][()].calls == 1

    def test_hours_are_kept_for_four_hundred_days(self, queue: JobQueue, stores: Stores) -> None:
        end_by_failing(queue, new_job())
        stores.pass_time(399 * DAY)
        succeeded(queue, new_job())
        self.forget(stores)
        assert self.all_photos(stores) == 2
        stores.pass_time(2 * DAY)
        self.forget(stores)
        assert self.all_photos(stores) == 1

    def test_what_was_counted_outlives_the_job(self, queue: JobQueue, stores: Stores) -> None:
        succeeded(queue, new_job())
        stores.pass_time(100 * DAY)
        assert len(queue.forget_payloads(10)) == len(queue.forget_results(10)) == 1
        assert queue.forget_jobs(10) == 1
        assert self.all_photos(stores) == 1

    def forget(self, stores: Stores) -> None:
        stores.photo_counters.forget_expired(100)
        stores.call_counters.forget_expired(100)

    def all_photos(self, stores: Stores) -> int:
        now = stores.statistics.now()
        period = Period(now - timedelta(days=500), now).widened(COARSE_STEP)
        return stores.statistics.photos(Cut(period, COARSE_STEP, ZONE, EVERYTHING), [()])[0][()].photos
