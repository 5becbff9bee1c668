"""The tables. Alembic is the only creator of schema; tests hold these definitions against what it makes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_TIME = DateTime(timezone=True)
_EMPTY_OBJECT = text("'{}'::jsonb")

slot = Table(
    "slot",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("settings_json", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("output", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("fallback", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("updated_by", Text),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
    Column("policy", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
)

slot_version = Table(
    "slot_version",
    metadata,
    Column("slot_id", Text, ForeignKey("slot.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", _TIME, nullable=False),
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
    Column("booth_fields", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("provider", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("payload_path", Text),
    Column("payload_mime_type", Text, nullable=False),
    Column("payload_size_bytes", BigInteger, nullable=False),
    Column("payload_sha256", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Column("lease_worker", Text),
    Column("lease_until", _TIME),
    Column("result_file_path", Text),
    Column("result_mime_type", Text),
    Column("result_size_bytes", BigInteger),
    Column("result_checksum", Text),
    Column("result_width", Integer),
    Column("result_height", Integer),
    Column("result_expires_at", _TIME),
    Column("result_inline_base64", Text),
    Column("created_at", _TIME, nullable=False),
    Column("started_at", _TIME),
    Column("finalized_at", _TIME),
    Column("expires_at", _TIME, nullable=False),
    Column("model", Text, nullable=False, server_default=""),
    Column("orders", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("provider_job_reference", Text),
    Column("cost_usd", Numeric(12, 6), nullable=False, server_default=text("0")),
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
    Index("ix_job_payload", "expires_at", postgresql_where=text("payload_path IS NOT NULL")),
    Index("ix_job_result", "result_expires_at", postgresql_where=text("result_file_path IS NOT NULL")),
    Index(
        "ix_job_slot_result",
        "slot_id",
        text("finalized_at DESC"),
        postgresql_where=text("result_file_path IS NOT NULL"),
    ),
    Index("ix_job_created_at", text("created_at DESC")),
    Index("ix_job_slot_created_at", "slot_id", text("created_at DESC")),
    # Every job is updated two or three times in its life: room on the page keeps those updates cheap.
    postgresql_with={"fillfactor": "70"},
)

processing_log = Table(
    "processing_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", UUID),
    Column("slot_id", Text, nullable=False),
    Column("at", _TIME, nullable=False, server_default=func.now()),
    Column("event", Text, nullable=False),
    Column("duration_ms", Integer),
    Column("detail", JSONB),
    Column("attempt_id", UUID),
    Index("ix_processing_log_attempt_id", "attempt_id", unique=True, postgresql_where=text("attempt_id IS NOT NULL")),
    Index("ix_processing_log_job_id", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    Index("ix_processing_log_at", "at"),
    Index("ix_processing_log_refused", "at", postgresql_where=text("job_id IS NULL")),
)

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
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
)

slot_template_binding = Table(
    "slot_template_binding",
    metadata,
    Column("slot_id", Text, ForeignKey("slot.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("template_id", UUID, ForeignKey("template_media.id", ondelete="CASCADE"), nullable=False, index=True),
)

app_settings = Table(
    "app_settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

admin_user = Table(
    "admin_user",
    metadata,
    Column("username", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("session_epoch", Integer, nullable=False, server_default=text("0")),
)

api_token = Table(
    "api_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("username", Text, ForeignKey("admin_user.username", ondelete="CASCADE"), nullable=False),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("expires_at", _TIME, nullable=False),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("window_ends_at", _TIME, nullable=False),
)

purge_run = Table(
    "purge_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("requested_by", Text),
    Column("requested_at", _TIME, nullable=False, server_default=func.now()),
    Column("started_at", _TIME),
    Column("lease_until", _TIME),
    Column("finished_at", _TIME),
    Column("counts", JSONB),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Index("ix_purge_run_open", "id", postgresql_where=text("finished_at IS NULL")),
)

provider_secret = Table(
    "provider_secret",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("encrypted", LargeBinary),  # NULL: removed by an administrator
    Column("updated_by", Text),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

# A breaker for each model, and with an empty model for the provider as a whole; with a slot, what is wrong with only
# that one's use of it.
provider_state = Table(
    "provider_state",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("slot_id", Text, primary_key=True, server_default=""),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("open_until", _TIME),
    Column("next_probe_at", _TIME),
    Column("alert_kind", Text),
    Column("alert_message", Text),
    Column("alert_since", _TIME),
)

# Calls and money of one window: `measure` is calls_minute, calls_day or usd_day.
usage_window = Table(
    "usage_window",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("starts_at", _TIME, primary_key=True),
    Column("amount", Numeric(14, 6), nullable=False),
    Index("ix_usage_window_starts_at", "starts_at"),
)

provider_file = Table(
    "provider_file",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("expires_at", _TIME, nullable=False),
    Index("ix_provider_file_expires_at", "expires_at"),
)

media_object = Table(
    "media_object",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("path", Text),
    Column("mime_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("job_id", UUID),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("expires_at", _TIME, nullable=False),
    Index("ix_media_object_expires_at", "expires_at"),
)

process_heartbeat = Table(
    "process_heartbeat",
    metadata,
    Column("process_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("seen_at", _TIME, nullable=False, server_default=func.now()),
)
