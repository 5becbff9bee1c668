"""What the counters tell of a period: for the page of statistics, and as tables for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.errors import Reason, Refused
from app.domain.periods import COARSE_KEPT, Bounds, Period, Preset, TimeStep
from app.domain.statistics import PHOTOS_ONLY, Breakdown, By, Dimension, Figures, Line, Overview, Selection
from app.ports.audit import AuditLog
from app.ports.statistics import Cut, Grouping, SlotEpoch, Statistics
from app.ports.upkeep import Transaction
from app.services.statistics import shapes
from app.services.statistics.tables import TableOrder

Span = Preset | Bounds

_ALL: Grouping = ()
_MANY_HOURS = timedelta(days=8)
_CALLS = (TimeStep.DAY, Dimension.PROVIDER, Dimension.MODEL)


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
            steps, booths, slots = self._statistics.photos(
                look.cut, [(step, Dimension.REASON), (Dimension.BOOTH,), (Dimension.SLOT,)]
            )
            calls = calls_by_slot = None
            if selection.tells_calls:
                calls, calls_by_slot = self._statistics.calls(look.cut, [_CALLS, (Dimension.SLOT,)])
            previous = self._previous(look)
        return Overview(
            period=look.cut.period,
            step=step,
            totals=shapes.total(steps, calls),
            previous=previous,
            course=shapes.course(look.cut.period.starts(step, zone), steps),
            endings=shapes.endings(steps),
            calls=None if calls is None else shapes.calls_by_model(calls),
            costs=None if calls is None else shapes.costs_by_day(calls),
            booths=shapes.most_photos(booths),
            slots=shapes.with_cost(shapes.most_photos(slots), calls_by_slot),
            since=look.since,
            read_at=look.now,
        )

    def breakdown(
        self, span: Span, selection: Selection, zone: ZoneInfo, by: Sequence[By], order: TableOrder
    ) -> Breakdown:
        """A page of the table of what was counted for each combination of `by`; combinations with nothing have no line.

        Raises Refused as `overview` does, and INVALID_REQUEST for more lines than anybody reads.
        """
        with self._transaction():
            look = self._look(span, selection, zone)
            if TimeStep.HOUR in by and len(by) > 1 and look.cut.period.length > _MANY_HOURS:
                raise Refused(Reason.INVALID_REQUEST, f"Hours with something else are told of {_MANY_HOURS.days} days.")
            lines, totals = self._table(look.cut, tuple(by))
            previous = self._previous(look)
        page = order.page_of(order.sorted(lines))
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
        cut = Cut(period.widened(step), step, zone, selection, epoch.epoch if epoch else None, now)
        return _Look(now, cut, epoch.reset_at if epoch else None)

    def _table(self, cut: Cut, by: Grouping) -> tuple[Sequence[Line], Figures]:
        counts, all_counts = self._statistics.photos(cut, [by, _ALL])
        spent = all_spent = None
        if cut.selection.tells_calls and PHOTOS_ONLY.intersection(by):
            [all_spent] = self._statistics.calls(cut, [_ALL])
        elif cut.selection.tells_calls:
            spent, all_spent = self._statistics.calls(cut, [by, _ALL])
        return shapes.lines(counts, spent), shapes.total(all_counts, all_spent)

    def _previous(self, look: "_Look") -> Figures | None:
        if not look.tells_before:
            return None
        [counts] = self._statistics.photos(look.before, [_ALL])
        spent = self._statistics.calls(look.before, [_ALL])[0] if look.before.selection.tells_calls else None
        return shapes.total(counts, spent)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is read of the counters at `now`; `since` is the last reset of the slot's."""

    now: datetime
    cut: Cut
    since: datetime | None

    @property
    def before(self) -> Cut:
        return replace(self.cut, period=self.cut.period.before())

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
