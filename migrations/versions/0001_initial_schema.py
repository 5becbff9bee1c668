"""initial schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "admin_user",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_admin_user")),
    )
    op.create_table(
        "app_settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_app_settings")),
    )
    op.create_table(
        "process_heartbeat",
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("process_id", name=op.f("pk_process_heartbeat")),
    )
    op.create_table(
        "processing_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=True),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processing_log")),
    )
    op.create_index("ix_processing_log_at", "processing_log", ["at"], unique=False)
    op.create_index(
        "ix_processing_log_job_id",
        "processing_log",
        ["job_id"],
        unique=False,
        postgresql_where=sa.text("job_id IS NOT NULL"),
    )
    op.create_table(
        "purge_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_run")),
    )
    op.create_index(
        "ix_purge_run_open",
        "purge_run",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column(
            "settings_json",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "output",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "fallback",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    op.create_table(
        "template_media",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_media")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "api_token",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["admin_user.username"], name=op.f("fk_api_token_username"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_api_token")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("is_finalized", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure_detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "booth_fields",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("payload_path", sa.Text(), nullable=True),
        sa.Column("payload_mime_type", sa.Text(), nullable=False),
        sa.Column("payload_size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_file_path", sa.Text(), nullable=True),
        sa.Column("result_mime_type", sa.Text(), nullable=True),
        sa.Column("result_size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("result_checksum", sa.Text(), nullable=True),
        sa.Column("result_width", sa.Integer(), nullable=True),
        sa.Column("result_height", sa.Integer(), nullable=True),
        sa.Column("result_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_inline_base64", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finalized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(status = 'processing') = (lease_worker IS NOT NULL)", name=op.f("ck_job_lease")),
        sa.CheckConstraint(
            "failure_reason IN ('timeout', 'provider_error', 'cancelled')", name=op.f("ck_job_failure_reason")
        ),
        sa.CheckConstraint("is_finalized = (status = 'finalized')", name=op.f("ck_job_is_finalized")),
        sa.CheckConstraint("source IN ('ingest', 'test', 'rerun')", name=op.f("ck_job_source")),
        sa.CheckConstraint("status IN ('pending', 'processing', 'finalized')", name=op.f("ck_job_status")),
        sa.CheckConstraint(
            "(is_finalized AND failure_reason IS NULL) = (result_checksum IS NOT NULL)",
            name=op.f("ck_job_success_has_result"),
        ),
        sa.CheckConstraint("is_finalized = (finalized_at IS NOT NULL)", name=op.f("ck_job_finalized_at")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_job_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_job_active", "job", ["expires_at"], unique=False, postgresql_where=sa.text("NOT is_finalized"))
    op.create_index("ix_job_created_at", "job", [sa.literal_column("created_at DESC")], unique=False)
    op.create_index(
        "ix_job_payload",
        "job",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("payload_path IS NOT NULL"),
    )
    op.create_index(
        "ix_job_pending", "job", ["expires_at"], unique=False, postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(
        "ix_job_result",
        "job",
        ["result_expires_at"],
        unique=False,
        postgresql_where=sa.text("result_file_path IS NOT NULL"),
    )
    op.create_index("ix_job_slot_created_at", "job", ["slot_id", sa.literal_column("created_at DESC")], unique=False)
    op.create_index(
        "ix_job_slot_result",
        "job",
        ["slot_id", sa.literal_column("finalized_at DESC")],
        unique=False,
        postgresql_where=sa.text("result_file_path IS NOT NULL"),
    )
    op.create_table(
        "slot_template_binding",
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("template_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_template_binding_slot_id")),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["template_media.id"],
            name=op.f("fk_slot_template_binding_template_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slot_id", "field", name=op.f("pk_slot_template_binding")),
    )
    op.create_index(
        op.f("ix_slot_template_binding_template_id"), "slot_template_binding", ["template_id"], unique=False
    )
    op.create_table(
        "slot_version",
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_version_slot_id")),
        sa.PrimaryKeyConstraint("slot_id", "version", name=op.f("pk_slot_version")),
    )


def downgrade() -> None:

    op.drop_table("slot_version")
    op.drop_index(op.f("ix_slot_template_binding_template_id"), table_name="slot_template_binding")
    op.drop_table("slot_template_binding")
    op.drop_index("ix_job_slot_result", table_name="job", postgresql_where=sa.text("result_file_path IS NOT NULL"))
    op.drop_index("ix_job_slot_created_at", table_name="job")
    op.drop_index("ix_job_result", table_name="job", postgresql_where=sa.text("result_file_path IS NOT NULL"))
    op.drop_index("ix_job_pending", table_name="job", postgresql_where=sa.text("status = 'pending'"))
    op.drop_index("ix_job_payload", table_name="job", postgresql_where=sa.text("payload_path IS NOT NULL"))
    op.drop_index("ix_job_created_at", table_name="job")
    op.drop_index("ix_job_active", table_name="job", postgresql_where=sa.text("NOT is_finalized"))
    op.drop_table("job")
    op.drop_table("api_token")
    op.drop_table("throttle")
    op.drop_table("template_media")
    op.drop_table("slot")
    op.drop_index("ix_purge_run_open", table_name="purge_run", postgresql_where=sa.text("finished_at IS NULL"))
    op.drop_table("purge_run")
    op.drop_index(
        "ix_processing_log_job_id",
        table_name="processing_log",
        postgresql_where=sa.text("job_id IS NOT NULL"),
    )
    op.drop_index("ix_processing_log_at", table_name="processing_log")
    op.drop_table("processing_log")
    op.drop_table("process_heartbeat")
    op.drop_table("app_settings")
    op.drop_table("admin_user")
