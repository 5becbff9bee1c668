"""The tables. Alembic is the only creator of schema; tests hold these definitions against what it makes."""

from app.adapters.db.schema import counting  # noqa: F401 - adds its functions to the metadata
from app.adapters.db.schema.access import admin_user, api_token, audit_log, throttle
from app.adapters.db.schema.base import metadata
from app.adapters.db.schema.jobs import booth_request, job, processing_log
from app.adapters.db.schema.media import media_object, result_copy, slot_template_binding, template_media
from app.adapters.db.schema.providers import provider_file, provider_secret, provider_state, usage_window
from app.adapters.db.schema.sharing import event, share_link
from app.adapters.db.schema.slots import slot, slot_version
from app.adapters.db.schema.statistics import call_stats, photo_stats
from app.adapters.db.schema.upkeep import alert_channel, alert_notice, app_settings, process_heartbeat, purge_run
from app.adapters.db.schema.vk import (
    album,
    album_upload,
    callback_event,
    community,
    community_refresh,
    community_update,
    filled_album,
    global_variable,
    past_post,
    photo,
    system_post,
    system_post_photo,
    update_cursor,
    vk_pace,
    wall_post,
)

__all__ = [
    "admin_user",
    "album",
    "album_upload",
    "alert_channel",
    "alert_notice",
    "api_token",
    "app_settings",
    "audit_log",
    "booth_request",
    "call_stats",
    "callback_event",
    "community",
    "community_refresh",
    "community_update",
    "event",
    "filled_album",
    "global_variable",
    "job",
    "media_object",
    "metadata",
    "past_post",
    "photo",
    "photo_stats",
    "process_heartbeat",
    "processing_log",
    "provider_file",
    "provider_secret",
    "provider_state",
    "purge_run",
    "result_copy",
    "share_link",
    "slot",
    "slot_template_binding",
    "slot_version",
    "system_post",
    "system_post_photo",
    "template_media",
    "throttle",
    "update_cursor",
    "usage_window",
    "vk_pace",
    "wall_post",
]
