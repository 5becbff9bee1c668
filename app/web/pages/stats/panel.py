"""What the charts have in common: a course over time, its table, and a legend that counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext

from app.domain.periods import TimeStep
from app.web.pages.charts import Chart, Series, stacked
from app.web.pages.stats.tables import Column, Kind, Row, Table
from app.web.pages.stats.words import count, step_name

FILLS = tuple(f"f-{n}" for n in range(1, 6))
REST_FILL = "f-6"

_FEW_DAYS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a legend: what a fill stands for, how much of it there was, and where more is told of it."""

    label: str
    fill: str
    amount: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its legend and table. `summary` tells the gist, also to those who cannot see the chart."""

    summary: str
    chart: Chart
    legend: Sequence[Entry]
    table: Table


@dataclass(frozen=True, slots=True)
class Steps:
    """The axis of a course over time: when its steps begin, in the time zone of the house."""

    starts: Sequence[datetime]
    step: TimeStep

    def chart(
        self,
        series: Sequence[Series],
        amount: Callable[[Any], str] = count,
        *,
        told: Sequence[Series] | None = None,
        whole: bool = True,
    ) -> Chart:
        """Stacked bars; each says when it was and how much of what there is, or of what is `told` instead."""
        names = [step_name(start, self.step) for start in self.starts]
        titles = ["\n".join([name, *_told(told or series, place, amount)]) for place, name in enumerate(names)]
        return stacked(series, titles, amount=amount, ticks=self._ticks(), whole=whole)

    def table(self, name: str, caption: str, series: Sequence[Series], kind: Kind = Kind.COUNT) -> Table:
        """A line for each step, a column for each series."""
        columns = (Column(gettext("Time"), Kind.TIME), *(Column(s.label, kind) for s in series))
        rows = [Row((start, *(s.values[n] for s in series))) for n, start in enumerate(self.starts)]
        return Table(name, caption, columns, rows, self.step)

    def _ticks(self) -> list[tuple[float, str]]:
        """A label for each day of a week, for the Mondays of a month, for every sixth hour, for quarters of an hour."""
        few = len(self.starts) <= _FEW_DAYS
        style = "HH:mm" if self.step is not TimeStep.DAY else "EEE" if few else "d MMM"
        chosen = [(n, when) for n, when in enumerate(self.starts) if few or _is_round(when, self.step)]
        return [(n + 0.5, str(format_datetime(when, style))) for n, when in chosen]


def _is_round(when: datetime, step: TimeStep) -> bool:
    if step is TimeStep.DAY:
        return when.weekday() == 0
    return when.hour % 6 == 0 if step is TimeStep.HOUR else when.minute % 15 == 0


def _told(series: Sequence[Series], place: int, amount: Callable[[Any], str]) -> list[str]:
    return [f"{s.label}: {amount(s.values[place])}" for s in series if s.values[place]]
