"""What is to be copied to the studio's own storage, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.job import Source
from app.ports.copies import CopyOrder, CopyTally
from tests.twins.job_row import JobRow
from tests.twins.memory_database import MemoryDatabase

_TALLIED = timedelta(days=7)
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A row of the table result_copy."""

    job_id: UUID
    slot_id: str
    created_at: datetime
    next_try_at: datetime
    attempts: int = 0
    copied_at: datetime | None = None
    given_up_at: datetime | None = None
    name: str = ""
    error: str = ""

    @property
    def waits(self) -> bool:
        return self.copied_at is None and self.given_up_at is None


def order_copy(database: MemoryDatabase, row: JobRow) -> None:
    """What the statement that finishes a photo does; only to be used inside a transaction."""
    if row.new.source is not Source.TEST and row.new.settings.get("keeping", {}).get("copies"):
        now = database.now()
        database.table("result_copy")[row.new.id] = CopyRow(row.new.id, row.new.slot_id, now, now)


class MemoryCopyLedger:
    """Implements ports.CopyLedger and ports.ExpiringRows."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def take(self, hold_seconds: float) -> CopyOrder | None:
        with self._database.transaction():
            now = self._database.now()
            due = [row for row in self._waiting() if row.next_try_at <= now and self._can_be_copied(row)]
            if not due:
                return None
            row = min(due, key=lambda row: row.next_try_at)
            until = now + timedelta(seconds=hold_seconds)
            self._rows[row.job_id] = taken = replace(row, attempts=row.attempts + 1, next_try_at=until)
            return CopyOrder(taken.job_id, taken.attempts, taken.name)

    def name(self, order: CopyOrder, name: str) -> bool:
        with self._database.transaction():
            row = self._held(order)
            if row is None or any(other.name == name and other is not row for other in self._rows.values()):
                return False
            self._rows[order.job_id] = replace(row, name=name)
            return True

    def copied(self, order: CopyOrder) -> None:
        with self._database.transaction():
            row = self._rows.get(order.job_id)
            if row and row.copied_at is None:
                self._rows[order.job_id] = replace(row, copied_at=self._database.now(), given_up_at=None, error="")

    def failed(self, order: CopyOrder, error: str, retry_seconds: float) -> None:
        with self._database.transaction():
            if row := self._held(order):
                again_at = self._database.now() + timedelta(seconds=retry_seconds)
                self._rows[order.job_id] = replace(row, error=error, next_try_at=again_at)

    def close(self) -> int:
        with self._database.transaction():
            over = [row for row in self._waiting() if self._is_over(self._job(row))]
            withdrawn = [row for row in over if self._is_withheld(row)]
            for row in withdrawn:
                del self._rows[row.job_id]
            lost = [row for row in over if row not in withdrawn]
            for row in lost:
                self._rows[row.job_id] = replace(row, given_up_at=self._database.now())
            return len(lost)

    def tally(self, slot_id: str | None = None) -> Mapping[str, CopyTally]:
        with self._database.transaction():
            since = self._database.now() - _TALLIED
            rows = [row for row in self._rows.values() if slot_id in (None, row.slot_id) and row.created_at > since]
            slots = {row.slot_id for row in rows}
            return {slot: self._tally([row for row in rows if row.slot_id == slot]) for slot in slots}

    def forget_expired(self, limit: int) -> int:
        with self._database.transaction():
            since = self._database.now() - _KEPT
            return self._database.forget("result_copy", lambda row: row.created_at < since, limit)

    @property
    def _rows(self) -> dict[UUID, CopyRow]:
        return self._database.table("result_copy")

    def _waiting(self) -> list[CopyRow]:
        return [row for row in self._rows.values() if row.waits]

    def _job(self, row: CopyRow) -> JobRow | None:
        return self._database.table("job").get(row.job_id)

    def _is_withheld(self, row: CopyRow) -> bool:
        job = self._job(row)
        return job is not None and (job.hidden_at is not None or job.deleted_at is not None)

    def _is_over(self, job: JobRow | None) -> bool:
        now = self._database.now()
        return job is None or job.result is None or (job.result_expires_at or now) <= now

    def _can_be_copied(self, row: CopyRow) -> bool:
        return not self._is_withheld(row) and not self._is_over(self._job(row))

    def _held(self, order: CopyOrder) -> CopyRow | None:
        row = self._rows.get(order.job_id)
        return row if row and row.waits and row.attempts == order.attempts else None

    def _tally(self, rows: list[CopyRow]) -> CopyTally:
        waiting = [row for row in rows if row.waits and not self._is_withheld(row)]
        return CopyTally(
            copied=sum(row.copied_at is not None for row in rows),
            waiting=len(waiting),
            withheld=sum(row.waits for row in rows) - len(waiting),
            lost=sum(row.given_up_at is not None for row in rows),
            oldest_waiting_at=min((row.created_at for row in waiting), default=None),
            error=max((row.error for row in waiting), default=""),
        )
