"""The composition root: the only package that names concrete adapters."""

from uuid import UUID

from app.adapters.db.signal import PostgresJobSignal
from app.domain.share_token import LinkKey
from app.services.access.booths import IngestGuard
from app.services.access.guests import LinkGuard
from app.services.access.tokens import TokenService
from app.services.activity import ActivityService
from app.services.audit import AuditService
from app.services.booth_requests import BoothRequestService
from app.services.events import EventService
from app.services.gallery import GalleryService
from app.services.guide import GuideService
from app.services.health import HealthService
from app.services.ingest import IngestService
from app.services.jobs import JobService
from app.services.processing import ProcessingService
from app.services.processing.attempt import Means
from app.services.reruns import RerunService
from app.services.results import ResultService
from app.services.share_links import ShareLinkService
from app.services.slots import SlotService
from app.services.statistics import StatisticsService
from app.services.templates import TemplateService
from app.services.work import Worker
from app.web.use_cases import Services
from app.wiring.posts import PostParts


class Wiring(PostParts):
    """Builds what a process asks for."""

    def services(self) -> Services:
        """The web application's use cases."""
        return Services(
            access=self.access,
            album_orders=self.album_orders,
            activity=ActivityService(self.stores.activity),
            alerts=self.alerts,
            archives=self.archives,
            audit=AuditService(audit=self.stores.audit),
            booth_requests=BoothRequestService(self.stores.booth_requests),
            callback_setup=self.callback_setup,
            catalogue=self.catalogue,
            cautions=self.cautions,
            channels=self.channels,
            communities=self.communities,
            connections=self.connections,
            copies=self.copies,
            copy_destination=self.copy_destination,
            events=self._events(),
            gallery=self._gallery(),
            guide=self._guide(),
            health=HealthService(heartbeats=self.stores.heartbeats, media=self.media),
            ingest=self._ingest(),
            jobs=self._jobs(),
            media=self.public_media,
            post_kits=self.post_kits,
            post_photos=self.post_photos,
            posts=self.posts,
            reruns=self._reruns(),
            results=self._results(),
            retention=self.retention,
            settings=self.settings_service,
            share_links=self._share_links(),
            slots=self._slots(),
            statistics=StatisticsService(
                statistics=self.stores.statistics, audit=self.stores.audit, transaction=self.database.transaction
            ),
            templates=self._templates(),
            token_doctor=self.token_doctor,
            tokens=TokenService(
                tokens=self.stores.tokens, audit=self.stores.audit, transaction=self.database.transaction
            ),
            updates=self.update_tracker,
            variables=self.variables,
            vk_callback=self.vk_callback,
            vk_media=self.vk_media,
            vk_refreshing=self.vk_refreshing,
        )

    def worker(self) -> Worker:
        """A worker that runs jobs with this installation's providers."""
        processing = ProcessingService(
            Means(
                queue=self.stores.queue,
                photos=self.stores.photos,
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

    def _events(self) -> EventService:
        return EventService(
            events=self.stores.events,
            links=self.stores.share_links,
            slots=self.stores.slots,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _gallery(self) -> GalleryService:
        return GalleryService(
            photos=self.stores.photos,
            keeper=self.stores.photos,
            settings=self.settings_service,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _guide(self) -> GuideService:
        return GuideService(
            reader=self.stores.progress,
            settings=self.stores.settings,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _results(self) -> ResultService:
        return ResultService(
            jobs=self.stores.jobs,
            photos=self.stores.photos,
            media=self.media,
            images=self.images,
            settings=self.settings_service,
        )

    def _slots(self) -> SlotService:
        return SlotService(
            slots=self.stores.slots,
            templates=self.stores.templates,
            communities=self.stores.communities,
            catalogue=self.catalogue,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _templates(self) -> TemplateService:
        return TemplateService(
            templates=self.stores.templates,
            media=self.media,
            images=self.images,
            audit=self.stores.audit,
            transaction=self.database.transaction,
            max_upload_bytes=self.settings.max_upload_bytes,
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
        )

    def _share_links(self) -> ShareLinkService:
        return ShareLinkService(
            links=self.stores.share_links,
            events=self.stores.events,
            slots=self.stores.slots,
            key=LinkKey(self.settings.secret_key),
            guard=LinkGuard(hasher=self.hasher, throttle=self.stores.throttle),
            hasher=self.hasher,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    def _guest_address(self, job_id: UUID) -> str:
        return f"{self.settings.public_base_url}/r/{job_id}"
