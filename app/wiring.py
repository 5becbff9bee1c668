"""The composition root: the only file that names concrete adapters."""

import os
import socket
from functools import cache, cached_property
from uuid import UUID

from app.adapters.catalogue import load_catalogue
from app.adapters.db.access import PostgresAccountStore, PostgresThrottle, PostgresTokenStore
from app.adapters.db.connection import Database
from app.adapters.db.gate import PostgresGate
from app.adapters.db.job_reader import PostgresJobReader
from app.adapters.db.media_objects import PostgresMediaObjectStore
from app.adapters.db.provider_files import PostgresRemoteFiles
from app.adapters.db.queue import PostgresJobQueue
from app.adapters.db.secrets import PostgresSecretStore
from app.adapters.db.settings import PostgresSettingsStore
from app.adapters.db.signal import PostgresJobSignal
from app.adapters.db.slots import PostgresSlotStore
from app.adapters.db.templates import PostgresTemplateStore
from app.adapters.db.upkeep import PostgresHeartbeats, PostgresPurgeLedger, PostgresRequestLog
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.files import open_media_store
from app.adapters.http.client import Http
from app.adapters.images import Images
from app.adapters.passwords import Argon2Hasher
from app.adapters.providers import Tools, load
from app.adapters.waiting import SharedPoll
from app.config import ConfigError, Settings
from app.domain.catalogue import Catalogue, ProviderSpec
from app.ports.media import MediaStore
from app.ports.providers import Provider
from app.services.access import AccessService, IngestGuard
from app.services.alerts import AlertService
from app.services.connections import ConnectionService
from app.services.health import HealthService
from app.services.ingest import IngestService
from app.services.jobs import JobService
from app.services.media import MediaService
from app.services.processing import ProcessingService
from app.services.processing.attempt import Means
from app.services.results import ResultService
from app.services.retention import RetentionService
from app.services.settings import SettingsService
from app.services.slots import SlotService
from app.services.templates import TemplateService
from app.services.work import Worker
from app.web.use_cases import Services

_WRONG_PASSWORDS = 10
_PASSWORD_WINDOW_SECONDS = 300
_WEB_POOL = 10


def database_url(settings: Settings) -> str:
    """The configured database, or the embedded one, started if it is not running."""
    return settings.database_url or EmbeddedPostgres(settings.var_dir / "postgres").ensure_running()


class Providers:
    """Implements ports.ProviderRegistry: a driver is imported and made when it is first asked for."""

    def __init__(self, catalogue: Catalogue, tools: Tools) -> None:
        self._catalogue = catalogue
        self._load = cache(lambda adapter: load(adapter, tools))

    def get(self, provider_id: str) -> Provider | None:
        spec = self.spec(provider_id)
        return self._load(spec.adapter) if spec else None

    def spec(self, provider_id: str) -> ProviderSpec | None:
        return self._catalogue.provider(provider_id)


class Wiring:
    """Builds what a process asks for, each part once."""

    def __init__(self, settings: Settings, *, role: str, pool_size: int = _WEB_POOL) -> None:
        self.settings = settings
        self.process_id = f"{role}-{socket.gethostname()}-{os.getpid()}"
        self._pool_size = pool_size
        self._role = role

    @cached_property
    def database(self) -> Database:
        return Database(
            database_url(self.settings), pool_size=self._pool_size, application_name=f"photochanger-{self._role}"
        )

    @cached_property
    def media(self) -> MediaStore:
        try:
            return open_media_store(self.settings.media_root, self.settings.s3_options)
        except ValueError as error:
            raise ConfigError(f"MEDIA_ROOT: {error}") from error

    @cached_property
    def images(self) -> Images:
        return Images()

    @cached_property
    def hasher(self) -> Argon2Hasher:
        return Argon2Hasher()

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.settings.catalogue_path)

    @cached_property
    def providers(self) -> Providers:
        return Providers(self.catalogue, Tools(Http(), self.provider_files, self.images))

    @cached_property
    def provider_files(self) -> PostgresRemoteFiles:
        return PostgresRemoteFiles(self.database)

    @cached_property
    def queue(self) -> PostgresJobQueue:
        return PostgresJobQueue(
            self.database,
            max_active=self.settings.queue_max_active_jobs,
            slot_max=self.settings.slot_max_active_jobs,
        )

    @cached_property
    def waiting(self) -> SharedPoll:
        return SharedPoll(self.queue, poll_seconds=self.settings.ingest_poll_seconds)

    @cached_property
    def heartbeats(self) -> PostgresHeartbeats:
        return PostgresHeartbeats(self.database)

    @cached_property
    def settings_store(self) -> PostgresSettingsStore:
        return PostgresSettingsStore(self.database)

    @cached_property
    def secret_store(self) -> PostgresSecretStore:
        return PostgresSecretStore(self.database, self.settings.encryption_keys)

    @cached_property
    def gate(self) -> PostgresGate:
        return PostgresGate(self.database)

    @cached_property
    def connections(self) -> ConnectionService:
        return ConnectionService(
            catalogue=self.catalogue,
            providers=self.providers,
            secrets=self.secret_store,
            settings=self.settings_store,
            gate=self.gate,
            transaction=self.database.transaction,
            environment={spec.id: self.settings.provider_values(spec.id) for spec in self.catalogue.providers},
        )

    @cached_property
    def settings_service(self) -> SettingsService:
        return SettingsService(
            store=self.settings_store,
            hasher=self.hasher,
            providers=self.connections,
            transaction=self.database.transaction,
            sync_override=self.settings.sync_response_seconds,
        )

    @cached_property
    def access(self) -> AccessService:
        return AccessService(
            accounts=PostgresAccountStore(self.database),
            tokens=PostgresTokenStore(self.database),
            hasher=self.hasher,
            throttle=self._throttle(),
        )

    @cached_property
    def retention(self) -> RetentionService:
        ledger, objects = PostgresPurgeLedger(self.database), PostgresMediaObjectStore(self.database)
        return RetentionService(
            queue=self.queue,
            templates=PostgresTemplateStore(self.database),
            objects=objects,
            media=self.media,
            ledger=ledger,
            expiring=[
                PostgresTokenStore(self.database),
                self._throttle(),
                PostgresRequestLog(self.database),
                objects,
                self.gate,
                self.provider_files,
                ledger,
            ],
        )

    @cached_property
    def public_media(self) -> MediaService:
        return MediaService(
            objects=PostgresMediaObjectStore(self.database),
            media=self.media,
            images=self.images,
            settings=self.settings_service,
            base_url=self.settings.public_base_url,
            max_upload_bytes=self.settings.max_upload_bytes,
        )

    def services(self) -> Services:
        """The web application's use cases."""
        jobs, slots = PostgresJobReader(self.database), PostgresSlotStore(self.database)
        templates = PostgresTemplateStore(self.database)
        limit = self.settings.max_upload_bytes
        return Services(
            access=self.access,
            alerts=AlertService(
                gate=self.gate,
                slots=slots,
                templates=templates,
                keys=self.connections,
                catalogue=self.catalogue,
                transaction=self.database.transaction,
                base_url=self.settings.public_base_url,
            ),
            catalogue=self.catalogue,
            connections=self.connections,
            health=HealthService(heartbeats=self.heartbeats, media=self.media),
            ingest=self._ingest(slots),
            jobs=JobService(jobs=jobs, queue=self.queue),
            media=self.public_media,
            results=ResultService(jobs=jobs, media=self.media, images=self.images),
            retention=self.retention,
            settings=self.settings_service,
            slots=SlotService(
                slots=slots,
                templates=templates,
                catalogue=self.catalogue,
                transaction=self.database.transaction,
            ),
            templates=TemplateService(
                templates=templates, media=self.media, images=self.images, max_upload_bytes=limit
            ),
        )

    def worker(self) -> Worker:
        """A worker that runs jobs with this installation's providers."""
        processing = ProcessingService(
            Means(
                queue=self.queue,
                media=self.media,
                images=self.images,
                templates=PostgresTemplateStore(self.database),
                providers=self.providers,
                connections=self.connections,
                gate=self.gate,
                links=self.public_media,
                guest_address=self._guest_address if self.settings.public_base_url else None,
            )
        )
        return Worker(
            name=self.process_id,
            queue=self.queue,
            signal=PostgresJobSignal(self.database),
            heartbeats=self.heartbeats,
            process=processing.run,
            concurrency=self.settings.worker_concurrency,
        )

    def _ingest(self, slots: PostgresSlotStore) -> IngestService:
        guard = IngestGuard(
            settings=self.settings_store, hasher=self.hasher, throttle=self._throttle()
        )
        return IngestService(
            slots=slots,
            settings=self.settings_service,
            guard=guard,
            images=self.images,
            media=self.media,
            queue=self.queue,
            waiting=self.waiting,
            request_log=PostgresRequestLog(self.database),
            held_max=self.settings.held_requests_max,
            max_upload_bytes=self.settings.max_upload_bytes,
        )

    def _guest_address(self, job_id: UUID) -> str:
        return f"{self.settings.public_base_url}/r/{job_id}"

    def _throttle(self) -> PostgresThrottle:
        return PostgresThrottle(self.database, limit=_WRONG_PASSWORDS, window_seconds=_PASSWORD_WINDOW_SECONDS)
