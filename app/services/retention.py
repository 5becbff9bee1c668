"""Deletes what has had its time. Every step may run twice, at once, or stop half-way without harm.

Rows are changed before files: a crash leaves a file that nothing refers to, which the sweep finds, and never a
row that promises a file which is gone.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog

from app.domain.errors import MediaNotDeleted, Unavailable
from app.domain.job import copy_paths
from app.ports.audit import AuditLog
from app.ports.jobs import JobQueue
from app.ports.media import MediaObjectStore, MediaStore, StoredObject, TemplateStore
from app.ports.upkeep import ExpiringRows, Purge, PurgeLedger, Transaction
from app.ports.vk.posts import SystemPostStore

log = structlog.get_logger(__name__)

_COUNTED = ("results", "payloads", "media", "orphans", "bytes", "jobs_ended", "jobs", "rows", "undeleted")
_BATCH = 200
_KEYS_LOGGED = 10
_ORPHAN_AGE = timedelta(hours=1)  # no job lives so long, so a younger file may still get its row
_UPLOAD_AGE = timedelta(hours=48)  # somebody may be writing the post that it is for
_UPLOAD = re.compile(r"posts/.+/upload\.jpg")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class RetentionService:
    """`expiring` are the tables whose rows go with time too."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        templates: TemplateStore,
        objects: MediaObjectStore,
        posts: SystemPostStore,
        media: MediaStore,
        ledger: PurgeLedger,
        expiring: Sequence[ExpiringRows],
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._queue = queue
        self._templates = templates
        self._objects = objects
        self._posts = posts
        self._media = media
        self._ledger = ledger
        self._expiring = expiring
        self._audit = audit
        self._transaction = transaction

    def request(self, author: str | None) -> Purge:
        """Ask for a purge as soon as a cleanup process can run it; nobody's name means that it was the clock."""
        with self._transaction():
            purge = self._ledger.request(author)
            if author is not None:
                self._audit.record(author, "purge.requested", "", {"id": purge.id})
        return purge

    def find(self, purge_id: int) -> Purge | None:
        return self._ledger.get(purge_id)

    def run_requested(self) -> bool:
        """Run the oldest purge asked for; False if there is none or another process is at it.

        One that fails because something is Unavailable is given back: the next call takes it up again.
        """
        purge = self._ledger.start()
        if purge is None:
            return False
        try:
            self._run(purge)
        except Unavailable:
            with suppress(Unavailable):
                self._ledger.release(purge)
            raise
        return True

    def _run(self, purge: Purge) -> None:
        counts: Counter[str] = Counter(dict.fromkeys(_COUNTED, 0))
        is_ours = all(self._ledger.renew(purge) for _ in self._steps(counts)) and self._ledger.finish(purge, counts)
        event = "purge_finished" if is_ours else "purge_taken_over"
        log.info(event, purge_id=purge.id, requested_by=purge.requested_by, **counts)

    def _steps(self, counts: Counter[str]) -> Iterator[None]:
        """All there is to do, counted in numbers by kind and `bytes`; each step is short against a purge's lease."""
        rescued = self._queue.rescue()
        counts["jobs_ended"] += rescued["timed_out"] + rescued["failed"]
        yield
        yield from self._purge_expired_results(counts)
        yield from self._purge_payloads(counts)
        yield from self._purge_media(counts)
        yield from self._purge_jobs(counts)
        yield from self._purge_rows(counts)
        yield from self._sweep_orphans(counts)

    def _purge_expired_results(self, counts: Counter[str]) -> Iterator[None]:
        while batch := self._queue.forget_results(_BATCH):
            previews = [path for job_id, _, _ in batch for path in copy_paths(job_id)]
            self._delete("results", [(path, size) for _, path, size in batch], counts, previews)
            yield

    def _purge_payloads(self, counts: Counter[str]) -> Iterator[None]:
        while batch := self._queue.forget_payloads(_BATCH):
            self._delete("payloads", batch, counts)
            yield

    def _purge_media(self, counts: Counter[str]) -> Iterator[None]:
        while batch := self._objects.forget_media(_BATCH):
            self._delete("media", batch, counts)
            yield

    def _purge_jobs(self, counts: Counter[str]) -> Iterator[None]:
        while forgotten := self._queue.forget_jobs(_BATCH):
            counts["jobs"] += forgotten
            yield

    def _purge_rows(self, counts: Counter[str]) -> Iterator[None]:
        for table in self._expiring:
            while forgotten := table.forget_expired(_BATCH):
                counts["rows"] += forgotten
                yield

    def _sweep_orphans(self, counts: Counter[str]) -> Iterator[None]:
        """Files that a crash left without a row: between two writes, or between a row's end and the delete."""
        now = datetime.now(UTC)
        limit = now - _ORPHAN_AGE
        counts["orphans"] += self._media.discard_abandoned(limit)
        templates = {template.path for template in self._templates.all()}
        for batch in _batches(self._old_files(limit, now - _UPLOAD_AGE)):
            ids = [found for found in {_id_in(entry.key) for entry in batch} if found]
            kept = templates | self._queue.referenced(ids) | self._objects.referenced_media(ids)
            kept |= self._posts.media_in_use(ids)
            orphans = [(entry.key, entry.size_bytes) for entry in batch if not _is_kept(entry.key, kept)]
            self._delete("orphans", orphans, counts)
            yield

    def _delete(
        self, kind: str, files: Sequence[tuple[str, int]], counts: Counter[str], previews: Sequence[str] = ()
    ) -> None:
        """Delete `files` (key, size in bytes) and count those that are gone. What resists stops nothing else.

        It has no row any more, so the next purge's sweep tries it again.
        """
        left: frozenset[str] = frozenset()
        try:
            self._media.delete([*(key for key, _ in files), *previews])
        except MediaNotDeleted as error:
            left = error.keys
            log.error("files_not_deleted", keys=sorted(left)[:_KEYS_LOGGED], number=len(left), error=str(error))
        gone = [size for key, size in files if key not in left]
        counts[kind] += len(gone)
        counts["bytes"] += sum(gone)
        counts["undeleted"] += len(left)

    def _old_files(self, limit: datetime, upload_limit: datetime) -> Iterator[StoredObject]:
        for prefix in ("payloads", "results", "previews", "media", "templates", "posts"):
            for entry in self._media.list(prefix):
                if entry.modified_at < (upload_limit if _UPLOAD.fullmatch(entry.key) else limit):
                    yield entry


def _is_kept(key: str, referenced: set[str]) -> bool:
    """A preview lives as long as its job's result, whatever that file is called."""
    if key.startswith("previews/"):
        return any(path.startswith(f"results/{_id_in(key)}.") for path in referenced)
    return key in referenced


def _id_in(key: str) -> UUID | None:
    match = _ID.search(key)
    return UUID(match[0]) if match else None


def _batches(entries: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
