"""Tables of figures, drawn by templates/_stats_table.html and written to files by the same columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from app.domain.periods import TimeStep
from app.web.csv_file import Cell
from app.web.pages.site import blueprint
from app.web.pages.stats.question import Question
from app.web.pages.stats.words import count, money, share, step_name, took


class Kind(StrEnum):
    """What the cells of a column are: str, int, a part of one, milliseconds, US dollars, the beginning of a step."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    TOOK = "took"
    MONEY = "money"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` as the columns want them, None for what is not known. `narrower` asks for this line alone; `weight` is
    how it compares to the longest, in percent.
    """

    cells: tuple[Any, ...]
    narrower: Question | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is that of its file; `step` is how long the steps in a column of times are."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    step: TimeStep = TimeStep.DAY

    def file_rows(self) -> Iterator[list[Cell]]:
        """Its heading and lines with numbers as numbers, shares in percent and times in seconds."""
        units = {Kind.SHARE: "%", Kind.TOOK: gettext("s"), Kind.MONEY: "USD"}
        yield [", ".join(filter(None, (column.label, units.get(column.kind)))) for column in self.columns]
        for row in self.rows:
            yield [_in_file(cell, column.kind) for cell, column in zip(row.cells, self.columns, strict=True)]


@blueprint.app_template_filter()
def in_cell(value: Any, kind: Kind, step: TimeStep) -> str:
    """A cell in words."""
    if value is None:
        return "–"
    words: Mapping[Kind, Callable[[Any], str]] = {
        Kind.TEXT: str,
        Kind.COUNT: count,
        Kind.SHARE: share,
        Kind.TOOK: took,
        Kind.MONEY: money,
        Kind.TIME: lambda start: step_name(start, step),
    }
    return words[kind](value)


def _in_file(value: Any, kind: Kind) -> Cell:
    plain: Cell = value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value
    if not isinstance(plain, int | float):
        return plain
    return {Kind.SHARE: round(plain * 100, 2), Kind.TOOK: plain / 1000}.get(kind, plain)
