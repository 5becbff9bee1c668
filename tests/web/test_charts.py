"""Charts as geometry: what is where, in percent across and pixels down."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.pages.charts import HEIGHT, Chart, Series, scale, stacked

GOOD = Series("Good", "f-good", [3, 0, 1])
BAD = Series("Bad", "f-bad", [1, 0, 0])


def drawn(*series: Series, titles: tuple[str, ...] = ("a", "b", "c"), **given: object) -> Chart:
    return stacked(series, titles, **{"amount": "{:g}".format, "ticks": [], **given})


def test_parts_of_a_bar_stand_on_one_another() -> None:
    good, bad = drawn(GOOD, BAD).bars[0].blocks
    assert (good.fill, good.y + good.height, good.height) == ("f-good", HEIGHT, HEIGHT * 3 / 4)
    assert (bad.fill, bad.y + bad.height, bad.y) == ("f-bad", good.y, 0)


def test_bars_share_the_width_and_say_what_they_are() -> None:
    bars = drawn(Series("Good", "a", [1] * 10), titles=tuple("abcdefghij")).bars
    assert [(bar.title, bar.x, bar.width) for bar in bars[:3]] == [("a", 0, 10), ("b", 10, 10), ("c", 20, 10)]


def test_a_bar_alone_is_still_a_bar_in_the_middle() -> None:
    [bar] = drawn(Series("Good", "a", [5]), titles=("all",)).bars
    assert bar.width < 20
    assert bar.x + bar.width / 2 == 50


def test_where_nothing_was_counted_nothing_stands() -> None:
    assert [len(bar.blocks) for bar in drawn(GOOD, BAD).bars] == [2, 0, 1]


def test_what_was_counted_is_seen_however_little_it_is() -> None:
    few = drawn(Series("Many", "a", [10_000]), Series("One", "b", [1]), titles=("all",)).bars[0].blocks[1]
    assert few.height >= 2


def test_steps_of_the_scale_go_from_the_foot_to_the_top() -> None:
    assert [(tick.text, tick.at) for tick in drawn(GOOD).steps] == [("0", HEIGHT), ("1", 117), ("2", 59), ("3", 0)]


def test_labels_at_the_edges_lean_on_them() -> None:
    ticks = drawn(GOOD, ticks=[(0, "left"), (1.5, "middle"), (3, "right")]).ticks
    assert [(tick.at, tick.anchor) for tick in ticks] == [(0, "start"), (50, "middle"), (100, "end")]


def test_a_limit_is_marked_between_bars() -> None:
    mark = drawn(GOOD, mark=(2, "48 s")).mark
    assert mark is not None
    assert (mark.at, mark.text) == (66.67, "48 s")


def test_an_empty_chart_has_a_scale_and_no_bars() -> None:
    chart = drawn(Series("None", "a", [0, 0, 0]))
    assert chart.is_empty
    assert [tick.text for tick in chart.steps] == ["0", "1"]


def test_a_chart_of_nothing_at_all_is_empty() -> None:
    assert drawn().is_empty


def test_money_is_drawn_as_it_is() -> None:
    chart = drawn(Series("Cost", "a", [Decimal("0.1"), Decimal("0.35"), Decimal(0)]), whole=False)
    assert [tick.text for tick in chart.steps] == ["0", "0.1", "0.2", "0.3", "0.4"]
    assert chart.bars[1].blocks[0].height == 154


@pytest.mark.parametrize(
    ("highest", "steps"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (17, [0, 5, 10, 15, 20]),
        (400, [0, 100, 200, 300, 400]),
        (1_234, [0, 500, 1_000, 1_500]),
    ],
)
def test_scales_are_of_round_numbers(highest: float, steps: list[float]) -> None:
    assert scale(highest) == steps


@given(st.floats(0.0001, 1e9), st.booleans())
def test_a_scale_always_reaches_the_highest_in_a_few_steps(highest: float, whole: bool) -> None:
    steps = scale(highest, whole)
    assert 2 <= len(steps) <= 5
    assert steps[0] == 0
    assert steps[-1] >= highest * (1 - 1e-6)
    assert steps[-2] < highest
