"""How the installation is, in memory."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.copies import OVERDUE_SECONDS
from app.domain.job import JobStatus
from app.domain.statistics import Outcome
from app.ports.alerts import CopyTrouble, Vitals
from tests.twins.job_row import JobRow
from tests.twins.memory_copies import CopyRow
from tests.twins.memory_database import MemoryDatabase

_CLAIMS_LOOKED_AT = timedelta(minutes=3)
_PASSWORDS_COUNTED = timedelta(minutes=10)
_COPIES_OVERDUE = timedelta(seconds=OVERDUE_SECONDS)
_LOSSES_TOLD = timedelta(hours=24)
_WRONG = ("invalid_password", "too_many_attempts")


class MemoryMonitor:
    """Implements ports.Monitor."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def vitals(self) -> Vitals:
        with self._database.transaction():
            now = self._database.now()
            jobs = self._database.table("job").values()
            waiting = [job.created_at for job in jobs if job.status is JobStatus.PENDING]
            claimed = [job.started_at for job in jobs if job.started_at and job.created_at > now - _CLAIMS_LOOKED_AT]
            seen = [at for role, at in self._database.table("process_heartbeat").values() if role == "worker"]
            purges = self._database.table("purge_run").values()
            return Vitals(
                now=now,
                worker_seen_at=max(seen, default=None),
                waiting_since=min(waiting, default=None),
                claimed_at=max(claimed, default=None),
                purged_at=max((purge.finished_at for purge in purges if purge.finished_at), default=None),
                spent_usd=self._spent(now),
                wrong_passwords=self._wrong_passwords(now),
                overdue_copies=self._overdue_copies(now),
                lost_copies=self._lost_copies(now),
            )

    def _spent(self, now: datetime) -> dict[str, Decimal]:
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        used = self._database.table("usage_window").items()
        return {scope: amount for (scope, *window), amount in used if window == ["usd_day", day]}

    def _overdue_copies(self, now: datetime) -> dict[str, CopyTrouble]:
        jobs = self._database.table("job")
        waiting = [row for row in self._copies() if row.waits and row.created_at < now - _COPIES_OVERDUE]
        return _troubles([row for row in waiting if _is_shown(jobs.get(row.job_id))], lambda row: row.created_at)

    def _lost_copies(self, now: datetime) -> dict[str, CopyTrouble]:
        lost = [row for row in self._copies() if row.given_up_at and row.given_up_at > now - _LOSSES_TOLD]
        return _troubles(lost, lambda row: row.given_up_at or now)

    def _copies(self) -> list[CopyRow]:
        return list(self._database.table("result_copy").values())

    def _wrong_passwords(self, now: datetime) -> Counter[str]:
        counted = self._database.table("photo_stats").values()
        recent = (one for one in counted if one.at > now - _PASSWORDS_COUNTED)
        return Counter(one.slot_id for one in recent if one.outcome == Outcome.REFUSED and one.reason in _WRONG)


def _is_shown(job: JobRow | None) -> bool:
    return job is not None and job.hidden_at is None and job.deleted_at is None


def _troubles(rows: Sequence[CopyRow], since: Callable[[CopyRow], datetime]) -> dict[str, CopyTrouble]:
    found: dict[str, CopyTrouble] = {}
    for slot_id in {row.slot_id for row in rows}:
        own = sorted((row for row in rows if row.slot_id == slot_id), key=since)
        found[slot_id] = CopyTrouble(since(own[0]), max(row.error for row in own))
    return found
