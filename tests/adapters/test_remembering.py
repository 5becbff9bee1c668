"""Statistics of the past are read once, and those of now as often as they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.adapters.remembering import RememberingStatistics
from app.domain.job import Source
from app.domain.periods import Preset, TimeStep
from app.domain.statistics import Counts, Dimension, Selection
from app.ports.statistics import Cut, Grouping, Key
from app.services.statistics import StatisticsService
from tests.factories import SUCCESS, again, new_job, stored_result
from tests.queue.counting import EVERYTHING, ZONE, end_by_failing
from tests.queue.steps import claimed, succeeded
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_statistics import MemoryStatistics
from tests.twins.memory_stores import MemoryStores

HOUR = 3600


class Watched(MemoryStatistics):
    """Notes which hours of photos were read."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(database)
        self.read: list[timedelta] = []

    def photos(self, cut: Cut, groupings: Sequence[Grouping]) -> list[Mapping[Key, Counts]]:
        self.read.append(cut.period.length)
        return super().photos(cut, groupings)


@pytest.fixture
def stores() -> MemoryStores:
    return MemoryStores()


@pytest.fixture
def watched(stores: MemoryStores) -> Watched:
    return Watched(stores.database)


@pytest.fixture
def remembering(watched: Watched) -> RememberingStatistics:
    return RememberingStatistics(watched)


def week(now: datetime, selection: Selection = EVERYTHING) -> Cut:
    period = Preset.WEEK.period(now)
    return Cut(period, period.counted_in(now), ZONE, selection, now=now)


def photos_of(remembering: RememberingStatistics, cut: Cut) -> int:
    [found] = remembering.photos(cut, [()])
    return found.get((), Counts()).photos


def test_only_what_may_have_changed_is_read_again(
    stores: MemoryStores, watched: Watched, remembering: RememberingStatistics
) -> None:
    succeeded(stores.queue, new_job())
    stores.pass_time(5 * HOUR)
    now = stores.statistics.now()
    assert photos_of(remembering, week(now)) == 1
    succeeded(stores.queue, new_job())
    assert photos_of(remembering, week(now)) == 2
    past, *rest = watched.read
    assert past > timedelta(days=6, hours=21)
    assert len(rest) == 2
    assert all(length <= timedelta(hours=2) for length in rest), "the hour of now, and the last one for a minute"


def test_the_period_before_is_read_once(
    stores: MemoryStores, watched: Watched, remembering: RememberingStatistics
) -> None:
    cut = week(stores.statistics.now())
    before = replace(cut, period=cut.period.before())
    for _ in range(3):
        assert photos_of(remembering, before) == 0
    assert watched.read == [timedelta(days=7)]


def test_a_new_hour_is_a_new_question(
    stores: MemoryStores, watched: Watched, remembering: RememberingStatistics
) -> None:
    succeeded(stores.queue, new_job())
    for _ in range(3):
        assert photos_of(remembering, week(stores.statistics.now())) == 1
        stores.pass_time(HOUR)
    assert len([length for length in watched.read if length > timedelta(days=1)]) == 3


def test_other_selections_and_epochs_are_other_questions(
    stores: MemoryStores, remembering: RememberingStatistics
) -> None:
    succeeded(stores.queue, new_job())
    stores.pass_time(3 * HOUR)
    now = stores.statistics.now()
    of_slot = replace(week(now, Selection(slot_id="slot-001")), epoch=0)
    assert photos_of(remembering, of_slot) == 1
    assert photos_of(remembering, replace(of_slot, epoch=1)) == 0
    assert photos_of(remembering, week(now, Selection(sources=frozenset({Source.TEST})))) == 0
    assert photos_of(remembering, week(now)) == 1


def test_what_does_not_say_when_it_is_asked_is_read_as_it_is(
    stores: MemoryStores, watched: Watched, remembering: RememberingStatistics
) -> None:
    cut = replace(week(stores.statistics.now()), now=None)
    for _ in range(2):
        photos_of(remembering, cut)
    assert watched.read == [cut.period.length] * 2


def test_the_oldest_answers_are_forgotten(
    stores: MemoryStores, watched: Watched, remembering: RememberingStatistics
) -> None:
    now = stores.statistics.now()
    before = [replace(week(now, Selection(booth=str(n))), period=week(now).period.before()) for n in range(70)]
    for cut in [*before, before[-1], before[0]]:
        photos_of(remembering, cut)
    assert len(watched.read) == 71, "the last is known, the first is not any more"


def test_a_page_is_told_the_same_as_without(stores: MemoryStores, remembering: RememberingStatistics) -> None:
    """Half of it remembered, half of it read, in every grouping."""
    for slot_id in ("slot-001", "slot-002", "slot-001"):
        taken = claimed(stores.queue, job := new_job(slot_id=slot_id))
        assert stores.queue.finalize_success(taken, stored_result(job.id), None, SUCCESS, [again(SUCCESS)])
        end_by_failing(stores.queue, new_job(slot_id=slot_id))
        stores.pass_time(HOUR)
    stores.pass_time(-HOUR)
    now = stores.statistics.now()
    groupings: list[Grouping] = [(), (Dimension.SLOT,), (TimeStep.DAY, Dimension.REASON), (TimeStep.HOUR,)]
    for _ in range(2):
        assert remembering.photos(week(now), groupings) == stores.statistics.photos(week(now), groupings)
        calls = [grouping for grouping in groupings if Dimension.REASON not in grouping]
        assert remembering.calls(week(now), calls) == stores.statistics.calls(week(now), calls)


def test_a_slot_is_reset_through_it(stores: MemoryStores, remembering: RememberingStatistics) -> None:
    service = StatisticsService(statistics=remembering, audit=stores.audit, transaction=stores.transaction)
    succeeded(stores.queue, new_job())
    stores.pass_time(3 * HOUR)
    of_slot = Selection(slot_id="slot-001")
    assert service.overview(Preset.DAY, of_slot, ZONE).totals.counts.success == 1
    epoch = service.reset("slot-001", "serg")
    assert service.epoch("slot-001") == epoch
    assert service.overview(Preset.DAY, of_slot, ZONE).totals.counts.success == 0
    assert service.overview(Preset.DAY, EVERYTHING, ZONE).totals.counts.success == 1
