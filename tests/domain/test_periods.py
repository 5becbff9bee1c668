"""Periods as they are asked for, counted and drawn."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.periods import COARSE_STEP, FINE_KEPT, FINE_STEP, Bounds, Period, Preset, TimeStep

NOW = datetime(2026, 11, 20, 17, 43, 12, 5, tzinfo=UTC)
MOSCOW, BERLIN, KOLKATA = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

moments = st.timedeltas(-900 * DAY, 1200 * DAY).map(NOW.__add__)
lengths = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
zones = st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")])


class TestPresets:
    @pytest.mark.parametrize("preset", Preset)
    def test_a_preset_is_as_long_as_it_says_and_ends_with_the_step_of_now(self, preset: Preset) -> None:
        period = preset.period(NOW)
        assert period.length == preset.length
        assert period.end - COARSE_STEP <= NOW < period.end
        assert period.widened(period.counted_in(NOW)) == period

    @given(moments)
    def test_the_last_day_and_the_one_before_are_still_known_by_five_minutes(self, now: datetime) -> None:
        period = Preset.DAY.period(now)
        assert period.counted_in(now) == FINE_STEP
        assert period.before().start > now - FINE_KEPT

    @pytest.mark.parametrize(
        ("preset", "step", "points"),
        [
            (Preset.HOUR, TimeStep.FIVE_MINUTES, 12),
            (Preset.DAY, TimeStep.HOUR, 25),
            (Preset.WEEK, TimeStep.DAY, 8),
            (Preset.MONTH, TimeStep.DAY, 31),
        ],
    )
    def test_each_is_drawn_in_a_legible_number_of_steps(self, preset: Preset, step: TimeStep, points: int) -> None:
        period = preset.period(NOW)
        assert period.natural_step(NOW) is step
        assert len(period.starts(step, MOSCOW)) == points


class TestBounds:
    def test_without_any_it_is_the_last_day(self) -> None:
        assert Bounds().period(NOW) == Period(NOW - DAY, NOW)

    def test_without_an_end_it_lasts_until_now(self) -> None:
        assert Bounds(start=NOW - HOUR).period(NOW) == Period(NOW - HOUR, NOW)

    def test_without_a_start_it_is_a_day(self) -> None:
        assert Bounds(end=NOW - 3 * DAY).period(NOW) == Period(NOW - 4 * DAY, NOW - 3 * DAY)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (NOW, NOW),
            (NOW, NOW - HOUR),
            (NOW - 401 * DAY, NOW),
            (NOW - 402 * DAY, None),
            (NOW + HOUR, None),
            (datetime(1, 1, 1, tzinfo=ZoneInfo("Etc/GMT-14")), datetime(1, 1, 2, tzinfo=UTC)),
            (None, datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("Etc/GMT+12"))),
        ],
        ids=["empty", "backwards", "too long", "too long until now", "future", "year 1", "year 9999"],
    )
    def test_what_is_no_period(self, start: datetime | None, end: datetime | None) -> None:
        with pytest.raises(ValueError, match="The period must"):
            Bounds(start, end).period(NOW)

    @pytest.mark.parametrize("end", [datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)], ids=str)
    def test_the_first_and_the_last_can_be_counted_and_drawn(self, end: datetime) -> None:
        period = Bounds(None, end).period(NOW)
        assert period.counted_in(NOW) in (FINE_STEP, COARSE_STEP)
        assert len(period.widened(COARSE_STEP).before().starts(TimeStep.DAY, MOSCOW)) in (1, 2)


class TestCounting:
    def test_what_was_long_ago_is_known_by_the_hour(self) -> None:
        assert Period(NOW - HOUR, NOW).counted_in(NOW) == FINE_STEP
        assert Period(NOW - 3 * DAY, NOW - 3 * DAY + HOUR).counted_in(NOW) == COARSE_STEP
        assert Period(NOW - DAY - HOUR, NOW).counted_in(NOW) == COARSE_STEP, "or the day before could not be compared"

    def test_an_hour_of_long_ago_is_not_drawn_by_five_minutes(self) -> None:
        assert Period(NOW - 3 * DAY, NOW - 3 * DAY + HOUR).natural_step(NOW) is TimeStep.HOUR

    @given(moments, lengths, st.sampled_from([FINE_STEP, COARSE_STEP]))
    def test_a_period_is_widened_to_whole_steps_and_no_further(
        self, start: datetime, length: timedelta, step: timedelta
    ) -> None:
        period = Period(start, start + length)
        wide = period.widened(step)
        assert wide.start <= period.start < wide.start + step
        assert wide.end - step < period.end <= wide.end
        assert wide.length % step == timedelta()
        assert wide.widened(step) == wide
        assert wide.before().end == wide.start


class TestStarts:
    @given(moments, lengths, zones, st.sampled_from(TimeStep))
    def test_steps_follow_one_another_and_cover_the_period(
        self, start: datetime, length: timedelta, zone: ZoneInfo, step: TimeStep
    ) -> None:
        period = Period(start, start + min(length, DAY if step is TimeStep.FIVE_MINUTES else length))
        starts = [moment.astimezone(UTC) for moment in period.starts(step, zone)]
        assert starts[0] <= period.start
        assert starts[-1] < period.end
        gaps = {after - before for before, after in pairwise(starts)}
        assert all(MINUTE * 5 <= gap <= HOUR * 25 for gap in gaps)
        assert len(starts) < 2 or starts[1] > period.start

    def test_days_are_those_of_the_zone(self) -> None:
        period = Period(NOW - DAY, NOW)
        days = period.starts(TimeStep.DAY, MOSCOW)
        assert [day.isoformat() for day in days] == ["2026-11-19T00:00:00+03:00", "2026-11-20T00:00:00+03:00"]
        assert len(Period(days[1], days[1] + DAY).starts(TimeStep.DAY, MOSCOW)) == 1

    def test_a_day_on_which_the_clocks_change_has_its_own_length(self) -> None:
        period = Period(datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC))
        [_, changed, after] = (day.astimezone(UTC) for day in period.starts(TimeStep.DAY, BERLIN))
        assert after - changed == timedelta(hours=25)
        assert len(Period(changed, after).starts(TimeStep.HOUR, BERLIN)) == 25

    def test_hours_of_a_zone_with_half_an_hour_begin_with_its_hours(self) -> None:
        first, *_ = Period(NOW - HOUR, NOW).starts(TimeStep.HOUR, KOLKATA)
        assert first.isoformat() == "2026-11-20T22:00:00+05:30"

    def test_five_minutes(self) -> None:
        starts = Period(NOW - 10 * MINUTE, NOW).starts(TimeStep.FIVE_MINUTES, MOSCOW)
        assert [f"{start:%H:%M:%S.%f}" for start in starts] == ["20:30:00.000000", "20:35:00.000000", "20:40:00.000000"]
