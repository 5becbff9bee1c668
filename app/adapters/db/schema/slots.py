"""Slots and their history."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.db.schema.base import EMPTY_OBJECT, TIME, metadata

slot = Table(
    "slot",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("settings_json", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("output", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("fallback", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("updated_by", Text),
    Column("updated_at", TIME, nullable=False, server_default=func.now()),
    Column("policy", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    # Resetting the slot's statistics begins a new epoch; what earlier ones counted still belongs to the whole house.
    Column("stats_epoch", Integer, nullable=False, server_default=text("0")),
    Column("stats_reset_at", TIME),
    Column("stats_reset_by", Text),
    Column("keeping", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("publishing", JSONB, nullable=False, server_default=EMPTY_OBJECT),
)

slot_version = Table(
    "slot_version",
    metadata,
    Column("slot_id", Text, ForeignKey("slot.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("updated_by", Text),
    Column("updated_at", TIME, nullable=False),
)
