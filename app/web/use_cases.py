"""The use cases that the web application is given."""

from dataclasses import dataclass

from flask import current_app

from app.domain.catalogue import Catalogue
from app.services.access import AccessService
from app.services.access.tokens import TokenService
from app.services.activity import ActivityService
from app.services.alerts import AlertService
from app.services.archives import ArchiveService
from app.services.audit import AuditService
from app.services.booth_requests import BoothRequestService
from app.services.connections import ConnectionService
from app.services.copies import CopyService
from app.services.copies.destination import DestinationService
from app.services.events import EventService
from app.services.gallery import GalleryService
from app.services.guide import GuideService
from app.services.health import HealthService
from app.services.ingest import IngestService
from app.services.jobs import JobService
from app.services.media import MediaService
from app.services.notices.channels import ChannelService
from app.services.reruns import RerunService
from app.services.results import ResultService
from app.services.retention import RetentionService
from app.services.settings import SettingsService
from app.services.share_links import ShareLinkService
from app.services.slots import SlotService
from app.services.statistics import StatisticsService
from app.services.templates import TemplateService
from app.services.vk.album_orders import AlbumOrderService
from app.services.vk.callback import CallbackService
from app.services.vk.callback_setup import CallbackSetup
from app.services.vk.cautions import Cautions
from app.services.vk.communities import CommunityService
from app.services.vk.kits import PostKits
from app.services.vk.media import VkMediaService
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService
from app.services.vk.refreshing import RefreshService
from app.services.vk.token_doctor import TokenDoctor
from app.services.vk.update_tracker import UpdateTracker
from app.services.vk.variables import VariableService


@dataclass(frozen=True, slots=True)
class Services:
    access: AccessService
    album_orders: AlbumOrderService
    activity: ActivityService
    alerts: AlertService
    archives: ArchiveService
    audit: AuditService
    booth_requests: BoothRequestService
    callback_setup: CallbackSetup
    catalogue: Catalogue
    cautions: Cautions
    channels: ChannelService
    communities: CommunityService
    connections: ConnectionService
    copies: CopyService
    copy_destination: DestinationService
    events: EventService
    gallery: GalleryService
    guide: GuideService
    health: HealthService
    ingest: IngestService
    jobs: JobService
    media: MediaService
    post_kits: PostKits
    post_photos: PostPhotos
    posts: PostService
    reruns: RerunService
    results: ResultService
    retention: RetentionService
    settings: SettingsService
    share_links: ShareLinkService
    slots: SlotService
    statistics: StatisticsService
    templates: TemplateService
    token_doctor: TokenDoctor
    tokens: TokenService
    updates: UpdateTracker
    variables: VariableService
    vk_callback: CallbackService
    vk_media: VkMediaService
    vk_refreshing: RefreshService


def services() -> Services:
    """The use cases of the application that serves the current request."""
    found: Services = current_app.extensions["photochanger"]
    return found
