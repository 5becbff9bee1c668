"""How long successful photos took, from the request to the picture, against the window."""

from bisect import bisect_left

from flask_babel import gettext

from app.domain.statistics import DURATION_BOUNDS_MS, Durations
from app.web.pages.charts import Series, stacked
from app.web.pages.stats.panel import Panel
from app.web.pages.stats.tables import Column, Kind, Row, Table
from app.web.pages.stats.words import count, took

_TICKS_MS = (1_000, 5_000, 15_000, 30_000, 60_000)


def durations_panel(durations: Durations, window_ms: int) -> Panel:
    title, photos = gettext("How long photos took"), gettext("Photos")
    ranges = [_range(place) for place in range(len(durations.counts))]
    chart = stacked(
        [Series(photos, "f-1", durations.counts)],
        [f"{name}: {count(number)}" for name, number in zip(ranges, durations.counts, strict=True)],
        amount=lambda number: count(round(number)),
        ticks=[(_place(milliseconds), took(milliseconds)) for milliseconds in _TICKS_MS],
        mark=(_place(window_ms), gettext("window %(n)s", n=took(window_ms))),
    )
    columns = (Column(gettext("Time"), Kind.TEXT), Column(photos))
    rows = [Row(line) for line in zip(ranges, durations.counts, strict=True)]
    return Panel(_summary(durations, window_ms), chart, (), Table("durations", title, columns, rows))


def _range(place: int) -> str:
    """In words, of an element of a histogram."""
    if place == len(DURATION_BOUNDS_MS):
        return str(gettext("over %(n)s", n=took(DURATION_BOUNDS_MS[-1])))
    return str(gettext("up to %(n)s", n=took(DURATION_BOUNDS_MS[place])))


def _place(milliseconds: int) -> float:
    """On the axis, where each element of the histogram is as wide as the others."""
    above = bisect_left(DURATION_BOUNDS_MS, milliseconds)
    if above == len(DURATION_BOUNDS_MS):
        return float(above)
    low, high = (0, *DURATION_BOUNDS_MS)[above], DURATION_BOUNDS_MS[above]
    return above + (milliseconds - low) / (high - low)


def _summary(durations: Durations, window_ms: int) -> str:
    if not durations.number:
        return str(gettext("No photo was ready."))
    return str(
        gettext(
            "Half were ready within %(half)s, 95 of 100 within %(most)s; the window is %(window)s.",
            half=took(durations.percentile_ms(0.5)),
            most=took(durations.percentile_ms(0.95)),
            window=took(window_ms),
        )
    )
