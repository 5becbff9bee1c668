"""Where a picture goes: what is kept of it, how large, and on what canvas. Geometry only, no pixels."""

import math
from dataclasses import dataclass

from app.adapters.images.decoding import MAX_SIDE
from app.domain.media import Finish

Size = tuple[int, int]
"""Width and height in pixels."""

Box = tuple[int, int, int, int]
"""Left, upper, right and lower edge in pixels."""

CANVAS_PIXELS = 16_000_000
"""Margins may let a picture grow to so many pixels, a print of 41 x 27 cm at 300 dpi; larger ones shrink instead."""

_SAME_PROPORTION = 1.01
_LESS = 0.99  # of a picture with as many pixels as are allowed: rounding must not make it one with more
_CUT_ABOVE = 0.4  # of what is cut off a picture that is too high: faces are above the middle, feet below it


@dataclass(frozen=True, slots=True)
class Layout:
    """The box `part` of an upright picture of `size` is scaled to `inner` and stands in the middle of `canvas`."""

    size: Size
    part: Box
    inner: Size
    canvas: Size

    @property
    def changes_nothing(self) -> bool:
        return self.part == (0, 0, *self.size) and self.size == self.inner == self.canvas

    @property
    def part_size(self) -> Size:
        left, upper, right, lower = self.part
        return right - left, lower - upper

    @property
    def scale(self) -> float:
        """Of the part, 1 at most."""
        return max(inner / part for inner, part in zip(self.inner, self.part_size, strict=True))


def layout_of(size: Size, finish: Finish) -> Layout:
    """The layout of an upright picture of `size`: its proportion first, then its longest side."""
    aspect, max_side = finish.output.aspect, finish.output.max_side
    if aspect == "none" or _is_alike(size, finish.shot_size):
        return shrunk(size, max_side)
    return (_cropped if aspect == "crop" else _fitted)(size, finish.shot_size, max_side)


def shrunk(size: Size, max_side: int | None) -> Layout:
    """The whole picture, with no side longer than `max_side`."""
    inner = _scaled(size, _room(size, max_side))
    return Layout(size, (0, 0, *size), inner, inner)


def _cropped(size: Size, shot: Size, max_side: int | None) -> Layout:
    """The largest part in the shot's proportion."""
    width, height = size
    wanted = (
        max(1, min(width, round(height * shot[0] / shot[1]))),
        max(1, min(height, round(width * shot[1] / shot[0]))),
    )
    left, upper = (width - wanted[0]) // 2, math.floor((height - wanted[1]) * _CUT_ABOVE)
    inner = _scaled(wanted, _room(wanted, max_side))
    return Layout(size, (left, upper, left + wanted[0], upper + wanted[1]), inner, inner)


def _fitted(size: Size, shot: Size, max_side: int | None) -> Layout:
    """The whole picture on the smallest canvas in the shot's proportion, which has no more pixels than is sensible."""
    width, height = size
    around = max(width, height * shot[0] / shot[1]), max(height, width * shot[1] / shot[0])
    affordable = math.sqrt(max(CANVAS_PIXELS, _LESS * width * height) / math.prod(around))
    scale = min(_room(around, max_side), affordable)
    canvas, inner = _scaled(around, scale), _scaled(size, scale)
    return Layout(size, (0, 0, *size), (min(inner[0], canvas[0]), min(inner[1], canvas[1])), canvas)


def _is_alike(size: Size, shot: Size) -> bool:
    ratio = size[0] * shot[1] / (size[1] * shot[0])
    return 1 / _SAME_PROPORTION <= ratio <= _SAME_PROPORTION


def _room(size: tuple[float, float], max_side: int | None) -> float:
    """The factor, 1 at most, that makes both sides short enough."""
    return min(1.0, (max_side or MAX_SIDE) / max(size), MAX_SIDE / max(size))


def _scaled(size: tuple[float, float], scale: float) -> Size:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
