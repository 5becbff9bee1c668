"""Everything that is kept in PostgreSQL, each store made once over one database."""

from collections.abc import Sequence
from functools import cached_property

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
from app.adapters.db.provider_files import PostgresRemoteFiles
from app.adapters.db.queue import PostgresJobQueue
from app.adapters.db.schema import call_stats, photo_stats
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
from app.adapters.remembering import RememberingStatistics
from app.config import Settings
from app.ports.upkeep import ExpiringRows

_PASSWORD_WINDOW_SECONDS = 300


class Stores:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    @cached_property
    def accounts(self) -> PostgresAccountStore:
        return PostgresAccountStore(self._database)

    @cached_property
    def tokens(self) -> PostgresTokenStore:
        return PostgresTokenStore(self._database)

    @cached_property
    def throttle(self) -> PostgresThrottle:
        return PostgresThrottle(self._database, window_seconds=_PASSWORD_WINDOW_SECONDS)

    @cached_property
    def gate(self) -> PostgresGate:
        return PostgresGate(self._database)

    @cached_property
    def jobs(self) -> PostgresJobReader:
        return PostgresJobReader(self._database)

    @cached_property
    def job_log(self) -> PostgresJobLog:
        return PostgresJobLog(self._database)

    @cached_property
    def photos(self) -> PostgresPhotos:
        return PostgresPhotos(self._database)

    @cached_property
    def queue(self) -> PostgresJobQueue:
        return PostgresJobQueue(
            self._database,
            max_active=self._settings.queue_max_active_jobs,
            slot_max=self._settings.slot_max_active_jobs,
        )

    @cached_property
    def media_objects(self) -> PostgresMediaObjectStore:
        return PostgresMediaObjectStore(self._database)

    @cached_property
    def provider_files(self) -> PostgresRemoteFiles:
        return PostgresRemoteFiles(self._database)

    @cached_property
    def secrets(self) -> PostgresSecretStore:
        return PostgresSecretStore(self._database, self._settings.encryption_keys)

    @cached_property
    def settings(self) -> PostgresSettingsStore:
        return PostgresSettingsStore(self._database)

    @cached_property
    def activity(self) -> PostgresActivityReader:
        return PostgresActivityReader(self._database)

    @cached_property
    def progress(self) -> PostgresProgressReader:
        return PostgresProgressReader(self._database)

    @cached_property
    def slots(self) -> PostgresSlotStore:
        return PostgresSlotStore(self._database)

    @cached_property
    def events(self) -> PostgresEventStore:
        return PostgresEventStore(self._database)

    @cached_property
    def share_links(self) -> PostgresShareLinkStore:
        return PostgresShareLinkStore(self._database)

    @cached_property
    def templates(self) -> PostgresTemplateStore:
        return PostgresTemplateStore(self._database)

    @cached_property
    def heartbeats(self) -> PostgresHeartbeats:
        return PostgresHeartbeats(self._database)

    @cached_property
    def purges(self) -> PostgresPurgeLedger:
        return PostgresPurgeLedger(self._database)

    @cached_property
    def monitor(self) -> PostgresMonitor:
        return PostgresMonitor(self._database)

    @cached_property
    def notices(self) -> PostgresNoticeBook:
        return PostgresNoticeBook(self._database)

    @cached_property
    def copies(self) -> PostgresCopyLedger:
        return PostgresCopyLedger(self._database)

    @cached_property
    def request_log(self) -> PostgresRequestLog:
        return PostgresRequestLog(self._database)

    @cached_property
    def system_posts(self) -> PostgresSystemPosts:
        return PostgresSystemPosts(self._database)

    @cached_property
    def variables(self) -> PostgresVariables:
        return PostgresVariables(self._database)

    @cached_property
    def booth_requests(self) -> PostgresBoothRequests:
        return PostgresBoothRequests(self._database)

    @cached_property
    def statistics(self) -> RememberingStatistics:
        return RememberingStatistics(PostgresStatistics(self._database))

    @cached_property
    def communities(self) -> PostgresCommunityStore:
        return PostgresCommunityStore(self._database)

    @cached_property
    def album_uploads(self) -> PostgresAlbumUploads:
        return PostgresAlbumUploads(self._database)

    @cached_property
    def filled_albums(self) -> PostgresFilledAlbums:
        return PostgresFilledAlbums(self._database)

    @cached_property
    def vk_pace(self) -> PostgresTokenPace:
        return PostgresTokenPace(self._database)

    @cached_property
    def vk_cache(self) -> PostgresVkCache:
        return PostgresVkCache(self._database)

    @cached_property
    def refreshes(self) -> PostgresRefreshQueue:
        return PostgresRefreshQueue(self._database)

    @cached_property
    def callback_ledger(self) -> PostgresCallbackLedger:
        return PostgresCallbackLedger(self._database)

    @cached_property
    def updates(self) -> PostgresUpdateLog:
        return PostgresUpdateLog(self._database)

    @cached_property
    def audit(self) -> PostgresAuditLog:
        return PostgresAuditLog(self._database)

    @property
    def expiring(self) -> Sequence[ExpiringRows]:
        """The tables whose rows go with time."""
        return [
            self.tokens,
            self.throttle,
            self.request_log,
            self.media_objects,
            self.gate,
            self.provider_files,
            self.purges,
            self.audit,
            self.booth_requests,
            self.copies,
            self.album_uploads,
            self.share_links,
            self.callback_ledger,
            self.updates,
            self.vk_pace,
            ExpiringCounters(self._database, photo_stats),
            ExpiringCounters(self._database, call_stats),
        ]
