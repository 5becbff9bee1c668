"""Are we all right? One sentence and four figures, and never a share of nothing."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.periods import Preset
from app.domain.statistics import Counts, Figures, Spent
from app.web.pages.stats.answer import Answer, Mood, answer_of, mood_of
from tests.web.overviews import WINDOW_MS, durations, in_language, overview

FAST, SLOW = durations(ms10000=100), durations(ms45000=100)
GOOD = Counts(success=100, durations=FAST)


@pytest.fixture
def english() -> Iterator[None]:
    with in_language("en"):
        yield


@pytest.fixture
def russian() -> Iterator[None]:
    with in_language("ru"):
        yield


def answer(now: Counts, before: Counts | None = None, spent: Spent | None = None, **rest: Preset) -> Answer:
    previous = Figures(before) if before else None
    return answer_of(overview(totals=Figures(now, spent), previous=previous), rest.get("preset", Preset.DAY), WINDOW_MS)


@pytest.mark.parametrize(
    ("counts", "mood"),
    [
        (Counts(), Mood.QUIET),
        (Counts(cancelled=3, refused=9), Mood.QUIET),
        (GOOD, Mood.GOOD),
        (Counts(success=97, timeout=3, durations=FAST), Mood.GOOD),
        (Counts(success=96, timeout=4, durations=FAST), Mood.UNEASY),
        (Counts(success=100, durations=SLOW), Mood.UNEASY),
        (Counts(success=89, provider_error=11, durations=FAST), Mood.BAD),
        (Counts(timeout=1), Mood.BAD),
    ],
)
def test_the_mood_follows_failures_and_the_nearness_of_the_window(counts: Counts, mood: Mood) -> None:
    assert mood_of(counts, WINDOW_MS) is mood


@pytest.mark.usefixtures("english")
class TestInEnglish:
    @pytest.mark.parametrize(
        ("counts", "sentence"),
        [
            (GOOD, "All is well: 100% successful, in the last 24 hours."),
            (
                replace(GOOD, refused=2),
                "All is well: 100% successful, in the last 24 hours; 2 requests refused.",
            ),
            (Counts(success=89, timeout=11), "Something is wrong: 89% successful, in the last 24 hours."),
            (Counts(success=96, timeout=4), "Almost all is well: 96% successful, in the last 24 hours."),
            (
                Counts(success=100, durations=SLOW),
                "Almost all is well: 95 of 100 ready within 44.8\xa0s of 48\xa0s, in the last 24 hours.",
            ),
        ],
        ids=["good", "refused", "bad", "failures", "slow"],
    )
    def test_the_sentence_has_the_one_figure_that_decided_it(self, counts: Counts, sentence: str) -> None:
        assert answer(counts).sentence == sentence

    def test_what_never_came_has_no_share(self) -> None:
        quiet = answer(Counts(), preset=Preset.HOUR)
        assert quiet.sentence == "No photos in the last hour."
        assert [figure.value for figure in quiet.figures] == ["none", "no photos", "no photos"]
        assert not any("0%" in f"{figure.value}{figure.note}{figure.change}" for figure in quiet.figures)

    def test_one_failure_among_many_is_not_rounded_away(self) -> None:
        assert answer(Counts(success=9_999, timeout=1)).figures[1].value == "99.9%"

    def test_a_time_is_seen_against_the_window(self) -> None:
        slow = answer(Counts(success=100, durations=SLOW)).figures[2]
        assert (slow.value, slow.note, slow.part) == ("44.8\xa0s", "of the window of 48\xa0s", 93.2)

    def test_failed_and_refused_stand_beside_the_photos(self) -> None:
        figure = answer(Counts(success=5, timeout=1, provider_error=1, cancelled=1, refused=1)).figures[0]
        assert (figure.value, figure.note) == ("8", "2 failed, 1 request refused")

    def test_money_is_told_by_picture_too(self) -> None:
        figure = answer(GOOD, spent=Spent(calls=120, cost_usd=Decimal("4.68"))).figures[3]
        assert (figure.value, figure.note) == ("$4.68", "$0.05 a picture")

    def test_money_is_left_out_where_it_is_not_known(self) -> None:
        assert [figure.label for figure in answer(GOOD, spent=None).figures] == [
            "Photos",
            "Successful",
            "95 of 100 ready within",
        ]


@pytest.mark.usefixtures("english")
class TestChanges:
    def changes(self, now: Counts, before: Counts | None) -> list[str | None]:
        return [figure.change for figure in answer(now, before).figures]

    def test_each_figure_is_compared_with_the_period_before(self) -> None:
        before = Counts(success=36, timeout=4, durations=durations(ms20000=36))
        assert self.changes(GOOD, before) == [
            "↑ 150% to the 24 hours before",
            "↑ 10 pp to the 24 hours before",
            "↓ 9.9\xa0s to the 24 hours before",
        ]

    def test_what_stays_the_same_is_said_to(self) -> None:
        assert self.changes(GOOD, GOOD) == ["no change", "no change", "no change"]

    def test_a_change_too_small_to_tell_is_none(self) -> None:
        before = Counts(success=10_000, durations=FAST)
        assert self.changes(Counts(success=10_001, durations=FAST), before)[:2] == ["no change", "no change"]

    @pytest.mark.parametrize("before", [None, Counts()])
    def test_where_nothing_came_before_nothing_is_compared(self, before: Counts | None) -> None:
        assert self.changes(GOOD, before) == [None, None, None]


@pytest.mark.usefixtures("russian")
def test_numbers_and_their_words_agree_in_russian() -> None:
    notes = [answer(Counts(success=1, refused=n)).figures[0].note for n in (1, 3, 11, 1_234)]
    assert notes == ["1 отказ", "3 отказа", "11 отказов", "1\xa0234 отказа"]


@pytest.mark.usefixtures("russian")
def test_a_percent_sign_stands_apart_in_russian() -> None:
    assert answer(Counts(success=2, timeout=1)).figures[1].value == "66,6\xa0%"
