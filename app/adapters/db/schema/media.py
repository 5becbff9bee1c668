"""Images that are kept, and those that are public for a while."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import UUID

from app.adapters.db.schema.base import TIME, metadata

template_media = Table(
    "template_media",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("label", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_by", Text),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
)

slot_template_binding = Table(
    "slot_template_binding",
    metadata,
    Column("slot_id", Text, ForeignKey("slot.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("template_id", UUID, ForeignKey("template_media.id", ondelete="CASCADE"), nullable=False, index=True),
)

media_object = Table(
    "media_object",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("path", Text),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("job_id", UUID),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("expires_at", TIME, nullable=False),
    Index("ix_media_object_expires_at", "expires_at"),
)

# What is to be copied to the studio's own storage: a row for each result of a slot that wants it. No two copies have
# the same name, or one would take the place of the other. `given_up_at`: the photo's time was over first.
result_copy = Table(
    "result_copy",
    metadata,
    Column("job_id", UUID, primary_key=True),
    Column("slot_id", Text, nullable=False),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", TIME, nullable=False, server_default=func.now()),
    Column("copied_at", TIME),
    Column("given_up_at", TIME),
    Column("name", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
    Index(
        "ix_result_copy_next_try_at",
        "next_try_at",
        postgresql_where=text("copied_at IS NULL AND given_up_at IS NULL"),
    ),
    Index("ix_result_copy_slot_id_created_at", "slot_id", text("created_at DESC")),
    Index("ix_result_copy_given_up_at", "given_up_at", postgresql_where=text("given_up_at IS NOT NULL")),
    Index("uq_result_copy_name", "name", unique=True, postgresql_where=text("name <> ''")),
)
