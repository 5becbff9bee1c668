"""What several use cases and processes are made of."""

import os
import socket
from collections.abc import Mapping
from functools import cached_property

from app.adapters.catalogue import load_catalogue
from app.adapters.db.connection import Database
from app.adapters.embedded_postgres import EmbeddedPostgres
from app.adapters.files import open_media_store
from app.adapters.files.studio import StudioFiles
from app.adapters.http.client import Http
from app.adapters.images import Images
from app.adapters.passwords import Argon2Hasher
from app.adapters.providers import Tools
from app.adapters.waiting import SharedPoll
from app.config import ARCHIVE_THREADS, GUEST_ARCHIVE_THREADS, ConfigError, Settings
from app.domain.catalogue import Catalogue
from app.domain.channels import Channel
from app.ports.alerts import Messenger
from app.ports.media import MediaStore
from app.services.access import AccessService
from app.services.alerts import AlertService
from app.services.archives import ArchiveService
from app.services.connections import ConnectionService
from app.services.copies import CopyService
from app.services.copies.destination import DestinationService
from app.services.media import MediaService
from app.services.notices import NoticeService
from app.services.notices.channels import ChannelService
from app.services.retention import RetentionService
from app.services.settings import SettingsService
from app.wiring.messengers import messengers
from app.wiring.providers import Providers
from app.wiring.stores import Stores

_WEB_POOL = 10


def database_url(settings: Settings) -> str:
    """The configured database, or the embedded one, started if it is not running."""
    return settings.database_url or EmbeddedPostgres(settings.var_dir / "postgres").ensure_running()


class Parts:
    """Builds what is asked for, each part once."""

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
            destinations=self.copy_destination,
            base_url=self.settings.public_base_url,
        )

    @cached_property
    def studio(self) -> StudioFiles:
        own = (self.settings.media_root, str(self.settings.var_dir / "postgres"))
        return StudioFiles(own, self.settings.s3_options)

    @cached_property
    def copy_destination(self) -> DestinationService:
        return DestinationService(
            secrets=self.stores.secrets,
            storage=self.studio,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def copies(self) -> CopyService:
        return CopyService(
            ledger=self.stores.copies,
            destinations=self.copy_destination,
            storage=self.studio,
            photos=self.stores.photos,
            media=self.media,
            settings=self.settings_service,
        )

    @cached_property
    def archives(self) -> ArchiveService:
        return ArchiveService(
            photos=self.stores.photos,
            media=self.media,
            settings=self.settings_service,
            at_once=ARCHIVE_THREADS,
            guests_at_once=GUEST_ARCHIVE_THREADS,
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
            posts=self.stores.system_posts,
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
