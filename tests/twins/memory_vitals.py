"""How the installation is, in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.copies import OVERDUE_SECONDS
from app.domain.job import JobStatus
from app.domain.statistics import Outcome
from app.domain.vk.filling import OVERDUE_SECONDS as UPLOAD_OVERDUE_SECONDS
from app.domain.vk.filling import UNTRIED_SECONDS
from app.domain.vk.posts import LATE_SPACING, PostOutcome, PostStatus
from app.ports.alerts import CopyTrouble, PostTrouble, UploadTrouble, Vitals
from tests.twins.job_row import JobRow
from tests.twins.memory_copies import CopyRow
from tests.twins.memory_database import MemoryDatabase
from tests.twins.vk.memory_filling import UploadRow
from tests.twins.vk.memory_posts import PostRow
from tests.twins.vk.refresh_row import refresh_rows

_CLAIMS_LOOKED_AT = timedelta(minutes=3)
_PASSWORDS_COUNTED = timedelta(minutes=10)
_COPIES_OVERDUE = timedelta(seconds=OVERDUE_SECONDS)
_LOSSES_TOLD = timedelta(hours=24)
_TURN = LATE_SPACING + timedelta(minutes=1)
_UNDER_WAY = (PostStatus.PENDING_PUBLICATION, PostStatus.PUBLISHING)
_FAILED = (PostStatus.ERROR, PostStatus.POSSIBLE_ERROR, PostStatus.LATE)
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
            purges = self._database.table("purge_run").values()
            return Vitals(
                now=now,
                worker_seen_at=self._seen_at("worker"),
                waiting_since=min(waiting, default=None),
                claimed_at=max(claimed, default=None),
                purged_at=max((purge.finished_at for purge in purges if purge.finished_at), default=None),
                spent_usd=self._spent(now),
                wrong_passwords=self._wrong_passwords(now),
                overdue_copies=self._overdue_copies(now),
                lost_copies=self._lost_copies(now),
                tracker_seen_at=self._seen_at("tracker"),
                tracker_awaited_since=self._tracker_awaited_since(now),
                failed_posts=self._failed_posts(now),
                overdue_uploads=self._overdue_uploads(now),
                lost_uploads=self._lost_uploads(now),
            )

    def _seen_at(self, role: str) -> datetime | None:
        beats = self._database.table("process_heartbeat").values()
        return max((at for whose, at in beats if whose == role), default=None)

    def _tracker_awaited_since(self, now: datetime) -> datetime | None:
        posts = (row.post for row in self._posts() if row.post.status in _UNDER_WAY and row.is_free(now))
        reads = (row.next_try_at for row in refresh_rows(self._database).values() if row.wanted > row.done)
        uploads = (row.next_try_at for row in self._database.table("album_upload").values() if row.waits)
        due = (at for at in (*(post.publication_date for post in posts), *reads, *uploads) if at <= now)
        return min(due, default=None)

    def _failed_posts(self, now: datetime) -> Sequence[PostTrouble]:
        found: dict[tuple[str, str, PostStatus], datetime] = {}
        for row in self._posts():
            post = row.post
            if post.status in _FAILED or self._is_stuck(row, now):
                name = self._database.table("community")[post.community_id].name
                key = (name, str((post.error or {}).get("code", "")), post.status)
                since = post.attempted_at or post.publication_date
                found[key] = min(since, found.get(key, since))
        return tuple(PostTrouble(name, status, code, found[name, code, status]) for name, code, status in sorted(found))

    def _is_stuck(self, row: PostRow, now: datetime) -> bool:
        if row.post.status is not PostStatus.PENDING_PUBLICATION or not row.is_late(now):
            return False
        return bool(row.post.error) or not self._waits_for_its_turn(row, now)

    def _waits_for_its_turn(self, row: PostRow, now: datetime) -> bool:
        past = self._database.table("past_post").values()
        mine = [post for post in past if post.community_id == row.community_id]
        appeared = (post.ended_at for post in mine if post.outcome is PostOutcome.PUBLISHED)
        others = (other for other in self._posts() if other.community_id == row.community_id)
        is_another_under_way = any(
            other.post.status is PostStatus.PUBLISHING and not other.is_free(now) for other in others
        )
        return is_another_under_way or any(at > now - _TURN for at in appeared)

    def _posts(self) -> list[PostRow]:
        return list(self._database.table("system_post").values())

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

    def _overdue_uploads(self, now: datetime) -> Sequence[UploadTrouble]:
        jobs, uploads = self._database.table("job"), self._database.table("album_upload").values()
        overdue = [row for row in uploads if row.waits and row.created_at < now - _patience(row)]
        return self._upload_troubles((row for row in overdue if _is_shown(jobs.get(row.job_id))), "created_at")

    def _lost_uploads(self, now: datetime) -> Sequence[UploadTrouble]:
        uploads = self._database.table("album_upload").values()
        lost = (row for row in uploads if row.given_up_at and row.given_up_at > now - _LOSSES_TOLD)
        return self._upload_troubles(lost, "given_up_at")

    def _upload_troubles(self, rows: Iterable[UploadRow], since: str) -> Sequence[UploadTrouble]:
        found: dict[tuple[str, str], list[UploadRow]] = {}
        for row in rows:
            name = self._database.table("community")[row.community_id].name
            found.setdefault((name, row.error), []).append(row)
        return tuple(
            UploadTrouble(*key, min(getattr(row, since) for row in own), tuple(sorted({row.slot_id for row in own})))
            for key, own in sorted(found.items())
        )

    def _copies(self) -> list[CopyRow]:
        return list(self._database.table("result_copy").values())

    def _wrong_passwords(self, now: datetime) -> Counter[str]:
        counted = self._database.table("photo_stats").values()
        recent = (one for one in counted if one.at > now - _PASSWORDS_COUNTED)
        return Counter(one.slot_id for one in recent if one.outcome == Outcome.REFUSED and one.reason in _WRONG)


def _is_shown(job: JobRow | None) -> bool:
    return job is not None and job.is_shown


def _patience(row: UploadRow) -> timedelta:
    return timedelta(seconds=UPLOAD_OVERDUE_SECONDS if row.error else UNTRIED_SECONDS)


def _troubles(rows: Sequence[CopyRow], since: Callable[[CopyRow], datetime]) -> dict[str, CopyTrouble]:
    found: dict[str, CopyTrouble] = {}
    for slot_id in {row.slot_id for row in rows}:
        own = sorted((row for row in rows if row.slot_id == slot_id), key=since)
        found[slot_id] = CopyTrouble(since(own[0]), max(row.error for row in own))
    return found
