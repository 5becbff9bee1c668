"""Settings and the upkeep of the house."""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.db.schema.base import TIME, metadata

app_settings = Table(
    "app_settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", TIME, nullable=False, server_default=func.now()),
)

purge_run = Table(
    "purge_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("requested_by", Text),
    Column("requested_at", TIME, nullable=False, server_default=func.now()),
    Column("started_at", TIME),
    Column("lease_until", TIME),
    Column("finished_at", TIME),
    Column("counts", JSONB),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    Index("ix_purge_run_open", "id", postgresql_where=text("finished_at IS NULL")),
)

process_heartbeat = Table(
    "process_heartbeat",
    metadata,
    Column("process_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("seen_at", TIME, nullable=False, server_default=func.now()),
)

# What has been told to the outside: an alert is one row for each channel from when it is seen until its end is told.
# Who tells one holds it until `taken_until`; `attempt` tells one holder from the next.
alert_notice = Table(
    "alert_notice",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("raised_at", TIME, nullable=False, server_default=func.now()),
    Column("told_at", TIME),
    Column("ended_at", TIME),
    Column("taken_until", TIME),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
)

# How telling goes: one row for each channel that was ever tried.
alert_channel = Table(
    "alert_channel",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("told_at", TIME),
    Column("failed_at", TIME),
    Column("mishap", Text),
    Column("message", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("next_try_at", TIME, nullable=False, server_default=func.now()),
    Column("is_stopped", Boolean, nullable=False, server_default=text("false")),
)
