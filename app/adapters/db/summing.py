"""Sums of counters under several groupings by one read of their table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Row, Select, Table, cast, func, select, tuple_

from app.adapters.db.schema.base import TIME
from app.domain.periods import TimeStep
from app.domain.statistics import By, Dimension
from app.ports.statistics import Cut, Grouping, Key

_FILTERS = ("provider", "model", "booth", "outcome", "reason")


@dataclass(frozen=True)
class Sums:
    """Asks for the columns `summed` of `table` by every grouping, each key's told apart by the column `kind`."""

    table: Table
    kind: str
    summed: Sequence[str]
    cut: Cut
    groupings: Sequence[Grouping]

    def query(self) -> Select[Any]:
        names = [*self._names.values(), "kind"]
        columns = [self._column(by).label(name) for by, name in self._names.items()]
        kind = self.table.c[self.kind].label("kind")
        summed = [self.table.c[name] for name in self.summed]
        counters = select(*columns, kind, *summed).where(*self._conditions()).subquery().c
        sets = [tuple_(counters.kind, *(counters[self._names[by]] for by in grouping)) for grouping in self.groupings]
        shown = [counters[name] for name in names]
        sums = [func.sum(counters[name]).label(name) for name in self.summed]
        mask = func.grouping(*shown).label("mask")
        return select(mask, *shown, *sums).group_by(func.grouping_sets(*sets))

    def found(self, rows: Iterable[Row[Any]]) -> list[Mapping[Key, list[Row[Any]]]]:
        """The answer's rows by key, for each grouping; a key's differ in their `kind`."""
        places = {self._mask(grouping): place for place, grouping in enumerate(self.groupings)}
        found: list[dict[Key, list[Row[Any]]]] = [defaultdict(list) for _ in self.groupings]
        for row in rows:
            place = places[row.mask]
            found[place][tuple(self._value(by, row) for by in self.groupings[place])].append(row)
        return list(found)

    @cached_property
    def _names(self) -> Mapping[By, str]:
        used = dict.fromkeys(by for grouping in self.groupings for by in grouping)
        return {by: f"key_{place}" for place, by in enumerate(used)}

    @cached_property
    def _starts(self) -> Mapping[By, Sequence[datetime]]:
        return {by: self.cut.period.starts(by, self.cut.zone) for by in self._names if isinstance(by, TimeStep)}

    def _column(self, by: By) -> ColumnElement[Any]:
        if by in self._starts:
            return func.width_bucket(self.table.c.starts_at, cast(self._starts[by], ARRAY(TIME)), type_=Integer)
        return self.table.c["slot_id" if by is Dimension.SLOT else by.value]

    def _value(self, by: By, row: Row[Any]) -> datetime | str:
        value: int | str = row._mapping[self._names[by]]
        return self._starts[by][value - 1] if isinstance(value, int) else value

    def _mask(self, grouping: Grouping) -> int:
        """What GROUPING() says: a bit for each column, 1 where rows were added up over it; the last is `kind`."""
        bits = "".join("0" if by in grouping else "1" for by in self._names)
        return int(bits + "0", 2)

    def _conditions(self) -> list[ColumnElement[bool]]:
        columns, cut, selection = self.table.c, self.cut, self.cut.selection
        asked = {name: getattr(selection, name) for name in _FILTERS}
        conditions = [columns[name] == value for name, value in asked.items() if value is not None]
        if selection.slot_id is not None:
            conditions += [columns.slot_id == selection.slot_id, columns.epoch == cut.epoch]
        return [
            columns.step_minutes == cut.step.seconds // 60,
            columns.starts_at >= cut.period.start,
            columns.starts_at < cut.period.end,
            columns.source.in_(sorted(selection.sources)),
            *conditions,
        ]
