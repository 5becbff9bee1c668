"""Counters, added to in the statement that ends a photo or logs a call, in steps of five minutes and of an hour.

`shard` spreads photos that end at once over several rows, which would otherwise wait for each other's commit.
`durations` counts by length: see app.adapters.db.histograms.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Numeric, SmallInteger, Table, Text

from app.adapters.db.schema.base import TIME, metadata

photo_stats = Table(
    "photo_stats",
    metadata,
    Column("step_minutes", SmallInteger, primary_key=True),
    Column("starts_at", TIME, primary_key=True),
    Column("slot_id", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("booth", Text, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("photos", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("durations", Numeric, nullable=False),
    Index("ix_photo_stats_starts_at", "starts_at"),
)

call_stats = Table(
    "call_stats",
    metadata,
    Column("step_minutes", SmallInteger, primary_key=True),
    Column("starts_at", TIME, primary_key=True),
    Column("slot_id", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("fault", Text, primary_key=True),
    Column("shard", SmallInteger, primary_key=True),
    Column("calls", Integer, nullable=False),
    Column("cost_usd", Numeric(14, 6), nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("durations", Numeric, nullable=False),
    Index("ix_call_stats_starts_at", "starts_at"),
)
