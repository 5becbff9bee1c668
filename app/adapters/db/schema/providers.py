"""What is remembered of providers."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Numeric, Table, Text, func, text

from app.adapters.db.schema.base import TIME, metadata

provider_secret = Table(
    "provider_secret",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("encrypted", LargeBinary),  # NULL: removed by an administrator
    Column("updated_by", Text),
    Column("updated_at", TIME, nullable=False, server_default=func.now()),
)

provider_state = Table(
    "provider_state",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("slot_id", Text, primary_key=True, server_default=""),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("open_until", TIME),
    Column("next_probe_at", TIME),
    Column("alert_kind", Text),
    Column("alert_message", Text),
    Column("alert_since", TIME),
)

usage_window = Table(
    "usage_window",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("starts_at", TIME, primary_key=True),
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
    Column("expires_at", TIME, nullable=False),
    Index("ix_provider_file_expires_at", "expires_at"),
)
