"""Deletes what has had its time. Every step may run twice, at once, or stop half-way without harm.

Rows are changed before files: a crash leaves a file that nothing refers to, which the sweep finds, and never a
row that promises a file which is gone.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog

from app.domain.job import preview_path
from app.domain.media import PREVIEW_SIZES
from app.ports import JobQueue, MediaStore, Purge, PurgeLedger, StoredObject, TemplateStore

log = structlog.get_logger(__name__)

_BATCH = 200
_ORPHAN_AGE = timedelta(hours=1)  # no job lives so long, so a younger file may still get its row
_JOB_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class RetentionService:
    def __init__(
        self, *, queue: JobQueue, templates: TemplateStore, media: MediaStore, ledger: PurgeLedger
    ) -> None:
        self._queue = queue
        self._templates = templates
        self._media = media
        self._ledger = ledger

    def request(self, author: str | None) -> Purge:
        """Ask for a purge as soon as a cleanup process can run it."""
        return self._ledger.request(author)

    def find(self, purge_id: int) -> Purge | None:
        return self._ledger.get(purge_id)

    def run_requested(self) -> bool:
        """Run the oldest purge asked for; False if there is none or another process is at it."""
        purge = self._ledger.start()
        if purge is None:
            return False
        counts = self.purge()
        self._ledger.finish(purge.id, counts)
        log.info("purge_finished", purge_id=purge.id, requested_by=purge.requested_by, **counts)
        return True

    def purge(self) -> Mapping[str, int]:
        """Delete expired results and their previews, used payloads and orphaned files; end overdue jobs.

        Returns the numbers of files by kind, and `bytes`.
        """
        counts: Counter[str] = Counter(results=0, payloads=0, orphans=0, bytes=0)
        rescued = self._queue.rescue()
        counts["jobs_ended"] = rescued["timed_out"] + rescued["failed"]
        self._purge_expired_results(counts)
        self._purge_payloads(counts)
        self._sweep_orphans(counts)
        return dict(counts)

    def _purge_expired_results(self, counts: Counter[str]) -> None:
        while batch := self._queue.forget_results(_BATCH):
            keys = [path for _, path, _ in batch]
            keys += [preview_path(job_id, size) for job_id, _, _ in batch for size in PREVIEW_SIZES]
            self._media.delete(keys)
            counts["results"] += len(batch)
            counts["bytes"] += sum(size for _, _, size in batch)

    def _purge_payloads(self, counts: Counter[str]) -> None:
        while batch := self._queue.forget_payloads(_BATCH):
            self._media.delete([path for path, _ in batch])
            counts["payloads"] += len(batch)
            counts["bytes"] += sum(size for _, size in batch)

    def _sweep_orphans(self, counts: Counter[str]) -> None:
        """Files that a crash left without a row: between two writes, or between a row's end and the delete."""
        limit = datetime.now(UTC) - _ORPHAN_AGE
        counts["orphans"] += self._media.discard_abandoned(limit)
        templates = {template.path for template in self._templates.all()}
        for batch in _batches(self._old_files(limit)):
            ids = {_job_of(entry.key) for entry in batch}
            kept = templates | self._queue.referenced([job_id for job_id in ids if job_id])
            orphans = [entry for entry in batch if not _is_kept(entry.key, kept)]
            self._media.delete([entry.key for entry in orphans])
            counts["orphans"] += len(orphans)
            counts["bytes"] += sum(entry.size_bytes for entry in orphans)

    def _old_files(self, limit: datetime) -> Iterator[StoredObject]:
        for prefix in ("payloads", "results", "previews", "templates"):
            yield from (entry for entry in self._media.list(prefix) if entry.modified_at < limit)


def _is_kept(key: str, referenced: set[str]) -> bool:
    """A preview lives as long as its job's result, whatever that file is called."""
    if key.startswith("previews/"):
        return any(path.startswith(f"results/{_job_of(key)}.") for path in referenced)
    return key in referenced


def _job_of(key: str) -> UUID | None:
    match = _JOB_ID.search(key)
    return UUID(match[0]) if match else None


def _batches(entries: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
