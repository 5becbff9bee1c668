"""The geometry of bar charts, for templates/_chart.html to draw.

Lengths across are percent of the chart's width, lengths down are pixels: bars stretch with the page, texts do not.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 176
"""Of the part where bars stand, in pixels."""

_WIDEST = 18.0  # percent: one bar alone is still a bar
_MAX_STEPS = 4
_EDGE = 5.0  # a label this close to an edge, in percent, leans on it
_SLIVER = 2  # pixels: what was counted is seen, however little it is beside the rest


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is counted at each place of the axis. `fill` is the id of a pattern in _chart_fills.html."""

    label: str
    fill: str
    values: Sequence[float | Decimal]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar, as wide as that."""

    y: int
    height: int
    fill: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands at one place of the axis, the gap to the next one included; `title` is for who points at it."""

    x: float
    width: float
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of an axis; `at` is in percent across, in pixels down. `anchor` is that of the text."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """`mark` is a line across the axis, such as a limit."""

    bars: tuple[Bar, ...]
    steps: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    mark: Tick | None = None
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(bar.blocks for bar in self.bars)


def stacked(
    series: Sequence[Series],
    titles: Sequence[str],
    *,
    amount: Callable[[float], str],
    ticks: Sequence[tuple[float, str]],
    mark: tuple[float, str] | None = None,
    whole: bool = True,
) -> Chart:
    """Bars of `series` on top of one another, the first at the bottom; a title for each place.

    `amount` words a value of the scale, whose steps are whole numbers if `whole`. `ticks` and `mark` are places from
    0, the left edge, to the number of bars.
    """
    places = len(titles)
    heights = [sum(float(s.values[place]) for s in series) for place in range(places)]
    steps = scale(max(heights, default=0), whole)
    bars = (_bar(place, places, series, titles[place], steps[-1]) for place in range(places))
    return Chart(
        bars=tuple(bars),
        steps=tuple(Tick(round(HEIGHT * (1 - value / steps[-1])), amount(value), "end") for value in steps),
        ticks=tuple(_tick(at, text, places) for at, text in ticks),
        mark=_tick(*mark, places) if mark else None,
    )


def scale(highest: float, whole: bool = True) -> list[float]:
    """Round values from zero to `highest` or a little above: at most five, at least two."""
    if highest <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(highest / _MAX_STEPS))
    step = next(n * power for n in (1, 2, 5, 10) if n * power * _MAX_STEPS >= highest * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    return [step * n for n in range(math.ceil(highest / step - 1e-9) + 1)]


def _bar(place: int, places: int, series: Sequence[Series], title: str, top: float) -> Bar:
    width, base = min(_WIDEST, 100 / places), HEIGHT
    blocks = []
    for part in series:
        if part.values[place]:
            height = max(_SLIVER, round(HEIGHT * float(part.values[place]) / top))
            base -= height
            blocks.append(Block(base, height, part.fill))
    return Bar(round(100 / places * (place + 0.5) - width / 2, 2), round(width, 2), title, tuple(blocks))


def _tick(at: float, text: str, places: int) -> Tick:
    percent = round(100 * at / places, 2)
    anchor = "start" if percent < _EDGE else "end" if percent > 100 - _EDGE else "middle"
    return Tick(percent, text, anchor)
