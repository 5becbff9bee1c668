"""providers over the network: their jobs, secrets, breakers, quotas, files, and public media"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "slot", sa.Column("policy", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )
    op.add_column("job", sa.Column("model", sa.Text(), server_default="", nullable=False))
    op.add_column("job", sa.Column("orders", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.add_column("job", sa.Column("provider_job_reference", sa.Text(), nullable=True))
    op.add_column("job", sa.Column("cost_usd", sa.Numeric(12, 6), server_default=sa.text("0"), nullable=False))
    _tell_attempts_apart()
    _create_secrets_and_files()
    _create_limits()
    _create_media()


def _tell_attempts_apart() -> None:
    op.add_column("processing_log", sa.Column("attempt_id", sa.UUID(), nullable=True))
    op.create_index(
        "ix_processing_log_attempt_id",
        "processing_log",
        ["attempt_id"],
        unique=True,
        postgresql_where=sa.text("attempt_id IS NOT NULL"),
    )


def _create_secrets_and_files() -> None:
    op.create_table(
        "provider_secret",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("provider", "name", name=op.f("pk_provider_secret")),
    )
    op.create_table(
        "provider_file",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("provider", "account", "sha256", name=op.f("pk_provider_file")),
    )
    op.create_index("ix_provider_file_expires_at", "provider_file", ["expires_at"])


def _create_limits() -> None:
    op.create_table(
        "provider_state",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("open_until", _TIME, nullable=True),
        sa.Column("next_probe_at", _TIME, nullable=True),
        sa.Column("alert_kind", sa.Text(), nullable=True),
        sa.Column("alert_message", sa.Text(), nullable=True),
        sa.Column("alert_since", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("provider", "model", "slot_id", name=op.f("pk_provider_state")),
    )
    op.create_table(
        "usage_window",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("amount", sa.Numeric(14, 6), nullable=False),
        sa.PrimaryKeyConstraint("scope", "measure", "starts_at", name=op.f("pk_usage_window")),
    )
    op.create_index("ix_usage_window_starts_at", "usage_window", ["starts_at"])


def _create_media() -> None:
    op.create_table(
        "media_object",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_object")),
    )
    op.create_index("ix_media_object_expires_at", "media_object", ["expires_at"])


def downgrade() -> None:
    for table in ("media_object", "usage_window", "provider_state", "provider_file", "provider_secret"):
        op.drop_table(table)
    op.drop_column("processing_log", "attempt_id")
    for column in ("cost_usd", "provider_job_reference", "orders", "model"):
        op.drop_column("job", column)
    op.drop_column("slot", "policy")
