"""VK communities, their content, what is published to them and what they tell"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TABLES = (
    "community",
    "vk_pace",
    "album",
    "photo",
    "wall_post",
    "community_refresh",
    "community_update",
    "update_cursor",
    "callback_event",
    "system_post",
    "system_post_photo",
    "past_post",
    "global_variable",
    "album_upload",
    "filled_album",
)


def upgrade() -> None:
    _communities()
    _albums()
    _wall()
    _refreshes()
    _updates()
    _posts()
    _photos_of_posts()
    _history()
    _variables()
    _album_uploads()
    op.add_column(
        "slot", sa.Column("publishing", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("slot", "publishing")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _communities() -> None:
    op.create_table(
        "community",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("screen_name", sa.Text(), server_default="", nullable=False),
        sa.Column("photo_url", sa.Text(), server_default="", nullable=False),
        sa.Column("confirmation_code", sa.Text(), server_default="", nullable=False),
        sa.Column("callback_server_id", sa.BigInteger(), nullable=True),
        sa.Column("late_policy", sa.Text(), server_default="publish", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("late_policy IN ('publish', 'ask')", name="late_policy"),
        sa.PrimaryKeyConstraint("id", name="pk_community"),
        sa.UniqueConstraint("group_id", name="uq_community_group_id"),
    )
    op.create_table(
        "vk_pace",
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("next_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("parked_until", _TIME, nullable=True),
        sa.Column("park_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_vk_pace"),
    )


def _albums() -> None:
    op.create_table(
        "album",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("album_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cover_url", sa.Text(), server_default="", nullable=False),
        sa.Column("can_upload", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("updated_at", _TIME, nullable=True),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("added_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_album_community_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("community_id", "album_id", name="pk_album"),
    )
    op.create_table(
        "photo",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("album_id", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("preview_url", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("height", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("access_key", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.Column("added_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name="fk_photo_community_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("community_id", "photo_id", name="pk_photo"),
    )
    op.create_index(
        "ix_photo_community_id_album_id",
        "photo",
        ["community_id", "album_id", sa.literal_column("taken_at DESC"), sa.literal_column("photo_id DESC")],
    )


def _wall() -> None:
    op.create_table(
        "wall_post",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("is_postponed", sa.Boolean(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("date", _TIME, nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("photos", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("postponed_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_wall_post_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community_id", "is_postponed", "post_id", name="pk_wall_post"),
    )
    op.create_index("ix_wall_post_community_id_date", "wall_post", ["community_id", "is_postponed", "date"])


def _refreshes() -> None:
    op.create_table(
        "community_refresh",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("album_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("wanted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("wished_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("taken_until", _TIME, nullable=True),
        sa.Column("next_try_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refreshed_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('scheduled_posts', 'published_posts', 'albums', 'photos')", name="kind"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_community_refresh_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community_id", "kind", "album_id", name="pk_community_refresh"),
    )
    op.create_index(
        "ix_community_refresh_next_try_at",
        "community_refresh",
        ["next_try_at"],
        postgresql_where=sa.text("wanted > done"),
    )


def _updates() -> None:
    op.create_table(
        "callback_event",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("received_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "event_id", name="pk_callback_event"),
    )
    op.create_index("ix_callback_event_received_at", "callback_event", ["received_at"])
    op.create_table(
        "community_update",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_community_update_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community_id", name="pk_community_update"),
    )
    op.create_table(
        "update_cursor",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_update_cursor_community_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["username"], ["admin_user.username"], name="fk_update_cursor_username", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("username", "reader", "community_id", name="pk_update_cursor"),
    )


def _posts() -> None:
    op.create_table(
        "system_post",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("publication_date", _TIME, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("taken_until", _TIME, nullable=True),
        sa.Column("attempted_at", _TIME, nullable=True),
        sa.Column("vk_clock_at", _TIME, nullable=True),
        sa.Column("sent_text", sa.Text(), nullable=True),
        sa.Column("sent_attachments", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("vk_post_id", sa.BigInteger(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending_publication', 'publishing', 'error', 'possible_error', 'late')", name="status"
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_system_post_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_system_post"),
    )
    op.create_index("ix_system_post_community_id_publication_date", "system_post", ["community_id", "publication_date"])
    op.create_index(
        "ix_system_post_due",
        "system_post",
        ["publication_date"],
        postgresql_where=sa.text("status IN ('pending_publication', 'publishing')"),
    )
    op.create_index(
        "ix_system_post_unverified",
        "system_post",
        ["attempted_at"],
        postgresql_where=sa.text("attempted_at IS NOT NULL"),
    )


def _photos_of_posts() -> None:
    op.create_table(
        "system_post_photo",
        sa.Column("post_id", postgresql.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("job_id", postgresql.UUID(), nullable=True),
        sa.Column("attachment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"], ["system_post.id"], name="fk_system_post_photo_post_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "position", name="pk_system_post_photo"),
    )
    op.create_index("ix_system_post_photo_job_id", "system_post_photo", ["job_id"])


def _history() -> None:
    op.create_table(
        "past_post",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("photos", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("publication_date", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("vk_post_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("job_ids", postgresql.ARRAY(postgresql.UUID()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("outcome IN ('published', 'cancelled')", name="outcome"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_past_post_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_past_post"),
    )
    op.create_index(
        "ix_past_post_community_id_ended_at", "past_post", ["community_id", sa.literal_column("ended_at DESC")]
    )
    op.create_index("ix_past_post_job_ids", "past_post", ["job_ids"], postgresql_using="gin")
    op.create_index(
        "uq_past_post_community_id_vk_post_id",
        "past_post",
        ["community_id", "vk_post_id"],
        unique=True,
        postgresql_where=sa.text("vk_post_id IS NOT NULL"),
    )


def _variables() -> None:
    op.create_table(
        "global_variable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community_id", postgresql.UUID(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("updated_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_global_variable_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_global_variable"),
    )
    op.create_index(
        "uq_global_variable_name",
        "global_variable",
        ["name"],
        unique=True,
        postgresql_where=sa.text("community_id IS NULL"),
    )
    op.create_index(
        "uq_global_variable_name_community_id",
        "global_variable",
        ["name", "community_id"],
        unique=True,
        postgresql_where=sa.text("community_id IS NOT NULL"),
    )


def _album_uploads() -> None:
    op.create_table(
        "album_upload",
        sa.Column("job_id", postgresql.UUID(), nullable=False),
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("album_key", sa.Text(), nullable=False),
        sa.Column("slot_id", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", _TIME, server_default=sa.func.now(), nullable=False),
        sa.Column("taken_until", _TIME, nullable=True),
        sa.Column("announced_at", _TIME, nullable=True),
        sa.Column("vk_photo_id", sa.BigInteger(), nullable=True),
        sa.Column("given_up_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_album_upload_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "community_id", "album_key", name="pk_album_upload"),
    )
    op.create_index(
        "ix_album_upload_next_try_at",
        "album_upload",
        ["next_try_at"],
        postgresql_where=sa.text("vk_photo_id IS NULL AND given_up_at IS NULL"),
    )
    op.create_index("ix_album_upload_slot_id_created_at", "album_upload", ["slot_id", "created_at"])
    op.create_index("ix_album_upload_created_at", "album_upload", ["created_at"])
    op.create_index(
        "ix_album_upload_given_up_at",
        "album_upload",
        ["given_up_at"],
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )
    op.create_table(
        "filled_album",
        sa.Column("community_id", postgresql.UUID(), nullable=False),
        sa.Column("album_key", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("album_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name="fk_filled_album_community_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community_id", "album_key", "part", name="pk_filled_album"),
    )
