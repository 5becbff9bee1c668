"""Jobs, the log of what happened to them and to refused requests, and what booths really sent."""

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
    Numeric,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from app.adapters.db.schema.base import EMPTY_OBJECT, TIME, metadata


def _log_index(name: str, *included: str, by: str | None = None, where: str | None = None) -> Index:
    """Newest first, with columns that queries look at."""
    keys: list[Any] = [*([by] if by else []), text("created_at DESC"), text("id DESC")]
    return Index(name, *keys, postgresql_include=included, postgresql_where=text(where) if where else None)


def _photo_index(name: str, by: str | None = None) -> Index:
    """Results, newest first, with what decides who may see them, and whether anybody still may."""
    return Index(
        name,
        *([by] if by else []),
        text("finalized_at DESC"),
        text("id DESC"),
        postgresql_include=["source", "booth", "hidden_at", "deleted_at", "result_expires_at", "result_size_bytes"],
        postgresql_where=text("result_checksum IS NOT NULL"),
    )


job = Table(
    "job",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("slot_id", Text, ForeignKey("slot.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="pending"),
    Column("is_finalized", Boolean, nullable=False, server_default=text("false")),
    Column("failure_reason", Text),
    Column("failure_detail", JSONB),
    Column("settings", JSONB, nullable=False),
    Column("booth_fields", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("provider", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("payload_path", Text),
    Column("payload_mime_type", Text, nullable=False),
    Column("payload_size_bytes", BigInteger, nullable=False),
    Column("payload_sha256", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("lease_worker", Text),
    Column("lease_until", TIME),
    Column("result_file_path", Text),
    Column("result_mime_type", Text),
    Column("result_size_bytes", BigInteger),
    Column("result_checksum", Text),
    Column("result_width", Integer),
    Column("result_height", Integer),
    Column("result_expires_at", TIME),
    Column("result_inline_base64", Text),
    Column("created_at", TIME, nullable=False),
    Column("started_at", TIME),
    Column("finalized_at", TIME),
    Column("expires_at", TIME, nullable=False),
    Column("model", Text, nullable=False, server_default=""),
    Column("orders", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("provider_job_reference", Text),
    Column("cost_usd", Numeric(12, 6), nullable=False, server_default=text("0")),
    Column("booth", Text, nullable=False, server_default=""),
    Column("failure_code", Text),  # Failure.code
    Column("hidden_at", TIME),
    Column("deleted_at", TIME),
    Column("shown_at", TIME),  # when it was last brought back from being hidden or deleted
    Column("unkept_expires_at", TIME),  # of a photo that is kept: when it would have gone
    Column("placeholder", Text, nullable=False, server_default=""),
    CheckConstraint("status IN ('pending', 'processing', 'finalized')", name="status"),
    CheckConstraint("is_finalized = (status = 'finalized')", name="is_finalized"),
    CheckConstraint("is_finalized = (finalized_at IS NOT NULL)", name="finalized_at"),
    CheckConstraint("failure_reason IN ('timeout', 'provider_error', 'cancelled')", name="failure_reason"),
    CheckConstraint("source IN ('ingest', 'test', 'rerun')", name="source"),
    CheckConstraint("(status = 'processing') = (lease_worker IS NOT NULL)", name="lease"),
    CheckConstraint(
        "(is_finalized AND failure_reason IS NULL) = (result_checksum IS NOT NULL)", name="success_has_result"
    ),
    # The claim walks only what can be claimed; a full (status, …) index would walk every finished job.
    Index("ix_job_pending", "expires_at", postgresql_where=text("status = 'pending'")),
    Index("ix_job_active", "expires_at", postgresql_where=text("NOT is_finalized")),
    # Without the originals that are kept as long as their results: the cleanup would walk them every time.
    Index(
        "ix_job_payload_due",
        "expires_at",
        postgresql_where=text(
            "payload_path IS NOT NULL AND (result_inline_base64 IS NOT NULL OR result_file_path IS NULL"
            """ OR NOT settings @> '{"keeping": {"originals": true}}')"""
        ),
    ),
    Index("ix_job_result", "result_expires_at", postgresql_where=text("result_file_path IS NOT NULL")),
    _photo_index("ix_job_photo"),
    _photo_index("ix_job_slot_photo", by="slot_id"),
    Index(
        "ix_job_withdrawn",
        text("greatest(hidden_at, deleted_at)"),
        postgresql_where=text("hidden_at IS NOT NULL OR deleted_at IS NOT NULL"),
    ),
    Index("ix_job_shown", "shown_at", postgresql_where=text("shown_at IS NOT NULL")),
    Index(
        "ix_job_deleted",
        "deleted_at",
        postgresql_where=text("deleted_at IS NOT NULL AND result_file_path IS NOT NULL"),
    ),
    # The log of jobs: rows are wide, and so whatever is counted or filtered is read from an index alone.
    _log_index("ix_job_created_at", "source", "status", "failure_reason"),
    _log_index("ix_job_slot_created_at", "source", "status", "failure_reason", "booth", by="slot_id"),
    _log_index(
        *("ix_job_booth_created_at", "slot_id", "source", "status", "failure_reason"), by="booth", where="booth <> ''"
    ),
    _log_index(
        *("ix_job_failure_created_at", "failure_reason", "failure_code", "slot_id", "source", "booth"),
        where="failure_reason IS NOT NULL",
    ),
    _log_index(
        *("ix_job_tried_created_at", "source", "slot_id", "status", "failure_reason", "failure_code", "booth"),
        where="source <> 'ingest'",
    ),
    # Every job is updated two or three times in its life: room on the page keeps those updates cheap. An index alone
    # is enough only for pages that were vacuumed since.
    postgresql_with={
        "fillfactor": "70",
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_vacuum_insert_scale_factor": "0.02",
    },
)

processing_log = Table(
    "processing_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", UUID),
    Column("slot_id", Text, nullable=False),
    Column("at", TIME, nullable=False, server_default=func.now()),
    Column("event", Text, nullable=False),
    Column("duration_ms", Integer),
    Column("detail", JSONB),
    Column("attempt_id", UUID),
    Index("ix_processing_log_attempt_id", "attempt_id", unique=True, postgresql_where=text("attempt_id IS NOT NULL")),
    Index("ix_processing_log_job_id", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    Index("ix_processing_log_at", "at"),
    Index(
        "ix_processing_log_refused",
        text("at DESC"),
        text("id DESC"),
        postgresql_include=["slot_id", "detail"],
        postgresql_where=text("job_id IS NULL"),
    ),
    Index(
        "ix_processing_log_refused_reason",
        text("(detail ->> 'reason')"),
        text("at DESC"),
        text("id DESC"),
        postgresql_include=["slot_id", "detail"],
        postgresql_where=text("job_id IS NULL"),
    ),
)

# What booths really sent, secrets masked: the newest few requests of each link.
booth_request = Table(
    "booth_request",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("slot_id", Text, nullable=False),
    Column("at", TIME, nullable=False, server_default=func.now()),
    Column("job_id", UUID),
    Column("status", Integer, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("detail", JSONB, nullable=False),
    Index("ix_booth_request_slot_id_id", "slot_id", text("id DESC")),
)
