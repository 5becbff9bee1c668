"""Who may come in."""

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import JSONB, UUID

from app.adapters.db.schema.base import EMPTY_OBJECT, TIME, metadata

admin_user = Table(
    "admin_user",
    metadata,
    Column("username", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("session_epoch", Integer, nullable=False, server_default=text("0")),
)

api_token = Table(
    "api_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("username", Text, ForeignKey("admin_user.username", ondelete="CASCADE"), nullable=False),
    Column("created_at", TIME, nullable=False, server_default=func.now()),
    Column("expires_at", TIME, nullable=False),
    Column("id", UUID, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("name", Text, nullable=False, server_default=""),
    Column("scope", Text, nullable=False, server_default="write"),
    Column("last_used_at", TIME),
    CheckConstraint("scope IN ('read', 'write')", name="scope"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("window_ends_at", TIME, nullable=False),
)

# Who changed what: `subject` is what was changed, such as slot-003; `detail` holds the fields, never a secret.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", TIME, nullable=False, server_default=func.now()),
    Column("username", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("detail", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Index("ix_audit_log_at", text("at DESC")),
    Index("ix_audit_log_subject_at", "subject", text("at DESC")),
)
