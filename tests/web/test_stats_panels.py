"""Charts of statistics with their legends, tables and sentences."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.periods import TimeStep
from app.domain.statistics import Counts, DayCost, Figures, Outcome
from app.web.pages.stats.costs import costs_panel
from app.web.pages.stats.durations import durations_panel
from app.web.pages.stats.failures import failures_panel
from app.web.pages.stats.names import Names
from app.web.pages.stats.panel import Panel, Steps
from app.web.pages.stats.photos import photos_panel
from app.web.pages.stats.question import Question
from tests.web.overviews import NOON, USUAL, WINDOW_MS, ZONE, durations, hours, in_language, overview

NAMES = Names({"slot-001": "Wedding"}, {"gemini": "Gemini", "local": "Built in"})
BLOCKED = (Outcome.PROVIDER_ERROR, "content_blocked")
LATE = (Outcome.TIMEOUT, "timeout")
STOPPED = (Outcome.CANCELLED, "cancelled")
UNKNOWN_BOOTH = (Outcome.REFUSED, "invalid_password")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with in_language("en"):
        yield


def legend(panel: Panel) -> list[tuple[str, str]]:
    return [(entry.label, entry.amount) for entry in panel.legend]


class TestPhotos:
    COUNTS = (Counts(success=3, timeout=1), Counts(), Counts(success=5, provider_error=2, cancelled=1, refused=4))
    TOTALS = Figures(Counts(success=8, timeout=1, provider_error=2, cancelled=1, refused=4))

    def panel(self) -> Panel:
        return photos_panel(overview(course=hours(*self.COUNTS), totals=self.TOTALS))

    def test_stand_by_success_and_failure(self) -> None:
        assert [[block.fill for block in bar.blocks] for bar in self.panel().chart.bars] == [
            ["f-good", "f-bad"],
            [],
            ["f-good", "f-bad", "f-6"],
        ]
        assert legend(self.panel()) == [("Successful", "8"), ("Failed", "3"), ("Cancelled", "1")]

    def test_say_when_they_were_in_the_time_of_the_house(self) -> None:
        assert self.panel().chart.bars[0].title == "Fri 12:00\nSuccessful: 3\nFailed: 1"
        assert self.panel().summary == "Most of them at Fri 14:00: 8 photos."

    def test_are_a_table_too_with_the_refused_ones(self) -> None:
        table = self.panel().table
        assert [column.label for column in table.columns] == [
            *("Time", "Photos", "Successful", "Failed", "Cancelled", "Refused requests"),
        ]
        assert [row.cells[1:] for row in table.rows] == [(4, 3, 1, 0, 0), (0, 0, 0, 0, 0), (8, 5, 2, 1, 4)]

    def test_that_never_came_are_said_in_words(self) -> None:
        panel = photos_panel(overview(course=hours(Counts(), Counts())))
        assert panel.chart.is_empty
        assert panel.summary == "There were no photos."


class TestFailures:
    def panel(self, *endings: tuple[Outcome, str, int], question: Question = USUAL) -> Panel:
        by_hour = {0: {(outcome, reason): n for outcome, reason, n in endings}}
        return failures_panel(overview(course=hours(Counts(), Counts(), endings=by_hour), endings=endings), question)

    def test_are_told_by_reason_with_the_most_frequent_first(self) -> None:
        panel = self.panel((*BLOCKED, 4), (*UNKNOWN_BOOTH, 2))
        assert legend(panel) == [
            ("The provider refused the photo or the prompt because of what it shows", "4"),
            ("Refused: wrong password", "2"),
        ]
        assert panel.summary == (
            "6 requests gave no picture; most often: "
            "The provider refused the photo or the prompt because of what it shows (4)."
        )

    def test_say_how_many_there_were_at_a_time(self) -> None:
        assert self.panel((*BLOCKED, 4), (*UNKNOWN_BOOTH, 2)).chart.bars[0].title == "Fri 12:00\nWithout a picture: 6"

    def test_beyond_the_fifth_share_a_fill_and_a_column(self) -> None:
        reasons = ("content_blocked", "rate_limited", "key_refused", "tls", "internal", "no_image", "overloaded")
        panel = self.panel(*((Outcome.PROVIDER_ERROR, reason, 9 - n) for n, reason in enumerate(reasons)))
        assert [entry.fill for entry in panel.legend][4:] == ["f-5", "f-6"], "no two entries share a fill"
        assert legend(panel)[5] == ("Other reasons", "7")
        assert panel.table.columns[-1].label == "Other reasons"
        assert panel.table.rows[0].cells[1:] == (9, 8, 7, 6, 5, 4 + 3)

    @pytest.mark.parametrize(
        ("ending", "state"),
        [(LATE, "failed"), (BLOCKED, "failed"), (STOPPED, "cancelled"), (UNKNOWN_BOOTH, "refused")],
    )
    def test_lead_to_the_very_requests_in_the_log(self, ending: tuple[Outcome, str], state: str) -> None:
        question = Question(slot_id="slot-003", booth="B 1")
        [entry] = self.panel((*ending, 1), question=question).legend
        assert entry.link is not None
        assert parse_qs(urlsplit(entry.link).query) == {
            "state": [state],
            "reason": [ending[1]],
            "slot": ["slot-003"],
            "booth": ["B 1"],
            "source": ["ingest"],
            "from": ["2026-11-19T09:00:00+00:00"],
            "to": ["2026-11-20T09:00:00+00:00"],
        }

    def test_without_any_it_says_so(self) -> None:
        assert self.panel().chart.is_empty
        assert self.panel().summary == "Nothing failed."


class TestDurations:
    def test_stand_against_the_window(self) -> None:
        panel = durations_panel(durations(ms5000=10, ms10000=10), WINDOW_MS)
        assert panel.chart.mark is not None
        assert panel.chart.mark.text == "window 48\xa0s"
        assert panel.summary == "Half were ready within 5\xa0s, 95 of 100 within 9.8\xa0s; the window is 48\xa0s."

    @pytest.mark.parametrize(("window_ms", "bars"), [(250, 1), (48_000, 16), (49_000, 16.5), (90_000, 19)])
    def test_the_window_lies_between_the_bars_that_it_parts(self, window_ms: int, bars: float) -> None:
        mark = durations_panel(durations(ms5000=1), window_ms).chart.mark
        assert mark is not None
        assert mark.at == pytest.approx(100 * bars / 20)

    def test_are_a_table_of_ranges(self) -> None:
        table = durations_panel(durations(ms250=2), WINDOW_MS).table
        assert [row.cells for row in (table.rows[0], table.rows[2], table.rows[-1])] == [
            ("up to 250\xa0ms", 2),
            ("up to 1\xa0s", 0),
            ("over 60\xa0s", 0),
        ]

    def test_of_nothing_are_said_in_words(self) -> None:
        assert durations_panel(durations(), WINDOW_MS).summary == "No photo was ready."


class TestCosts:
    DAYS = tuple(datetime(2026, 11, day, tzinfo=ZONE) for day in (18, 19, 20))
    COSTS = (
        DayCost(DAYS[0], "local", Decimal(0)),
        DayCost(DAYS[0], "gemini", Decimal("1.20")),
        DayCost(DAYS[2], "gemini", Decimal("0.30")),
        DayCost(DAYS[2], "openai", Decimal("2.00")),
    )

    def panel(self, *costs: DayCost) -> Panel:
        panel = costs_panel(overview(costs=costs), NAMES, self.DAYS)
        assert panel is not None
        return panel

    def test_stand_by_day_and_provider_days_without_any_too(self) -> None:
        panel = self.panel(*self.COSTS)
        assert [bar.title for bar in panel.chart.bars] == [
            "Wed, 18 Nov\nGemini: $1.20",
            "Thu, 19 Nov",
            "Fri, 20 Nov\nopenai: $2.00\nGemini: $0.30",
        ]

    def test_begin_with_the_dearest_provider_and_leave_out_free_ones(self) -> None:
        assert legend(self.panel(*self.COSTS)) == [("openai", "$2.00"), ("Gemini", "$1.50")]

    def test_are_summed_up(self) -> None:
        assert self.panel(*self.COSTS).summary == "$3.50 in all; the most expensive day was Fri, 20 Nov with $2.30."
        assert self.panel().summary == "Nothing was spent."

    def test_are_left_out_where_they_cannot_be_told_apart(self) -> None:
        assert costs_panel(overview(costs=None), NAMES, self.DAYS) is None


class TestSteps:
    """The axis of time has a few labels, at round moments of the house's own clock."""

    def ticks(self, step: TimeStep, length: timedelta, number: int) -> list[str]:
        starts = [(NOON + n * length).astimezone(ZONE) for n in range(number)]
        steps = Steps(starts, step)
        return [tick.text for tick in steps.chart([]).ticks]

    def test_of_an_hour(self) -> None:
        assert self.ticks(TimeStep.FIVE_MINUTES, timedelta(minutes=5), 10) == ["12:00", "12:15", "12:30", "12:45"]

    def test_of_a_day(self) -> None:
        assert self.ticks(TimeStep.HOUR, timedelta(hours=1), 25) == ["12:00", "18:00", "00:00", "06:00", "12:00"]

    def test_of_a_week(self) -> None:
        assert self.ticks(TimeStep.DAY, timedelta(days=1), 7) == ["Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu"]

    def test_of_a_month(self) -> None:
        assert self.ticks(TimeStep.DAY, timedelta(days=1), 31) == ["23 Nov", "30 Nov", "7 Dec", "14 Dec"]
