"""All that the page of statistics shows, from one reading of the counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from app.domain.periods import TimeStep
from app.domain.slot import Slot
from app.domain.statistics import Overview
from app.web.pages.formats import house_zone
from app.web.pages.stats.answer import Answer, answer_of
from app.web.pages.stats.costs import costs_panel
from app.web.pages.stats.durations import durations_panel
from app.web.pages.stats.failures import failures_panel
from app.web.pages.stats.lists import booths_table, providers_table, slots_table
from app.web.pages.stats.names import Names
from app.web.pages.stats.panel import Panel
from app.web.pages.stats.photos import photos_panel
from app.web.pages.stats.question import Question
from app.web.pages.stats.tables import Table
from app.web.use_cases import services


@dataclass(frozen=True)
class View:
    question: Question
    overview: Overview
    slots: Sequence[Slot]
    names: Names
    zone: ZoneInfo
    window_ms: int

    @classmethod
    def of(cls, question: Question) -> "View":
        """Raises Refused(SLOT_NOT_FOUND)."""
        zone, slots = house_zone(), services().slots.all()
        return cls(
            question=question,
            overview=services().statistics.overview(question.preset, question.selection, zone),
            slots=slots,
            names=Names.of(slots, services().catalogue),
            zone=zone,
            window_ms=round(services().settings.sync_response_seconds() * 1000),
        )

    @property
    def is_empty(self) -> bool:
        """Nobody sent anything, and nothing was asked of providers."""
        return not (self.overview.totals.counts.requests or self.overview.calls)

    @cached_property
    def answer(self) -> Answer:
        return answer_of(self.overview, self.question.preset, self.window_ms)

    @cached_property
    def panels(self) -> Mapping[str, Panel]:
        """By the name of their table."""
        days = self.overview.period.starts(TimeStep.DAY, self.zone)
        panels = (
            photos_panel(self.overview),
            failures_panel(self.overview, self.question),
            durations_panel(self.overview.totals.counts.durations, self.window_ms),
            costs_panel(self.overview, self.names, days),
        )
        return {panel.table.name: panel for panel in panels if panel}

    @cached_property
    def lists(self) -> Sequence[Table]:
        """What stands below the charts."""
        calls = self.overview.calls
        tables = (
            slots_table(self.overview, self.question, self.names),
            providers_table(calls, self.question, self.names) if calls is not None else None,
            booths_table(self.overview, self.question),
        )
        return [table for table in tables if table]

    @property
    def tables(self) -> Mapping[str, Table]:
        """All of them by name."""
        return {table.name: table for table in (*(panel.table for panel in self.panels.values()), *self.lists)}
