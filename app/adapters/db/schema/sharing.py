"""Events, and the links by which guests come to photos."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from app.adapters.db.schema.base import TIME, metadata

# A named time window; no slots mean all of them.
event = Table(
    "event",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("starts_at", TIME, nullable=False),
    Column("ends_at", TIME, nullable=False),
    Column("slot_ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("created_by", Text),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    CheckConstraint("ends_at > starts_at", name="window"),
    Index("ix_event_starts_at", text("starts_at DESC"), text("id DESC")),
)

# `digest` is SHA-256 of the link's token, which is kept nowhere. A link whose event was removed is revoked and leads
# to nothing.
share_link = Table(
    "share_link",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("slot_id", Text, ForeignKey("slot.id")),
    Column("event_id", UUID, ForeignKey("event.id"), index=True),
    Column("audience", Text, nullable=False, server_default="all"),
    Column("allows_archive", Boolean, nullable=False, server_default=text("false")),
    Column("password_hash", Text),
    Column("created_by", Text),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("expires_at", TIME, nullable=False),
    Column("revoked_at", TIME),
    Column("revoked_by", Text),
    Column("last_opened_at", TIME),
    CheckConstraint(
        "num_nonnulls(slot_id, event_id) = 1 OR num_nonnulls(slot_id, event_id) = 0 AND revoked_at IS NOT NULL",
        name="scope",
    ),
    CheckConstraint("audience IN ('all', 'own')", name="audience"),
    Index("ix_share_link_created_at", text("created_at DESC"), text("id DESC")),
)
