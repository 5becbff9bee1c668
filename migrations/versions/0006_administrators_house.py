"""statistics, audit log, named tokens, what booths really sent, alerts told outside, what jobs are found by"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_FUNCTIONS = (
    """
CREATE FUNCTION duration_histogram(took_ms bigint) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CAST('1e' || 12 * width_bucket(took_ms, CAST('{250,500,1000,2000,3000,5000,7500,10000,15000,20000,25000,30000,\
35000,40000,45000,48000,50000,55000,60000}' AS bigint[])) AS numeric)
""",
    """
CREATE FUNCTION count_photo(
    ended_at timestamptz, its_slot text, its_source text, its_outcome text, its_reason text, its_provider text,
    its_model text, its_booth text, took_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photo_stats AS kept (step_minutes, starts_at, slot_id, epoch, source, outcome, reason, provider, model,
                                     booth, shard, photos, duration_ms, durations)
    SELECT minutes, date_bin(make_interval(mins => minutes), ended_at, TIMESTAMPTZ '2000-01-01 00:00+00'),
           coalesce(slot.id, ''), coalesce(slot.stats_epoch, 0), its_source, its_outcome, its_reason, its_provider,
           its_model, its_booth, mod(pg_backend_pid(), 8), 1, coalesce(took_ms, 0),
           coalesce(duration_histogram(took_ms), 0)
    FROM (VALUES (5), (60)) AS step (minutes) LEFT JOIN slot ON slot.id = its_slot ORDER BY minutes
    ON CONFLICT ON CONSTRAINT pk_photo_stats DO UPDATE
    SET photos = kept.photos + excluded.photos, duration_ms = kept.duration_ms + excluded.duration_ms,
        durations = kept.durations + excluded.durations;
END $$
""",
    """
CREATE FUNCTION count_call(
    called_at timestamptz, its_slot text, its_source text, its_provider text, its_model text, its_fault text,
    its_cost numeric, took_ms bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO call_stats AS kept (step_minutes, starts_at, slot_id, epoch, source, provider, model, fault, shard,
                                    calls, cost_usd, duration_ms, durations)
    SELECT minutes, date_bin(make_interval(mins => minutes), called_at, TIMESTAMPTZ '2000-01-01 00:00+00'),
           slot.id, slot.stats_epoch, its_source, its_provider, its_model, its_fault, mod(pg_backend_pid(), 8),
           1, its_cost, took_ms, duration_histogram(took_ms)
    FROM (VALUES (5), (60)) AS step (minutes) JOIN slot ON slot.id = its_slot ORDER BY minutes
    ON CONFLICT ON CONSTRAINT pk_call_stats DO UPDATE
    SET calls = kept.calls + excluded.calls, cost_usd = kept.cost_usd + excluded.cost_usd,
        duration_ms = kept.duration_ms + excluded.duration_ms, durations = kept.durations + excluded.durations;
END $$
""",
)


def upgrade() -> None:
    _name_tokens()
    _create_audit_log()
    _create_booth_requests()
    _create_alert_notices()
    _create_photo_stats()
    _create_call_stats()
    for function in _FUNCTIONS:
        op.execute(function.strip())
    # What photos wait for comes last, and in the order in which a new job locks it.
    _extend_jobs()
    _extend_slots()


def _extend_slots() -> None:
    op.add_column("slot", sa.Column("stats_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("slot", sa.Column("stats_reset_at", _TIME, nullable=True))
    op.add_column("slot", sa.Column("stats_reset_by", sa.Text(), nullable=True))
    # A slot that was never changed has no row in its history yet, and its first change could not be taken back.
    op.execute("""
        INSERT INTO slot_version (slot_id, version, content, updated_by, updated_at)
        SELECT id, version, jsonb_build_object(
                   'name', name, 'provider', provider, 'operation', operation, 'settings', settings_json,
                   'fallbacks', fallback, 'output', output, 'policy', policy, 'is_active', is_active),
               updated_by, updated_at
        FROM slot ON CONFLICT DO NOTHING
    """)


def _extend_jobs() -> None:
    op.add_column("job", sa.Column("booth", sa.Text(), server_default="", nullable=False))
    op.add_column("job", sa.Column("failure_code", sa.Text(), nullable=True))
    op.execute(
        "ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)"
    )


def _name_tokens() -> None:
    op.add_column("api_token", sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False))
    op.add_column("api_token", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.add_column("api_token", sa.Column("scope", sa.Text(), server_default="write", nullable=False))
    op.add_column("api_token", sa.Column("last_used_at", _TIME, nullable=True))
    op.create_unique_constraint(op.f("uq_api_token_id"), "api_token", ["id"])
    op.create_check_constraint(op.f("ck_api_token_scope"), "api_token", "scope IN ('read', 'write')")


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", [sa.text("at DESC")])
    op.create_index("ix_audit_log_subject_at", "audit_log", ["subject", sa.text("at DESC")])


def _create_booth_requests() -> None:
    op.create_table(
        "booth_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booth_request")),
    )
    op.create_index("ix_booth_request_slot_id_id", "booth_request", ["slot_id", sa.text("id DESC")])


def _create_alert_notices() -> None:
    op.create_table(
        "alert_notice",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("raised_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("taken_until", _TIME, nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "fingerprint", name=op.f("pk_alert_notice")),
    )
    op.create_table(
        "alert_channel",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.Column("failed_at", _TIME, nullable=True),
        sa.Column("mishap", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("is_stopped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_alert_channel")),
    )


def _create_photo_stats() -> None:
    keys = ("slot_id", "epoch", "source", "outcome", "reason", "provider", "model", "booth", "shard")
    op.create_table(
        "photo_stats",
        sa.Column("step_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("booth", sa.Text(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("durations", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("step_minutes", "starts_at", *keys, name=op.f("pk_photo_stats")),
    )
    op.create_index("ix_photo_stats_starts_at", "photo_stats", ["starts_at"])


def _create_call_stats() -> None:
    keys = ("slot_id", "epoch", "source", "provider", "model", "fault", "shard")
    op.create_table(
        "call_stats",
        sa.Column("step_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Numeric(14, 6), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("durations", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("step_minutes", "starts_at", *keys, name=op.f("pk_call_stats")),
    )
    op.create_index("ix_call_stats_starts_at", "call_stats", ["starts_at"])


def downgrade() -> None:
    for function in ("count_call", "count_photo", "duration_histogram"):
        op.execute(f"DROP FUNCTION {function}")
    for table in ("call_stats", "photo_stats", "alert_channel", "alert_notice", "booth_request", "audit_log"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_api_token_scope"), "api_token", type_="check")
    op.drop_constraint(op.f("uq_api_token_id"), "api_token", type_="unique")
    for column in ("last_used_at", "scope", "name", "id"):
        op.drop_column("api_token", column)
    op.execute("ALTER TABLE job RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)")
    op.drop_column("job", "failure_code")
    op.drop_column("job", "booth")
    for column in ("stats_reset_by", "stats_reset_at", "stats_epoch"):
        op.drop_column("slot", column)
