"""photos that are hidden, deleted or kept; originals and copies; events and share links"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NOW = sa.func.now()


def upgrade() -> None:
    _create_events()
    _create_share_links()
    _create_result_copies()
    # What photos wait for comes last, and in the order in which a new job locks it.
    op.add_column("job", sa.Column("hidden_at", _TIME, nullable=True))
    op.add_column("job", sa.Column("deleted_at", _TIME, nullable=True))
    op.add_column("job", sa.Column("shown_at", _TIME, nullable=True))
    op.add_column("job", sa.Column("unkept_expires_at", _TIME, nullable=True))
    op.add_column("job", sa.Column("placeholder", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "slot", sa.Column("keeping", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )


def downgrade() -> None:
    for table in ("result_copy", "share_link", "event"):
        op.drop_table(table)
    for column in ("placeholder", "unkept_expires_at", "shown_at", "deleted_at", "hidden_at"):
        op.drop_column("job", column)
    op.drop_column("slot", "keeping")


def _create_events() -> None:
    op.create_table(
        "event",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("slot_ids", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.CheckConstraint("ends_at > starts_at", name="window"),
    )
    op.create_index("ix_event_starts_at", "event", [sa.text("starts_at DESC"), sa.text("id DESC")])


def _create_share_links() -> None:
    op.create_table(
        "share_link",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=True),
        sa.Column("event_id", postgresql.UUID(), nullable=True),
        sa.Column("audience", sa.Text(), server_default="all", nullable=False),
        sa.Column("allows_archive", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("last_opened_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_share_link"),
        sa.UniqueConstraint("digest", name="uq_share_link_digest"),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_share_link_slot_id"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_share_link_event_id"),
        sa.CheckConstraint(
            "num_nonnulls(slot_id, event_id) = 1 OR num_nonnulls(slot_id, event_id) = 0 AND revoked_at IS NOT NULL",
            name="scope",
        ),
        sa.CheckConstraint("audience IN ('all', 'own')", name="audience"),
    )
    op.create_index("ix_share_link_event_id", "share_link", ["event_id"])
    op.create_index("ix_share_link_created_at", "share_link", [sa.text("created_at DESC"), sa.text("id DESC")])


def _create_result_copies() -> None:
    op.create_table(
        "result_copy",
        sa.Column("job_id", postgresql.UUID(), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("copied_at", _TIME, nullable=True),
        sa.Column("given_up_at", _TIME, nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_result_copy"),
    )
    op.create_index(
        "ix_result_copy_next_try_at",
        "result_copy",
        ["next_try_at"],
        postgresql_where=sa.text("copied_at IS NULL AND given_up_at IS NULL"),
    )
    op.create_index("ix_result_copy_slot_id_created_at", "result_copy", ["slot_id", sa.text("created_at DESC")])
    op.create_index(
        "ix_result_copy_given_up_at",
        "result_copy",
        ["given_up_at"],
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )
    op.create_index("uq_result_copy_name", "result_copy", ["name"], unique=True, postgresql_where=sa.text("name <> ''"))
