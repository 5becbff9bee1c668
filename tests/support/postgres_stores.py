"""Every store of an installation over one PostgreSQL database that tests share by emptying it."""

from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import Column, DateTime, select, update

from app.adapters.db.access import PostgresAccountStore, PostgresThrottle, PostgresTokenStore
from app.adapters.db.activity import PostgresActivityReader
from app.adapters.db.audit import PostgresAuditLog
from app.adapters.db.booth_requests import PostgresBoothRequests
from app.adapters.db.connection import Database
from app.adapters.db.copies import PostgresCopyLedger
from app.adapters.db.gate import PostgresGate
from app.adapters.db.guide import PostgresProgressReader
from app.adapters.db.job_log import PostgresJobLog
from app.adapters.db.job_reader import PostgresJobReader
from app.adapters.db.media_objects import PostgresMediaObjectStore
from app.adapters.db.notices import PostgresNoticeBook
from app.adapters.db.photos import PostgresPhotos
from app.adapters.db.queue import PostgresJobQueue
from app.adapters.db.schema import call_stats, metadata, photo_stats, processing_log, slot_version
from app.adapters.db.secrets import PostgresSecretStore
from app.adapters.db.settings import PostgresSettingsStore
from app.adapters.db.sharing import PostgresEventStore, PostgresShareLinkStore
from app.adapters.db.slots import PostgresSlotStore
from app.adapters.db.statistics import ExpiringCounters, PostgresStatistics
from app.adapters.db.templates import PostgresTemplateStore
from app.adapters.db.upkeep import PostgresHeartbeats, PostgresPurgeLedger, PostgresRequestLog
from app.adapters.db.vitals import PostgresMonitor
from app.adapters.db.vk.cache import PostgresVkCache
from app.adapters.db.vk.communities import PostgresCommunityStore
from app.adapters.db.vk.filling import PostgresAlbumUploads, PostgresFilledAlbums
from app.adapters.db.vk.pace import PostgresTokenPace
from app.adapters.db.vk.posts import PostgresSystemPosts
from app.adapters.db.vk.refreshes import PostgresCallbackLedger, PostgresRefreshQueue
from app.adapters.db.vk.updates import PostgresUpdateLog
from app.adapters.db.vk.variables import PostgresVariables
from tests.support.snapshot import Snapshot

_FAR = timedelta(days=10_000)  # further than any two times of a test are apart


class PostgresStores:
    """The twin of tests.twins.memory_stores.MemoryStores."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.transaction = database.transaction
        self.queue = self.queue_of(10_000)
        self.jobs = PostgresJobReader(database)
        self.job_log = PostgresJobLog(database)
        self.photos = PostgresPhotos(database)
        self.activity = PostgresActivityReader(database)
        self.progress = PostgresProgressReader(database)
        self.slots = PostgresSlotStore(database)
        self.templates = PostgresTemplateStore(database)
        self.media_objects = PostgresMediaObjectStore(database)
        self.studio_events = PostgresEventStore(database)
        self.share_links = PostgresShareLinkStore(database)
        self.settings = PostgresSettingsStore(database)
        self.accounts = PostgresAccountStore(database)
        self.tokens = PostgresTokenStore(database)
        self.audit = PostgresAuditLog(database)
        self.statistics = PostgresStatistics(database)
        self.photo_counters = ExpiringCounters(database, photo_stats)
        self.call_counters = ExpiringCounters(database, call_stats)
        self.booth_requests = PostgresBoothRequests(database)
        self.notices = PostgresNoticeBook(database)
        self.copies = PostgresCopyLedger(database)
        self.album_uploads = PostgresAlbumUploads(database)
        self.filled_albums = PostgresFilledAlbums(database)
        self.communities = PostgresCommunityStore(database)
        self.vk_cache = PostgresVkCache(database)
        self.refreshes = PostgresRefreshQueue(database)
        self.callback_ledger = PostgresCallbackLedger(database)
        self.updates = PostgresUpdateLog(database)
        self.vk_pace = PostgresTokenPace(database)
        self.monitor = PostgresMonitor(database)
        self.purges = PostgresPurgeLedger(database)
        self.heartbeats = PostgresHeartbeats(database)
        self.gate = PostgresGate(database)
        self.request_log = PostgresRequestLog(database)
        self.system_posts = PostgresSystemPosts(database)
        self.variables = PostgresVariables(database)

    def queue_of(self, max_active: int, slot_max: int | None = None) -> PostgresJobQueue:
        return PostgresJobQueue(self.database, max_active=max_active, slot_max=slot_max)

    def secrets_of(self, *keys: str) -> PostgresSecretStore:
        return PostgresSecretStore(self.database, keys)

    def throttle_of(self, window_seconds: float) -> PostgresThrottle:
        return PostgresThrottle(self.database, window_seconds=window_seconds)

    def pass_time(self, seconds: float) -> None:
        """Whatever the database knows of has happened `seconds` earlier: its own clock cannot be moved."""
        with self.transaction() as session:
            for table in metadata.sorted_tables:
                times = [column for column in table.c if isinstance(column.type, DateTime)]
                for step in _steps(times, seconds):
                    session.execute(update(table).values({c: c - step for c in times}))

    def events(self, job_id: UUID) -> list[str]:
        """The job's story as the processing log tells it."""
        query = select(processing_log.c.event).where(processing_log.c.job_id == job_id).order_by(processing_log.c.id)
        with self.transaction() as session:
            return list(session.scalars(query))

    def past_versions(self, slot_id: str) -> list[int]:
        query = select(slot_version.c.version).where(slot_version.c.slot_id == slot_id)
        with self.transaction() as session:
            return sorted(session.scalars(query))

    @cached_property
    def _snapshot(self) -> Snapshot:
        return Snapshot(self.transaction)

    def reset(self) -> None:
        """As it was when this was called first: in a new installation with the slots of the migrations alone."""
        self._snapshot.restore()


def _steps(times: list[Column[datetime]], seconds: float) -> list[timedelta]:
    """Where a time is part of the key, rows go round, so as not to meet one another on the way."""
    step = timedelta(seconds=seconds)
    if any(column.primary_key for column in times):
        return [step + _FAR, -_FAR]
    return [step] if times else []
