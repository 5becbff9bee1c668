"""Everything that the real installation keeps in PostgreSQL, in memory."""

from uuid import UUID

from tests.twins.memory_access import MemoryAccountStore, MemorySettingsStore, MemoryThrottle, MemoryTokenStore
from tests.twins.memory_activity import MemoryActivityReader
from tests.twins.memory_audit import MemoryAuditLog
from tests.twins.memory_booth_requests import MemoryBoothRequests
from tests.twins.memory_copies import MemoryCopyLedger
from tests.twins.memory_database import MemoryDatabase
from tests.twins.memory_gate import MemoryGate
from tests.twins.memory_guide import MemoryProgressReader
from tests.twins.memory_job_log import MemoryJobLog
from tests.twins.memory_job_reader import MemoryJobReader
from tests.twins.memory_media_objects import MemoryMediaObjectStore
from tests.twins.memory_notices import MemoryNoticeBook
from tests.twins.memory_photos import MemoryPhotos
from tests.twins.memory_queue import MemoryJobQueue
from tests.twins.memory_secrets import MemorySecretStore
from tests.twins.memory_sharing import MemoryEventStore, MemoryShareLinkStore
from tests.twins.memory_slots import MemorySlotStore, MemoryTemplateStore
from tests.twins.memory_statistics import MemoryExpiringCounters, MemoryStatistics
from tests.twins.memory_upkeep import MemoryHeartbeats, MemoryPurgeLedger, MemoryRequestLog
from tests.twins.memory_vitals import MemoryMonitor
from tests.twins.vk.memory_cache import MemoryVkCache
from tests.twins.vk.memory_communities import MemoryCommunityStore
from tests.twins.vk.memory_filling import MemoryAlbumUploads, MemoryFilledAlbums
from tests.twins.vk.memory_pace import MemoryTokenPace
from tests.twins.vk.memory_posts import MemorySystemPosts
from tests.twins.vk.memory_refreshes import MemoryCallbackLedger, MemoryRefreshQueue
from tests.twins.vk.memory_updates import MemoryUpdateLog
from tests.twins.vk.memory_variables import MemoryVariables


class MemoryStores:
    """The twin of tests.support.postgres_stores.PostgresStores."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.transaction = self.database.transaction
        self.pass_time = self.database.pass_time
        self.queue = self.queue_of(10_000)
        self.jobs = MemoryJobReader(self.database)
        self.job_log = MemoryJobLog(self.database)
        self.photos = MemoryPhotos(self.database)
        self.activity = MemoryActivityReader(self.database)
        self.progress = MemoryProgressReader(self.database)
        self.slots = MemorySlotStore(self.database)
        self.templates = MemoryTemplateStore(self.database)
        self.media_objects = MemoryMediaObjectStore(self.database)
        self.studio_events = MemoryEventStore(self.database)
        self.share_links = MemoryShareLinkStore(self.database)
        self.settings = MemorySettingsStore(self.database)
        self.accounts = MemoryAccountStore(self.database)
        self.tokens = MemoryTokenStore(self.database)
        self.audit = MemoryAuditLog(self.database)
        self.statistics = MemoryStatistics(self.database)
        self.photo_counters = MemoryExpiringCounters(self.database, "photo_stats")
        self.call_counters = MemoryExpiringCounters(self.database, "call_stats")
        self.booth_requests = MemoryBoothRequests(self.database)
        self.notices = MemoryNoticeBook(self.database)
        self.copies = MemoryCopyLedger(self.database)
        self.album_uploads = MemoryAlbumUploads(self.database)
        self.filled_albums = MemoryFilledAlbums(self.database)
        self.communities = MemoryCommunityStore(self.database)
        self.vk_cache = MemoryVkCache(self.database)
        self.refreshes = MemoryRefreshQueue(self.database)
        self.callback_ledger = MemoryCallbackLedger(self.database)
        self.updates = MemoryUpdateLog(self.database)
        self.vk_pace = MemoryTokenPace(self.database)
        self.monitor = MemoryMonitor(self.database)
        self.purges = MemoryPurgeLedger(self.database)
        self.heartbeats = MemoryHeartbeats(self.database)
        self.gate = MemoryGate(self.database)
        self.request_log = MemoryRequestLog(self.database)
        self.system_posts = MemorySystemPosts(self.database)
        self.variables = MemoryVariables(self.database)

    def queue_of(self, max_active: int, slot_max: int | None = None) -> MemoryJobQueue:
        return MemoryJobQueue(self.database, max_active=max_active, slot_max=slot_max)

    def secrets_of(self, *keys: str) -> MemorySecretStore:
        return MemorySecretStore(self.database, keys)

    def throttle_of(self, window_seconds: float) -> MemoryThrottle:
        return MemoryThrottle(self.database, window_seconds=window_seconds)

    def events(self, job_id: UUID) -> list[str]:
        """The job's story as the processing log tells it."""
        with self.transaction():
            return [entry.event for logged, entry in self.database.table("processing_log").values() if logged == job_id]

    def past_versions(self, slot_id: str) -> list[int]:
        with self.transaction():
            return sorted(version for slot, version in self.database.table("slot_version") if slot == slot_id)
