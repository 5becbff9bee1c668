"""What the counters tell of a period: for the page of statistics, and as tables for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.errors import Reason, Refused
from app.domain.periods import COARSE_KEPT, Bounds, Period, Preset, TimeStep
from app.domain.statistics import (
    PHOTOS_ONLY,
    Breakdown,
    By,
    Counts,
    DayCost,
    Dimension,
    Figures,
    Line,
    Outcome,
    Overview,
    Point,
    ProviderCalls,
    Selection,
    Spent,
)
from app.ports.audit import AuditLog
from app.ports.statistics import Cut, Key, SlotEpoch, Statistics
from app.ports.upkeep import Transaction

Span = Preset | Bounds

_NO_COUNTS = Counts()
_ALL: tuple[By, ...] = ()
_ENDING = (Dimension.OUTCOME, Dimension.REASON)


@dataclass(frozen=True, slots=True)
class TableOrder:
    """How the lines of a table are sorted and paged. `column` is `key` or one of SORT_COLUMNS; lines without a value
    come last either way.
    """

    column: str = "key"
    is_descending: bool = False
    page: int = 1
    page_size: int = 100


_OF_FIGURES: Mapping[str, Callable[[Figures], Any]] = {
    "photos": lambda f: f.counts.photos,
    "success": lambda f: f.counts.success,
    "timeout": lambda f: f.counts.timeout,
    "provider_error": lambda f: f.counts.provider_error,
    "cancelled": lambda f: f.counts.cancelled,
    "refused": lambda f: f.counts.refused,
    "success_share": lambda f: f.counts.success_share,
    "p50_ms": lambda f: f.counts.durations.percentile_ms(0.5),
    "p95_ms": lambda f: f.counts.durations.percentile_ms(0.95),
    "mean_ms": lambda f: f.counts.durations.mean_ms,
    "calls": lambda f: f.spent and f.spent.calls,
    "cost_usd": lambda f: f.spent and f.spent.cost_usd,
}
SORT_COLUMNS = tuple(_OF_FIGURES)


class StatisticsService:
    def __init__(self, *, statistics: Statistics, audit: AuditLog, transaction: Transaction) -> None:
        self._statistics = statistics
        self._audit = audit
        self._transaction = transaction

    def overview(self, span: Span, selection: Selection, zone: ZoneInfo) -> Overview:
        """Everything that a page shows of a period, hours and days being those of `zone`.

        Raises Refused: INVALID_REQUEST for bounds that are none, SLOT_NOT_FOUND.
        """
        with self._transaction():
            look = self._look(span, selection, zone)
            step = look.cut.period.natural_step(look.now)
            totals, previous = self._totals(look)
            course, booths, slots, endings, endings_by_step = self._statistics.photos(
                look.cut, [(step,), (Dimension.BOOTH,), (Dimension.SLOT,), _ENDING, (step, *_ENDING)]
            )
            calls = costs = by_slot = None
            if selection.tells_calls:
                by_model, by_day, by_slot = self._statistics.calls(
                    look.cut,
                    [(Dimension.PROVIDER, Dimension.MODEL), (TimeStep.DAY, Dimension.PROVIDER), (Dimension.SLOT,)],
                )
                calls, costs = _calls(by_model), _costs(by_day)
        return Overview(
            period=look.cut.period,
            step=step,
            totals=totals,
            previous=previous,
            course=_course(look.cut.period.starts(step, zone), course, endings_by_step),
            endings=_endings(endings),
            calls=calls,
            costs=costs,
            booths=_most_photos(booths),
            slots=_with_cost(_most_photos(slots), by_slot),
            since=look.since,
            read_at=look.now,
        )

    def breakdown(
        self, span: Span, selection: Selection, zone: ZoneInfo, by: Sequence[By], order: TableOrder
    ) -> Breakdown:
        """A page of the table of what was counted for each combination of `by`; combinations with nothing have no line.

        Raises Refused as `overview` does.
        """
        with self._transaction():
            look = self._look(span, selection, zone)
            totals, previous = self._totals(look)
            figures = self._figures(look.cut, tuple(by))
        lines = _sorted([Line(key, found) for key, found in figures.items()], order)
        page = lines[(order.page - 1) * order.page_size :][: order.page_size]
        return Breakdown(look.cut.period, totals, previous, page, len(lines), look.since, look.now)

    def epoch(self, slot_id: str) -> SlotEpoch:
        """Since when a slot is counted; raises Refused(SLOT_NOT_FOUND)."""
        return _known(self._statistics.epoch(slot_id), slot_id)

    def reset(self, slot_id: str, author: str) -> SlotEpoch:
        """Count a slot from nothing; the whole house keeps what was counted. Raises Refused(SLOT_NOT_FOUND)."""
        with self._transaction():
            epoch = _known(self._statistics.reset(slot_id, author), slot_id)
            self._audit.record(author, "slot.stats_reset", slot_id)
        return epoch

    def _look(self, span: Span, selection: Selection, zone: ZoneInfo) -> "_Look":
        now = self._statistics.now()
        epoch = self.epoch(selection.slot_id) if selection.slot_id is not None else None
        period = _asked(span, now)
        step = period.counted_in(now)
        cut = Cut(period.widened(step), step, zone, selection, epoch.epoch if epoch else None)
        return _Look(now, cut, epoch.reset_at if epoch else None)

    def _totals(self, look: "_Look") -> tuple[Figures, Figures | None]:
        now = self._figures(look.cut, _ALL).get((), _nothing(look.cut.selection))
        if not look.tells_before:
            return now, None
        return now, self._figures(look.before, _ALL).get((), _nothing(look.cut.selection))

    def _figures(self, cut: Cut, by: tuple[By, ...]) -> Mapping[Key, Figures]:
        [counts] = self._statistics.photos(cut, [by])
        if PHOTOS_ONLY.intersection(by) or not cut.selection.tells_calls:
            return {key: Figures(found, None) for key, found in counts.items()}
        [spent] = self._statistics.calls(cut, [by])
        keys = {**dict.fromkeys(counts), **dict.fromkeys(spent)}
        return {key: Figures(counts.get(key, _NO_COUNTS), spent.get(key, Spent())) for key in keys}


@dataclass(frozen=True, slots=True)
class _Look:
    """What is read of the counters at `now`; `since` is the last reset of the slot's."""

    now: datetime
    cut: Cut
    since: datetime | None

    @property
    def before(self) -> Cut:
        return Cut(self.cut.period.before(), self.cut.step, self.cut.zone, self.cut.selection, self.cut.epoch)

    @property
    def tells_before(self) -> bool:
        start = self.cut.period.before().start
        return start >= self.now - COARSE_KEPT and (self.since is None or self.since <= start)


def _asked(span: Span, now: datetime) -> Period:
    try:
        return span.period(now)
    except ValueError as error:
        raise Refused(Reason.INVALID_REQUEST, str(error)) from error


def _known(epoch: SlotEpoch | None, slot_id: str) -> SlotEpoch:
    if epoch is None:
        raise Refused(Reason.SLOT_NOT_FOUND, "There is no such slot.", details={"slot_id": slot_id})
    return epoch


def _nothing(selection: Selection) -> Figures:
    return Figures(Counts(), Spent() if selection.tells_calls else None)


def _course(
    starts: Iterable[datetime], counts: Mapping[Key, Counts], endings: Mapping[Key, Counts]
) -> list[Point]:
    by_start: dict[object, dict[tuple[Outcome, str], int]] = {}
    for (start, outcome, reason), found in endings.items():
        by_start.setdefault(start, {})[Outcome(str(outcome)), str(reason)] = found.requests
    return [Point(start, counts.get((start,), _NO_COUNTS), by_start.get(start, {})) for start in starts]


def _endings(endings: Mapping[Key, Counts]) -> list[tuple[Outcome, str, int]]:
    told = [(Outcome(str(outcome)), str(reason), found.requests) for (outcome, reason), found in endings.items()]
    failed = [ending for ending in told if ending[0] is not Outcome.SUCCESS]
    return sorted(failed, key=lambda ending: (-ending[2], ending))


def _calls(spent: Mapping[Key, Spent]) -> list[ProviderCalls]:
    calls = [ProviderCalls(str(provider), str(model), found) for (provider, model), found in spent.items()]
    return sorted(calls, key=lambda c: (-c.spent.calls, c.provider, c.model))


def _costs(spent: Mapping[Key, Spent]) -> list[DayCost]:
    return [
        DayCost(start, str(provider), found.cost_usd)
        for (start, provider), found in sorted(spent.items())
        if isinstance(start, datetime)
    ]


def _most_photos(counts: Mapping[Key, Counts]) -> list[tuple[str, Counts]]:
    named = [(str(key[0]), found) for key, found in counts.items()]
    return sorted(named, key=lambda item: (-item[1].requests, item[0]))


def _with_cost(
    slots: Sequence[tuple[str, Counts]], spent: Mapping[Key, Spent] | None
) -> list[tuple[str, Figures]]:
    return [(slot, Figures(counts, None if spent is None else spent.get((slot,), Spent()))) for slot, counts in slots]


def _sorted(lines: Sequence[Line], order: TableOrder) -> list[Line]:
    by_key = sorted(lines, key=lambda line: line.key, reverse=order.is_descending and order.column == "key")
    if order.column == "key":
        return by_key
    value = _OF_FIGURES[order.column]
    known = [line for line in by_key if value(line.figures) is not None]
    unknown = [line for line in by_key if value(line.figures) is None]
    return sorted(known, key=lambda line: value(line.figures), reverse=order.is_descending) + unknown
