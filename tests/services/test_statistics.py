"""What a page and a program are told of the counters."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app.domain.errors import Reason, Refused
from app.domain.job import Attempt, Source
from app.domain.periods import Bounds, Preset, TimeStep
from app.domain.statistics import Counts, Dimension, Figures, Outcome, Selection, Spent
from app.services.statistics import StatisticsService
from app.services.statistics.tables import SORT_COLUMNS, TableOrder
from tests.factories import SUCCESS, again, new_job, stored_result
from tests.queue.counting import EVERYTHING, ZONE, end_by_cancelling, end_by_failing, end_by_waiting
from tests.queue.steps import claimed, succeeded
from tests.support.booths import of_computer
from tests.twins.memory_stores import MemoryStores

DAY = 24 * 3600
OF_SLOT = Selection(slot_id="slot-001")
PAID = Attempt("gemini", "fusion", 7000, "flash", cost_usd=Decimal("0.04"))


@pytest.fixture
def stores() -> MemoryStores:
    return MemoryStores()


@pytest.fixture
def statistics(stores: MemoryStores) -> StatisticsService:
    return StatisticsService(statistics=stores.statistics, audit=stores.audit, transaction=stores.transaction)


def pay(stores: MemoryStores, *attempts: Attempt, slot_id: str = "slot-001") -> None:
    job = new_job(slot_id=slot_id)
    taken = claimed(stores.queue, job)
    calls = [again(attempt) for attempt in attempts]
    assert stores.queue.finalize_success(taken, stored_result(job.id), None, attempts[-1], calls)


class TestOverview:
    def test_an_installation_without_photos(self, statistics: StatisticsService) -> None:
        overview = statistics.overview(Preset.DAY, EVERYTHING, ZONE)
        assert overview.totals == overview.previous == Figures()
        counts = overview.totals.counts
        assert counts.success_share is counts.durations.percentile_ms(0.95) is None
        assert len(overview.course) in (24, 25), "as the clock says, the first and the last hour are parts"
        assert {point.counts for point in overview.course} == {Counts()}
        assert [*overview.endings, *(overview.calls or ()), *(overview.costs or ()), *overview.booths] == []
        assert overview.slots == []

    def test_the_period_and_the_one_before(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        pay(stores, PAID)
        end_by_failing(stores.queue, new_job())
        stores.pass_time(DAY)
        pay(stores, PAID, PAID)
        overview = statistics.overview(Preset.DAY, EVERYTHING, ZONE)
        assert overview.previous is not None
        assert [figures.counts.photos for figures in (overview.totals, overview.previous)] == [1, 2]
        assert overview.previous.counts.success_share == 0.5
        assert [f.spent and f.spent.cost_usd for f in (overview.totals, overview.previous)] == [
            Decimal("0.08"),
            Decimal("0.04"),
        ]

    def test_the_course_adds_up_to_the_total(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        for _ in range(3):
            succeeded(stores.queue, new_job())
            end_by_waiting(stores.queue, new_job())
            end_by_failing(stores.queue, new_job())
            stores.pass_time(3600)
        overview = statistics.overview(Preset.DAY, EVERYTHING, ZONE)
        assert sum(point.counts.photos for point in overview.course) == overview.totals.counts.photos == 9
        busy = [point for point in overview.course if point.counts.photos]
        assert len(busy) == 3
        for point in busy:
            assert point.endings == {
                (Outcome.SUCCESS, ""): 1,
                (Outcome.TIMEOUT, "timeout"): 1,
                (Outcome.PROVIDER_ERROR, "hang"): 1,
            }
        assert overview.course[0].start.tzinfo is ZONE

    def test_failures_are_told_by_their_reason(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        succeeded(stores.queue, new_job())
        end_by_cancelling(stores.queue, new_job())
        for _ in range(2):
            end_by_failing(stores.queue, new_job())
        stores.request_log.refused("slot-001", "invalid_password", {})
        assert statistics.overview(Preset.HOUR, EVERYTHING, ZONE).endings == [
            (Outcome.PROVIDER_ERROR, "hang", 2),
            (Outcome.CANCELLED, "cancelled", 1),
            (Outcome.REFUSED, "invalid_password", 1),
        ]

    def test_calls_by_model_and_costs_by_day(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        other = Attempt("turbotext", "i2i", 20_000, fault="hang", cost_usd=Decimal("0.01"))
        pay(stores, other, PAID)
        stores.pass_time(3 * DAY)
        pay(stores, PAID)
        overview = statistics.overview(Preset.WEEK, EVERYTHING, ZONE)
        assert overview.calls is not None
        assert [(c.provider, c.model, c.spent.calls, c.spent.failed) for c in overview.calls] == [
            ("gemini", "flash", 2, 0),
            ("turbotext", "", 1, 1),
        ]
        today = overview.read_at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        assert overview.costs is not None
        assert [(cost.start, cost.provider, cost.cost_usd) for cost in overview.costs] == [
            (today - timedelta(days=3), "gemini", Decimal("0.04")),
            (today - timedelta(days=3), "turbotext", Decimal("0.01")),
            (today, "gemini", Decimal("0.04")),
        ]

    def test_the_busiest_booths_and_slots_come_first(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        told = of_computer("DESKTOP-1", "7")
        for slot_id, fields in (("slot-002", told), ("slot-002", told), ("slot-001", {})):
            succeeded(stores.queue, replace(new_job(slot_id=slot_id), booth_fields=fields))
        overview = statistics.overview(Preset.DAY, EVERYTHING, ZONE)
        assert [(name, counts.photos) for name, counts in overview.booths] == [("DESKTOP-1 · 7", 2), ("", 1)]
        found = [(slot, f.counts.photos, f.spent and f.spent.calls) for slot, f in overview.slots]
        assert found == [("slot-002", 2, 2), ("slot-001", 1, 1)]

    @pytest.mark.parametrize(
        "selection",
        [Selection(booth="DESKTOP-1"), Selection(outcome=Outcome.SUCCESS), Selection(reason="hang")],
        ids=["booth", "outcome", "reason"],
    )
    def test_costs_are_not_made_up_where_they_are_not_known(
        self, stores: MemoryStores, statistics: StatisticsService, selection: Selection
    ) -> None:
        pay(stores, PAID)
        overview = statistics.overview(Preset.DAY, selection, ZONE)
        assert overview.previous is not None
        assert overview.totals.spent is overview.previous.spent is overview.calls is overview.costs is None

    def test_test_runs_are_left_out_unless_asked_for(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        succeeded(stores.queue, replace(new_job(), source=Source.TEST))
        everything = Selection(sources=frozenset(Source))
        assert statistics.overview(Preset.DAY, EVERYTHING, ZONE).totals == Figures()
        assert statistics.overview(Preset.DAY, everything, ZONE).totals.counts.photos == 1

    def test_bounds_that_are_none(self, statistics: StatisticsService) -> None:
        now = statistics.overview(Preset.DAY, EVERYTHING, ZONE).read_at
        with pytest.raises(Refused) as refused:
            statistics.overview(Bounds(now, now - timedelta(hours=1)), EVERYTHING, ZONE)
        assert refused.value.reason is Reason.INVALID_REQUEST

    def test_a_period_longer_ago_than_counters_are_kept_has_no_change_to_tell(
        self, statistics: StatisticsService
    ) -> None:
        now = statistics.overview(Preset.DAY, EVERYTHING, ZONE).read_at
        assert statistics.overview(Bounds(now - timedelta(days=300), now), EVERYTHING, ZONE).previous is None
        assert statistics.overview(Bounds(now - timedelta(days=150), now), EVERYTHING, ZONE).previous == Figures()


class TestReset:
    def test_a_slot_begins_from_nothing_and_says_since_when(
        self, stores: MemoryStores, statistics: StatisticsService
    ) -> None:
        succeeded(stores.queue, new_job())
        assert statistics.overview(Preset.DAY, OF_SLOT, ZONE).since is None
        epoch = statistics.reset("slot-001", "serg")
        overview = statistics.overview(Preset.DAY, OF_SLOT, ZONE)
        assert (overview.totals, overview.since) == (Figures(), epoch.reset_at)
        assert statistics.epoch("slot-001") == epoch
        assert statistics.overview(Preset.DAY, EVERYTHING, ZONE).totals.counts.success == 1

    def test_what_was_before_a_reset_is_not_compared_with(
        self, stores: MemoryStores, statistics: StatisticsService
    ) -> None:
        statistics.reset("slot-001", "serg")
        assert statistics.overview(Preset.HOUR, OF_SLOT, ZONE).previous is None
        stores.pass_time(2 * 3600)
        assert statistics.overview(Preset.HOUR, OF_SLOT, ZONE).previous == Figures()
        assert statistics.overview(Preset.DAY, OF_SLOT, ZONE).previous is None

    def test_who_did_it_is_on_record(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        statistics.reset("slot-001", "serg")
        [change], _ = stores.audit.search(subject="slot-001", page=1, page_size=10)
        assert (change.username, change.action) == ("serg", "slot.stats_reset")

    def test_a_slot_that_is_none(self, stores: MemoryStores, statistics: StatisticsService) -> None:
        for ask in (
            lambda: statistics.reset("slot-099", "serg"),
            lambda: statistics.epoch("slot-099"),
            lambda: statistics.overview(Preset.DAY, Selection(slot_id="slot-099"), ZONE),
            lambda: statistics.breakdown(Preset.DAY, Selection(slot_id=""), ZONE, [Dimension.SLOT], TableOrder()),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert refused.value.reason is Reason.SLOT_NOT_FOUND
        assert stores.audit.search(subject=None, page=1, page_size=1) == ([], 0)


class TestTables:
    @pytest.fixture(autouse=True)
    def photos(self, stores: MemoryStores) -> None:
        """Three slots with one to three photos, of which one failed, and refused requests of one more."""
        for number in (1, 2, 3):
            for _ in range(number):
                pay(stores, PAID, slot_id=f"slot-{number:03}")
        end_by_failing(stores.queue, new_job(slot_id="slot-002"))
        stores.request_log.refused("slot-004", "slot_disabled", {})

    def slots(self, statistics: StatisticsService, order: TableOrder) -> list[object]:
        table = statistics.breakdown(Preset.DAY, EVERYTHING, ZONE, [Dimension.SLOT], order)
        return [line.key[0] for line in table.lines]

    def test_a_line_for_whatever_was_counted(self, statistics: StatisticsService) -> None:
        table = statistics.breakdown(Preset.DAY, EVERYTHING, ZONE, [Dimension.SLOT], TableOrder())
        assert [(line.key, line.figures.counts.requests) for line in table.lines] == [
            (("slot-001",), 1),
            (("slot-002",), 3),
            (("slot-003",), 3),
            (("slot-004",), 1),
        ]
        assert [line.figures.spent and line.figures.spent.calls for line in table.lines] == [1, 2, 3, 0]
        assert (table.total, table.totals.counts.photos, table.totals.spent and table.totals.spent.calls) == (4, 7, 6)

    @pytest.mark.parametrize(
        ("order", "slots"),
        [
            (TableOrder("key", is_descending=True), "4321"),
            (TableOrder("photos", is_descending=True), "2314"),
            (TableOrder("cost_usd"), "4123"),
            (TableOrder("success_share"), "2134"),
            (TableOrder("success_share", is_descending=True), "1324"),
            (TableOrder("p95_ms"), None),
        ],
        ids=["key", "photos", "cost", "share", "share descending", "time"],
    )
    def test_lines_are_sorted_and_those_without_a_value_come_last(
        self, statistics: StatisticsService, order: TableOrder, slots: str | None
    ) -> None:
        found = self.slots(statistics, order)
        assert found[-1] == "slot-004" or slots in ("4321", "4123")
        assert slots is None or found == [f"slot-00{number}" for number in slots]

    @pytest.mark.parametrize("column", SORT_COLUMNS)
    def test_every_column_sorts_both_ways(self, statistics: StatisticsService, column: str) -> None:
        for is_descending in (False, True):
            assert len(self.slots(statistics, TableOrder(column, is_descending))) == 4

    def test_pages(self, statistics: StatisticsService) -> None:
        pages = [self.slots(statistics, TableOrder(page=page, page_size=3)) for page in (1, 2, 3)]
        assert pages == [["slot-001", "slot-002", "slot-003"], ["slot-004"], []]

    def test_two_columns(self, statistics: StatisticsService) -> None:
        by = [Dimension.SLOT, Dimension.REASON]
        table = statistics.breakdown(Preset.DAY, EVERYTHING, ZONE, by, TableOrder())
        assert [(line.key, line.figures.spent) for line in table.lines][1:3] == [
            (("slot-002", ""), None),
            (("slot-002", "hang"), None),
        ]
        assert table.totals.spent is not None, "in all the cost is known"

    def test_by_model_calls_are_told_of_whoever_was_called(self, statistics: StatisticsService) -> None:
        """A photo that failed is of the slot's provider, which may not have been called at all."""
        table = statistics.breakdown(Preset.DAY, EVERYTHING, ZONE, [Dimension.PROVIDER], TableOrder())
        found = [(line.key[0], line.figures.counts.photos, line.figures.spent) for line in table.lines]
        assert [(name, photos, spent and spent.calls) for name, photos, spent in found] == [
            ("", 0, 0),
            ("gemini", 6, 6),
            ("local", 1, 0),
        ]

    def test_hours(self, statistics: StatisticsService) -> None:
        table = statistics.breakdown(Preset.DAY, EVERYTHING, ZoneInfo("Asia/Tokyo"), [TimeStep.HOUR], TableOrder())
        assert 1 <= table.total <= 2
        assert {str(line.key[0])[-12:] for line in table.lines} == {":00:00+09:00"}

    def test_hours_with_something_else_are_not_told_of_a_year(self, statistics: StatisticsService) -> None:
        by = [TimeStep.HOUR, Dimension.SLOT]
        with pytest.raises(Refused, match="8 days"):
            statistics.breakdown(Preset.MONTH, EVERYTHING, ZONE, by, TableOrder())
        assert statistics.breakdown(Preset.WEEK, EVERYTHING, ZONE, by, TableOrder()).total >= 4
        assert statistics.breakdown(Preset.MONTH, EVERYTHING, ZONE, by[:1], TableOrder()).total >= 1

    def test_of_a_slot_only_its_own(self, statistics: StatisticsService) -> None:
        table = statistics.breakdown(Preset.DAY, Selection(slot_id="slot-003"), ZONE, [Dimension.SLOT], TableOrder())
        assert ([line.key for line in table.lines], table.totals.counts.photos) == ([("slot-003",)], 3)


def test_what_a_call_cost_counts_though_it_gave_no_picture(stores: MemoryStores, statistics: StatisticsService) -> None:
    taken = claimed(stores.queue, new_job())
    stores.queue.log_attempts(taken, [replace(again(SUCCESS), fault="no_image", cost_usd=Decimal("0.02"))])
    totals = statistics.overview(Preset.DAY, EVERYTHING, ZONE).totals
    assert totals.counts == Counts(), "the photo is still on its way"
    assert totals.spent == Spent(1, Decimal("0.02"), {"no_image": 1}, totals.spent.durations if totals.spent else None)
