"""Where a picture goes, for any sizes: the promises of geometry."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.adapters.images.decoding import MAX_SIDE
from app.adapters.images.layout import CANVAS_PIXELS, Layout, Size, layout_of
from app.domain.media import ASPECTS, Finish, Output

sides = st.integers(1, 8_000)
sizes = st.tuples(sides, sides).filter(lambda size: max(size) <= 20 * min(size))
limits = st.none() | st.integers(64, 12_000)


def laid_out(size: Size, shot: Size, aspect: str, max_side: int | None = None) -> Layout:
    return layout_of(size, Finish(Output(aspect=aspect, max_side=max_side), shot))


@given(sizes, sizes, st.sampled_from(ASPECTS), limits)
def test_nothing_is_larger_than_asked_or_than_it_was(size: Size, shot: Size, aspect: str, max_side: int | None) -> None:
    layout = laid_out(size, shot, aspect, max_side)
    assert max(layout.canvas) <= min(max_side or MAX_SIDE, MAX_SIDE)
    assert math.prod(layout.canvas) <= max(1.01 * CANVAS_PIXELS, math.prod(size))
    assert all(inner <= part for inner, part in zip(layout.inner, layout.part_size, strict=True))
    assert all(inner <= canvas for inner, canvas in zip(layout.inner, layout.canvas, strict=True))


@given(sizes, sizes, st.sampled_from(ASPECTS), limits)
def test_guests_are_never_distorted(size: Size, shot: Size, aspect: str, max_side: int | None) -> None:
    layout = laid_out(size, shot, aspect, max_side)
    across, down = (inner / part for inner, part in zip(layout.inner, layout.part_size, strict=True))
    assert abs(across - down) * min(layout.part_size) <= 1
    assert layout.scale == max(across, down)


@given(sizes, sizes, st.sampled_from(["crop", "fit"]), limits)
def test_the_shots_proportion_is_reached_to_the_pixel(
    size: Size, shot: Size, aspect: str, max_side: int | None
) -> None:
    width, height = laid_out(size, shot, aspect, max_side).canvas
    assume(not 0.99 < size[0] * shot[1] / (size[1] * shot[0]) < 1.01)
    assert abs(width * shot[1] - height * shot[0]) <= 1.5 * max(shot)


@given(sizes, sizes, limits)
def test_cropping_keeps_as_much_as_can_be_kept(size: Size, shot: Size, max_side: int | None) -> None:
    layout = laid_out(size, shot, "crop", max_side)
    left, upper, right, lower = layout.part
    assert 0 <= left < right <= size[0]
    assert 0 <= upper < lower <= size[1]
    assert layout.part_size[0] == size[0] or layout.part_size[1] == size[1]


@given(sizes, sizes, limits)
def test_fitting_keeps_everything_on_the_smallest_canvas(size: Size, shot: Size, max_side: int | None) -> None:
    layout = laid_out(size, shot, "fit", max_side)
    assert layout.part == (0, 0, *size)
    assert min(canvas - inner for inner, canvas in zip(layout.inner, layout.canvas, strict=True)) <= 1


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("size", [(1500, 1000), (1510, 1000), (1490, 1000)])
def test_a_hundredth_is_no_other_proportion(aspect: str, size: Size) -> None:
    assert laid_out(size, (6000, 4000), aspect).changes_nothing


@pytest.mark.parametrize(
    ("size", "shot", "part"),
    [
        ((1000, 1000), (2, 3), (166, 0, 833, 1000)),
        ((1000, 1000), (3, 2), (0, 133, 1000, 800)),
        ((1500, 1000), (2, 3), (416, 0, 1083, 1000)),
    ],
    ids=["both sides alike", "less above, where faces are", "landscape to portrait"],
)
def test_what_is_cut_off(size: Size, shot: Size, part: tuple[int, int, int, int]) -> None:
    layout = laid_out(size, shot, "crop")
    assert layout.part == part
    assert layout.inner == layout.canvas == layout.part_size


@pytest.mark.parametrize(
    ("size", "max_side", "inner", "canvas"),
    [
        ((1024, 1024), None, (1024, 1024), (1536, 1024)),
        ((1024, 1024), 1200, (800, 800), (1200, 800)),
        ((6000, 6000), None, (4874, 4874), (7312, 4874)),
    ],
    ids=["a model's usual size", "bounded", "with no more pixels than it had"],
)
def test_the_canvas_of_a_square(size: Size, max_side: int | None, inner: Size, canvas: Size) -> None:
    layout = laid_out(size, (3, 2), "fit", max_side)
    assert (layout.inner, layout.canvas) == (inner, canvas)
