"""indexes by which galleries find photos, built beside booths that go on"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INCLUDED = (
    "INCLUDE (source, booth, hidden_at, deleted_at, result_expires_at, result_size_bytes)"
    " WHERE result_checksum IS NOT NULL"
)
_INDEXES = {
    "ix_job_photo": f"job (finalized_at DESC, id DESC) {_INCLUDED}",
    "ix_job_slot_photo": f"job (slot_id, finalized_at DESC, id DESC) {_INCLUDED}",
    "ix_job_withdrawn": ("job (greatest(hidden_at, deleted_at)) WHERE hidden_at IS NOT NULL OR deleted_at IS NOT NULL"),
    "ix_job_shown": "job (shown_at) WHERE shown_at IS NOT NULL",
    "ix_job_payload_due": (
        "job (expires_at) WHERE payload_path IS NOT NULL AND (result_inline_base64 IS NOT NULL"
        """ OR result_file_path IS NULL OR NOT settings @> '{"keeping": {"originals": true}}')"""
    ),
    "ix_job_deleted": "job (deleted_at) WHERE deleted_at IS NOT NULL AND result_file_path IS NOT NULL",
}
_REPLACED = {
    "ix_job_slot_result": "job (slot_id, finalized_at DESC) WHERE result_file_path IS NOT NULL",
    "ix_job_payload": "job (expires_at) WHERE payload_path IS NOT NULL",
}


def upgrade() -> None:
    _replace(_REPLACED, _INDEXES)


def downgrade() -> None:
    _replace(_INDEXES, _REPLACED)


def _replace(old: dict[str, str], new: dict[str, str]) -> None:
    """Without a transaction. Nobody waits for the locks of such statements, and so they may wait for the others."""
    with op.get_context().autocommit_block():
        usual = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
        op.execute("SET lock_timeout = '5min'")
        for name, definition in new.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        for name in old:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"SET lock_timeout = '{usual}'")  # of the session, which the next migrations share
