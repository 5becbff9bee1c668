"""VK communities: what we know of them, what we publish to them, and what they told us."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from app.adapters.db.schema.base import EMPTY_OBJECT, TIME, metadata


def _community(*, is_key: bool = False, nullable: bool = False) -> Column[Any]:
    reference = ForeignKey("community.id", ondelete="CASCADE")
    return Column("community_id", UUID, reference, primary_key=is_key, nullable=nullable)


community = Table(
    "community",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("group_id", BigInteger, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("screen_name", Text, nullable=False, server_default=""),
    Column("photo_url", Text, nullable=False, server_default=""),
    Column("confirmation_code", Text, nullable=False, server_default=""),
    Column("callback_server_id", BigInteger),
    Column("late_policy", Text, nullable=False, server_default="publish"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_by", Text),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    CheckConstraint("late_policy IN ('publish', 'ask')", name="late_policy"),
)

# `added_at` is when we made an album or uploaded a photo ourselves: what VK listed a moment before lacks it.
album = Table(
    "album",
    metadata,
    _community(is_key=True),
    Column("album_id", BigInteger, primary_key=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("size", Integer, nullable=False, server_default=text("0")),
    Column("cover_url", Text, nullable=False, server_default=""),
    Column("can_upload", Boolean, nullable=False, server_default=text("true")),
    Column("updated_at", TIME),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("added_at", TIME),
)

photo = Table(
    "photo",
    metadata,
    _community(is_key=True),
    Column("photo_id", BigInteger, primary_key=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("album_id", BigInteger, nullable=False),
    Column("url", Text, nullable=False),
    Column("preview_url", Text, nullable=False),
    Column("width", Integer, nullable=False, server_default=text("0")),
    Column("height", Integer, nullable=False, server_default=text("0")),
    Column("text", Text, nullable=False, server_default=""),
    Column("access_key", Text, nullable=False, server_default=""),
    Column("taken_at", TIME, nullable=False),
    Column("added_at", TIME),
    Index("ix_photo_community_id_album_id", "community_id", "album_id", text("taken_at DESC"), text("photo_id DESC")),
)

wall_post = Table(
    "wall_post",
    metadata,
    _community(is_key=True),
    Column("is_postponed", Boolean, primary_key=True),
    Column("post_id", BigInteger, primary_key=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("date", TIME, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("photos", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("postponed_id", BigInteger),
    Index("ix_wall_post_community_id_date", "community_id", "is_postponed", "date"),
)

# The whole of one kind of content is read from VK for every row whose wish is newer than what was done. Wishes for the
# same fall together in `wanted`; one that is made while somebody reads makes `wanted` newer than what they then note.
community_refresh = Table(
    "community_refresh",
    metadata,
    _community(is_key=True),
    Column("kind", Text, primary_key=True),
    Column("album_id", BigInteger, primary_key=True, server_default=text("0")),
    Column("wanted", BigInteger, nullable=False, server_default=text("0")),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    Column("wished_at", TIME, nullable=False, server_default=func.now()),
    Column("taken_until", TIME),
    Column("next_try_at", TIME, nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("refreshed_at", TIME),
    Column("error", Text, nullable=False, server_default=""),
    CheckConstraint("kind IN ('scheduled_posts', 'published_posts', 'albums', 'photos')", name="kind"),
    Index("ix_community_refresh_next_try_at", "next_try_at", postgresql_where=text("wanted > done")),
)

system_post = Table(
    "system_post",
    metadata,
    Column("id", UUID, primary_key=True),
    _community(),
    Column("text", Text, nullable=False, server_default=""),
    Column("publication_date", TIME, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("taken_until", TIME),
    Column("attempted_at", TIME),
    Column("vk_clock_at", TIME),
    Column("sent_text", Text),
    Column("sent_attachments", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("vk_post_id", BigInteger),
    Column("error", JSONB),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_by", Text),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("updated_by", Text),
    CheckConstraint(
        "status IN ('pending_publication', 'publishing', 'error', 'possible_error', 'late')", name="status"
    ),
    Index("ix_system_post_community_id_publication_date", "community_id", "publication_date"),
    Index(
        "ix_system_post_due",
        "publication_date",
        postgresql_where=text("status IN ('pending_publication', 'publishing')"),
    ),
    Index("ix_system_post_unverified", "attempted_at", postgresql_where=text("attempted_at IS NOT NULL")),
)

system_post_photo = Table(
    "system_post_photo",
    metadata,
    Column("post_id", UUID, ForeignKey("system_post.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("job_id", UUID),
    Column("attachment", Text),
    Index("ix_system_post_photo_job_id", "job_id"),
)

past_post = Table(
    "past_post",
    metadata,
    Column("id", UUID, primary_key=True),
    _community(),
    Column("outcome", Text, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("photos", Integer, nullable=False, server_default=text("0")),
    Column("publication_date", TIME, nullable=False),
    Column("ended_at", TIME, nullable=False, server_default=func.now()),
    Column("vk_post_id", BigInteger),
    Column("created_by", Text),
    Column("detail", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    # The results whose photos it had.
    Column("job_ids", ARRAY(UUID), nullable=False, server_default=text("'{}'")),
    CheckConstraint("outcome IN ('published', 'cancelled')", name="outcome"),
    Index("ix_past_post_community_id_ended_at", "community_id", text("ended_at DESC")),
    Index("ix_past_post_job_ids", "job_ids", postgresql_using="gin"),
    # What stands on a wall is one post of ours: of two alike that are looked for, one is not there.
    Index(
        "uq_past_post_community_id_vk_post_id",
        *("community_id", "vk_post_id"),
        unique=True,
        postgresql_where=text("vk_post_id IS NOT NULL"),
    ),
)

global_variable = Table(
    "global_variable",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    _community(nullable=True),
    Column("value", Text, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", TIME, nullable=False, server_default=func.now()),
    # Two partial indexes: PostgreSQL 14 cannot hold null against null.
    Index("uq_global_variable_name", "name", unique=True, postgresql_where=text("community_id IS NULL")),
    Index(
        "uq_global_variable_name_community_id",
        *("name", "community_id"),
        unique=True,
        postgresql_where=text("community_id IS NOT NULL"),
    ),
)

callback_event = Table(
    "callback_event",
    metadata,
    Column("group_id", BigInteger, primary_key=True),
    Column("event_id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("received_at", TIME, nullable=False, server_default=func.now()),
    Index("ix_callback_event_received_at", "received_at"),
)

# `number` counts a community's changes: a reader has seen those up to some number.
community_update = Table(
    "community_update",
    metadata,
    _community(is_key=True),
    Column("number", BigInteger, nullable=False),
    Column("updated_at", TIME, nullable=False, server_default=func.now()),
)

# `reader` is a browser tab, or "" for what the administrator has opened.
update_cursor = Table(
    "update_cursor",
    metadata,
    Column("username", Text, ForeignKey("admin_user.username", ondelete="CASCADE"), primary_key=True),
    Column("reader", Text, primary_key=True),
    _community(is_key=True),
    Column("seen", BigInteger, nullable=False),
    Column("at", TIME, nullable=False, server_default=func.now()),
)

# By SHA-256 of the token: when it may call next.
vk_pace = Table(
    "vk_pace",
    metadata,
    Column("token_digest", Text, primary_key=True),
    Column("next_at", TIME, nullable=False, server_default=func.now()),
    Column("parked_until", TIME),
    Column("park_reason", Text, nullable=False, server_default=""),
)

# Photos for albums of communities. `announced_at`: sent then, and nobody knows yet whether it has come.
album_upload = Table(
    "album_upload",
    metadata,
    Column("job_id", UUID, primary_key=True),
    _community(is_key=True),
    Column("album_key", Text, primary_key=True),
    Column("slot_id", Text, nullable=False),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", TIME, nullable=False, server_default=func.now()),
    Column("taken_until", TIME),
    Column("announced_at", TIME),
    Column("vk_photo_id", BigInteger),
    Column("given_up_at", TIME),
    Column("error", Text, nullable=False, server_default=""),
    Index(
        "ix_album_upload_next_try_at",
        "next_try_at",
        postgresql_where=text("vk_photo_id IS NULL AND given_up_at IS NULL"),
    ),
    Index("ix_album_upload_slot_id_created_at", "slot_id", "created_at"),
    Index("ix_album_upload_created_at", "created_at"),
    Index("ix_album_upload_given_up_at", "given_up_at", postgresql_where=text("given_up_at IS NOT NULL")),
)

# Which album of VK a day or an event has; `part` grows when one is full.
filled_album = Table(
    "filled_album",
    metadata,
    _community(is_key=True),
    Column("album_key", Text, primary_key=True),
    Column("part", Integer, primary_key=True, server_default=text("1")),
    Column("album_id", BigInteger, nullable=False),
)
