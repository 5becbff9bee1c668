"""The composition root: the only package that names concrete adapters."""

import os
import socket
from collections.abc import Mapping
from functools import cached_property
from uuid import UUID

from app.adapters.catalogue import load_catalogue
from app.adapters.db.connection import Database
from app.adapters.db.signal import PostgresJobSignal
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.files import open_media_store
from app.adapters.http.client import Http
from app.adapters.images import Images
from app.adapters.passwords import Argon2Hasher
from app.adapters.providers import Tools
from app.adapters.waiting import SharedPoll
from app.config import ConfigError, Settings
from app.domain.catalogue import Catalogue
from app.domain.channels import Channel
from app.ports.alerts import Messenger
from app.ports.media import MediaStore
from app.services.access import AccessService
from app.services.access.booths import IngestGuard
from app.services.access.tokens import TokenService
from app.services.activity import ActivityService
from app.services.alerts import AlertService
from app.services.audit import AuditService
from app.services.booth_requests import BoothRequestService
from app.services.connections import ConnectionService
from app.services.guide import GuideService
from app.services.health import HealthService
from app.services.ingest import IngestService
from app.services.jobs import JobService
from app.services.media import MediaService
from app.services.notices import NoticeService
from app.services.notices.channels import ChannelService
from app.services.processing import ProcessingService
from app.services.processing.attempt import Means
from app.services.reruns import RerunService
from app.services.results import ResultService
from app.services.retention import RetentionService
from app.services.settings import SettingsService
from app.services.slots import SlotService
from app.services.statistics import StatisticsService
from app.services.templates import TemplateService
from app.services.work import Worker
from app.web.use_cases import Services
from app.wiring.messengers import messengers
from app.wiring.providers import Providers
from app.wiring.stores import Stores

_WEB_POOL = 10


def database_url(settings: Settings) -> str:
    """The configured database, or the embedded one, started if it is not running."""
    return settings.database_url or EmbeddedPostgres(settings.var_dir / "postgres").ensure_running()


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
    def stores(self) -> Stores:
        return Stores(self.database, self.settings)

    @cached_property
    def media(self) -> MediaStore:
        try:
            return open_media_store(self.settings.media_root, self.settings.s3_options)
        except ValueError as error:
            raise ConfigError(f"MEDIA_ROOT: {error}") from error

    @cached_property
    def http(self) -> Http:
        return Http()

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
        return Providers(self.catalogue, Tools(self.http, self.stores.provider_files, self.images))

    @cached_property
    def waiting(self) -> SharedPoll:
        return SharedPoll(self.stores.queue, poll_seconds=self.settings.ingest_poll_seconds)

    @cached_property
    def connections(self) -> ConnectionService:
        return ConnectionService(
            catalogue=self.catalogue,
            providers=self.providers,
            secrets=self.stores.secrets,
            settings=self.stores.settings,
            gate=self.stores.gate,
            audit=self.stores.audit,
            transaction=self.database.transaction,
            environment={spec.id: self.settings.provider_values(spec.id) for spec in self.catalogue.providers},
        )

    @cached_property
    def settings_service(self) -> SettingsService:
        return SettingsService(
            store=self.stores.settings,
            hasher=self.hasher,
            providers=self.connections,
            audit=self.stores.audit,
            transaction=self.database.transaction,
            sync_override=self.settings.sync_response_seconds,
        )

    @cached_property
    def access(self) -> AccessService:
        return AccessService(
            accounts=self.stores.accounts,
            tokens=self.stores.tokens,
            hasher=self.hasher,
            throttle=self.stores.throttle,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def alerts(self) -> AlertService:
        return AlertService(
            gate=self.stores.gate,
            slots=self.stores.slots,
            templates=self.stores.templates,
            keys=self.connections,
            budgets=self.connections,
            monitor=self.stores.monitor,
            media=self.media,
            catalogue=self.catalogue,
            transaction=self.database.transaction,
            base_url=self.settings.public_base_url,
        )

    @cached_property
    def messengers(self) -> Mapping[Channel, Messenger]:
        return messengers(self.http, self.catalogue, self.settings)

    @cached_property
    def channels(self) -> ChannelService:
        return ChannelService(
            secrets=self.stores.secrets,
            settings=self.stores.settings,
            book=self.stores.notices,
            messengers=self.messengers,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def notices(self) -> NoticeService:
        return NoticeService(
            active=self.alerts.active,
            ready=self.channels.ready,
            book=self.stores.notices,
            messengers=self.messengers,
        )

    @cached_property
    def retention(self) -> RetentionService:
        return RetentionService(
            queue=self.stores.queue,
            templates=self.stores.templates,
            objects=self.stores.media_objects,
            media=self.media,
            ledger=self.stores.purges,
            expiring=self.stores.expiring,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def public_media(self) -> MediaService:
        return MediaService(
            objects=self.stores.media_objects,
            media=self.media,
            images=self.images,
            settings=self.settings_service,
            base_url=self.settings.public_base_url,
            max_upload_bytes=self.settings.max_upload_bytes,
        )

    def services(self) -> Services:
        """The web application's use cases."""
        limit = self.settings.max_upload_bytes
        return Services(
            access=self.access,
            activity=ActivityService(self.stores.activity),
            alerts=self.alerts,
            audit=AuditService(audit=self.stores.audit),
            booth_requests=BoothRequestService(self.stores.booth_requests),
            catalogue=self.catalogue,
            channels=self.channels,
            connections=self.connections,
            guide=GuideService(
                reader=self.stores.progress,
                settings=self.stores.settings,
                audit=self.stores.audit,
                transaction=self.database.transaction,
            ),
            health=HealthService(heartbeats=self.stores.heartbeats, media=self.media),
            ingest=self._ingest(),
            jobs=self._jobs(),
            media=self.public_media,
            reruns=self._reruns(),
            results=ResultService(jobs=self.stores.jobs, media=self.media, images=self.images),
            retention=self.retention,
            settings=self.settings_service,
            slots=SlotService(
                slots=self.stores.slots,
                templates=self.stores.templates,
                catalogue=self.catalogue,
                audit=self.stores.audit,
                transaction=self.database.transaction,
            ),
            statistics=StatisticsService(
                statistics=self.stores.statistics, audit=self.stores.audit, transaction=self.database.transaction
            ),
            templates=TemplateService(
                templates=self.stores.templates,
                media=self.media,
                images=self.images,
                audit=self.stores.audit,
                transaction=self.database.transaction,
                max_upload_bytes=limit,
            ),
            tokens=TokenService(
                tokens=self.stores.tokens, audit=self.stores.audit, transaction=self.database.transaction
            ),
        )

    def worker(self) -> Worker:
        """A worker that runs jobs with this installation's providers."""
        processing = ProcessingService(
            Means(
                queue=self.stores.queue,
                media=self.media,
                images=self.images,
                templates=self.stores.templates,
                providers=self.providers,
                connections=self.connections,
                gate=self.stores.gate,
                links=self.public_media,
                guest_address=self._guest_address if self.settings.public_base_url else None,
            )
        )
        return Worker(
            name=self.process_id,
            queue=self.stores.queue,
            signal=PostgresJobSignal(self.database),
            heartbeats=self.stores.heartbeats,
            process=processing.run,
            concurrency=self.settings.worker_concurrency,
        )

    def _ingest(self) -> IngestService:
        guard = IngestGuard(settings=self.stores.settings, hasher=self.hasher, throttle=self.stores.throttle)
        return IngestService(
            slots=self.stores.slots,
            settings=self.settings_service,
            guard=guard,
            images=self.images,
            media=self.media,
            queue=self.stores.queue,
            waiting=self.waiting,
            request_log=self.stores.request_log,
            held_max=self.settings.held_requests_max,
            max_upload_bytes=self.settings.max_upload_bytes,
        )

    def _jobs(self) -> JobService:
        return JobService(
            jobs=self.stores.jobs,
            log=self.stores.job_log,
            queue=self.stores.queue,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _reruns(self) -> RerunService:
        return RerunService(
            jobs=self.stores.jobs,
            slots=self.stores.slots,
            settings=self.settings_service,
            media=self.media,
            queue=self.stores.queue,
            audit=self.stores.audit,
            catalogue=self.catalogue,
            transaction=self.database.transaction,
        )

    def _guest_address(self, job_id: UUID) -> str:
        return f"{self.settings.public_base_url}/r/{job_id}"
